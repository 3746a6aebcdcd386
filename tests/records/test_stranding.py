"""Which steps a change strands: the statements and a slow look at everybody say the same."""

import json
import time
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import event, insert, select, update

from tests.builders import (
    add_officer,
    as_owner,
    definitions,
    officer_of,
    opinion,
    request,
    sent,
)
from tests.slow_staffing import World, stranded_slowly
from vetting.engine.refusals import OutOfTurn
from vetting.engine.staffing import Duty
from vetting.engine.substitutes import EVERY_TYPE, Form, Naming
from vetting.engine.vocabulary import CaseType, Role
from vetting.records import stranding
from vetting.records.absences import absences, substitutions, written_types
from vetting.records.cases import cases
from vetting.records.consultations import consultations
from vetting.records.officers import officers, role_assignments
from vetting.records.stranding import (
    Absent,
    Leaves,
    NamingRevoked,
    Recused,
    Restricted,
    RoleEnds,
    Stranding,
    refuse_stranding,
    stranded_by,
)
from vetting.usecases.check_completeness import return_case, take_up_cases
from vetting.usecases.draft_opinion import draft_opinion
from vetting.usecases.file_case import file_case
from vetting.usecases.interrupt_case import suspend_case
from vetting.usecases.propose import propose, submit_proposals
from vetting.usecases.tell_outcome import notify_units

DAY, LAST = "2026-03-10", "2026-03-15"
BODY = "thanh-tra"
HEAD = officer_of("ban-to-chuc", Role.BOARD_HEAD)
BOARD = officer_of("ban-to-chuc", Role.BOARD_OFFICER)
DRAFTER = officer_of(BODY, Role.BODY_OFFICER)
SIGNER = officer_of(BODY, Role.BODY_SIGNER)
SECRETARY = officer_of("thuong-truc", Role.SECRETARY)
UNIT = officer_of("so-y-te", Role.CASE_OFFICER)


def ask(database, change):
    with database.reading() as connection:
        return stranded_by(connection, definitions(), change)


def said(steps):
    return sorted((step.duty.value, step.organisation, step.day) for step in steps)


def away(connection, officer, first=DAY, last=LAST, **named):
    """Write an absence down, with a substitute for a role where one is named."""
    handle = f"away {officer}"[:22]
    connection.execute(
        insert(absences),
        {
            "handle": handle,
            "officer": officer,
            "first_day": first,
            "last_day": last,
            "recorded_by": officer,
            "recorded_at": "2026-03-01T00:00:00.000000Z",
        },
    )
    if named:
        connection.execute(
            insert(substitutions),
            {
                "handle": f"for {officer}"[:22],
                "absence": handle,
                "absent": officer,
                "form": "kt",
                "case_types": written_types(named.pop("case_types", EVERY_TYPE)),
                "named_by": officer,
                "named_at": "2026-03-01T00:00:00.000000Z",
                **named,
            },
        )


def naming(absent, substitute, organisation, role, types=EVERY_TYPE):
    return Naming("new", absent, substitute, organisation, role, DAY, LAST, types, Form.KT)


def test_the_absence_of_the_only_signer_strands_every_opinion_of_the_body(cast, database):
    case = cast.consulting()
    found = ask(database, Absent(DAY, LAST, officer=SIGNER))
    assert [(s.duty, s.case, s.consultation, s.day) for s in found] == [
        (Duty.SIGN, case, cast.asked(case)[BODY], DAY)
    ]
    with pytest.raises(Stranding) as refusal, database.reading() as connection:
        refuse_stranding(connection, definitions(), Absent(DAY, LAST, officer=SIGNER))
    assert isinstance(refusal.value, OutOfTurn)
    assert str(refusal.value) == (
        "1 open steps would then have nobody who could take them. Nothing was written down."
    )


def test_a_substitute_who_did_not_draft_keeps_the_opinions_from_being_stranded(cast, database):
    with database.writing() as connection:
        add_officer(connection, "another", BODY, Role.BODY_OFFICER)
    case = cast.consulting()
    cast.ready(case, cast.asked(case)[BODY], BODY)
    role = (BODY, Role.BODY_SIGNER)
    found = ask(database, Absent(DAY, LAST, officer=SIGNER))
    assert [(s.duty, s.could) for s in found] == [(Duty.SIGN, ("another",))]
    by_drafter = naming(SIGNER, DRAFTER, *role)
    assert said(ask(database, Absent(DAY, LAST, officer=SIGNER, namings=(by_drafter,)))) == [
        ("sign", BODY, DAY)
    ]
    by_another = naming(SIGNER, "another", *role)
    assert ask(database, Absent(DAY, LAST, officer=SIGNER, namings=(by_another,))) == ()
    too_narrow = naming(SIGNER, "another", *role, types=frozenset({CaseType.TRANSFER}))
    assert said(ask(database, Absent(DAY, LAST, officer=SIGNER, namings=(too_narrow,)))) == [
        ("sign", BODY, DAY)
    ]


