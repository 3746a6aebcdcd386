"""The histories of all cases, searched: who did what for whom, when, and with which reason.

Only over what the reader may know of: the cases of `scope`, and of their entries those that stand
in the history that they are shown. Nothing is counted that is not shown.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, or_, select, tuple_

from vetting.engine.canonical import Json
from vetting.engine.definition import Title
from vetting.engine.facts import FACTS
from vetting.engine.names import folded, title_key
from vetting.engine.policy import BODYS_OWN, Principal
from vetting.engine.reading import Definitions
from vetting.engine.refusals import Unacceptable
from vetting.engine.sentences import Sentence, say
from vetting.queries.case_history import Line, lines_of_many
from vetting.queries.emergency_page import Access, emergencies_of
from vetting.queries.history_sentences import TITLES
from vetting.queries.keyset import PAGE, Page, paged, read_mark
from vetting.records.cases import cases
from vetting.records.database import Row
from vetting.records.history import entries, payloads, read_payload
from vetting.records.identity import Ids
from vetting.records.officers import officers
from vetting.records.organisations import organisations
from vetting.records.scope import entries_visible_to, visible_to

AT_ONCE = 500  # entries read at a time where their reasons are searched
MOST_READ = 10_000  # for one page
LONGEST_NUMBER = 9
MOST_OFFICERS = 200
# Where an entry keeps in somebody's own words why something was done.
_REASONS = ("reason", "reasons", "authority_reason", "answer")
VERBS = tuple(verb for verb in FACTS if verb not in BODYS_OWN)


@dataclass(frozen=True)
class Wanted:
    """What is searched for; what is empty narrows nothing."""

    officer: str = ""  # a part of the name
    organisation: str = ""  # code: who did it for this one, or to whom it was done
    verb: str = ""
    case: str = ""  # reference
    since: str = ""  # legal day
    until: str = ""
    reason: str = ""

    @property
    def anything(self) -> bool:
        """Tell whether anything is asked for."""
        return any(
            (
                self.officer,
                self.organisation,
                self.verb,
                self.case,
                self.since,
                self.until,
                self.reason,
            )
        )


@dataclass(frozen=True)
class Found:
    """One entry that was found, and of which case it is."""

    handle: str
    reference: str
    name: str
    line: Line


@dataclass(frozen=True)
class HistorySearch:
    """A page of what was found."""

    page: Page[Found]
    read_until: str | None = None  # so far back were reasons read, where there is more to read
    emergencies: tuple[Access, ...] = ()  # to the one case that was asked for
    case: str | None = None  # which that is, where there were any

    @property
    def handles(self) -> list[str]:
        """The cases on the page."""
        found = [one.handle for one in self.page.rows]
        return found if self.case is None else [self.case, *found]


def search_history(
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    wanted: Wanted,
    after: str | None = None,
) -> HistorySearch:
    """Return what fits, newest first."""
    mark = read_mark(after, 3)
    if mark is not None and not (mark[2].isdigit() and len(mark[2]) <= LONGEST_NUMBER):
        raise Unacceptable(say("This link leads to no page of the list. Begin at its first page."))
    clauses = _clauses(connection, principal, wanted)
    if clauses is None:
        return HistorySearch(Page((), None, after or None))
    if wanted.reason:
        return _by_reason(connection, definitions, wanted.reason, clauses, mark, after)
    rows = _rows(connection, clauses, mark, PAGE + 1)
    found = iter(lines_of_many(connection, definitions, rows[:PAGE]))
    return HistorySearch(paged(rows, PAGE, after, _key, lambda _row: _found(*next(found))))


def emergencies_found(
    connection: Connection, principal: Principal, reference: str, now: str
) -> tuple[str | None, tuple[Access, ...]]:
    """Return the case of a reference, if the reader sees it, and who read it in an emergency."""
    case = connection.scalar(
        select(cases.c.handle).where(
            cases.c.reference == reference.strip().upper(), visible_to(principal)
        )
    )
    found = emergencies_of(connection, principal, case, now) if case is not None else ()
    return (case, found) if found else (None, ())


def choices_of_organisations(connection: Connection) -> list[tuple[str, Title]]:
    """Return every organisation that can be chosen, by name."""
    o = organisations.c
    rows = connection.execute(select(o.code, o.name_vi, o.name_en)).all()
    return [
        (row.code, Title(vi=row.name_vi, en=row.name_en))
        for row in sorted(rows, key=lambda row: title_key(row.name_vi))
    ]


def choices_of_verbs() -> list[tuple[str, Sentence]]:
    """Return every act that can be chosen, in the order in which a case goes."""
    return [(verb, TITLES[verb]) for verb in TITLES if verb in VERBS]


def _clauses(
    connection: Connection, principal: Principal, wanted: Wanted
) -> list[ColumnElement[bool]] | None:
    """Return what an entry has to be, or None where nothing can fit."""
    e, ids = entries.c, Ids()
    clauses = [visible_to(principal), entries_visible_to(principal)]
    if wanted.officer:
        handles = _officers_called(connection, wanted.officer)
        if not handles:
            return None
        clauses.append(or_(e.officer.in_(handles), e.on_behalf_of.in_(handles)))
    if wanted.organisation:
        clauses.append(or_(e.organisation == wanted.organisation, e.body == wanted.organisation))
    if wanted.verb:
        clauses.append(e.verb == wanted.verb)
    if wanted.case:
        clauses.append(cases.c.reference == wanted.case.strip().upper())
    if wanted.since:
        clauses.append(e.at >= ids.begin_of(wanted.since))
    if wanted.until:
        clauses.append(e.at <= ids.end_of(wanted.until))
    return clauses


def _officers_called(connection: Connection, name: str) -> list[str]:
    """Return the officers whose name has all these words, with or without marks."""
    words = folded(name).split()
    rows = connection.execute(select(officers.c.handle, officers.c.name)).all()
    found = [row.handle for row in rows if all(word in folded(row.name) for word in words)]
    if len(found) > MOST_OFFICERS:
        raise Unacceptable(say("Too many officers are called so. Write more of the name."))
    return sorted(found)


def _rows(
    connection: Connection,
    clauses: Sequence[ColumnElement[bool]],
    mark: tuple[str, ...] | None,
    most: int,
) -> list[Row]:
    e = entries.c
    wanted = list(clauses)
    if mark is not None:
        at, case, number = mark
        wanted.append(tuple_(e.at, e.case_handle, e.number) < (at, case, int(number)))
    statement = (
        select(entries, payloads.c.content, cases.c.reference, cases.c.name)
        .select_from(
            entries.join(cases, cases.c.handle == e.case_handle).outerjoin(
                payloads,
                and_(payloads.c.case_handle == e.case_handle, payloads.c.number == e.number),
            )
        )
        .where(*wanted)
        .order_by(e.at.desc(), e.case_handle.desc(), e.number.desc())
        .limit(most)
    )
    return list(connection.execute(statement).mappings())


def _by_reason(
    connection: Connection,
    definitions: Definitions,
    reason: str,
    clauses: Sequence[ColumnElement[bool]],
    mark: tuple[str, ...] | None,
    after: str | None,
) -> HistorySearch:
    """Read reasons, newest first, until a page is full or enough was read for one page."""
    words = folded(reason).split()
    fitting: list[Row] = []
    read, last = 0, None
    while len(fitting) <= PAGE and read < MOST_READ:
        rows = _rows(connection, clauses, mark, AT_ONCE)
        fitting += [row for row in rows if _says(row, words)]
        read += len(rows)
        if len(rows) < AT_ONCE:
            last = None
            break
        last = rows[-1]
        mark = tuple(_key(last))
    found = iter(lines_of_many(connection, definitions, fitting[:PAGE]))
    page = paged(fitting, PAGE, after, _key, lambda _row: _found(*next(found)))
    if page.next is None and last is not None:
        going_on = "~".join(_key(last))
        return HistorySearch(Page(page.rows, going_on, page.after), last["at"])
    return HistorySearch(page)


def _says(row: Row, words: Iterable[str]) -> bool:
    if row["content"] is None:
        return False
    said = read_payload(row["content"])
    written = " ".join(folded(text) for text in _texts_of(said))
    return all(word in written for word in words)


def _texts_of(said: dict[str, Json]) -> Iterator[str]:
    for name in _REASONS:
        value = said.get(name)
        if isinstance(value, str):
            yield value


def _key(row: Row) -> tuple[str, str, str]:
    return row["at"], row["case_handle"], str(row["number"])


def _found(line: Line, row: Row) -> Found:
    return Found(row["case_handle"], row["reference"], row["name"], line)
