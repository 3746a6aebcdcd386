"""File a list: read it, show what each row would become, and file the accepted rows as cases.

The file itself is never kept: it may hold columns that the act does not need. What was taken from
it waits until its officer files it or lets it go.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256

from sqlalchemy import delete

from vetting.engine.calendar import refuse_no_day
from vetting.engine.canonical import Json
from vetting.engine.casefile import CaseFile
from vetting.engine.facts import CaseDrafted
from vetting.engine.policy import Action
from vetting.engine.refusals import Unacceptable, Unknown
from vetting.engine.sentences import Sentence, say
from vetting.engine.vocabulary import CaseType
from vetting.lists import GoodRow, ReadList, Reason, RefusedRow, UnreadableList, read_list_safely
from vetting.records import counters, submissions
from vetting.records.book import Book
from vetting.usecases.desk import Answer, Desk, Sent
from vetting.usecases.file_case import counter_name, filed
from vetting.usecases.moves import told


@dataclass(frozen=True)
class Taken:
    """What was taken from a file, and which file it was."""

    file_name: str
    file_hash: str
    read: ReadList

    @property
    def good(self) -> list[GoodRow]:
        """The rows that can become cases."""
        return [row for row in self.read.rows if isinstance(row, GoodRow)]

    @property
    def refused(self) -> list[RefusedRow]:
        """The rows that cannot, each with its reason."""
        return [row for row in self.read.rows if isinstance(row, RefusedRow)]


@dataclass(frozen=True)
class Covering:
    """What a list is filed under."""

    case_type: CaseType
    round: str | None = None
    management_level: str | None = None
    letter_number: str | None = None
    letter_date: str | None = None


def take_from(content: bytes, file_name: str, today: date) -> Taken:
    """Read a file in a child with limits; refuses a file that cannot be read as a whole."""
    try:
        read = read_list_safely(content, file_name, today=today)
    except UnreadableList as unreadable:
        raise Unacceptable(unreadable.sentence) from unreadable
    return Taken(file_name, sha256(content).hexdigest(), read)


def preview_list(
    desk: Desk, sent: Sent, content: bytes, file_name: str, covering: Covering
) -> Answer:
    """Keep what a file yields until its officer has looked at it."""
    taken = take_from(content, file_name, date.fromisoformat(desk.ids.today()))

    def do(book: Book) -> Answer:
        handle = book.ids.handle()
        book.insert(
            submissions.INSERT_WAITING,
            {
                "handle": handle,
                "officer": book.principal.officer,
                "unit": book.principal.organisation,
                "case_type": covering.case_type.value,
                "round": covering.round,
                "management_level": covering.management_level,
                "file_name": file_name,
                "file_hash": taken.file_hash,
                "taken": written(taken.read),
                "read_at": book.at,
            },
        )
        return {"list": handle}

    content_told = {
        "file": taken.file_hash,
        "case_type": covering.case_type.value,
        "round": covering.round,
        "management_level": covering.management_level,
    }
    return desk.act(Action.FILE_LIST, sent, content_told, do)


def file_waiting_list(
    desk: Desk,
    sent: Sent,
    handle: str,
    letter_number: str | None = None,
    letter_date: str | None = None,
) -> Answer:
    """File the accepted rows of a list that was looked at."""

    def do(book: Book) -> Answer:
        refuse_no_day(letter_date)
        waiting = _taken_up(book, handle)
        taken = Taken(waiting["file_name"], waiting["file_hash"], read_written(waiting["taken"]))
        covering = Covering(
            CaseType(waiting["case_type"]),
            waiting["round"],
            waiting["management_level"],
            letter_number,
            letter_date,
        )
        return _filed(book, taken, covering)

    content = {"list": handle, "letter_number": letter_number, "letter_date": letter_date}
    return desk.act(Action.FILE_LIST, sent, content, do)


def file_list(desk: Desk, sent: Sent, taken: Taken, covering: Covering) -> Answer:
    """File the accepted rows of a list at once."""
    content: dict[str, Json] = {
        "file": taken.file_hash,
        "unit": desk.principal.organisation,
        "case_type": covering.case_type.value,
        "round": covering.round,
    }
    return desk.act(Action.FILE_LIST, sent, content, lambda book: _filed(book, taken, covering))


def drop_list(desk: Desk, sent: Sent, handle: str) -> Answer:
    """Let a list go that was looked at and is not wanted."""

    def do(book: Book) -> Answer:
        _taken_up(book, handle)
        return {}

    return desk.act(Action.FILE_LIST, sent, {"list": handle, "drop": True}, do)


def _filed(book: Book, taken: Taken, covering: Covering) -> Answer:
    if not taken.good:
        raise Unacceptable(say("No row of this list can be filed."))
    handle = book.ids.handle()
    book.insert(
        submissions.INSERT,
        {
            "handle": handle,
            "unit": book.principal.organisation,
            "round": covering.round,
            "case_type": covering.case_type.value,
            "letter_number": covering.letter_number,
            "letter_date": covering.letter_date,
            "file_name": taken.file_name,
            "file_hash": taken.file_hash,
            "not_kept": json.dumps(taken.read.not_kept, ensure_ascii=False),
            "accepted": len(taken.good),
            "refused": len(taken.refused),
            "filed_by": book.principal.officer,
            "filed_at": book.at,
        },
    )
    by_row = dict(_cases_of(book, taken.good, covering, handle))
    for row in taken.read.rows:
        case = by_row.get(row.row) if isinstance(row, GoodRow) else None
        book.insert(
            submissions.INSERT_ROW,
            {
                "submission": handle,
                "row": row.row,
                "case_handle": case.handle if case else None,
                "reason": row.reason.value if isinstance(row, RefusedRow) else None,
            },
        )
    first = next(iter(by_row.values()))
    book.tell(first.handle, "file")  # one notice a list, not one a row
    return {
        "submission": handle,
        "filed": len(by_row),
        "cases": {
            str(row): {"case": case.handle, "reference": case.reference}
            for row, case in by_row.items()
        },
    }


def _cases_of(
    book: Book, rows: Sequence[GoodRow], covering: Covering, submission: str
) -> list[tuple[int, CaseFile]]:
    definition = book.definitions.current(covering.case_type.value, date.fromisoformat(book.today))
    made: list[tuple[int, CaseFile]] = []
    numbers: range | None = None
    for place, row in enumerate(rows):
        case = book.begin(
            CaseDrafted(
                case_type=covering.case_type.value,
                definition_version=definition.version,
                unit=book.principal.organisation,
                name=row.name,
                born=row.born,
                target=row.target,
                position=row.position,
                management_level=covering.management_level,
                round=covering.round,
            )
        )
        if numbers is None:
            name = counter_name(case, int(book.today[:4]))
            numbers = counters.take(book.connection, name, len(rows))
        case = filed(book, case, number=numbers[place], submission=submission)
        made.append((row.row, case))
    return made


def _taken_up(book: Book, handle: str) -> dict[str, str]:
    """Take a list out of those that wait; of two who want it at once, one finds it gone."""
    c = submissions.waiting_lists.c
    row = (
        book.connection.execute(
            delete(submissions.waiting_lists)
            .where(
                c.handle == handle,
                c.officer == book.principal.officer,
                c.unit == book.principal.organisation,
            )
            .returning(submissions.waiting_lists)
        )
        .mappings()
        .first()
    )
    if row is None:
        raise Unknown(say("There is no such list waiting; it was filed or let go already."))
    return dict(row)


def written(read: ReadList) -> str:
    """Write down what was taken from a file."""
    rows = [
        asdict(row)
        if isinstance(row, GoodRow)
        else {
            "row": row.row,
            "reason": row.reason.value,
            "name": row.name,
            "message": told(row.message),
        }
        for row in read.rows
    ]
    return json.dumps(
        {
            "sheet": read.sheet,
            "unit": read.unit,
            "not_kept": read.not_kept,
            "unused": read.unused,
            "rows": rows,
        },
        ensure_ascii=False,
    )


def read_written(text: str) -> ReadList:
    """Return what was taken from a file, as it was written down."""
    taken = json.loads(text)
    return ReadList(
        sheet=taken["sheet"],
        unit=taken["unit"],
        rows=tuple(
            RefusedRow(
                row["row"],
                Reason(row["reason"]),
                Sentence(row["message"]["msgid"], tuple(row["message"]["params"].items())),
                row["name"],
            )
            if "reason" in row
            else GoodRow(**row)
            for row in taken["rows"]
        ),
        not_kept=tuple(taken["not_kept"]),
        unused=tuple(taken["unused"]),
    )
