"""Absences: who may write them down, what is refused, and what is kept."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import insert, select, update

from tests.builders import Cast, add_officer, as_owner, as_served, definitions, officer_of
from tests.usecases.conftest import rows
from vetting.engine.notices import NAMED, NAMED_NO_MORE
from vetting.engine.policy import Principal
from vetting.engine.refusals import Forbidden, OutOfTurn, ProveAgain, Unacceptable, Unknown
from vetting.engine.substitutes import EVERY_TYPE, Form
from vetting.engine.vocabulary import CaseType, Role
from vetting.records.absences import absences, substitutions
from vetting.records.officers import officers, role_assignments
from vetting.records.outbox import outbox, recipients
from vetting.records.stranding import Stranding
from vetting.usecases.record_absence import (
    Absence,
    Place,
    end_absence,
    name_substitute,
    record_absence,
    revoke_substitute,
)

BODY = "thanh-tra"
SIGNER = officer_of(BODY, Role.BODY_SIGNER)
DRAFTER = officer_of(BODY, Role.BODY_OFFICER)
PROVED = "2026-01-05T02:00:00.000000Z"
TODAY, FIRST, LAST = "2026-01-05", "2026-01-10", "2026-01-14"


@pytest.fixture
def colleagues(database):
    """Three more officers of the body, all of whom sign."""
    with database.writing() as connection:
        for name in ("bình", "cúc", "dung"):
            add_officer(connection, name, BODY, Role.BODY_SIGNER)


def principal(officer, role=Role.BODY_SIGNER, organisation=BODY):
    return Principal(
        officer, officer, role, organisation, f"s {officer}"[:22], proved_at=PROVED, proved_with="x"
    )


ADMINISTRATOR = principal("admin", Role.ADMINISTRATOR, "ban-to-chuc")


def place(substitute, role=Role.BODY_SIGNER, types=EVERY_TYPE, organisation=BODY, form=Form.KT):
    return Place(organisation, role, substitute, form, types)


@pytest.fixture
def record(database, ids):
    def record(officer=SIGNER, *places, first=FIRST, last=LAST, by=None):
        return record_absence(
            database,
            ids,
            definitions(),
            by or principal(officer),
            Absence(officer, first, last, places),
        )

    return record


def kept(database, table=absences):
    with database.reading() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


@pytest.mark.usefixtures("colleagues")
def test_an_absence_is_kept_with_the_substitute_and_with_who_wrote_it_down(database, record):
    planning = frozenset({CaseType.PLANNING})
    handle = record(SIGNER, place("bình", types=planning, form=Form.TL))
    [absence] = kept(database)
    assert absence == {
        "handle": handle,
        "officer": SIGNER,
        "first_day": FIRST,
        "last_day": LAST,
        "recorded_by": SIGNER,
        "recorded_at": "2026-01-05T02:00:00.000000Z",
        "ended_by": None,
        "ended_at": None,
        "seen_at": None,
    }
    [named] = kept(database, substitutions)
    assert {name: named[name] for name in named if name != "handle"} == {
        "absence": handle,
        "absent": SIGNER,
        "organisation": BODY,
        "role": "body_signer",
        "substitute": "bình",
        "form": "tl",
        "case_types": '["planning"]',
        "named_by": SIGNER,
        "named_at": "2026-01-05T02:00:00.000000Z",
        "revoked_by": None,
        "revoked_at": None,
    }


def test_the_administrator_writes_anybodys_absence_down_and_a_colleague_nobodys(database, record):
    with database.writing() as connection:
        add_officer(connection, "admin", "ban-to-chuc", Role.ADMINISTRATOR)
    record(SIGNER, by=ADMINISTRATOR)
    assert [row["recorded_by"] for row in kept(database)] == ["admin"]
    with pytest.raises(Forbidden, match="Only whoever is away"):
        record(DRAFTER, by=principal(SIGNER))
    assert len(kept(database)) == 1


@pytest.mark.usefixtures("colleagues")
def test_what_gives_or_takes_a_role_for_some_days_asks_for_a_fresh_proof(
    database, ids, clock, record
):
    handle = record(SIGNER, place("bình"))
    [naming] = kept(database, substitutions)
    clock.go_on(minutes=6)
    own = record(DRAFTER)  # names nobody
    me, drafter = principal(SIGNER), principal(DRAFTER)
    attempts = (
        lambda: record(SIGNER, place("bình"), first="2026-02-01", last="2026-02-02"),
        lambda: record("cúc", by=ADMINISTRATOR),
        lambda: name_substitute(
            database, ids, definitions(), drafter, own, place("bình", Role.BODY_OFFICER)
        ),
        lambda: revoke_substitute(as_served(database), ids, definitions(), me, naming["handle"]),
        lambda: end_absence(as_served(database), ids, ADMINISTRATOR, handle),
    )
    for attempt in attempts:
        with pytest.raises(ProveAgain):
            attempt()
    assert kept(database, substitutions) == [naming]
    end_absence(as_served(database), ids, me, handle)


@pytest.mark.usefixtures("colleagues")
def test_an_administrator_names_neither_themself_nor_gains_at_the_end_of_a_chain(
    database, ids, record
):
    with database.writing() as connection:
        add_officer(connection, "admin", "ban-to-chuc", Role.ADMINISTRATOR)
        connection.execute(
            insert(role_assignments),
            {"officer": "admin", "organisation": BODY, "role": Role.BODY_OFFICER.value},
        )
    refused = pytest.raises(Unacceptable, match="withdrawn by another administrator")
    with refused:
        record(SIGNER, place("admin"), by=ADMINISTRATOR)
    record("bình", place("admin"))  # by their own word
    with refused:
        record(SIGNER, place("bình"), by=ADMINISTRATOR)
    absence = record(SIGNER, place("cúc"), by=ADMINISTRATOR)
    with refused:
        name_substitute(
            database, ids, definitions(), ADMINISTRATOR, absence, place("admin", types=EVERY_TYPE)
        )
    assert {row["substitute"] for row in kept(database, substitutions)} == {"admin", "cúc"}


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        ({"first": "2026-01-04"}, "An absence cannot begin in the past."),
        ({"last": "2026-01-09"}, "An absence cannot end before it begins."),
        ({"first": "2026-02-30", "last": "2026-03-30"}, "There is no such day."),
    ],
)
def test_days_that_cannot_be_are_refused(database, record, days, sentence):
    with pytest.raises(Unacceptable, match=sentence):
        record(SIGNER, **days)
    assert kept(database) == []


def test_an_absence_may_begin_today_and_end_the_same_day(database, record):
    record(SIGNER, first=TODAY, last=TODAY)
    assert len(kept(database)) == 1


@pytest.mark.parametrize(
    ("first", "last", "refused"),
    [
        ("2026-01-08", "2026-01-09", False),
        ("2026-01-08", FIRST, True),
        ("2026-01-11", "2026-01-12", True),
        (LAST, "2026-01-20", True),
        ("2026-01-15", "2026-01-20", False),
    ],
)
def test_days_of_one_officers_absences_never_overlap(database, record, first, last, refused):
    record()
    if not refused:
        record(first=first, last=last)
        assert len(kept(database)) == 2
        return
    with pytest.raises(Unacceptable, match="already an absence from 10/01/2026 to 14/01/2026"):
        record(first=first, last=last)
    assert len(kept(database)) == 1


def test_an_absence_that_was_ended_leaves_its_days_free(database, ids, record):
    end_absence(as_served(database), ids, principal(SIGNER), record())
    record()
    assert [row["ended_by"] for row in kept(database)].count(SIGNER) == 1


@pytest.mark.usefixtures("colleagues")
@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (place(SIGNER), "Nobody can be their own substitute."),
        (place(officer_of("thue", Role.BODY_SIGNER)), "must work in the same organisation"),
        (place("nobody"), "must work in the same organisation"),
        (place("bình", role=Role.BODY_OFFICER), "does not have this role"),
        (place("bình", types=frozenset()), "Choose for which case types."),
        (place("bình", organisation="thue"), "does not have this role"),
        (place("bình", role=Role.ADMINISTRATOR), "Nobody stands in for an administrator"),
    ],
)
def test_a_substitute_who_cannot_be_is_refused(database, record, wanted, sentence):
    with pytest.raises(Unacceptable, match=sentence):
        record(SIGNER, wanted)
    assert kept(database) == kept(database, substitutions) == []


@pytest.mark.usefixtures("colleagues")
@pytest.mark.parametrize(
    ("table", "changed"),
    [
        (officers, {"disabled_at": "2026-01-01T00:00:00.000000Z"}),
        (role_assignments, {"valid_to": "2026-01-13"}),
        (role_assignments, {"valid_from": "2026-01-11"}),
    ],
)
def test_the_disabled_and_those_not_there_all_the_time_never_substitute(
    database, record, table, changed
):
    column = table.c.handle if table is officers else table.c.officer
    with as_owner(database).writing() as connection:
        connection.execute(update(table).where(column == "bình").values(changed))
    with pytest.raises(Unacceptable, match="must work in the same organisation"):
        record(SIGNER, place("bình"))
    assert kept(database) == []


def test_one_role_after_the_other_without_a_gap_is_there_all_the_time(database, record):
    with database.writing() as connection:
        add_officer(connection, "bình", BODY, Role.BODY_OFFICER)
        connection.execute(
            update(role_assignments)
            .where(role_assignments.c.officer == "bình")
            .values(valid_to="2026-01-12")
        )
        connection.execute(
            insert(role_assignments),
            {
                "officer": "bình",
                "organisation": BODY,
                "role": "body_signer",
                "valid_from": "2026-01-13",
            },
        )
    record(SIGNER, place("bình"))
    assert len(kept(database, substitutions)) == 1


@pytest.mark.usefixtures("colleagues")
def test_two_substitutes_share_a_role_by_case_types_and_never_one_type(database, record):
    planning, transfer = frozenset({CaseType.PLANNING}), frozenset({CaseType.TRANSFER})
    with pytest.raises(Unacceptable, match="only one substitute"):
        record(SIGNER, place("bình", types=planning), place("cúc"))
    record(SIGNER, place("bình", types=planning), place("cúc", types=transfer))
    assert {row["substitute"] for row in kept(database, substitutions)} == {"bình", "cúc"}


@pytest.mark.usefixtures("colleagues")
def test_a_circle_of_three_is_refused_with_the_names_of_its_people(database, record):
    record(SIGNER, place("bình"))
    record("bình", place("cúc"), first="2026-01-12", last="2026-01-20")
    with pytest.raises(Unacceptable, match=f"cúc → {SIGNER} → bình → cúc"):
        record("cúc", place(SIGNER), first=LAST, last=LAST)
    record("cúc", place(SIGNER), first="2026-01-15", last="2026-01-16")
    assert len(kept(database)) == 3


@pytest.mark.usefixtures("colleagues")
def test_a_circle_is_refused_also_when_a_substitute_is_named_later(database, ids, record):
    record(SIGNER, place("bình"))
    absence = record("bình", place("cúc"))
    third = record("cúc")
    with pytest.raises(Unacceptable, match="circle"):
        name_substitute(
            as_served(database), ids, definitions(), principal("cúc"), third, place(SIGNER)
        )
    name_substitute(as_served(database), ids, definitions(), principal("cúc"), third, place("dung"))
    assert absence
    assert len(kept(database, substitutions)) == 3


def test_an_absence_that_would_strand_an_opinion_is_refused_and_nothing_is_kept(database, record):
    Cast(database).consulting()
    with pytest.raises(Stranding, match="1 open steps") as refusal:
        record(SIGNER)
    assert [step.organisation for step in refusal.value.steps] == [BODY]
    assert kept(database) == []


@pytest.mark.usefixtures("colleagues")
def test_the_last_of_several_absences_is_the_one_that_is_refused(database, record):
    Cast(database).consulting()
    for name in ("bình", "cúc", "dung"):
        record(name)
    with pytest.raises(Stranding):
        record(SIGNER)


@pytest.mark.usefixtures("colleagues")
def test_revoking_keeps_who_did_it_and_leaves_the_absence(database, ids, record):
    record(SIGNER, place("bình"))
    [naming] = kept(database, substitutions)
    revoke_substitute(as_served(database), ids, definitions(), principal(SIGNER), naming["handle"])
    [after] = kept(database, substitutions)
    assert (after["revoked_by"], after["revoked_at"]) == (SIGNER, "2026-01-05T02:00:00.000000Z")
    assert [row["ended_at"] for row in kept(database)] == [None]


@pytest.mark.usefixtures("colleagues")
def test_revoking_what_keeps_an_opinion_from_being_stranded_is_refused(database, ids, record):
    cast = Cast(database)
    case = cast.consulting()
    cast.ready(case, cast.asked(case)[BODY], BODY)
    for name in ("cúc", "dung"):
        record(name)
    with as_owner(database).writing() as connection:
        connection.execute(
            update(role_assignments)
            .where(role_assignments.c.officer == "bình")
            .values(role="body_officer")
        )
    record(SIGNER, place("bình"))
    [naming] = kept(database, substitutions)
    with pytest.raises(Stranding):
        revoke_substitute(
            as_served(database), ids, definitions(), principal(SIGNER), naming["handle"]
        )
    assert [row["revoked_at"] for row in kept(database, substitutions)] == [None]


def test_an_absence_is_ended_once_by_whom_it_concerns(database, ids, record):
    absence = record()
    with pytest.raises(Unknown):
        end_absence(as_served(database), ids, principal(DRAFTER), absence)
    end_absence(as_served(database), ids, principal(SIGNER), absence)
    with pytest.raises(OutOfTurn, match="This absence is over"):
        end_absence(as_served(database), ids, principal(SIGNER), absence)
    [row] = rows(database, absences, SIGNER)
    assert (row["ended_by"], row["ended_at"]) == (SIGNER, "2026-01-05T02:00:00.000000Z")


def test_of_two_absences_at_once_that_leave_the_work_to_one_another_one_is_refused(
    database, record
):
    with database.writing() as connection:
        add_officer(connection, "bình", BODY, Role.BODY_SIGNER)
    Cast(database).consulting()
    both = threading.Barrier(2)
    told = []

    def leave(officer):
        both.wait()
        try:
            record(officer)
        except Stranding:
            told.append("refused")
        else:
            told.append("away")

    threads = [threading.Thread(target=leave, args=(one,)) for one in (SIGNER, "bình")]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(told) == ["away", "refused"]
    assert len(kept(database)) == 1


# --------------------------------------------------------------- who is told


def told(database):
    """Return who was told what, and about whose absence."""
    o, r, s = outbox.c, recipients.c, substitutions.c
    with database.reading() as connection:
        rows = connection.execute(
            select(r.officer, o.on_move, s.absent, r.organisation, o.case_handle)
            .join(outbox, o.key == r.notice)
            .join(substitutions, s.handle == o.naming)
        )
        return sorted(tuple(row) for row in rows)


@pytest.mark.usefixtures("colleagues")
def test_a_substitute_is_told_by_name_when_named_and_when_the_absence_ends_early(
    database, ids, record
):
    handle = record(SIGNER, place("bình"))
    named = ("bình", NAMED, SIGNER, BODY, None)
    assert told(database) == [named]
    end_absence(as_served(database), ids, principal(SIGNER), handle)
    assert told(database) == [named, ("bình", NAMED_NO_MORE, SIGNER, BODY, None)]


@pytest.mark.usefixtures("colleagues")
def test_whoever_is_named_later_is_told_and_who_is_named_no_more_once(database, ids, record):
    planning, promotion = frozenset({CaseType.PLANNING}), frozenset({CaseType.PROMOTION})
    handle = record(SIGNER, place("bình", types=planning))
    second = place("cúc", types=promotion)
    name_substitute(as_served(database), ids, definitions(), principal(SIGNER), handle, second)
    first = next(one for one in kept(database, substitutions) if one["substitute"] == "bình")
    for _ in range(2):
        revoke_substitute(
            as_served(database), ids, definitions(), principal(SIGNER), first["handle"]
        )
    end_absence(as_served(database), ids, principal(SIGNER), handle)
    assert [(who, on) for who, on, *_ in told(database)] == [
        ("bình", NAMED),
        ("bình", NAMED_NO_MORE),
        ("cúc", NAMED),
        ("cúc", NAMED_NO_MORE),
    ]


@pytest.mark.usefixtures("colleagues")
def test_at_the_end_of_a_chain_one_is_told_too_whoever_was_named_first(database, ids, record):
    """Who acts for the substitute acts for whoever named them."""
    first = record(SIGNER, place("bình"))
    record("bình", place("cúc"), by=principal("bình"))
    assert [row[:3] for row in told(database)] == [
        ("bình", NAMED, SIGNER),
        ("cúc", NAMED, "bình"),
    ]
    end_absence(as_served(database), ids, principal(SIGNER), first)
    assert ("cúc", NAMED_NO_MORE, SIGNER) in [row[:3] for row in told(database)]


@pytest.mark.usefixtures("colleagues")
def test_what_is_refused_tells_nobody_and_whoever_writes_it_down_needs_no_telling(
    database, ids, record
):
    with pytest.raises(Unacceptable):
        record(SIGNER, place("bình"), first="2026-01-01")
    with database.writing() as connection:
        connection.execute(
            insert(role_assignments),
            {"officer": "bình", "organisation": "ban-to-chuc", "role": "administrator"},
        )
    handle = record(SIGNER, place("bình"))
    by = replace(ADMINISTRATOR, officer="bình")
    end_absence(as_served(database), ids, by, handle)
    assert [row[:2] for row in told(database)] == [("bình", NAMED)]
