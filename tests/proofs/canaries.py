"""Canaries: a word of its own in every text on record, looked for in whatever anybody is given.

Every fact that is written down gets a word of its own in each of its texts, on the one road that
every act takes; so does every officer's name and log-in, and each text that belongs to no case. Who
may meet which word follows from the policy and the entries alone: `relation`, `sees_entry`, and the
few fields named here. Then everybody opens everything, and every answer, its headers, its workbooks
and every line of the log are searched for words that are not theirs. And the other way round: each
word must have been met by somebody, or the search would be blind.

`python -m tests.proofs.canaries` lets every officer of the province open every page; with names of
visitors behind it, only these: `python -m tests.proofs.canaries unit head`.
"""

import io
import logging
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from hashlib import sha256
from itertools import count, product
from pathlib import Path
from string import ascii_lowercase

import openpyxl
import pytest
from argon2.profiles import CHEAPEST
from sqlalchemy import select, update

from tests.builders import definitions
from tests.house.province import (
    OTHER_UNIT,
    PASSWORD,
    UNIT,
    VISITORS,
    Made,
    Province,
    make_once,
    matter,
    person,
)
from tests.house.site import NOBODY, Site
from tests.proofs.matrix import telling_facts
from tests.proofs.running import CORES, Found, another, apart, tell, token_of
from vetting.commands.casting import Part, cast
from vetting.commands.playing import Play
from vetting.engine.emergency import Emergency
from vetting.engine.facts import Fact
from vetting.engine.policy import (
    Matter,
    Principal,
    Relation,
    relation,
    relation_by_role,
    sees_entry,
)
from vetting.engine.vocabulary import CaseType, Role
from vetting.lists import GoodRow, ReadList
from vetting.records import book
from vetting.records import emergencies as requests
from vetting.records.base import METADATA
from vetting.records.cases import cases
from vetting.records.database import Database
from vetting.records.history import read_payload, with_payloads
from vetting.records.identity import Ids
from vetting.records.officers import officers
from vetting.records.passwords import Passwords
from vetting.usecases.file_list import Covering, Taken, file_list
from vetting.usecases.sign_in import Attempt, Door, sign_in

WORD = re.compile(r"zq[a-z]{6}", re.IGNORECASE)
BY_ITSELF = re.compile(r"(?<![\w-])zq[a-z]{6}(?![\w-])", re.IGNORECASE)
AT_LEAST, MORE = 1_000_000, 480
# The texts of facts, and what of them is no text that anybody writes.
TEXTS = {
    "name", "target", "target_title", "position", "reason", "reasons", "missing", "answer",
    "authority_reason", "conditions", "evidence", "document", "details", "how",
    "questions", "answers", "letter_reference", "received_by", "asked_for", "ground", "grounds",
    "handed_by", "receipt",
}  # fmt: skip
NO_TEXT = {
    "source", "consultation", "body", "case_type", "unit", "born", "management_level", "admission",
    "round", "reference", "submission", "regulation", "authority", "legal_bases", "need", "letter",
    "due_on", "officer", "verdict", "hash", "by", "drafted_by", "body_name", "outcome",
    "decided_on", "effective_on", "drafted_for", "on_behalf_of", "named", "manifest", "columns",
    "calendar", "change", "moved", "behind",
    "record_class", "plan", "runs_out_on", "asked_by", "kind", "basis", "told_on",
    "about", "papers", "answer_by", "taken_back", "asked", "before", "after", "until",
    "came_on", "way", "withheld", "prepared_by", "prepared_for", "answered_on",
    "prepared", "handed_on", "manner", "term", "countersigned_by", "countersigned_for",
}  # fmt: skip
NAMES = {"fact.recorded", "paper.recorded"}  # the name of what is recorded is the definition's
WRITTEN = {"said", "how", "asked_of", "replied_by", "certified_by", "custodian", "document"}
# What was concluded, once it was announced, is known to all to whom the case is anything; and so
# is what became of it.
ANNOUNCED = {"case.concluded", "case.notified", "conclusion.amended"}
# To whom the page of a case's readers names all of them, also of other organisations.
SEE_READERS = {Relation.BOARD, Relation.AUTHORITY, Relation.OVERSEER}
# Texts of rows that belong to no case's history.
IN_NO_HISTORY = {requests.INSERT: "reason", requests.INSERT_STEP: "sentence"}
UNITS = 3
# What everybody is shown to whom a case is anything at all.
OF_THE_CASE = ("name", "target", "position")