def test_what_nobody_could_take_before_is_stranded_by_nobodys_leaving(cast, database):
    cast.consulting()
    with database.writing() as connection:
        connection.execute(
            update(officers).where(officers.c.handle == SIGNER).values(disabled_at="2026-01-01")
        )
    assert ask(database, Leaves(DAY, officer=SIGNER)) == ()
    # Without the drafter there is nobody to draft either; that is new.
    assert said(ask(database, Leaves(DAY, officer=DRAFTER))) == [("draft", BODY, DAY)]


def test_who_is_left_alone_later_is_told_with_the_day_from_which(cast, database):
    cast.consulting()
    with database.writing() as connection:
        add_officer(connection, "second", BODY, Role.BODY_SIGNER)
        away(connection, "second", "2026-03-12", "2026-03-13")
    assert said(ask(database, Leaves(DAY, officer=SIGNER))) == [("sign", BODY, "2026-03-12")]
    assert ask(database, Absent(DAY, "2026-03-11", officer=SIGNER)) == ()


def unguarded(connection):
    """Let an officer become a robot, which the database does not."""
    on = " ON officers" if connection.dialect.name == "postgresql" else ""
    connection.exec_driver_sql(f"DROP TRIGGER officers_robots_stay_robots{on}")


def test_a_robot_is_never_counted(cast, database):
    cast.consulting()
    with as_owner(database).writing() as connection:
        add_officer(connection, "robot", BODY, Role.BODY_SIGNER)
        unguarded(connection)
        connection.execute(update(officers).where(officers.c.handle == "robot").values(robot=1))
    assert said(ask(database, Leaves(DAY, officer=SIGNER))) == [("sign", BODY, DAY)]


def test_whoever_plays_another_part_in_a_case_is_not_counted_for_it(cast, database):
    """The officer who filed it works for the body now."""
    case = cast.consulting()
    with database.writing() as connection:
        connection.execute(
            insert(role_assignments),
            {"officer": UNIT, "organisation": BODY, "role": Role.BODY_SIGNER.value},
        )
    assert [(s.duty, s.case) for s in ask(database, Leaves(DAY, officer=SIGNER))] == [
        (Duty.SIGN, case)
    ]


def test_whoever_spoke_for_another_body_in_a_case_is_not_counted_for_it(cast, database):
    case = cast.consulting()
    cast.sign(case, "thue")
    other = officer_of("thue", Role.BODY_SIGNER)
    with database.writing() as connection:
        connection.execute(
            insert(role_assignments),
            {"officer": other, "organisation": BODY, "role": Role.BODY_SIGNER.value},
        )
    assert [(s.duty, s.case) for s in ask(database, Leaves(DAY, officer=SIGNER))] == [
        (Duty.SIGN, case)
    ]


def test_a_case_kept_from_somebody_may_be_stranded_though_others_are_not(cast, database):
    case, other = cast.consulting(), cast.consulting(name="Lê Văn Bình")
    found = ask(database, Recused(DAY, officer=SIGNER, case=case))
    assert [(s.duty, s.case) for s in found] == [(Duty.SIGN, case)]
    everybody = frozenset(officer_of(body, role) for body in cast.bodies for role in Role)
    assert ask(database, Restricted(DAY, level=0, named=everybody, case=other)) == ()
    found = ask(database, Restricted(DAY, level=0, named=everybody - {DRAFTER}, case=other))
    # Nobody but the signer is left to draft, and whoever drafts does not sign.
    assert [(s.duty, s.organisation, s.case) for s in found] == [(Duty.SIGN, BODY, other)]


# --- against everybody tried in every place, on every day


