"""Read the register files: each is taken whole or refused whole, with all its faults named."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import TypeVar

from vetting.engine.sentences import Sentence, say
from vetting.engine.vocabulary import CaseType, Kind
from vetting.registers.find_unit import fold_name, names_of
from vetting.registers.read_sheet import Line, read_sheet
from vetting.registers.refusals import BadRegister, Fault, Faults
from vetting.registers.rows import (
    SEPARATOR,
    AuthorityRow,
    BasisKey,
    BodyOfRegulation,
    LegalBasisRow,
    OrganisationRow,
    Registers,
    RegulationRow,
    ReplacementRow,
    SuccessionRow,
)
from vetting.registers.vocabulary import ManagementLevel, Subject

ORGANISATIONS = "organisations.csv"
SUCCESSIONS = "successions.csv"
LEGAL_BASES = "legal_bases.csv"
REPLACEMENTS = "replacements.csv"
COORDINATION_REGULATION = "coordination_regulation.csv"
AUTHORITY_TABLE = "authority_table.csv"

HEADINGS: Mapping[str, tuple[str, ...]] = {
    ORGANISATIONS: (
        "code", "name_vi", "name_en", "other_names", "kinds",
        "valid_from", "valid_to", "note_vi", "note_en", "source",
    ),
    SUCCESSIONS: ("predecessor", "successor", "from_date", "note_vi", "note_en", "source"),
    LEGAL_BASES: (
        "number", "date", "issuer", "title_vi", "title_en", "subject",
        "valid_from", "valid_to", "source",
    ),
    REPLACEMENTS: (
        "number", "date", "issuer",
        "replaced_number", "replaced_date", "replaced_issuer", "source",
    ),
    COORDINATION_REGULATION: (
        "regulation", "name_vi", "name_en", "basis_number", "basis_date", "basis_issuer",
        "valid_from", "valid_to", "position", "body", "source",
    ),
    AUTHORITY_TABLE: (
        "management_level", "case_type", "valid_from", "valid_to", "authority",
        "basis_number", "basis_date", "basis_issuer", "source",
    ),
}  # fmt: skip

MOST_BODIES = 100

Row = TypeVar("Row")
Key = TypeVar("Key")
Period = tuple[date | None, date | None]


def read_registers(folder: Path) -> Registers:
    """Return everything the folder says, or refuse it with all that is wrong.

    Where organisations or legal bases are at fault, the files that refer to them wait: their
    references could only be called unknown, which would be noise.
    """
    refused: list[Fault] = []

    def gather(read: Callable[[], tuple[Row, ...]]) -> tuple[Row, ...]:
        try:
            return read()
        except BadRegister as bad:
            refused.extend(bad.faults)
            return ()

    organisations = gather(lambda: read_organisations(folder / ORGANISATIONS))
    bases = gather(lambda: read_legal_bases(folder / LEGAL_BASES))
    if refused:
        raise BadRegister(tuple(refused))
    registers = Registers(
        organisations=organisations,
        successions=gather(lambda: read_successions(folder / SUCCESSIONS, organisations)),
        legal_bases=bases,
        replacements=gather(lambda: read_replacements(folder / REPLACEMENTS, bases)),
        regulations=gather(
            lambda: read_coordination_regulation(
                folder / COORDINATION_REGULATION, organisations, bases
            )
        ),
        authorities=gather(
            lambda: read_authority_table(folder / AUTHORITY_TABLE, organisations, bases)
        ),
    )
    if refused:
        raise BadRegister(tuple(refused))
    return registers


def read_organisations(path: Path) -> tuple[OrganisationRow, ...]:
    """Return the organisations, whose codes and names each lead to one of them."""
    lines, faults = _open(path, ORGANISATIONS)
    numbered = []
    for line in lines:
        kinds = _kinds(line)
        first, last = line.period()
        row = OrganisationRow(
            code=line.code("code"),
            name_vi=line.required("name_vi"),
            name_en=line.required("name_en"),
            other_names=line.several("other_names"),
            kinds=kinds,
            valid_from=first,
            valid_to=last,
            note_vi=line.text("note_vi"),
            note_en=line.text("note_en"),
            source=line.required("source"),
        )
        numbered.append((line.number, row))
    _refuse_repeats(
        ((number, row.code) for number, row in numbered if row.code),
        lambda code, before: say(
            "The code “%(code)s” is already on line %(before)s.", code=code, before=before
        ),
        faults,
    )
    _refuse_shared_names(numbered, faults)
    faults.refuse_if_any()
    return tuple(row for _, row in numbered)


def read_successions(
    path: Path, organisations: Iterable[OrganisationRow]
) -> tuple[SuccessionRow, ...]:
    """Return who takes over from whom; nobody may come to succeed himself."""
    known = {organisation.code: organisation for organisation in organisations}
    lines, faults = _open(path, SUCCESSIONS)
    numbered = []
    for line in lines:
        row = SuccessionRow(
            predecessor=_organisation(line, "predecessor", known),
            successor=_organisation(line, "successor", known),
            from_date=line.day("from_date"),
            note_vi=line.text("note_vi"),
            note_en=line.text("note_en"),
            source=line.required("source"),
        )
        _refuse_absent_successor(line, row, known.get(row.successor))
        numbered.append((line.number, row))
    edges = [
        (number, (row.predecessor, row.successor))
        for number, row in numbered
        if row.predecessor and row.successor
    ]
    _refuse_repeats(
        edges,
        lambda _, before: say("This succession is already on line %(before)s.", before=before),
        faults,
    )
    _refuse_circles(
        edges,
        lambda edge: say(
            "“%(predecessor)s” would come to succeed itself: successions must not run in a circle.",
            predecessor=edge[0],
        ),
        faults,
    )
    faults.refuse_if_any()
    return tuple(row for _, row in numbered)


def read_legal_bases(path: Path) -> tuple[LegalBasisRow, ...]:
    """Return the legal bases, each known by number, date and issuer together."""
    lines, faults = _open(path, LEGAL_BASES)
    numbered = []
    for line in lines:
        first, last = line.period()
        number, title = line.text("number"), line.text("title_vi")
        if not (number or title):
            faults.add(
                line.number, say("A legal basis needs a number, or a title where it is not known.")
            )
        issuer, dated = line.required("issuer"), line.partial_day("date")
        for heading in ("number", "issuer"):
            if SEPARATOR in line.text(heading):
                faults.add(
                    line.number,
                    say("The column “%(heading)s” holds a semicolon.", heading=heading),
                )
        subject = line.choice("subject", Subject)
        source = line.required("source")
        if subject is None:
            continue
        row = LegalBasisRow(
            number=number,
            date=dated,
            issuer=issuer,
            title_vi=title,
            title_en=line.text("title_en"),
            subject=subject,
            valid_from=first,
            valid_to=last,
            source=source,
        )
        numbered.append((line.number, row))
    _refuse_repeats(
        ((number, row.key) for number, row in numbered),
        lambda key, before: say(
            "The legal basis %(basis)s is already on line %(before)s.",
            basis=str(key),
            before=before,
        ),
        faults,
    )
    faults.refuse_if_any()
    return tuple(row for _, row in numbered)


def read_replacements(
    path: Path, legal_bases: Iterable[LegalBasisRow]
) -> tuple[ReplacementRow, ...]:
    """Return which text replaces which; no text may come to replace itself."""
    known = {basis.key for basis in legal_bases}
    lines, faults = _open(path, REPLACEMENTS)
    numbered = []
    for line in lines:
        replacing = _basis(line, ("number", "date", "issuer"), known)
        replaced = _basis(line, ("replaced_number", "replaced_date", "replaced_issuer"), known)
        source = line.required("source")
        if replacing is None or replaced is None:
            if not any(line.text(heading) for heading in ("number", "date", "issuer")):
                faults.add(line.number, say("The text that replaces is not named."))
            if not any(line.text(f"replaced_{part}") for part in ("number", "date", "issuer")):
                faults.add(line.number, say("The text that is replaced is not named."))
            continue
        if _is_later(replaced.date, replacing.date):
            faults.add(
                line.number,
                say(
                    "%(replaced)s is later than %(replacing)s and cannot be replaced by it.",
                    replaced=str(replaced),
                    replacing=str(replacing),
                ),
            )
        numbered.append((line.number, ReplacementRow(replacing, replaced, source)))
    edges = [(number, (row.replaced, row.replacing)) for number, row in numbered]
    _refuse_repeats(
        edges,
        lambda _, before: say("This replacement is already on line %(before)s.", before=before),
        faults,
    )
    _refuse_circles(
        edges,
        lambda edge: say(
            "%(replaced)s would come to replace itself: replacements must not run in a circle.",
            replaced=str(edge[0]),
        ),
        faults,
    )
    faults.refuse_if_any()
    return tuple(row for _, row in numbered)


@dataclass(frozen=True, slots=True)
class _NamedBody:
    """One line of a coordination regulation: what it says of the regulation, and the body."""

    regulation: RegulationRow  # without bodies
    body: BodyOfRegulation


def read_coordination_regulation(
    path: Path,
    organisations: Iterable[OrganisationRow],
    legal_bases: Iterable[LegalBasisRow],
) -> tuple[RegulationRow, ...]:
    """Return the coordination regulations; on any day at most one is in force."""
    codes = {organisation.code: organisation for organisation in organisations}
    keys = {basis.key for basis in legal_bases}
    lines, faults = _open(path, COORDINATION_REGULATION)
    named = [(line.number, _named_body(line, codes, keys)) for line in lines]
    _refuse_repeats(
        ((number, (one.regulation.code, one.body.body)) for number, one in named if one.body.body),
        lambda key, before: say(
            "The regulation “%(regulation)s” already names “%(body)s” on line %(before)s.",
            regulation=key[0],
            body=key[1],
            before=before,
        ),
        faults,
    )
    _refuse_repeats(
        (
            (number, (one.regulation.code, one.body.position))
            for number, one in named
            if one.body.position
        ),
        lambda key, before: say(
            "Position %(position)s of the regulation “%(regulation)s” is already on line "
            "%(before)s.",
            position=key[1],
            regulation=key[0],
            before=before,
        ),
        faults,
    )
    first_lines: dict[str, tuple[int, RegulationRow]] = {}
    bodies: dict[str, list[BodyOfRegulation]] = {}
    for number, one in named:
        before, regulation = first_lines.setdefault(one.regulation.code, (number, one.regulation))
        if one.regulation != regulation:
            faults.add(
                number,
                say(
                    "The name, legal basis or dates of the regulation “%(regulation)s” are not "
                    "those on line %(before)s.",
                    regulation=regulation.code,
                    before=before,
                ),
            )
        bodies.setdefault(regulation.code, []).append(one.body)
    _refuse_overlaps(
        ((number, "", (row.valid_from, row.valid_to)) for number, row in first_lines.values()),
        lambda before: say(
            "The regulation is in force on the same days as the one on line %(before)s.",
            before=before,
        ),
        faults,
    )
    faults.refuse_if_any()
    return tuple(
        RegulationRow(
            code=row.code,
            name_vi=row.name_vi,
            name_en=row.name_en,
            basis=row.basis,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            bodies=tuple(sorted(bodies[row.code], key=lambda body: body.position)),
        )
        for _, row in first_lines.values()
    )


def read_authority_table(
    path: Path,
    organisations: Iterable[OrganisationRow],
    legal_bases: Iterable[LegalBasisRow],
) -> tuple[AuthorityRow, ...]:
    """Return who concludes for whom; on any day one authority for a level and a case type."""
    codes = {organisation.code: organisation for organisation in organisations}
    keys = {basis.key for basis in legal_bases}
    lines, faults = _open(path, AUTHORITY_TABLE)
    numbered = []
    for line in lines:
        level = line.choice("management_level", ManagementLevel)
        case_type = line.choice("case_type", CaseType)
        first, last = line.period()
        authority = _organisation(line, "authority", codes, Kind.AUTHORITY)
        basis = _basis(line, ("basis_number", "basis_date", "basis_issuer"), keys)
        source = line.required("source")
        if level is not None and case_type is not None:
            row = AuthorityRow(level, case_type, first, last, authority, basis, source)
            numbered.append((line.number, row))
    _refuse_overlaps(
        (
            (number, (row.management_level, row.case_type), (row.valid_from, row.valid_to))
            for number, row in numbered
        ),
        lambda before: say(
            "Line %(before)s already names the authority for this level, case type and time.",
            before=before,
        ),
        faults,
    )
    faults.refuse_if_any()
    return tuple(row for _, row in numbered)


def _open(path: Path, register: str) -> tuple[list[Line], Faults]:
    """Return the lines of a register file and the place where its faults are gathered."""
    faults = Faults(path.name)
    return read_sheet(path, HEADINGS[register], faults), faults


def _kinds(line: Line) -> tuple[Kind, ...]:
    """Return what the organisation is; who supervises is nothing else beside."""
    values = line.several("kinds")
    if not values:
        line.required("kinds")
    found = (line.member(value, "kinds", Kind) for value in values)
    kinds = tuple(kind for kind in found if kind is not None)
    if Kind.OVERSIGHT in kinds and len(values) > 1:
        line.faults.add(
            line.number,
            say(
                "An organisation that supervises can be nothing else: enter its other part as an "
                "organisation of its own."
            ),
        )
    return kinds


def _organisation(
    line: Line,
    heading: str,
    known: Mapping[str, OrganisationRow],
    kind: Kind | None = None,
) -> str:
    """Return the code of an organisation that must be in its register, as such a one."""
    code = line.required(heading)
    if not code:
        return code
    if code not in known:
        line.faults.add(
            line.number,
            say(
                "“%(code)s” in the column “%(heading)s” is not the code of an organisation.",
                code=code,
                heading=heading,
            ),
        )
    elif kind is not None and kind not in known[code].kinds:
        line.faults.add(
            line.number,
            say(
                "“%(code)s” in the column “%(heading)s” is not entered as “%(kind)s”.",
                code=code,
                heading=heading,
                kind=kind.value,
            ),
        )
    return code


def _basis(line: Line, headings: tuple[str, str, str], known: set[BasisKey]) -> BasisKey | None:
    """Return the legal basis that three cells name; three empty cells name none."""
    number, dated, issuer = headings
    key = BasisKey(line.text(number), line.partial_day(dated), line.text(issuer))
    if not any(key):
        return None
    if key not in known:
        line.faults.add(line.number, say("There is no legal basis %(basis)s.", basis=str(key)))
    return key


def _named_body(
    line: Line, codes: Mapping[str, OrganisationRow], keys: set[BasisKey]
) -> _NamedBody:
    """Return what one line of a coordination regulation says."""
    first, last = line.period()
    regulation = RegulationRow(
        code=line.code("regulation"),
        name_vi=line.required("name_vi"),
        name_en=line.required("name_en"),
        basis=_basis(line, ("basis_number", "basis_date", "basis_issuer"), keys),
        valid_from=first,
        valid_to=last,
        bodies=(),
    )
    body = BodyOfRegulation(
        position=_position(line),
        body=_organisation(line, "body", codes, Kind.CONSULTED_BODY),
        source=line.required("source"),
    )
    return _NamedBody(regulation, body)


def _position(line: Line) -> int:
    """Return the place of a body in the regulation's list, counted from 1; 0 if it is none."""
    text = line.required("position")
    if text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_BODIES)):
        position = int(text)
        if 1 <= position <= MOST_BODIES:
            return position
    if text:
        line.faults.add(
            line.number,
            say(
                "“%(text)s” in the column “position” is not a whole number from 1 to %(most)s.",
                text=text,
                most=MOST_BODIES,
            ),
        )
    return 0


