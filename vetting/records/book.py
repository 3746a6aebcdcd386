"""The book: all that one act writes, decided first and written in one go.

An act opens the cases it is about, which locks them; states facts, one after the other; and when it
is done its entries, what follows from them, and who is to be told are written set by set. One case
or five hundred take the same few statements.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, select

from vetting.engine.casefile import ERASED, CaseFile
from vetting.engine.clocks import went_back
from vetting.engine.definition import Definition
from vetting.engine.duties import ANOTHER_PART, Part, against_another_part
from vetting.engine.emergency import ONLY_TO_BE_READ
from vetting.engine.facts import (
    AboutConsultation,
    BodyAsked,
    CaseDrafted,
    ClockWentBack,
    Fact,
    UnitNotified,
    as_kept,
)
from vetting.engine.follow import follow, opened
from vetting.engine.guards import Actor
from vetting.engine.policy import Matter, Principal, Relation, is_of_body, relation
from vetting.engine.reading import Definitions
from vetting.engine.recuse import ONLY_TO_BE_LEFT, has_declared
from vetting.engine.refusals import Forbidden, OutOfTurn, Stale, TwoHats, Unknown
from vetting.engine.seal import FIRST
from vetting.engine.sentences import say
from vetting.engine.telling import CONCLUSION_AMENDED, OPINION_AMENDED, TOLD_ALWAYS, Had
from vetting.engine.vocabulary import HAT_OF_ROLE, CaseType, Hat, Kind
from vetting.records import (
    candidate_keys,
    cases,
    consultations,
    given_packages,
    history,
    outbox,
    sessions,
    tallies,
    withheld,
)
from vetting.records.candidate_keys import DataKey, data_key, new_key
from vetting.records.database import Row, Statement, in_one_trip, on_clash
from vetting.records.identity import Ids
from vetting.records.organisations import organisation_kinds
from vetting.records.projections import Times, rows_of
from vetting.records.standing import Purpose, on_purpose
from vetting.records.tables import METADATA
from vetting.records.triggers import DUTIES, ROBOTS, SUPERVISES

_PART_OF_ABSENT = say("The officer you act for already plays another part in this case.")
_PART_BETWEEN = say(
    "Somebody who passed on to you what you act in plays another part in this case already."
)
CHUNK = 500  # as many handles as go into one statement

# What the database finds out by itself when it is written (records/triggers.py).
on_clash(DUTIES, TwoHats(ANOTHER_PART))
on_clash(
    SUPERVISES,
    TwoHats(
        say(
            "Whoever looked into a case as a supervisor does nothing else in it, and whoever did "
            "something in it does not supervise it."
        )
    ),
)
on_clash(ROBOTS, OutOfTurn(say("A program may file what a unit sent, and nothing else.")))


@dataclass
class Held:
    """A case that an act has opened: as it is kept, and as it will be."""

    case: CaseFile
    times: Times
    last_seal: str
    kept_entries: int  # 0 while the case is not kept yet
    data_key: str | None = None  # wrapped
    has_hat: bool = False
    absent_has_hat: bool = False  # whoever the principal acts for
    touched: set[str] = field(default_factory=set)  # consultations
    asked: set[str] = field(default_factory=set)  # consultations not kept yet
    kept: CaseFile | None = None  # as it was opened, None while it is not kept yet
    kept_times: Times | None = None
    last_salt: str = ""  # of what was stated last
    behind: str | None = None  # what is stated now does not come before this moment
    stated_at: str | None = None  # when the first of it was stated


class Book:
    """What one act writes, for one principal, at one moment."""

    def __init__(
        self,
        connection: Connection,
        principal: Principal,
        definitions: Definitions,
        ids: Ids,
        at: str,
    ) -> None:
        self.connection = connection
        self.principal = principal
        self.definitions = definitions
        self.ids = ids
        self.at = at
        self.actor = Actor(
            principal.officer,
            principal.role,
            principal.organisation,
            principal.on_behalf_of,
            principal.between,
        )
        self.part = Part(HAT_OF_ROLE[principal.role], principal.organisation)
        self._held: dict[str, Held] = {}
        self._case_of: dict[str, str] = {}  # consultation: case
        self._purpose: Purpose | None = None  # what is written needs more than the principal gets
        self._rows: dict[Statement, list[dict[str, Any]]] = defaultdict(list)
        self._updates: set[Statement] = set()  # of cases
        self._coordinator: str | None = None
        self._sealed_at: tuple[str | None] | None = None  # of the log, once it was read
        self._telling: str | None = None  # the notices of this act, together
        self._tells_of_amended = False

    @property
    def today(self) -> str:
        """The day of the act, in the zone in which legal days are counted."""
        return self.ids.legal_day(self.at)

    def definition(self, case: CaseFile) -> Definition:
        """Return the very version that the case is pinned to."""
        return self.definitions.of(case.case_type, case.definition_version)

    @property
    def consulting(self) -> Definition:
        """The machine of a consultation."""
        return self.definitions.consultation()

    def case(
        self,
        handle: str,
        seen: int | None = None,
        *,
        bystander: bool = False,
        declared: bool = False,
    ) -> CaseFile:
        """Open a case that the principal may know of; *seen* is what their page knew of.

        That is how many entries they may know of: what others do out of their sight is no reason
        to refuse them, and would tell them of it.

        A bystander says something about the case without playing a part in it, so it does not
        matter which part they play otherwise; and what they have in hand may be anywhere in it.

        Whoever *declared* a conflict of interest in a case that nobody else could open does one
        thing with it: leaves it to somebody.
        """
        if handle not in self._held:
            row = cases.lock(self.connection, handle)
            rows = [row] if row is not None else []
            self._hold(rows, bystander=bystander, declared=declared)
        held = self._held.get(handle)
        if held is None:
            raise Unknown(say("There is no such case."))
        if seen is not None and seen != self._noticed(held.case):
            raise Stale(say("This case has changed since you opened the page."))
        return held.case

    def _noticed(self, case: CaseFile) -> int:
        seen_as = relation(self.principal, matter_of(case))
        return history.noticed(self.connection, case.handle, self.principal.organisation, seen_as)

    def opened(self, handles: Sequence[str], seen: int | None) -> list[CaseFile]:
        """Open one case as it was seen on a page, or many ticked in a list."""
        if len(handles) == 1:
            return [self.case(handles[0], seen)]
        return self.cases(dict.fromkeys(handles))

    def cases(self, handles: Iterable[str]) -> list[CaseFile]:
        """Open many cases, in an order that never lets two acts wait for each other."""
        handles = list(handles)
        wanted = sorted(set(handles) - self._held.keys())
        for start in range(0, len(wanted), CHUNK):
            chunk = wanted[start : start + CHUNK]
            statement = (
                cases.TO_ACT_ON.where(cases.cases.c.handle.in_(chunk))
                .order_by(cases.in_order(self.connection))
                .with_for_update(of=cases.cases)
            )
            self._hold(list(self.connection.execute(statement).mappings()))
        missing = [handle for handle in wanted if handle not in self._held]
        if missing:
            raise Unknown(say("There is no such case."))
        return [self._held[handle].case for handle in handles]

    def of_a_leaver(self, handles: Iterable[str]) -> list[CaseFile]:
        """Open cases of which somebody who leaves has something in hand.

        Whoever gives it back to the body keeps officers, and need not know of the cases.
        """
        return self._anybodys(handles)

    def counted_on(self, handles: Iterable[str]) -> list[CaseFile]:
        """Open cases with a deadline that a calendar moves, whoever may know of them."""
        return self._anybodys(handles)

    def _anybodys(self, handles: Iterable[str]) -> list[CaseFile]:
        handles = sorted(set(handles))
        for start in range(0, len(handles), CHUNK):
            statement = (
                cases.TO_ACT_ON.where(cases.cases.c.handle.in_(handles[start : start + CHUNK]))
                .order_by(cases.in_order(self.connection))
                .with_for_update(of=cases.cases)
            )
            rows: list[Row] = list(self.connection.execute(statement).mappings())
            self._hold(rows, bystander=True, anybodys=True)
        return [self._held[handle].case for handle in handles]

    def admission_of(self, case: CaseFile) -> CaseFile | None:
        """Return the admission case that *case* follows, to read a rule from, not to act on."""
        if case.admission is None:
            return None
        return cases.case_of(cases.read(self.connection, case.admission))

    def case_of(self, consultation: str, seen: int | None = None) -> CaseFile:
        """Open the case of a consultation that was addressed to the principal's body."""
        handle = self._case_of.get(consultation) or self._open_by(consultation)
        if handle not in self._held:
            raise Unknown(say("There is no such consultation."))
        case = self._held[handle].case
        if seen is not None and seen != case.consultation(consultation).version:
            raise Stale(say("This opinion has changed since you opened the page."))
        return case

    def cases_of(self, wanted: Iterable[str]) -> dict[str, CaseFile]:
        """Open the cases of many consultations addressed to the principal's body."""
        wanted = set(wanted)
        found = {handle: self._case_of[handle] for handle in wanted & self._case_of.keys()}
        handles = sorted(wanted - found.keys())
        for start in range(0, len(handles), CHUNK):
            c = consultations.consultations.c
            statement = select(c.handle, c.case_handle).where(
                c.handle.in_(handles[start : start + CHUNK]),
                c.body == self.principal.organisation,
            )
            found |= {row.handle: row.case_handle for row in self.connection.execute(statement)}
        if len(found) < len(wanted):
            raise Unknown(say("There is no such consultation."))
        self._case_of |= found
        try:
            self.cases(found.values())
        except Unknown:  # a case that does not exist for the principal has no consultation either
            raise Unknown(say("There is no such consultation.")) from None
        return {handle: self._held[case].case for handle, case in found.items()}

    def _open_by(self, consultation: str) -> str | None:
        row = _LOCK_BY_CONSULTATION(
            self.connection, {"consultation": consultation, "body": self.principal.organisation}
        )
        found = row.mappings().first()
        if found is None:
            return None
        handle: str = found["handle"]
        if handle not in self._held:
            self._hold([found])
        self._case_of[consultation] = handle
        return handle

    def begin(self, first: CaseDrafted) -> CaseFile:
        """Open a new case by its first fact."""
        if CaseType(first.case_type) not in self.principal.case_types:
            raise Forbidden(say("Whoever is away did not name you for cases of this type."))
        handle = self.ids.handle()
        kept = as_kept(first)
        case = opened(handle, kept)
        self._held[handle] = held = Held(
            case, Times(opened_at=self.at, changed_at=self.at, since=self.at), FIRST, 0
        )
        held.stated_at = self.at
        self._wear_hat(held)
        self._write_down(held, kept)
        held.behind = self._log_sealed_at()
        return case

    def _log_sealed_at(self) -> str | None:
        """Return when the log was last sealed, read once for all new cases."""
        if self._sealed_at is None:
            self._sealed_at = (_SEALED_AT(self.connection, {}).scalar_one(),)
        return self._sealed_at[0]

    def _note_clock(self) -> None:
        """State that the clock has gone back, if it has, behind what was done under it.

        What was done is numbered, and what it counted on stands, as if nothing were stated.
        """
        for handle in self.wrote:
            held = self._held[handle]
            if went_back(held.stated_at or self.at, held.behind):
                self.state(handle, ClockWentBack(str(held.behind)))
                # Whoever acts need not know of what others did then.
                self._purpose = Purpose.STAFFING

    def state(self, handle: str, fact: Fact, *, move: str | None = None) -> CaseFile:
        """State a fact about a case; *move* tells whom the definition wants told."""
        held = self._held[handle]
        held.stated_at = held.stated_at or self.at
        before = held.case
        fact = as_kept(fact)  # what follows from it now is what will be rebuilt from its entry
        held.case = follow(before, fact)
        held.times = held.times.after(fact, self.at, moved=before.state != held.case.state)
        if fact.takes_part:
            self._wear_hat(held)
        if isinstance(fact, AboutConsultation):
            held.touched.add(fact.consultation)
            if isinstance(fact, BodyAsked):
                held.asked.add(fact.consultation)
        self._write_down(held, fact)
        body = fact.body if isinstance(fact, AboutConsultation) else None
        if fact.verb in TOLD_ALWAYS:
            on, to = TOLD_ALWAYS[fact.verb]
            for organisation in self._told(held.case, to, body):
                key = f"{handle}/{held.case.entry_count}/{organisation}"
                self.give_notice(key, on, handle, organisation, to)
        if move is not None:
            self._tell(held, move, body)
        return held.case

    def wear(self, hat: Hat) -> None:
        """Play another part in what follows than the one that goes with the principal's role."""
        self.part = Part(hat, self.principal.organisation)

    def since(self, handle: str) -> str:
        """Return since when an opened case is where it stands."""
        return self._held[handle].times.since

    def asked_at(self, handle: str, consultation: str) -> str:
        """Return when a body of an opened case was asked."""
        return str(self._held[handle].times.consultations[consultation]["asked_at"])

    def salt_of_last(self, handle: str) -> str:
        """Return the salt of what was stated last about a case."""
        return self._held[handle].last_salt

    def last_of(self, handle: str, verb: str) -> str:
        """Return the moment of the last kept entry of a kind."""
        e = history.entries.c
        found: str = self.connection.execute(
            select(func.max(e.at)).where(e.case_handle == handle, e.verb == verb)
        ).scalar_one()
        return found

    def tell(self, handle: str, move: str) -> None:
        """Tell those whom the definition wants told of a move, once all its facts are stated."""
        self._tell(self._held[handle], move, None)

    def forget(self, handle: str) -> None:
        """Let go of a case of which nothing was stated yet; what is kept of it has changed."""
        held = self._held.pop(handle)
        if held.case is not held.kept:
            raise RuntimeError("a case is let go only before anything is stated about it")

    @property
    def wrote(self) -> list[str]:
        """The cases about which something was stated, in order."""
        return sorted(
            handle
            for handle, held in self._held.items()
            if held.case.entry_count != held.kept_entries
        )

    def keep_package(self, handle: str, files: Mapping[str, bytes]) -> None:
        """Keep with what was stated last about a case the files that it is about."""
        held = self._held[handle]
        number, name = held.case.entry_count, given_packages.NAME
        content = self._key_of(held).seal(number, name, given_packages.written(files))
        row = {"case_handle": handle, "number": number, "content": content}
        self.insert(given_packages.INSERT, row)

    def insert(self, statement: Statement, row: dict[str, Any]) -> None:
        """Have a row written that belongs to no case's history, such as a letter."""
        self._rows[statement].append(row)

    def write(self, session: Mapping[str, Any] | None = None) -> None:
        """Write everything that was stated, if the *session* it was done in still stands.

        It is asked here because an act may have waited long for what it opened.
        """
        rows = self._rows
        self._note_clock()
        waiting: Counter[tallies.Place] = Counter()
        for held in self._held.values():
            if held.case.entry_count == held.kept_entries:
                continue
            self._write_case(held)
            for statement, row in withheld.changes(held.case, held.kept):
                self._rows[statement].append(row)
                # Whoever takes themself out of those who may know of a case writes that to its end.
                self._purpose = Purpose.STAFFING
            self._write_consultations(held, waiting)
        changed: list[tuple[int, Any]] = []  # how many cases, and the cursor that changed them
        stands = None
        with self._with_purpose(self._purpose), in_one_trip(self.connection):
            if session is not None:
                stands = sessions.STANDS.run(self.connection, session)
            for statement in sorted(rows, key=_place):
                cursor = statement.run(self.connection, rows[statement])
                if statement in self._updates:
                    changed.append((len(rows[statement]), cursor))
            tallies.add(self.connection, self.principal.officer, waiting)
            if self._telling is not None:
                outbox.name_recipients(
                    self.connection,
                    self._telling,
                    self.principal.officer,
                    self.at,
                    self.today,
                    amended=self._tells_of_amended,
                )
        if stands is not None and stands.fetchone() is None:
            raise sessions.HAS_ENDED
        if any(cursor.rowcount != count for count, cursor in changed):
            raise Stale(say("Somebody else acted on this case just now. Look again."))
        rows.clear()
        self._updates.clear()
        self._held.clear()
        self._telling = None
        self._tells_of_amended = False
        self._purpose = None

    def _hold(
        self,
        rows: list[Row],
        *,
        bystander: bool = False,
        anybodys: bool = False,
        declared: bool = False,
    ) -> None:
        if rows:
            # They are locked now, for which this may have waited: what is stated about a case is
            # never older than what somebody else had stated about it by then.
            self.at = max(self.at, self.ids.now())
        handles = [row["handle"] for row in rows]
        # A body gets its own questions alone; what it needs of the others the case's row counts.
        of_one_body = is_of_body(self.principal) and not bystander
        if is_of_body(self.principal) and bystander:
            self._purpose = Purpose.STAFFING
        with self._with_purpose(self._purpose):
            asked = self._consultations(handles, of_one_body=of_one_body)
        parts = self._parts(handles, asked)
        known = [
            (row, case)
            for row in rows
            if (
                case := self._known(
                    row, asked, bystander=bystander, anybodys=anybodys, of_one_body=of_one_body
                )
            )
            is not None
        ]
        worn_by_absent: set[str] = set()
        if not bystander:
            worn_by_absent = self._absents_hats([case.handle for _, case in known])
        for row, case in known:
            if not (bystander or declared) and has_declared(case, self.principal.persons):
                raise Forbidden(ONLY_TO_BE_LEFT)
            times = Times.of(row, asked.get(case.handle, []))
            self._held[case.handle] = Held(
                case,
                times,
                row["last_seal"],
                case.entry_count,
                data_key=row["data_key"],
                has_hat=bystander or self._fits(parts.get(case.handle)),
                absent_has_hat=bystander or case.handle in worn_by_absent,
                kept=case,
                kept_times=times,
                behind=max(times.changed_at, row["sealed_at"] or ""),
            )

    def _known(
        self,
        row: Row,
        asked: Mapping[str, Sequence[Row]],
        *,
        bystander: bool,
        anybodys: bool,
        of_one_body: bool,
    ) -> CaseFile | None:
        """Return the case of a row, or None where it does not exist for the principal."""
        of_case = [consultations.consultation_of(c) for c in asked.get(row["handle"], ())]
        case = cases.case_of(row, of_case, of_one_body=of_one_body)
        if anybodys:
            return case
        match relation(self.principal, matter_of(case)):
            case Relation.NONE:
                return None
            case Relation.EMERGENCY if not bystander:
                raise Forbidden(ONLY_TO_BE_READ)
            case _:
                return case

    def _with_purpose(self, purpose: Purpose | None) -> AbstractContextManager[None]:
        return on_purpose(self.connection, purpose) if purpose is not None else nullcontext()

    def _consultations(self, handles: list[str], *, of_one_body: bool) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        rows: Iterable[Row]
        if len(handles) == 1:
            statement = _OWN_ASKED_AND_PART if of_one_body else _ASKED_AND_PART
            by = self.principal
            given = {"case_handle": handles[0], "reader": by.officer, "body": by.organisation}
            rows = statement(self.connection, given).mappings()
        elif handles:
            c = consultations.consultations.c
            wanted: list[ColumnElement[bool]] = [c.case_handle.in_(handles)]
            if of_one_body:
                wanted.append(c.body == self.principal.organisation)
            rows = self.connection.execute(
                consultations.consultations.select()
                .where(*wanted)
                .order_by(c.turn, c.asked_at, c.body)
            ).mappings()
        else:
            return found
        for row in rows:
            found[row["case_handle"]].append(row)
        return found

    def _parts(self, handles: list[str], asked: dict[str, list[Row]]) -> dict[str, Part]:
        """Return the part that the officer plays in each of these cases already."""
        c = cases.participations.c
        rows: Iterable[Any]
        if len(handles) == 1 and asked:
            first = asked[handles[0]][0]
            hat = first["readers_hat"]
            return {handles[0]: Part(Hat(hat), first["readers_body"])} if hat is not None else {}
        if len(handles) == 1:
            rows = _PART(
                self.connection, {"case_handle": handles[0], "officer": self.principal.officer}
            )
        elif handles:
            rows = self.connection.execute(
                select(c.case_handle, c.hat, c.organisation).where(
                    c.case_handle.in_(handles), c.officer == self.principal.officer
                )
            )
        else:
            return {}
        return {row.case_handle: Part(Hat(row.hat), row.organisation) for row in rows}

    def _fits(self, played: Part | None) -> bool:
        if played is None:
            return False
        if (reason := against_another_part(played, self.part)) is not None:
            raise TwoHats(reason)
        return True

    def _absents_hats(self, handles: Sequence[str]) -> set[str]:
        """Return where whoever is stood in for plays this part already.

        Another part is refused, also where somebody plays it who passed on what is acted here.
        """
        absent = self.principal.on_behalf_of
        worn: set[str] = set()
        if absent is None:
            return worn
        c = cases.participations.c
        for start in range(0, len(handles), CHUNK):
            statement = select(c.case_handle, c.officer, c.hat, c.organisation).where(
                c.case_handle.in_(handles[start : start + CHUNK]),
                c.officer.in_(self.principal.persons[1:]),
            )
            for row in self.connection.execute(statement):
                played = Part(Hat(row.hat), row.organisation)
                if against_another_part(played, self.part) is not None:
                    raise TwoHats(_PART_OF_ABSENT if row.officer == absent else _PART_BETWEEN)
                if row.officer == absent:
                    worn.add(row.case_handle)
        return worn

    def _wear_hat(self, held: Held) -> None:
        absent = self.principal.on_behalf_of
        for officer, has_hat in (
            (self.principal.officer, held.has_hat),
            (absent, held.absent_has_hat),
        ):
            if officer is not None and not has_hat:
                self._rows[cases.ADD_PARTICIPATION].append(
                    {
                        "case_handle": held.case.handle,
                        "officer": officer,
                        "hat": self.part.hat.value,
                        "organisation": self.part.organisation,
                    }
                )
        held.has_hat = held.absent_has_hat = True

    def _write_down(self, held: Held, fact: Fact) -> None:
        case = held.case
        held.last_salt = self.ids.handle()
        entry, payload = history.entry_of(
            fact,
            self.principal,
            case_handle=case.handle,
            number=case.entry_count,
            at=self.at,
            definition=f"{case.case_type.value}/v{case.definition_version}",
            salt=held.last_salt,
            previous=held.last_seal,
            key=self._key_of(held),
        )
        held.last_seal = entry["seal"]
        self._rows[history.INSERT].append(entry)
        self._rows[history.INSERT_PAYLOAD].append(payload)
        for statement, row in rows_of(fact, entry, case):
            self._rows[statement].append(row)

    def _key_of(self, held: Held) -> DataKey:
        """Return what a candidate's entries are sealed with; a new case gets its key here."""
        handle = held.case.handle
        if held.data_key is None and held.kept is None:
            _, held.data_key = new_key(handle)
            self._rows[candidate_keys.INSERT].append(
                {"case_handle": handle, "wrapped": held.data_key}
            )
        if held.data_key is None:
            raise OutOfTurn(say("What was written about this candidate was lawfully erased."))
        return data_key(handle, held.data_key)

    def _write_case(self, held: Held) -> None:
        if held.kept is None or held.kept_times is None:
            row = cases.row_of(held.case) | held.times.of_case() | {"last_seal": held.last_seal}
            self._rows[cases.INSERT].append(row)
            return
        row = cases.changes(held.case, held.kept) | {"last_seal": held.last_seal}
        row |= _unlike(held.times.of_case(), held.kept_times.of_case())
        statement = cases.update_of(tuple(row))
        self._updates.add(statement)
        self._rows[statement].append(
            row | {"handle_": held.case.handle, "before_": held.kept_entries}
        )

    def _write_consultations(self, held: Held, waiting: Counter[tallies.Place]) -> None:
        for handle in held.touched:
            consultation = held.case.consultation(handle)
            waiting.update(tallies.places(consultation))
            row = consultations.row_of(consultation, held.case.handle)
            row |= held.times.of_consultation(handle)
            if held.kept is None or held.kept_times is None or handle in held.asked:
                self._rows[consultations.INSERT].append(row)
                continue
            before = held.kept.consultation(handle)
            waiting.subtract(tallies.places(before))
            kept = consultations.row_of(before, held.case.handle)
            changed = _unlike(row, {**kept, **held.kept_times.of_consultation(handle)})
            if not changed:  # it was spoken of, and stands as it stood
                continue
            self._rows[consultations.update_of(tuple(changed))].append(
                changed | {"handle_": handle}
            )

    def _tell(self, held: Held, move: str, body: str | None) -> None:
        case = held.case
        machine = self.definition(case) if body is None else self.consulting
        for notice in machine.notices:
            if notice.on != move:
                continue
            for organisation in self._told(case, notice.to, body):
                key = f"{case.handle}/{case.entry_count}/{organisation}"
                self.give_notice(key, move, case.handle, organisation, notice.to)

    def tell_whoever_had(self, handle: str, on: str, *, body: str | None = None) -> Had:
        """Tell whoever had something that was signed that it stands otherwise now.

        That is the conclusion, or an opinion of *body*.
        """
        case = self._held[handle].case
        had = self._who_had(case, body)
        for audience, organisation in had.audiences():
            key = f"{handle}/{case.entry_count}/{organisation}/{audience}"
            self.give_notice(key, on, handle, organisation, audience)
        return had

    def tell_overseers(self, handle: str, on: str) -> None:
        """Tell whoever supervises of something about a case."""
        number = self._held[handle].case.entry_count
        for overseer in self._overseers():
            self.give_notice(f"{handle}/{number}/{overseer}", on, handle, overseer, "overseer")

    def tell_of_conflict(self, handle: str, on: str, body: str | None) -> None:
        """Tell whoever can have somebody appointed that an officer's declaration waits for one."""
        number, board = self._held[handle].case.entry_count, self.coordinator
        self.give_notice(f"{handle}/{number}/{board}", on, handle, board, "board_head")
        if body is not None:
            self.give_notice(f"{handle}/{number}/{body}", on, handle, body, "body")
        self.tell_overseers(handle, on)

    def tell_board(self, handle: str, on: str) -> None:
        """Tell the Board of something about a case."""
        number, board = self._held[handle].case.entry_count, self.coordinator
        self.give_notice(f"{handle}/{number}/{board}", on, handle, board, "board")

    def _overseers(self) -> tuple[str, ...]:
        k = organisation_kinds.c
        return tuple(
            self.connection.scalars(
                select(k.organisation)
                .where(k.kind == Kind.OVERSIGHT.value)
                .order_by(k.organisation)
            )
        )

    def _who_had(self, case: CaseFile, body: str | None) -> Had:
        e = history.entries.c
        told = self.connection.scalar(
            select(e.number).where(e.case_handle == case.handle, e.verb == UnitNotified.verb)
        )
        return Had(
            unit=case.unit,
            coordinator=self.coordinator,
            authority=case.authority,
            overseers=self._overseers(),
            bodies=tuple(one.body for one in case.consultations if one.state != "withdrawn"),
            told=told is not None,
            submitted=case.before_authority,
            body=body,
        )

    def give_notice(self, key: str, on: str, case: str, organisation: str, audience: str) -> None:
        """Have an organisation told of something about a case; *key* makes it happen once."""
        if self._telling is None:
            self._telling = self.ids.handle()
        self._tells_of_amended |= on in {CONCLUSION_AMENDED, OPINION_AMENDED}
        self._rows[outbox.INSERT].append(
            {
                "key": key,
                "on_move": on,
                "case_handle": case,
                "organisation": organisation,
                "written_at": self.at,
                "telling": self._telling,
                "audience": audience,
            }
        )

    def _told(self, case: CaseFile, to: str, body: str | None) -> Iterator[str]:
        match to:
            case "unit":
                yield case.unit
            case "board":
                yield self.coordinator
            case "authority" if case.authority is not None:
                yield case.authority
            case "bodies":
                yield from self._asked_now(case)
            case "body" if body is not None:
                yield body

    def _asked_now(self, case: CaseFile) -> Iterable[str]:
        """Return the bodies that are asked, also where an act of one of them tells the others."""
        if not is_of_body(self.principal):
            return [asked.body for asked in case.asked_now()]
        c = consultations.consultations.c
        wanted = (c.case_handle == case.handle, c.turn == case.turn, c.state != "withdrawn")
        with on_purpose(self.connection, Purpose.TELLING):
            return self.connection.scalars(select(c.body).where(*wanted).order_by(c.body)).all()

    @property
    def coordinator(self) -> str:
        """The code of the Organisation Board."""
        if self._coordinator is None:
            found: str = _COORDINATOR(
                self.connection, {"kind": Kind.COORDINATOR.value}
            ).scalar_one()
            self._coordinator = found
        return self._coordinator


