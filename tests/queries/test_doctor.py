"""The doctor: each ailment is found where it was planted, and what can be mended is mended."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, select, text, update

from tests.builders import (
    add_officer,
    add_organisation,
    as_owner,
    definitions,
    lose,
    officer_of,
    opinion,
    sent,
    without_rules,
)
from vetting.commands import main
from vetting.engine.ailments import Ailment, Remedy
from vetting.engine.policy import Principal
from vetting.engine.refusals import Forbidden, HeldBack, MoveNotOffered, Unacceptable, Unknown
from vetting.engine.telling import Why
from vetting.engine.vocabulary import CaseType, Kind, Role
from vetting.queries.case_on_a_day import case_on_a_day
from vetting.queries.deadline_sweep import sweep
from vetting.queries.doctor import Ground, examine, examined_by, examined_case
from vetting.records.cases import cases
from vetting.records.consultations import consultations
from vetting.records.history import entries, payloads
from vetting.records.letters import letters
from vetting.records.officers import officers, role_assignments
from vetting.records.organisations import organisations, successions
from vetting.records.outbox import outbox, recipients
from vetting.records.rebuild import compare
from vetting.records.tallies import tallies
from vetting.usecases.answer_candidate import Asked, record_request
from vetting.usecases.conclude import Conclusion, conclude_cases
from vetting.usecases.draft_opinion import draft_opinion
from vetting.usecases.interrupt_case import suspend_case
from vetting.usecases.propose import propose, submit_proposals
from vetting.usecases.receive_consultation import receive_consultations
from vetting.usecases.repair_case import repair_case

pytestmark = pytest.mark.leaves_it_unwell

TODAY = "2026-01-10"


def ground(connection, **told):
    return Ground(connection, definitions(), TODAY, **told)


def found(cast, ailment=None, **told):
    with cast.database.reading() as connection:
        return [
            one
            for one in examine(ground(connection, **told))
            if ailment is None or one.ailment is ailment
        ]


def change(cast, *statements):
    with as_owner(cast.database).writing() as connection:
        for statement in statements:
            connection.execute(statement)


def verbs(cast, case):
    with cast.database.reading() as connection:
        e = entries.c
        rows = connection.execute(
            select(e.verb, e.officer).where(e.case_handle == case).order_by(e.number)
        )
        return [tuple(row) for row in rows]


def well_again(cast):
    with cast.database.reading() as connection:
        assert list(compare(connection)) == []


@pytest.fixture
def body(cast):
    """A second officer at a body, so that it can go on without the first."""
    with cast.database.writing() as connection:
        add_officer(connection, officer_of("thue", Role.BODY_OFFICER, 2), "thue", Role.BODY_OFFICER)
    return "thue"


def test_a_province_at_work_is_well(cast):
    cast.closed()
    cast.consulting()
    cast.filed()

    assert found(cast) == []


def test_a_conclusion_without_a_day_is_found_and_the_case_can_be_read(cast, monkeypatch):
    monkeypatch.setattr("vetting.usecases.conclude.refuse_no_day", lambda _day: None)
    case = cast.assembling()
    propose(cast.board, sent(), [case], "meets", "Đủ.")
    submit_proposals(cast.head, sent(), [case])
    conclude_cases(cast.secretary, sent(), [case], Conclusion("meets", "Đủ.", ""))

    [one] = found(cast, Ailment.DAYLESS_CONCLUSION)

    assert (one.case, one.decides, one.remedy) == (case, Role.SECRETARY, None)
    with cast.database.reading() as connection:
        me, now = cast.board.principal, cast.ids
        then = case_on_a_day(connection, me, definitions(), case, now, on=now.today())
        assert then.then is not None
        assert one in examined_case(ground(connection), case)


# ------------------------------------------------------------------ no next actor


def test_a_step_that_nobody_could_take_is_found_at_its_organisation(cast):
    case = cast.consulting()
    change(cast, update(officers).where(officers.c.login == "thue/bs1").values(disabled_at="x"))

    [one, *more] = found(cast, Ailment.NO_NEXT_ACTOR)

    assert (one.case, one.organisation, one.remedy) == (case, "thue", None)
    assert one.decides is Role.ADMINISTRATOR
    assert {other.organisation for other in more} <= {"thue"}
    with cast.database.reading() as connection:
        assert one in examined_case(ground(connection), case)


def test_a_unit_whose_people_are_gone_is_found(cast):
    case = cast.filed()
    with as_owner(cast.database).writing() as connection:
        connection.execute(update(cases).where(cases.c.handle == case).values(state="returned"))
        a = role_assignments.c
        connection.execute(delete(role_assignments).where(a.organisation == "so-y-te"))

    found_there = found(cast, Ailment.NO_NEXT_ACTOR)

    assert [(one.case, one.organisation) for one in found_there] == [(case, "so-y-te")]


# ------------------------------------------------------------------ ineligible holders


def held(cast, body):
    case = cast.consulting()
    one = cast.asked(case)[body]
    receive_consultations(cast.drafter(body), sent(), [one])
    draft_opinion(cast.drafter(body), sent(), one, opinion())
    return case, one


PLANTED = {
    "let in no more": lambda o: (
        update(officers).where(officers.c.handle == o).values(disabled_at="x")
    ),
    "role ended": lambda o: (
        update(role_assignments)
        .where(role_assignments.c.officer == o)
        .values(valid_to="2026-01-09")
    ),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_a_question_held_by_somebody_who_may_not_is_handed_back(cast, body, planted):
    case, one = held(cast, body)
    assert found(cast, Ailment.INELIGIBLE_HOLDER) == []
    holder = officer_of(body, Role.BODY_OFFICER)
    change(cast, PLANTED[planted](holder))

    [amiss] = found(cast, Ailment.INELIGIBLE_HOLDER)
    assert (amiss.case, amiss.consultation, amiss.remedy) == (case, one, Remedy.HAND_BACK)
    assert holder not in str(amiss.sentence)

    repair_case(cast.head, sent(), case, Remedy.HAND_BACK, one, "Cán bộ đã chuyển công tác")

    assert found(cast, Ailment.INELIGIBLE_HOLDER) == []
    assert verbs(cast, case)[-1] == ("consultation.released", cast.head.principal.officer)
    with cast.database.reading() as connection:
        c, p = consultations.c, payloads.c
        row = connection.execute(
            select(c.officer, c.draft_by, c.state).where(c.handle == one)
        ).one()
        said = connection.scalars(
            select(p.content).where(p.case_handle == case).order_by(p.number)
        ).all()
    assert tuple(row) == (None, None, "received")
    assert "Cán bộ đã chuyển công tác" in said[-1]
    well_again(cast)
    with pytest.raises(MoveNotOffered):
        repair_case(cast.head, sent(), case, Remedy.HAND_BACK, one, "Lần nữa")


def test_whoever_is_not_cleared_for_the_case_may_not_hold_it(cast, body):
    case, one = held(cast, body)
    with cast.database.writing() as connection:
        connection.execute(
            text("INSERT INTO restrictions (case_handle, level, named_only) VALUES (:c, 1, 0)"),
            {"c": case},
        )
    assert [amiss.consultation for amiss in found(cast, Ailment.INELIGIBLE_HOLDER)] == [one]


# ------------------------------------------------------------------ deadlines, pauses, notices


def test_a_deadline_that_the_calendar_cannot_count_is_found(cast):
    case = cast.accepted()
    planning = definitions().of("planning", 1)
    rule = {
        "name": "check",
        "title": {"vi": "Hạn", "en": "Term"},
        "unit": "working_days",
        "length": 5,
        "start": "accepted",
        "basis": "377-QĐ/TW;2025-10-08;Bộ Chính trị",
    }
    told = planning.model_dump(by_alias=True)
    told["deadlines"] = [rule | {"met_by": ["concluded"]}]
    with_term = type(planning).model_validate(told)
    known = replace(definitions(), by_name={**definitions().by_name, ("planning", 1): with_term})
    with cast.database.reading() as connection:
        amiss = [
            one
            for one in examine(replace(ground(connection), definitions=known))
            if one.ailment is Ailment.MISSING_DEADLINE
        ]
    assert [(one.case, one.decides) for one in amiss] == [(case, Role.ADMINISTRATOR)]
    assert "has no date" in amiss[0].sentence.msgid
    assert found(cast, Ailment.MISSING_DEADLINE) == []


@pytest.mark.parametrize("where", ["closed", "accepted"])
def test_what_a_candidate_asked_and_no_clock_counts_is_found_wherever_its_case_stands(cast, where):
    case = getattr(cast, where)()
    record_request(cast.board, sent(), case, Asked("view", TODAY, "Đơn", "Văn thư", "Xem."))

    [one] = found(cast, Ailment.MISSING_DEADLINE)

    assert (one.case, one.decides, one.remedy) == (case, Role.ADMINISTRATOR, None)
    with cast.database.reading() as connection:
        assert one in examined_case(ground(connection), case)
        swept = sweep(connection, definitions(), today=TODAY, within=3)
    assert [line.handle for line in swept.dateless] == [case]


def test_a_pause_with_no_open_question_is_found_and_left_to_the_board(cast):
    waiting = cast.consulting()
    idle = cast.accepted()
    suspend_case(cast.head, sent(), waiting, "Chờ")
    assert found(cast, Ailment.IDLE_PAUSE) == []
    suspend_case(cast.head, sent(), idle, "Chờ")

    [one] = found(cast, Ailment.IDLE_PAUSE)

    assert (one.case, one.remedy, one.decides) == (idle, None, Role.BOARD_HEAD)


def test_whoever_should_have_been_told_and_was_not_is_named(cast):
    case, other = cast.consulting(), cast.accepted()
    assert found(cast, Ailment.UNTOLD) == []
    lose(cast, outbox, outbox.c.case_handle == case)

    untold = found(cast, Ailment.UNTOLD)

    assert {(one.case, one.remedy, one.decides) for one in untold} == {
        (case, None, Role.BOARD_HEAD)
    }
    assert {one.organisation for one in untold} > {"thanh-tra"}
    with cast.database.reading() as connection:
        assert list(examined_case(ground(connection), case)) == untold
        assert examined_case(ground(connection), other) == ()


def test_a_notice_that_is_for_nobody_stands_with_its_case_and_nothing_more_is_said_of_why(cast):
    case = cast.consulting()
    to_the_body = select(outbox.c.key).where(outbox.c.organisation == "thue")
    lose(cast, recipients, recipients.c.notice.in_(to_the_body))

    [one] = found(cast, Ailment.UNTOLD)

    assert dict(one.sentence.params)["why"] is Why.FOR_NOBODY
    assert str(Why.FOR_NOBODY.title) == "the notice names nobody there"
    assert one.instead is not None
    with cast.database.reading() as connection:
        assert examined_case(ground(connection), case) == (one,)


# ------------------------------------------------------------------ dissolved bodies


def dissolve(cast, successors=("cuc-thue",)):
    with as_owner(cast.database).writing() as connection:
        for code in successors:
            add_organisation(connection, code, Kind.CONSULTED_BODY)
            connection.execute(successions.insert(), {"predecessor": "thue", "successor": code})
        connection.execute(
            update(organisations)
            .where(organisations.c.code == "thue")
            .values(valid_to="2026-01-09")
        )


def test_a_question_at_a_body_that_ended_goes_to_its_successor(cast):
    case = cast.consulting()
    dissolve(cast)
    one = cast.asked(case)["thue"]

    [amiss] = found(cast, Ailment.DISSOLVED_BODY)
    assert (amiss.case, amiss.consultation, amiss.remedy) == (case, one, Remedy.REDIRECT)
    assert "09/01/2026" in str(amiss.sentence)

    repair_case(cast.head, sent(), case, Remedy.REDIRECT, one, "Sáp nhập")

    assert found(cast, Ailment.DISSOLVED_BODY) == []
    assert [verb for verb, _ in verbs(cast, case)][-4:] == [
        *("consultation.taken_back", "body.asked", "body.added", "body.replaced"),
    ]
    open_now = cast.asked(case)
    assert set(open_now) == {"cong-an", "thanh-tra", "cuc-thue"}
    with cast.database.reading() as connection:
        rows = connection.execute(
            select(consultations).where(consultations.c.handle.in_([one, open_now["cuc-thue"]]))
        ).mappings()
        both = {row["body"]: row for row in rows.all()}
        letter = connection.execute(
            select(letters).where(letters.c.handle == both["cuc-thue"]["letter"])
        ).one()
    assert {name: both["cuc-thue"][name] for name in ("turn", "need", "due_on")} == {
        name: both["thue"][name] for name in ("turn", "need", "due_on")
    }
    assert (letter.receiver, letter.covers) == ("cuc-thue", 1)
    well_again(cast)
    for name in ("cong-an", "thanh-tra", "cuc-thue"):  # and the case goes on to its end
        cast.sign(case, name)
    with cast.database.reading() as connection:
        state = connection.scalar(select(cases.c.state).where(cases.c.handle == case))
    assert state == "assembling"


@pytest.mark.parametrize("successors", [(), ("cuc-thue", "chi-cuc-thue")])
def test_without_one_successor_the_board_decides(cast, successors):
    case = cast.consulting()
    dissolve(cast, successors)
    [amiss] = found(cast, Ailment.DISSOLVED_BODY)
    assert (amiss.remedy, amiss.decides) == (None, Role.BOARD_HEAD)
    with pytest.raises(MoveNotOffered):
        repair_case(cast.head, sent(), case, Remedy.REDIRECT, cast.asked(case)["thue"], "Sáp nhập")


def test_a_successor_that_is_asked_already_is_not_asked_twice(cast):
    case = cast.consulting()
    with as_owner(cast.database).writing() as connection:
        connection.execute(successions.insert(), {"predecessor": "thue", "successor": "cong-an"})
    dissolve(cast, ())
    [amiss] = found(cast, Ailment.DISSOLVED_BODY)
    assert amiss.remedy is None
    assert "asked already" in amiss.sentence.msgid
    with pytest.raises(MoveNotOffered):
        repair_case(cast.head, sent(), case, Remedy.REDIRECT, cast.asked(case)["thue"], "Sáp nhập")


# ------------------------------------------------------------------ unlike its entries


def test_rows_unlike_their_entries_are_written_anew(cast):
    case = cast.consulting()
    other = cast.filed()
    one = cast.asked(case)["thue"]
    change(
        cast,
        update(cases).where(cases.c.handle == case).values(target="khác", since="2020"),
        update(consultations).where(consultations.c.handle == one).values(due_on="2020-01-01"),
    )

    [amiss] = found(cast, Ailment.UNLIKE_ENTRIES)
    assert (amiss.case, amiss.remedy) == (case, Remedy.REBUILD)

    repair_case(cast.head, sent(), case, Remedy.REBUILD, None, "Dữ liệu bị sửa ngoài hệ thống")

    assert found(cast) == []
    well_again(cast)
    assert verbs(cast, case)[-1] == ("rows.rebuilt", cast.head.principal.officer)
    with cast.database.reading() as connection:
        p = payloads.c
        said = connection.scalars(
            select(p.content).where(p.case_handle == case).order_by(p.number)
        ).all()[-1]
    assert json.loads(said) == {
        "columns": ["cases.since", "cases.target", "consultations.due_on"],
        "reason": "Dữ liệu bị sửa ngoài hệ thống",
    }
    with pytest.raises(MoveNotOffered):
        repair_case(cast.head, sent(), other, Remedy.REBUILD, None, "Không có gì")


def test_where_the_history_ends_is_evidence_and_never_written_anew(cast):
    case = cast.filed()
    change(cast, update(cases).where(cases.c.handle == case).values(last_seal="0" * 64))
    [amiss] = found(cast, Ailment.UNLIKE_ENTRIES)
    assert (amiss.remedy, amiss.decides) == (None, Role.SUPERVISOR)
    with pytest.raises(HeldBack):
        repair_case(cast.head, sent(), case, Remedy.REBUILD, None, "Thử")
    assert [one.case for one in found(cast, Ailment.UNLIKE_ENTRIES)] == [case]


def test_counts_that_are_wrong_are_found_and_belong_to_no_case(cast):
    cast.consulting()
    change(cast, update(tallies).where(tallies.c.body == "thue").values(waiting=7))
    [amiss] = found(cast, Ailment.UNLIKE_ENTRIES)
    assert (amiss.case, amiss.remedy, amiss.decides) == ("", None, Role.ADMINISTRATOR)


# ------------------------------------------------------------------ the database itself


def test_a_trigger_that_is_gone_belongs_to_no_case_and_is_mended_by_nobody_here(cast):
    with as_owner(cast.database).writing() as connection:
        without_rules(connection, entries)
    [amiss] = found(cast)
    assert (amiss.ailment, amiss.case, amiss.remedy) == (Ailment.UNGUARDED, "", None)
    assert (amiss.decides, "The trigger entries_" in str(amiss.sentence)) == (
        Role.ADMINISTRATOR,
        True,
    )


# ------------------------------------------------------------------ who may, and what they see


def test_only_the_head_of_the_board_repairs_and_says_why(cast, body):
    case, one = held(cast, body)
    holder = officer_of(body, Role.BODY_OFFICER)
    change(cast, PLANTED["let in no more"](holder))
    for desk in (cast.board, cast.signer(body), cast.unit, cast.secretary):
        with pytest.raises(Forbidden):
            repair_case(desk, sent(), case, Remedy.HAND_BACK, one, "Lý do")
    with pytest.raises(Unacceptable):
        repair_case(cast.head, sent(), case, Remedy.HAND_BACK, one, "  ")
    with pytest.raises(Unknown):
        repair_case(cast.head, sent(), "no such case", Remedy.HAND_BACK, one, "Lý do")
    assert [amiss.consultation for amiss in found(cast, Ailment.INELIGIBLE_HOLDER)] == [one]


def test_an_administrator_sees_numbers_and_others_their_own_cases(cast, body):
    held(cast, body)
    change(cast, PLANTED["let in no more"](officer_of(body, Role.BODY_OFFICER)))
    who = {
        role: Principal("x", "x", role, place, "s")
        for role, place in (
            (Role.ADMINISTRATOR, "ban-to-chuc"),
            (Role.SUPERVISOR, "uy-ban-kiem-tra"),
            (Role.BOARD_HEAD, "ban-to-chuc"),
        )
    }
    narrowed = replace(who[Role.BOARD_HEAD], case_types=frozenset({CaseType.PROMOTION}))
    with cast.database.reading() as connection:
        told = {role: examined_by(ground(connection), principal) for role, principal in who.items()}
        nothing = examined_by(ground(connection), narrowed)
    assert told[Role.ADMINISTRATOR].findings == ()
    assert told[Role.ADMINISTRATOR].counts[Ailment.INELIGIBLE_HOLDER] == 1
    for role in (Role.SUPERVISOR, Role.BOARD_HEAD):
        assert [one.ailment for one in told[role].findings] == [Ailment.INELIGIBLE_HOLDER]
    assert (nothing.findings, nothing.counts) == ((), {})


# ------------------------------------------------------------------ the command


def test_the_command_says_what_is_amiss_and_ends_with_one(cast, body, monkeypatch, tmp_path):
    monkeypatch.setenv("VETTING_DATABASE_URL", cast.database.url)
    monkeypatch.setenv("VETTING_FOLDER", str(tmp_path))
    monkeypatch.setenv("VETTING_LANGUAGE", "en")

    def run(*words):
        done = CliRunner().invoke(main, ["doctor", *words])
        assert done.exception is None or isinstance(done.exception, SystemExit)
        return done.exit_code, done.output

    case, one = held(cast, body)
    code, said = run()
    assert (code, said.splitlines()) == (
        0,
        ["1 cases examined, nothing is amiss."],
    )
    change(cast, PLANTED["let in no more"](officer_of(body, Role.BODY_OFFICER)))
    code, said = run()
    assert code == 1
    with cast.database.reading() as connection:
        reference = connection.scalar(select(cases.c.reference).where(cases.c.handle == case))
        name = connection.scalar(
            select(organisations.c.name_en).where(organisations.c.code == "thue")
        )
    assert case not in said
    assert (
        f"  {reference}: At {name} somebody has the question in hand who may not deal with it."
        in said
    )
    assert "Repair: Hand the question back to the body." in said
    code, told = run("--json")
    told = json.loads(told)
    assert (code, told["well"], told["cases"]) == (1, False, 1)
    assert told["counts"]["ineligible_holder"] == 1
    assert told["findings"][0]["consultation"] == one
    assert "Nguyễn" not in json.dumps(told, ensure_ascii=False)
    (tmp_path / "witness_ahead").write_text("thanh-tra.tinh 885", "utf-8")
    code, said = run()
    assert "  –: A witness has signed a history of 885 entries that this database" in said
    assert "    To be decided by two people: Administrator and Supervisor." in said
    told = json.loads(run("--json")[1])
    [behind] = [one for one in told["findings"] if one["ailment"] == "unlike_witnessed"]
    assert (behind["repair"], behind["decides"], behind["decides_with"]) == (
        None,
        "administrator",
        "supervisor",
    )
