"""Changing a calendar: what it would move is what it moves, and each move is an entry."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from tests.builders import Cast, add_officer, as_owner, definitions, sent
from tests.queries.test_own_cases import admitted
from vetting.engine.calendar import DayKind
from vetting.engine.definition import Definition, Title
from vetting.engine.reading import Definitions
from vetting.engine.refusals import Forbidden, OutOfTurn, Unacceptable
from vetting.engine.vocabulary import CaseType, Role
from vetting.queries.calendar_page import calendar_page, what_moves
from vetting.queries.case_on_a_day import case_on_a_day
from vetting.queries.case_page import case_page
from vetting.queries.deadline_sweep import sweep
from vetting.records.calendars import calendar_days
from vetting.records.history import entries, payloads, read_payload
from vetting.records.identity import Ids
from vetting.records.rebuild import compare
from vetting.registers.vietnam import days_of_vietnam
from vetting.usecases.change_calendar import NewDays, change_calendar
from vetting.usecases.load_calendar import (
    InTheNameOf,
    WouldMove,
    load_calendar,
    what_loading_moves,
)
from vetting.usecases.record_fact import record_fact
from vetting.usecases.recuse import recuse_oneself

RESOLUTION = {
    "number": "3-NQ/CB",
    "votes_for": "9",
    "votes_against": "0",
    "official_members": "9",
}
STORM = {"kind": DayKind.CLOSURE, "name_vi": "Bão", "name_en": "Storm"}


class Clock:
    now = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)

    def __call__(self):
        self.now = self.now.replace(microsecond=self.now.microsecond + 1)
        return self.now


@pytest.fixture
def cast(database):
    cast = Cast(database, Ids(clock=Clock()))
    load_calendar(database, cast.ids)
    return cast


def resolved(cast, passed_on="2026-08-20", **told):
    """File an admission that the committee has to decide sixty working days after its cell."""
    case = cast.filed(case_type=CaseType.PARTY_ADMISSION, target="Đảng viên", **told)
    record_fact(cast.unit, sent(), [case], "cell_resolution", RESOLUTION | {"passed_on": passed_on})
    return case


def days(first, last=None, calendar="province", **told):
    return NewDays(calendar, first, last or first, **STORM | told)


def moves(cast, new, desk=None):
    principal = (desk or cast.head).principal
    with cast.database.reading() as connection:
        before, after, *_ = new.on(connection)
        return what_moves(connection, principal, definitions(), before, after)


def told(found):
    return {(one.case.handle, one.name, one.before, one.after) for one in found.moved}


def saves(cast, new, shown=None, desk=None, reason="Tỉnh cho nghỉ vì bão."):
    shown = moves(cast, new).hash if shown is None else shown
    return change_calendar(desk or cast.head, sent(), new, reason, shown)


def due(cast, case, today="2026-09-01"):
    with cast.database.reading() as connection:
        principal = cast.head.principal
        page = case_page(connection, principal, definitions(), case, today=today)
    return {one.name: (str(one.standing), str(one.due_on)) for one in page.due_dates}


def moved_entries(cast, case):
    with cast.database.reading() as connection:
        rows = connection.execute(
            select(payloads.c.content, entries.c.officer)
            .join(
                entries,
                (entries.c.case_handle == payloads.c.case_handle)
                & (entries.c.number == payloads.c.number),
            )
            .where(entries.c.case_handle == case, entries.c.verb == "deadlines.moved")
            .order_by(entries.c.number)
        )
        return [(read_payload(row.content)["moved"], row.officer) for row in rows]


def test_what_is_shown_is_what_moves_and_every_move_is_an_entry(cast):
    first, second = resolved(cast), resolved(cast, "2026-08-27", name="Trần Bình")
    unmoved = cast.filed(name="Lê Chi")
    new = days("2026-09-15")
    found = moves(cast, new)

    # 60 working days from 20/08 end on 16/11 and from 27/08 on 25/11, over the closed 24/11.
    assert told(found) == {
        (first, "decision", "2026-11-16", "2026-11-17"),
        (second, "decision", "2026-11-25", "2026-11-26"),
    }
    assert due(cast, first)["decision"] == ("running", "2026-11-16")

    answer = saves(cast, new, found.hash)

    assert (answer["moved"], answer["cases"]) == (2, 2)
    assert due(cast, first)["decision"] == ("running", "2026-11-17")
    assert due(cast, second)["decision"] == ("running", "2026-11-26")
    head = cast.head.principal.officer
    assert moved_entries(cast, first) == [(["decision/2026-11-16/2026-11-17"], head)]
    assert moved_entries(cast, second) == [(["decision/2026-11-25/2026-11-26"], head)]
    assert moved_entries(cast, unmoved) == []
    with cast.database.reading() as connection:
        assert list(compare(connection)) == []


def test_nothing_is_saved_once_another_deadline_would_move(cast):
    resolved(cast)
    new = days("2026-09-15")
    shown = moves(cast, new).hash
    later = resolved(cast, "2026-08-27", name="Trần Bình")

    with pytest.raises(OutOfTurn, match="Look at the list again"):
        saves(cast, new, shown)

    assert due(cast, later)["decision"] == ("running", "2026-11-25")
    assert moved_entries(cast, later) == []
    assert saves(cast, new)["moved"] == 2


def test_a_day_made_up_brings_deadlines_forward_and_taken_back_puts_them_back(cast):
    case = resolved(cast)
    saves(cast, days("2026-09-19", kind=DayKind.WORKING))  # a Saturday
    assert due(cast, case)["decision"][1] == "2026-11-13"
    saves(cast, days("2026-09-19", kind=DayKind.ORDINARY, name_vi="", name_en=""))
    assert due(cast, case)["decision"][1] == "2026-11-16"
    assert [moved for moved, _ in moved_entries(cast, case)] == [
        ["decision/2026-11-16/2026-11-13"],
        ["decision/2026-11-13/2026-11-16"],
    ]
    with cast.database.reading() as connection:
        lines = connection.scalars(
            select(calendar_days.c.kind)
            .where(calendar_days.c.day == "2026-09-19")
            .order_by(calendar_days.c.entered_at)
        ).all()
        page = calendar_page(connection, 2026)
    assert lines == ["working", "ordinary"]
    assert [(one.moved, str(one.days[0].kind)) for one in page.changes] == [
        (1, "ordinary"),
        (1, "working"),
    ]


def test_a_week_is_closed_at_once_and_its_weekend_stays_as_it_is(cast):
    case = resolved(cast)
    saves(cast, days("2026-09-14", "2026-09-20"))
    assert due(cast, case)["decision"][1] == "2026-11-23"  # five working days later
    with cast.database.reading() as connection:
        page = calendar_page(connection, 2026)
    assert [line.day.day for line in page.changes[0].days] == [14, 15, 16, 17, 18]


def test_what_was_met_keeps_its_day_and_is_not_judged_anew(cast):
    """A day that was declared closed afterwards moves no date of what was decided before."""
    case = admitted(cast)
    was = due(cast, case)
    assert was["decision"][0] == "met"
    new = days("2026-02-03")

    assert {name for _, name, *_ in told(moves(cast, new))} == {"ceremony_held"}  # still owed
    saves(cast, new)

    assert due(cast, case)["decision"] == was["decision"]
    assert due(cast, case)["ceremony_held"] != was["ceremony_held"]


def test_deadlines_in_cases_kept_from_whoever_changes_it_move_with_an_entry_and_are_not_shown(cast):
    seen = resolved(cast)
    kept = resolved(cast, "2026-08-27", name="Trần Bình")
    with as_owner(cast.database).writing() as connection:
        add_officer(connection, "ban-to-chuc/bh2", "ban-to-chuc", Role.BOARD_HEAD)
    head = cast.desk("ban-to-chuc", Role.BOARD_HEAD, 2)
    recuse_oneself(head, sent(), kept)
    new = days("2026-09-15")

    found = moves(cast, new, head)

    assert told(found) == {(seen, "decision", "2026-11-16", "2026-11-17")}
    assert found.kept_from_reader == 1
    assert saves(cast, new, found.hash, head)["moved"] == 2
    assert [moved for moved, _ in moved_entries(cast, kept)] == [["decision/2026-11-25/2026-11-26"]]


@pytest.mark.parametrize(
    ("new", "why"),
    [
        (days("2032-01-02"), "a day outside it is not entered"),
        (days("2012-12-31"), "a day outside it is not entered"),
        (days("2026-09-15", "2026-09-14"), "lies before the first"),
        (days("2026-09-01", "2026-10-02"), "At most 31 days"),
        (days("2026-02-30"), "There is no such day"),
        (days("2026-09-15", name_vi=" "), "Say what the day is called"),
        (days("2026-09-15", kind=DayKind.WORKING), "says this already"),
        (days("2026-09-15", kind=DayKind.ORDINARY), "says this already"),
        (days("2026-09-19", "2026-09-20"), "says this already"),
        (days("2026-09-15", calendar="so-y-te"), "no such calendar"),
    ],
)
def test_what_cannot_be_said_of_a_calendar_is_refused_with_a_sentence(cast, new, why):
    with pytest.raises(Unacceptable, match=why):
        saves(cast, new, "anything")


def test_a_change_without_a_reason_or_by_anybody_else_is_refused(cast):
    new = days("2026-09-15")
    with pytest.raises(Unacceptable, match="Give a reason"):
        saves(cast, new, reason=" ")
    for desk in (cast.board, cast.unit, cast.secretary, cast.signer("thue")):
        with pytest.raises(Forbidden):
            saves(cast, new, desk=desk)


def test_a_bodys_own_calendar_lies_on_the_provinces_and_moves_no_date_of_a_case(cast):
    case = resolved(cast)
    assert saves(cast, days("2026-09-15", calendar="thue"))["moved"] == 0
    assert due(cast, case)["decision"][1] == "2026-11-16"
    saves(cast, days("2026-09-16", calendar="province"))
    with cast.database.reading() as connection:
        own, other = calendar_page(connection, 2026, "thue"), calendar_page(connection, 2026)
    closed = {date(2026, 9, 15), date(2026, 9, 16), date(2026, 9, 2)}
    assert closed <= own.calendar.closures.keys()
    assert date(2026, 9, 15) not in other.calendar.closures
    assert own.calendar.name == Title(vi="Lịch của Cơ quan thue", en="Calendar of Office thue")
    assert own.working_days == other.working_days - 1


def test_a_newer_version_moves_no_deadline_but_in_somebodys_name(cast):
    case = resolved(cast)
    known = days_of_vietnam()
    newer = replace(
        known, closures={**known.closures, date(2026, 9, 15): Title(vi="Lễ", en="Holiday")}
    )
    later = Ids(clock=lambda: datetime(2026, 9, 2, 1, 0, tzinfo=UTC))

    with pytest.raises(WouldMove, match="would move 1 running deadline"):
        load_calendar(cast.database, later, newer, definitions=definitions())
    assert due(cast, case)["decision"][1] == "2026-11-16"
    shown = what_loading_moves(cast.database, definitions(), later, newer)
    assert [one.told for one in shown] == ["decision/2026-11-16/2026-11-17"]
    assert due(cast, case)["decision"][1] == "2026-11-16"

    by = InTheNameOf(cast.head.principal, "Bản lịch mới.")
    load_calendar(cast.database, later, newer, definitions=definitions(), by=by)

    assert due(cast, case)["decision"][1] == "2026-11-17"
    assert [moved for moved, _ in moved_entries(cast, case)] == [["decision/2026-11-16/2026-11-17"]]
    by = InTheNameOf(cast.board.principal, "x")
    with pytest.raises(Forbidden):
        load_calendar(cast.database, later, newer, definitions=definitions(), by=by)


def test_a_frozen_deadline_keeps_its_day_and_is_in_no_list_of_what_moves(cast):
    case = resolved(cast)
    told = definitions().of("party_admission", 1).model_dump(by_alias=True)
    decision = next(one for one in told["deadlines"] if one["name"] == "decision")
    frozen = decision | {"name": "frozen", "frozen": True, "extension": 0}
    own = Definition.model_validate(told | {"deadlines": [decision, frozen]})
    known = Definitions({**definitions().by_name, ("party_admission", 1): own})
    head = replace(cast.head, definitions=known)
    new = days("2026-09-15")

    def shown():
        with cast.database.reading() as connection:
            return {
                one.name: str(one.due_on)
                for one in case_page(
                    connection, head.principal, known, case, today="2026-09-01"
                ).due_dates
            }

    assert shown() == {"decision": "2026-11-16", "frozen": "2026-11-16"}
    with cast.database.reading() as connection:
        before, after, *_ = new.on(connection)
        found = what_moves(connection, head.principal, known, before, after)
    assert [one.name for one in found.moved] == ["decision"]
    change_calendar(head, sent(), new, "Tỉnh cho nghỉ vì bão.", found.hash)
    assert shown() == {"decision": "2026-11-17", "frozen": "2026-11-16"}
    with cast.database.reading() as connection:
        lines = sweep(connection, known, today="2026-11-01", within=30).due
        assert {one.name: one.due_on for one in lines} == shown()
        today = cast.ids.today()
        past = case_on_a_day(connection, head.principal, known, case, cast.ids, on=today)
    assert {one.name: str(one.due_on) for one in past.then.due_dates} == shown()