def words() -> Iterator[str]:
    """Words that nobody writes, each once."""
    for letters in product(ascii_lowercase, repeat=6):
        yield "Zq" + "".join(letters)


@contextmanager
def marking() -> Iterator[None]:
    """Put a word of its own into each text of each fact that is written down."""
    fresh, kept = words(), book.as_kept
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(book, "as_kept", lambda fact: kept(marked(fact, fresh)))
        insert = book.Book.insert

        def inserted(this, statement, row):
            insert(this, statement, _marked_row(statement, row, fresh))

        patch.setattr(book.Book, "insert", inserted)
        yield


def _marked_row(statement, row, fresh: Iterator[str]):
    """A row that belongs to no case's history, with a word of its own in what somebody wrote."""
    written = IN_NO_HISTORY.get(statement)
    return {**row, written: f"{row[written]} {next(fresh)}"} if written else row


def marked(fact: Fact, fresh: Iterator[str]) -> Fact:
    """The fact with a word of its own in each of its texts."""
    moved = {"target"} if hasattr(fact, "source") else set()  # of a move it is a state
    codes = moved | ({"name"} if fact.verb in NAMES or _asked_for_again(fact) else set())
    if hasattr(fact, "basis"):  # on whose word something is amended is one of a list
        codes |= {"ground"}
    changes: dict[str, object] = {}
    for one in fields(fact):
        value = getattr(fact, one.name)
        if one.name not in TEXTS - codes:
            continue
        if one.name == "details":
            changes["details"] = {
                key: f"{text} {next(fresh)}" if key in WRITTEN and text else text
                for key, text in value.items()
            }
        elif one.name == "answers":
            changes["answers"] = {key: f"{text} {next(fresh)}" for key, text in value.items()}
        elif isinstance(value, tuple):
            changes[one.name] = tuple(f"{text} {next(fresh)}" for text in value)
        elif value is not None:
            changes[one.name] = f"{value} {next(fresh)}"
    return replace(fact, **changes)


def _asked_for_again(fact: Fact) -> bool:
    """Tell whether a later case has to bear the same name, as a full membership does."""
    return getattr(fact, "case_type", None) == CaseType.PARTY_ADMISSION.value


# ------------------------------------------------------------------ the province


# Texts that belong to no case, and are marked where they are kept.
ELSEWHERE = (("rounds", "name_vi"),)


def make_marked(folder: Path, more: int = 0) -> Made:
    """Make the province with a word of its own in every text, and so many more cases in it."""
    with marking():
        made = make_once(folder)
        database = Database(f"sqlite:///{made.file}")
        _play_more(database, made.province, more)
    fresh = _later_words()
    with database.writing() as connection:
        for name, column in ELSEWHERE:
            _mark_column(connection, name, column, fresh)
        for row in connection.execute(select(officers)).all():
            connection.execute(
                update(officers)
                .where(officers.c.handle == row.handle)
                .values(
                    name=f"{row.name} {next(fresh)}", login=f"{row.login}.{next(fresh).lower()}"
                )
            )
        known = connection.execute(select(cases.c.handle, cases.c.case_type)).all()
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    province = replace(
        made.province,
        types={row.handle: row.case_type for row in known},
        officers=[part.officer for part in cast(database)],
    )
    database.close()
    return Made(province, made.file)


