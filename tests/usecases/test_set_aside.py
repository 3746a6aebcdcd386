"""A case that an officer set aside comes back at eight, and left nobody else's list."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from tests.builders import (
    Cast,
    add_officer,
    as_owner,
    definitions,
    officer_of,
    sent,
    small_province,
)
from vetting.engine.refusals import Unacceptable, Unknown
from vetting.engine.vocabulary import Role
from vetting.queries.inbox import Filter as InboxFilter
from vetting.queries.inbox import Tab, inbox
from vetting.queries.overview import overview
from vetting.queries.worklist import Filter, Wait, handles_of, worklist
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.set_aside import set_aside
from vetting.records.standing import Purpose
from vetting.usecases.issue_consultations import Asking, issue_consultations
from vetting.usecases.load_calendar import load_calendar
from vetting.usecases.receive_consultation import assign_consultations
from vetting.usecases.set_aside import set_case_aside, take_case_up_again


@pytest.fixture
def cast(engine_url):
    database = Database(engine_url, purpose=Purpose.COMMAND)
    with as_owner(database).writing() as connection:
        small_province(connection, bodies=("thue",))
        add_officer(
            connection, officer_of("ban-to-chuc", Role.BOARD_OFFICER, 2), "ban-to-chuc",
            Role.BOARD_OFFICER,
        )  # fmt: skip
    cast = Cast(database, Ids(clock=lambda: at("2026-03-03", 9)), bodies=("thue",))
    load_calendar(database, cast.ids)
    yield cast
    database.close()


def at(day: str, hour: int, minute: int = 0) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour:02}:{minute:02}:00+07:00").astimezone(UTC)


def listed(cast, desk, day="2026-03-03", hour=10, minute=0, **narrowed) -> list[str]:
    """What an officer's list holds at a moment; its number is the same."""
    now = Ids(clock=lambda: at(day, hour, minute)).now()
    wanted = Filter(Wait.TO_CHECK, at=now, **narrowed)
    with cast.database.reading() as connection:
        found = worklist(connection, desk.principal, definitions(), wanted)
        every = list(handles_of(connection, desk.principal, wanted))
    assert found.handles == every
    assert found.counts[Wait.TO_CHECK] == len(every)
    return every


def test_it_comes_back_at_eight_of_the_day_that_was_named(cast):
    case, other = cast.filed(), cast.filed(name="Lê Văn Bình")
    set_case_aside(cast.board, case, "2026-03-05")
    assert listed(cast, cast.board) == [other]
    assert listed(cast, cast.board, "2026-03-05", 7, 59) == [other]
    assert set(listed(cast, cast.board, "2026-03-05", 8)) == {case, other}


@pytest.mark.parametrize("day", ["2026-03-07", "2026-03-08"])
def test_on_a_day_that_is_not_worked_it_waits_for_the_next_that_is(cast, day):
    case = cast.filed()
    set_case_aside(cast.board, case, day)
    assert listed(cast, cast.board, "2026-03-08", 23) == []
    assert listed(cast, cast.board, "2026-03-09", 7, 59) == []
    assert listed(cast, cast.board, "2026-03-09", 8) == [case]


def test_nobody_elses_list_changes_and_the_supervisor_sees_what_is_late(cast):
    case = cast.filed()
    set_case_aside(cast.board, case, "2026-12-01")
    colleague = cast.desk("ban-to-chuc", Role.BOARD_OFFICER, 2)
    for desk in (colleague, cast.head):
        assert listed(cast, desk, "2026-06-01") == [case]
    supervisor = cast.desk("uy-ban-kiem-tra", Role.SUPERVISOR).principal
    with cast.database.reading() as connection:
        shown = overview(connection, supervisor, definitions(), "2026-06-01")
    assert case in shown.handles


def test_what_was_set_aside_is_listed_apart_with_its_day_and_taken_up_again(cast):
    case, other = cast.filed(), cast.filed(name="Lê Văn Bình")
    set_case_aside(cast.board, case, "2026-03-05")
    set_case_aside(cast.board, case, "2026-03-10")  # the later word counts
    assert listed(cast, cast.board, "2026-03-06", aside=True) == [case]
    wanted = Filter(Wait.TO_CHECK, aside=True, at=cast.ids.now())
    with cast.database.reading() as connection:
        found = worklist(connection, cast.board.principal, definitions(), wanted)
        assert dict(found.until) == {case: "2026-03-10T01:00:00.000000Z"}
    take_case_up_again(cast.board, case)
    assert set(listed(cast, cast.board)) == {case, other}
    with cast.database.reading() as connection:
        assert connection.execute(select(set_aside)).all() == []


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-03-03", "Name a day that is still to come."),
        ("2026-01-01", "Name a day that is still to come."),
        ("2040-01-02", "ends; what lies beyond is not guessed."),
    ],
)
def test_a_day_that_has_come_or_that_no_calendar_knows_is_refused(cast, day, said):
    case = cast.filed()
    with pytest.raises(Unacceptable) as refused:
        set_case_aside(cast.board, case, day)
    assert said in str(refused.value)
    assert listed(cast, cast.board) == [case]