def settle(cast, database, *, crowded=True):
    """Bring cases to where somebody has to act; crowded: with colleagues, some of them away."""
    bring_cases(cast)
    if not crowded:
        return
    with database.writing() as connection:
        for handle, organisation, role in (
            ("second drafter", BODY, Role.BODY_OFFICER),
            ("second signer", "thue", Role.BODY_SIGNER),
            ("second board", "ban-to-chuc", Role.BOARD_OFFICER),
            ("second head", "ban-to-chuc", Role.BOARD_HEAD),
            ("second unit", "so-y-te", Role.CASE_OFFICER),
        ):
            add_officer(connection, handle, organisation, role)
        connection.execute(
            insert(role_assignments),
            [
                {"officer": UNIT, "organisation": "thue", "role": "body_signer"},
                {"officer": BOARD, "organisation": "ban-to-chuc", "role": "board_head"},
                {"officer": "second signer", "organisation": BODY, "role": "body_officer"},
            ],
        )
        away(connection, "second head", "2026-03-09", "2026-03-12")
        away(
            connection,
            "second signer",
            "2026-03-11",
            "2026-03-12",
            organisation="thue",
            role="body_signer",
            substitute=officer_of("thue", Role.BODY_OFFICER),
        )
        connection.execute(
            update(role_assignments)
            .where(role_assignments.c.officer == "second board")
            .values(valid_to="2026-03-13")
        )


def bring_cases(cast):
    plain = request(name="Trần Văn Nháp")
    file_case(cast.unit, sent(), plain)
    checking = cast.filed(name="Đang Kiểm")
    take_up_cases(cast.board, sent(), [checking])
    back = cast.filed(name="Trả Lại")
    take_up_cases(cast.board, sent(), [back])
    return_case(cast.board, sent(), back, "Thiếu", ["Sơ yếu lý lịch"])
    stopped = cast.filed(name="Tạm Dừng")
    suspend_case(cast.board, sent(), stopped, "Chờ")
    cast.accepted(name="Đã Nhận")
    cast.consulting(name="Đã Hỏi")
    drafting = cast.consulting(name="Đang Viết")
    draft_opinion(cast.drafter(BODY), sent(), cast.asked(drafting)[BODY], opinion())
    ready = cast.consulting(name="Chờ Ký")
    for body in (BODY, "thue"):
        cast.ready(ready, cast.asked(ready)[body], body)
    half = cast.consulting(name="Một Nửa")
    cast.sign(half, "thue")
    cast.assembling(name="Đủ Ý Kiến")
    for name in ("Đã Đề Xuất", "Đã Trình"):
        case = cast.assembling(name=name)
        propose(cast.board, sent(), [case], "meets", "Đủ tiêu chuẩn.")
    submit_proposals(cast.head, sent(), [case])
    cast.concluded(name="Đã Kết Luận")
    told = cast.concluded(name="Đã Báo")
    notify_units(cast.board, sent(), [told])


COLLEAGUES = {
    SIGNER: (DRAFTER, "second drafter", "second signer"),
    officer_of("thue", Role.BODY_SIGNER): (officer_of("thue", Role.BODY_OFFICER), "second signer"),
    HEAD: (BOARD, "second board"),
    SECRETARY: (),
}
PLACE = {
    SIGNER: (BODY, Role.BODY_SIGNER),
    officer_of("thue", Role.BODY_SIGNER): ("thue", Role.BODY_SIGNER),
    HEAD: ("ban-to-chuc", Role.BOARD_HEAD),
}


def gone(world, officer):
    world.roles = [r for r in world.roles if r["officer"] != officer]


def absent(world, officer, named=None):
    world.absences["new"] = {
        "handle": "new",
        "officer": officer,
        "first_day": DAY,
        "last_day": LAST,
    }
    if named:
        world.namings.append(
            {
                "absence": "new",
                "absent": officer,
                "organisation": named.organisation,
                "role": named.role,
                "substitute": named.substitute,
                "case_types": written_types(named.case_types),
            }
        )


def changes_of_people(held):
    """Yield departures, absences and ends of roles, each with how the slow world changes by it."""
    for officer in sorted({row["officer"] for row in held}):
        yield Leaves(DAY, officer=officer), partial(gone, officer=officer)
        yield Absent(DAY, LAST, officer=officer), partial(absent, officer=officer)
    for row in held:
        if row["role"] != Role.SUPERVISOR:
            change = RoleEnds(
                DAY,
                officer=row["officer"],
                organisation=row["organisation"],
                role=Role(row["role"]),
            )
            yield change, lambda world, row=row: world.roles.remove(dict(row))