def _play_more(database: Database, province: Province, how_many: int) -> None:
    """Have other units file further cases; every body answers, and half of them are concluded."""
    moments = count(1)
    ids = Ids(lambda: province.clock() - timedelta(hours=1) + timedelta(microseconds=next(moments)))
    play = Play(database, definitions(), ids)
    units = sorted(
        {part.organisation for part in cast(database) if part.role is Role.CASE_OFFICER}
        - {UNIT, OTHER_UNIT}
    )[:UNITS]
    for number, unit in enumerate(units if how_many else ()):
        rows = [
            GoodRow(8 + row, f"{person(row)} {number}", f"19{70 + row % 20}", "Phó Bí thư")
            for row in range(how_many // UNITS)
        ]
        read = ReadList("Danh sách", None, tuple(rows), ())
        taken = Taken(f"{unit}.xlsx", sha256(unit.encode()).hexdigest(), read)
        wanted = Covering(CaseType.PLANNING, province.rounds[0], "standing_committee", "9-CV")
        told = file_list(play.desk(Role.CASE_OFFICER, unit), play.sent(), taken, wanted)["cases"]
        filed = [str(one["case"]) for one in told.values()]
        play.check(filed)
        play.ask(filed)
        for body in play.bodies():
            play.answer(body, filed)
        ended = filed[::2]
        play.propose(ended)
        play.conclude(ended)
        play.tell(ended, closing=False)


def _later_words() -> Iterator[str]:
    """Words from the other end, so that no two are the same."""
    for letters in product(reversed(ascii_lowercase), repeat=6):
        yield "Zq" + "".join(letters)


def _mark_column(connection, name: str, column: str, fresh: Iterator[str]) -> None:
    table = METADATA.tables[name]
    key = next(iter(table.primary_key.columns))
    for row in connection.execute(select(key, table.c[column])).all():
        connection.execute(
            update(table).where(key == row[0]).values({column: f"{row[1]} {next(fresh)}"})
        )


# ------------------------------------------------------------------ who may meet which word


@dataclass
class Words:
    """Every word on record, and who may meet it, worked out once from entries and policy."""

    site: Site
    every: set[str] = field(default_factory=set)
    _cases: dict[str, tuple] = field(default_factory=dict)
    _officers: dict[str, tuple[set[str], set[str]]] = field(default_factory=dict)
    _emergencies: list[tuple[Emergency, set[str]]] = field(default_factory=list)
    _rounds: set[str] = field(default_factory=set)
    _cast: list[Part] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._cast = cast(self.site.database)
        with self.site.database.reading() as connection:
            for case in self.site.province.types:
                row = connection.execute(select(cases).where(cases.c.handle == case)).mappings()
                entries = [
                    (dict(one), given(str(one["content"])))
                    for one in with_payloads(connection, case)
                ]
                general = given(" ".join(str(one[name]) for one in row for name in OF_THE_CASE))
                self._cases[case] = (matter(connection, case), entries, general)
            for row in connection.execute(select(officers)):
                self._officers[row.handle] = given(row.name), given(row.login)
            for one in requests.emergencies(connection):
                said = (one.reason, *(step.sentence for step in one.steps.values()))
                self._emergencies.append((one, given(" ".join(said))))
            for name, column in ELSEWHERE:
                table = METADATA.tables[name]
                for text in connection.scalars(select(table.c[column])):
                    self._rounds |= given(text)
        self.every |= self._rounds.union(*(its for _, its in self._emergencies))
        for _, entries, general in self._cases.values():
            self.every |= general.union(*(one for _, one in entries))
        for name, login in self._officers.values():
            self.every |= name | login

    def of(self, principal: Principal | None) -> set[str]:
        """The words that somebody may meet."""
        if principal is None:
            return set()
        mine: set[str] = set()
        for case, (about, entries, general) in self._cases.items():
            seen_as = self._seen_as(principal, case)
            if seen_as is not Relation.NONE:
                mine |= general
                mine |= self._of_entries(principal, case, seen_as, entries)
            if seen_as in SEE_READERS:
                mine |= self._readers(about)
        mine |= set().union(*self._officers[principal.officer])
        if principal.role is Role.ADMINISTRATOR:
            mine |= set().union(*(one for pair in self._officers.values() for one in pair))
        mine |= self._colleagues(principal)
        mine |= self._of_emergencies(principal)
        if principal.role is not Role.ADMINISTRATOR:
            mine |= self._rounds  # a round is announced to all whom cases concern
        return mine

    def of_case(self, case: str) -> set[str]:
        """Every word that the entries of a case hold."""
        _, entries, general = self._cases[case]
        return general.union(*(its for _, its in entries))

    def _of_entries(self, principal, case, seen_as, entries) -> set[str]:
        mine: set[str] = set()
        told = any(row["verb"] == "case.notified" for row, _ in entries)
        knows = told if seen_as in {Relation.UNIT, Relation.ASKED} else True
        outcomes = telling_facts(self.site.province.types[case])
        for row, its in entries:
            if told and row["verb"] in ANNOUNCED:
                mine |= its
            if not sees_entry(seen_as, principal.organisation, row["verb"], row["body"]):
                continue
            payload = read_payload(row["content"])
            if not knows and row["verb"] == "fact.recorded" and payload["name"] in outcomes:
                continue
            mine |= its
            named = {
                row["officer"],
                *(payload.get(one) for one in ("officer", "by", "drafted_by", "prepared_by")),
            }
            named.update(payload.get("named", ()))  # of a restriction: to whom it is kept
            for officer in named & self._officers.keys():
                mine |= self._officers[officer][0]
        return mine

    def _readers(self, about: Matter) -> set[str]:
        """The names of all to whom a case is anything, as the page of its readers tells them."""
        return set().union(
            *(
                self._officers[part.officer][0]
                for part in self._cast
                if relation(_as_principal(self.site, part), about) is not Relation.NONE
            )
        )

    def _seen_as(self, principal: Principal, case: str) -> Relation:
        """What a case is shown as; in an emergency it is shown as by one's role."""
        about = self._cases[case][0]
        seen_as = relation(principal, about)
        return relation_by_role(principal, about) if seen_as is Relation.EMERGENCY else seen_as

    def _of_emergencies(self, principal: Principal) -> set[str]:
        """What was said to requests that somebody may know of, and by whom."""
        mine: set[str] = set()
        for asked, its in self._emergencies:
            if self._knows_of(principal, asked):
                said_by = {asked.officer, *(one.officer for one in asked.steps.values())}
                mine |= its.union(*(self._officers[officer][0] for officer in said_by))
            elif asked.opened is not None and self._told_where_kept(principal, asked):
                for officer in (asked.officer, asked.opened.officer):
                    mine |= self._officers[officer][0]
        return mine

    def _told_where_kept(self, principal: Principal, asked: Emergency) -> bool:
        """Who reads a case and who agreed is told to its unit and the Board, kept or not."""
        about = self._cases[asked.case][0] if asked.case else None
        return (
            about is not None
            and principal.officer not in about.recused
            and relation_by_role(principal, about) in {Relation.UNIT, Relation.BOARD}
        )

    def _knows_of(self, principal: Principal, asked: Emergency) -> bool:
        """A request is its asker's; all are a second person's, but of cases kept from them for
        good; what was agreed to is known to the Board, the unit and whoever supervises, and on the
        page of who can see the case to whoever sees every opinion, elsewhere to the asker's own.
        """
        if asked.officer == principal.officer:
            return True
        about = self._cases[asked.case][0] if asked.case else None
        if principal.role in {Role.BOARD_HEAD, Role.SUPERVISOR}:
            off_limits = about is not None and (
                principal.officer in about.recused
                or (principal.role is Role.SUPERVISOR and principal.officer in about.took_part)
            )
            return not off_limits
        if asked.case is None or asked.opened is None:
            return False
        seen_as = self._seen_as(principal, asked.case)
        told = seen_as in {Relation.UNIT, *SEE_READERS}
        return told or (seen_as is Relation.ASKED and asked.organisation == principal.organisation)

    def _colleagues(self, principal: Principal) -> set[str]:
        return set().union(
            *(
                self._officers[part.officer][0]
                for part in self._cast
                if part.organisation == principal.organisation
            )
        )


def _as_principal(site: Site, part: Part) -> Principal:
    return site.province.entrusted(part.officer, part.name, part.role, part.organisation)


def found(text: str) -> set[str]:
    """The words in a text, however they are written, and whatever stands beside them."""
    return {word.lower() for word in WORD.findall(text)}


def given(text: str) -> set[str]:
    """The words in what is on record, in which they stand by themselves: a handle is no word."""
    return {word.lower() for word in BY_ITSELF.findall(text)}


# ------------------------------------------------------------------ looking everywhere


@dataclass(frozen=True)
class Met:
    """What one viewer met: how many words were looked for, and what told words not theirs."""

    tried: int
    leaks: tuple[str, ...]
    met: frozenset[str]


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def look(site: Site, every: Words, viewer: str, principal: Principal | None, *, posts: bool) -> Met:
    """Open everything as one viewer, and search all that comes back and all that is logged."""
    theirs, met, leaks = every.of(principal), set(), []
    log, lines = logging.getLogger("vetting.web"), _Lines()
    level = log.level
    log.addHandler(lines)
    log.setLevel(logging.INFO)
    kept = log.handlers[:]
    log.handlers[:] = [lines]
    try:
        for method, address, text in _answers(site, viewer, posts=posts):
            here = found(text) & every.every  # a random handle may look like a word
            met |= here
            if foreign := here - theirs:
                leaks.append(
                    f"{method} {address} of {viewer} tells {len(foreign)} words: "
                    f"{', '.join(sorted(foreign)[:4])}"
                )
        logged = found("\n".join(lines.lines)) & every.every
        if logged:
            leaks.append(f"the log of {viewer} tells {sorted(logged)[:4]}")
    finally:
        log.handlers[:] = [one for one in kept if one is not lines]
        log.setLevel(level)
    return Met(len(every.every), tuple(leaks), frozenset(met))


def _answers(site: Site, viewer: str, *, posts: bool) -> Iterator[tuple[str, str, str]]:
    browser = site.browser(viewer)
    token = token_of(site, viewer) if posts else ""
    for route in site.routes():
        if route.method == "POST" and (not posts or route.endpoint == "sign_in.leave"):
            continue
        for filled in route.filled(site.province):
            address = route.address(filled)
            told = {"csrf_token": token} if route.method == "POST" else None
            answer = browser.open(address, method=route.method, data=told, buffered=True)
            yield route.method, address, _all_of(answer)
            if answer.status_code == 403 or (answer.status_code == 303 and viewer == NOBODY):
                break  # the door is shut whatever is named behind it
    if viewer != NOBODY:
        for case in site.province.types.keys() - set(site.province.cases.values()):
            for page in ("", "/history", "/matrix", "/readers"):
                address = f"/cases/{case}{page}"
                yield "GET", address, _all_of(browser.get(address))


def _all_of(answer) -> str:
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers)
    if answer.mimetype.endswith("spreadsheetml.sheet"):
        sheets = openpyxl.load_workbook(io.BytesIO(answer.data), read_only=True)
        cells = [str(cell) for sheet in sheets for row in sheet.values for cell in row if cell]
        return headers + "\n".join([*cells, str(sheets.properties)])
    return headers + answer.text


