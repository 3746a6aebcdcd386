"""Change a calendar: days are closed, worked or as in every week, from an act with a reason on.

What running deadlines it moves is shown before. It is written down only if it still moves exactly
these, and in every case in which it moves one there is an entry of it.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from vetting.engine.calendar import Calendar, DayKind, NewDay, entered_days, refuse_no_day
from vetting.engine.definition import Title
from vetting.engine.facts import AnswerDateMoved, DeadlinesMoved
from vetting.engine.policy import Action
from vetting.engine.refusals import OutOfTurn, Unacceptable
from vetting.engine.sentences import say
from vetting.records.book import Book
from vetting.records.calendars import (
    INSERT_CALENDAR,
    INSERT_CHANGE,
    INSERT_DAY,
    calendar_to_change,
)
from vetting.records.running_deadlines import MovedDeadline, deadlines_moved, list_hash
from vetting.records.standing import Purpose, on_purpose
from vetting.usecases.desk import Answer, Desk, Sent

LIST_CHANGED = say(
    "Other deadlines would move now than were shown. Look at the list again before you save."
)


@dataclass(frozen=True)
class NewDays:
    """What somebody wants a calendar to say from now on."""

    calendar: str  # the province's, or the code of a body
    first: str
    last: str
    kind: DayKind
    name_vi: str = ""
    name_en: str = ""  # where it stays empty the Vietnamese name is read in English too

    def on(self, connection: Connection) -> tuple[Calendar, Calendar, tuple[NewDay, ...], bool]:
        """Return the calendar before and after, what is said of which day, and if it is kept yet.

        Refused is what is no day, lies outside the calendar, has no name, or changes nothing.
        """
        refuse_no_day(self.first, self.last)
        before, below, kept = calendar_to_change(connection, self.calendar)
        if before is None:
            raise Unacceptable(say("There is no such calendar."), "calendar")
        name = None
        if self.name_vi.strip():
            name = Title(vi=self.name_vi.strip(), en=self.name_en.strip() or self.name_vi.strip())
        span = (date.fromisoformat(self.first), date.fromisoformat(self.last))
        days = entered_days(before, span, self.kind, name, below)
        return before, before.with_days(days, below), days, kept


def change_calendar(desk: Desk, sent: Sent, new: NewDays, reason: str, shown: str) -> Answer:
    """Change a calendar and move what it moves; *shown* is the hash of the list that was shown."""

    def do(book: Book) -> Answer:
        if not reason.strip():
            raise Unacceptable(say("Give a reason."), "reason")
        before, after, days, kept = new.on(book.connection)
        change = book.ids.handle()
        # The calendar is everybody's: it moves deadlines of cases that are kept from whoever
        # changes it, too. They are told how many, and not of which.
        with on_purpose(book.connection, Purpose.CHECKING):
            moved = deadlines_moved(book.connection, book.definitions, before, after, hold=True)
            if list_hash(moved) != shown:
                raise OutOfTurn(LIST_CHANGED)
            _keep(book, new.calendar, days, change, kept=kept, before=before)
            book.insert(
                INSERT_CHANGE,
                {
                    "handle": change,
                    "calendar": new.calendar,
                    "at": book.at,
                    "officer": book.principal.officer,
                    "organisation": book.principal.organisation,
                    "role": book.principal.role.value,
                    "reason": reason.strip(),
                    "moved": len(moved),
                    "moved_hash": shown,
                },
            )
            enter_moves(book, new.calendar, change, moved, reason.strip())
            book.write()
        return {
            "change": change,
            "moved": len(moved),
            "cases": len({one.case.handle for one in moved}),
        }

    content = {
        "calendar": new.calendar,
        "first": new.first,
        "last": new.last,
        "kind": new.kind.value,
        "name_vi": new.name_vi,
        "name_en": new.name_en,
        "reason": reason,
        "shown": shown,
    }
    return desk.act(Action.KEEP_CALENDAR, sent, content, do)


def enter_moves(
    book: Book, calendar: str, change: str, moved: tuple[MovedDeadline, ...], reason: str
) -> None:
    """Enter in each case which of its deadlines a change of a calendar moves.

    The day of an answer is known to its body and not to the unit: it has an entry of its own.
    """
    told: dict[str, list[str]] = defaultdict(list)
    for one in moved:
        lines = told[one.case.handle]
        if one.body is None:
            lines.append(one.told)
    book.counted_on(told)
    for case, lines in told.items():
        if lines:
            book.state(case, DeadlinesMoved(calendar, change, tuple(lines), reason))
    for one in moved:
        if one.body is not None:
            book.state(
                one.case.handle,
                AnswerDateMoved(
                    one.name, one.body, str(one.before), str(one.after), reason, change
                ),
            )


def _keep(
    book: Book,
    code: str,
    days: tuple[NewDay, ...],
    change: str,
    *,
    kept: bool,
    before: Calendar,
) -> None:
    if not kept:  # the first line of a body's own calendar
        book.insert(
            INSERT_CALENDAR,
            {
                "code": code,
                "body": code,
                "name_vi": before.name.vi,
                "name_en": before.name.en,
                "first_day": before.first.isoformat(),
                "last_day": before.last.isoformat(),
                "announced_to": None,
                "source": change,
                "entered_at": book.at,
            },
        )
    for one in days:
        book.insert(
            INSERT_DAY,
            {
                "calendar": code,
                "day": one.day.isoformat(),
                "entered_at": book.at,
                "kind": one.kind.value,
                "name_vi": one.name.vi if one.name else "",
                "name_en": one.name.en if one.name else "",
                "source": "",
                "entered_by": book.principal.officer,
            },
        )