def changes_of_substitutes(held):
    """Yield absences with a substitute, for every case type or for one that no case has."""
    people = {row["officer"] for row in held}
    for officer, colleagues in COLLEAGUES.items():
        for other in people.intersection(colleagues):
            for types in (EVERY_TYPE, frozenset({CaseType.TRANSFER})):
                named = naming(officer, other, *PLACE[officer], types=types)
                yield (
                    Absent(DAY, LAST, officer=officer, namings=(named,)),
                    partial(absent, officer=officer, named=named),
                )
    yield (
        NamingRevoked(DAY, officer="second signer", naming="for second signer"),
        lambda world: world.namings.clear(),
    )


def changes_of_cases(handles):
    """Yield recusals, and cases that only a few may see."""
    for case in handles:
        for officer in (SIGNER, BOARD, HEAD):
            yield (
                Recused(DAY, officer=officer, case=case),
                lambda world, pair=(officer, case): world.kept_from.add(pair),
            )
        for few in ({SIGNER, DRAFTER, BOARD, "second unit"}, {HEAD, SIGNER}, {SIGNER}):
            yield (
                Restricted(DAY, level=0, named=frozenset(few), case=case),
                lambda world, only=(case, few): world.only.update([only]),
            )


def changes(connection):
    held = list(connection.execute(select(role_assignments)).mappings())
    handles = list(connection.scalars(select(cases.c.handle).order_by(cases.c.opened_at)))
    return [*changes_of_people(held), *changes_of_substitutes(held), *changes_of_cases(handles)]


@pytest.mark.parametrize("crowded", [True, False])
def test_for_every_change_the_statements_and_the_slow_look_say_the_same(
    cast, database, monkeypatch, crowded
):
    settle(cast, database, crowded=crowded)
    monkeypatch.setattr(stranding, "LOOKED_AHEAD", timedelta(days=7))
    duties, compared, free = set(), 0, 0
    with database.reading() as connection:
        world = World(connection)
        for change, apply in changes(connection):
            then = world.changed(apply)
            slow = stranded_slowly(world, then, 0, change.first, change.last, 7)
            quick = {
                (step.duty, step.case, step.consultation): step.day
                for step in stranded_by(connection, definitions(), change)
            }
            assert quick == slow, change
            compared += 1
            free += not slow
            duties |= {duty for duty, _, _ in slow}
    # The comparison compares something: many changes strand something, and many do not.
    assert compared > 80
    assert compared // 4 < free < compared
    if not crowded:
        assert duties == set(Duty) - {Duty.COUNTERSIGN, Duty.ANSWER, Duty.LIFT}


def test_the_slow_look_catches_a_check_that_forgets_who_drew_the_proposal_up(
    cast, database, monkeypatch
):
    """The planted defect: everybody with the role is counted, whatever they have done."""
    settle(cast, database)
    monkeypatch.setattr(stranding, "can_step", lambda hands, *_: bool(hands))
    change = Leaves(DAY, officer=HEAD)
    with database.reading() as connection:
        world = World(connection)
        then = world.changed(lambda w: gone(w, HEAD))
        slow = stranded_slowly(world, then, 0, DAY, LAST)
        quick = {step.duty for step in stranded_by(connection, definitions(), change)}
    assert Duty.SUBMIT in {duty for duty, _, _ in slow}
    assert Duty.SUBMIT not in quick


@pytest.mark.leaves_it_unwell
def test_thousands_of_open_steps_take_as_many_statements_as_one(cast, database):
    case = cast.consulting()
    with database.reading() as connection:
        few = _statements(connection, Leaves(DAY, officer=SIGNER))
        [row] = connection.execute(select(cases).where(cases.c.handle == case)).mappings()
        [asked] = connection.execute(
            select(consultations).where(
                consultations.c.case_handle == case, consultations.c.body == BODY
            )
        ).mappings()
    numbers = range(3000)
    with database.writing() as connection:
        connection.execute(
            insert(cases),
            [{**row, "handle": f"c{n}", "reference": f"R{n}", "admission": None} for n in numbers],
        )
        connection.execute(
            insert(consultations),
            [{**asked, "handle": f"q{n}", "case_handle": f"c{n}"} for n in numbers],
        )
    with database.reading() as connection:
        begun = time.perf_counter()
        many = _statements(connection, Leaves(DAY, officer=SIGNER))
        taken = time.perf_counter() - begun
    assert few == (1, many[1])
    assert many[0] == 3001
    assert taken < 5, json.dumps(taken)  # about 0.1 s on an idle machine


def _statements(connection, change):
    seen = []

    def note(_conn, _cursor, statement, *_rest):
        seen.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    steps = stranded_by(connection, definitions(), change)
    event.remove(connection, "before_cursor_execute", note)
    return len(steps), len(seen)