# ------------------------------------------------------------------ everybody


def admit_everybody(site: Site) -> dict[str, Principal | None]:
    """Let every officer in who has a role; the visitors of the province are in already."""
    known: dict[str, Principal | None] = {NOBODY: None}
    known |= {visitor: site.principal(visitor) for visitor in VISITORS}
    taken = {principal.officer for principal in known.values() if principal}
    door = Door(site.database, Passwords(CHEAPEST), Ids(lambda: site.now))
    for number, part in enumerate(cast(site.database)):
        if part.officer in taken:
            continue
        taken.add(part.officer)
        source = f"192.0.2.{number % 250}"
        token = sign_in(door, Attempt(part.login, PASSWORD, source)).token
        browser = site.browsers[part.login] = site.app.test_client()
        browser.set_cookie("officer", token)
        known[part.login] = _as_principal(site, part)
    return known


def prove(made: Made, viewers: Sequence[str] | None = None, *, posts: bool = True) -> Found:
    """Let viewers look at everything; nothing may be met that is not theirs."""
    result = Found()
    with another(made) as site:
        known = admit_everybody(site)
        every = Words(site)
        for viewer, principal in known.items():
            if viewers is not None and viewer not in viewers:
                continue
            met = look(site, every, viewer, principal, posts=posts)
            result.tried += met.tried
            result.wrong += met.leaks
            result.met |= met.met
    return result


def main() -> int:
    """Let everybody look at everything, or those who are named."""
    since, only = time.monotonic(), sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        made = make_marked(Path(folder), MORE)
        with another(made) as site:
            everybody = list(admit_everybody(site))
            every = Words(site).every
        looking = [one for one in everybody if one in only] if only else everybody
        parts = [(made, looking[place :: CORES * 8]) for place in range(CORES * 8)]
        result = apart(prove, parts)
        unmet = set() if only else every - result.met
        result.wrong += [f"nobody met {len(unmet)} words: {sorted(unmet)[:10]}"] if unmet else []
    at_least = len(every) * len(only) if only else AT_LEAST
    return 0 if tell("canaries", result, at_least=at_least, since=since) else 1


if __name__ == "__main__":
    sys.exit(main())