def _refuse_absent_successor(
    line: Line, row: SuccessionRow, successor: OrganisationRow | None
) -> None:
    """Refuse a succession by somebody who is not there yet, or no longer."""
    if successor is None or row.from_date is None:
        return
    if not _meet((row.from_date, row.from_date), (successor.valid_from, successor.valid_to)):
        line.faults.add(
            line.number,
            say(
                "“%(successor)s” is not in being on %(day)s.",
                successor=row.successor,
                day=row.from_date.isoformat(),
            ),
        )


def _refuse_repeats(
    keyed: Iterable[tuple[int, Key]], sentence: Callable[[Key, int], Sentence], faults: Faults
) -> None:
    """Refuse each line whose key an earlier line has."""
    seen: dict[Key, int] = {}
    for number, key in keyed:
        before = seen.setdefault(key, number)
        if before != number:
            faults.add(number, sentence(key, before))


def _refuse_shared_names(numbered: list[tuple[int, OrganisationRow]], faults: Faults) -> None:
    """Refuse a name that leads to two organisations in being at the same time."""
    bearers: dict[str, list[tuple[int, OrganisationRow]]] = {}
    for number, row in numbered:
        for name in sorted(names_of(row) - {""}):
            for before, other in bearers.setdefault(name, []):
                if _meet((row.valid_from, row.valid_to), (other.valid_from, other.valid_to)):
                    faults.add(
                        number,
                        say(
                            "“%(name)s” is also a name of “%(other)s” on line %(before)s.",
                            name=_as_written(row, name),
                            other=other.code,
                            before=before,
                        ),
                    )
            bearers[name].append((number, row))