def test_a_case_that_is_not_there_for_the_officer_cannot_be_set_aside(cast):
    with pytest.raises(Unknown):
        set_case_aside(cast.board, "no-such-case", "2026-03-05")


# ------------------------------------------------------------------ the inbox of a body


def asked(cast, *names, due_on=None) -> list[str]:
    cases = [cast.accepted(name=name) for name in names]
    issue_consultations(cast.board, sent(), cases, Asking(due_on=due_on))
    return cases


def seen(cast, day="2026-03-03", hour=10, *, desk=None, tab=Tab.BODY, after=None, **narrowed):
    now = Ids(clock=lambda: at(day, hour))
    with cast.database.reading() as connection:
        return inbox(
            connection,
            (desk or cast.drafter("thue")).principal,
            definitions(),
            InboxFilter(tab, **narrowed),
            after=after,
            ids=now,
        )


def test_a_body_counts_what_one_of_its_officers_set_aside_and_lists_it_apart(cast):
    aside, other = asked(cast, "Lê An", "Lê Bình")
    me = cast.drafter("thue")
    set_case_aside(me, aside, "2026-03-05")

    shown = seen(cast)
    assert (shown.handles, shown.counts[Tab.BODY], shown.aside) == ([other], 2, 1)
    assert shown.back_first == "2026-03-05T01:00:00.000000Z"
    apart = seen(cast, aside=True)
    assert [(row.case, row.aside_until) for row in apart.page.rows] == [(aside, shown.back_first)]
    assert seen(cast, tab=Tab.UNASSIGNED).handles == [other]
    assert (seen(cast, tab=Tab.MINE).aside, seen(cast, unit="so-y-te").found) == (0, 1)
    # Nobody else's inbox changes, neither of the same body nor at the Board.
    assert set(seen(cast, desk=cast.signer("thue")).handles) == {aside, other}
    assert seen(cast, desk=cast.signer("thue")).aside == 0
    assert set(seen(cast, "2026-03-05", 8).handles) == {aside, other}
    take_case_up_again(me, aside)
    assert set(seen(cast).handles) == {aside, other}


def test_what_is_due_is_back_that_day_and_cannot_be_set_aside(cast):
    [case] = asked(cast, "Lê An", due_on="2026-03-08")  # a Sunday
    me = cast.drafter("thue")
    with pytest.raises(Unacceptable, match="due on 08/03/2026; name that day at the latest"):
        set_case_aside(me, case, "2026-03-09")
    set_case_aside(me, case, "2026-03-08")  # nobody works then: it would come back on Monday
    assert seen(cast, "2026-03-07", 23).handles == []
    assert seen(cast, "2026-03-08", 0).handles == [case]
    assert seen(cast, "2026-03-08", 0).aside == 0
    cast.ids = Ids(clock=lambda: at("2026-03-08", 9))
    with pytest.raises(Unacceptable, match="due; it is not set aside"):
        set_case_aside(cast.drafter("thue"), case, "2026-03-10")


def test_what_is_asked_anew_was_not_set_aside(cast):
    [case] = asked(cast, "Lê An")
    set_case_aside(cast.drafter("thue"), case, "2026-03-20")
    cast.ids = Ids(clock=lambda: at("2026-03-04", 9))
    cast.sign(case, "thue")
    with pytest.raises(Unacceptable, match="Nothing waits for your body"):
        set_case_aside(cast.drafter("thue"), case, "2026-03-20")
    cast.ids = Ids(clock=lambda: at("2026-03-05", 9))
    issue_consultations(cast.board, sent(), [case], Asking(reason="Có thông tin mới."))
    assert seen(cast, "2026-03-06").handles == [case]


def test_what_is_set_aside_and_what_is_not_are_paged_through_once_each(cast, monkeypatch):
    monkeypatch.setattr("vetting.queries.inbox.PAGE", 2)
    cases = asked(cast, *(f"Lê {number}" for number in range(5)))
    for case in cases[::2]:
        set_case_aside(cast.drafter("thue"), case, "2026-03-05")
    for aside, wanted in ((True, cases[::2]), (False, cases[1::2])):
        found, after = [], None
        while True:
            page = seen(cast, after=after, aside=aside)
            found += page.handles
            after = page.page.next
            if after is None:
                break
        assert sorted(found) == sorted(wanted)


def test_a_colleague_to_whom_it_is_given_sees_it(cast):
    [case] = asked(cast, "Lê An")
    set_case_aside(cast.drafter("thue"), case, "2026-03-20")
    colleague = cast.signer("thue")
    question = cast.asked(case)["thue"]
    assign_consultations(cast.drafter("thue"), sent(), [question], colleague.principal.officer)
    assert seen(cast, desk=colleague, tab=Tab.MINE).handles == [case]