def matter_of(case: CaseFile) -> Matter:
    """Return what decides whether *case* concerns somebody."""
    return Matter(
        unit=case.unit,
        filed=case.reference is not None,
        asked={c.body for c in case.consultations if c.state not in {"withdrawn", ERASED}},
        authority=case.authority,
        before_authority=case.before_authority,
        handle=case.handle,
        recused=case.recused,
        level=case.level,
        named=case.named,
        case_type=case.case_type,
        erased=case.state == ERASED,
    )


_LOCK_BY_CONSULTATION = Statement(
    cases.TO_ACT_ON.where(
        cases.cases.c.handle
        == select(consultations.consultations.c.case_handle)
        .where(
            and_(
                consultations.consultations.c.handle == bindparam("consultation"),
                consultations.consultations.c.body == bindparam("body"),
            )
        )
        .scalar_subquery()
    ).with_for_update(of=cases.cases)
)
# With each question, what the reader is in the case: whoever opens it wants to know both.
_asked_and_part = (
    consultations.consultations.outerjoin(
        cases.participations,
        and_(
            cases.participations.c.case_handle == consultations.consultations.c.case_handle,
            cases.participations.c.officer == bindparam("reader"),
        ),
    )
    .select()
    .with_only_columns(
        *consultations.consultations.c,
        cases.participations.c.hat.label("readers_hat"),
        cases.participations.c.organisation.label("readers_body"),
    )
    .where(consultations.consultations.c.case_handle == bindparam("case_handle"))
    .order_by(
        consultations.consultations.c.turn,
        consultations.consultations.c.asked_at,
        consultations.consultations.c.body,
    )
)
_ASKED_AND_PART = Statement(_asked_and_part)
_OWN_ASKED_AND_PART = Statement(
    _asked_and_part.where(consultations.consultations.c.body == bindparam("body"))
)
_PART = Statement(
    select(
        cases.participations.c.case_handle,
        cases.participations.c.hat,
        cases.participations.c.organisation,
    ).where(
        cases.participations.c.case_handle == bindparam("case_handle"),
        cases.participations.c.officer == bindparam("officer"),
    )
)
_COORDINATOR = Statement(
    select(organisation_kinds.c.organisation).where(organisation_kinds.c.kind == bindparam("kind"))
)


_SEALED_AT = Statement(select(cases.LAST_SEALED))


def _unlike(row: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns in which a row is no longer as it was kept."""
    return {name: value for name, value in row.items() if value != kept[name]}


def _place(statement: Statement) -> int:
    """Tell the place of a statement in the order in which rows may refer to one another."""
    if statement.place is None:
        statement.place = METADATA.sorted_tables.index(statement.table)
    return statement.place