def _as_written(row: OrganisationRow, folded: str) -> str:
    """Return the name of the organisation that folds like this, as the file has it."""
    return next(name for name in (row.name_vi, *row.other_names) if fold_name(name) == folded)


def _refuse_overlaps(
    dated: Iterable[tuple[int, Key, Period]],
    sentence: Callable[[int], Sentence],
    faults: Faults,
) -> None:
    """Refuse each line that holds on a day on which another line of the same key holds."""
    by_key: dict[Key, list[tuple[int, Period]]] = {}
    for number, key, period in dated:
        by_key.setdefault(key, []).append((number, period))
    for lines in by_key.values():
        for (before, one), (number, other) in combinations(lines, 2):
            if _meet(one, other):
                faults.add(number, sentence(before))


def _refuse_circles(
    edges: Iterable[tuple[int, tuple[Key, Key]]],
    sentence: Callable[[tuple[Key, Key]], Sentence],
    faults: Faults,
) -> None:
    """Refuse each line that closes a circle with the lines before it."""
    after: dict[Key, set[Key]] = {}
    for number, (old, new) in edges:
        if _leads_to(new, old, after):
            faults.add(number, sentence((old, new)))
        else:
            after.setdefault(old, set()).add(new)


def _leads_to(start: Key, end: Key, after: Mapping[Key, set[Key]]) -> bool:
    """Say whether one comes from *start* to *end*."""
    waiting, seen = [start], {start}
    while waiting:
        here = waiting.pop()
        if here == end:
            return True
        further = after.get(here, set()) - seen
        seen |= further
        waiting.extend(further)
    return False


def _meet(one: Period, other: Period) -> bool:
    """Say whether two periods share a day; an open end runs for ever."""
    return (one[0] or date.min) <= (other[1] or date.max) and (other[0] or date.min) <= (
        one[1] or date.max
    )


def _is_later(one: str, other: str) -> bool:
    """Say whether one partly known day is surely later than another."""
    known = min(len(one), len(other))
    return one[:known] > other[:known]
