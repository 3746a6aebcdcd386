"""The registers as pages show them: what somebody entered, and what nobody has entered yet."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import Connection, select

from vetting.engine.names import title_key
from vetting.engine.vocabulary import CaseType, Kind
from vetting.records.legal_bases import (
    authority_rules,
    legal_bases,
    regulation_bodies,
    regulations,
    replacements,
)
from vetting.records.organisations import organisation_kinds, organisations, successions
from vetting.registers.vocabulary import ManagementLevel, Subject


@dataclass(frozen=True)
class Succession:
    """Which organisation took over, and from when."""

    organisation: str
    from_date: str | None
    note_vi: str
    note_en: str


@dataclass(frozen=True)
class Organisation:
    """One organisation of the register."""

    code: str
    name_vi: str
    name_en: str
    short_name: str
    other_names: tuple[str, ...]
    kinds: tuple[Kind, ...]
    valid_from: str | None
    valid_to: str | None
    note_vi: str
    note_en: str
    source: str
    successors: tuple[Succession, ...]
    predecessors: tuple[Succession, ...]


@dataclass(frozen=True)
class Basis:
    """One legal basis."""

    key: str
    number: str
    date: str
    issuer: str
    title_vi: str
    title_en: str
    subject: Subject | None
    valid_from: str | None
    valid_to: str | None
    source: str
    replaces: tuple[str, ...]  # keys
    replaced_by: tuple[str, ...]


@dataclass(frozen=True)
class Chain:
    """Texts of which one replaced the other, newest first."""

    bases: tuple[Basis, ...]


@dataclass(frozen=True)
class Bases:
    """The register of legal bases."""

    chains: tuple[Chain, ...]
    alone: tuple[Basis, ...]  # those that replace nothing and were not replaced, as far as entered
    number_of: dict[str, str]  # key: number


@dataclass(frozen=True)
class Regulation:
    """A coordination regulation with the bodies it names, in its order."""

    code: str
    name_vi: str
    name_en: str
    basis: Basis | None
    valid_from: str | None
    valid_to: str | None
    source: str
    bodies: tuple[str, ...]


@dataclass(frozen=True)
class AuthorityRule:
    """A row of the authority table."""

    level: ManagementLevel
    case_type: CaseType
    valid_from: str | None
    valid_to: str | None
    authority: str
    basis: str | None
    source: str


@dataclass(frozen=True)
class AuthorityTable:
    """The authority table, and for which case types it has no row at all."""

    rules: tuple[AuthorityRule, ...]
    number_of: dict[str, str]
    silent: tuple[tuple[CaseType, tuple[ManagementLevel, ...]], ...]


def organisation_list(connection: Connection, kind: Kind | None = None) -> tuple[Organisation, ...]:
    """Return the organisations, in three statements."""
    kinds: dict[str, list[Kind]] = defaultdict(list)
    for row in connection.execute(select(organisation_kinds)):
        kinds[row.organisation].append(Kind(row.kind))
    after: dict[str, list[Succession]] = defaultdict(list)
    before: dict[str, list[Succession]] = defaultdict(list)
    for row in connection.execute(select(successions).order_by(successions.c.from_date)):
        told = (row.from_date, row.note_vi, row.note_en)
        after[row.predecessor].append(Succession(row.successor, *told))
        before[row.successor].append(Succession(row.predecessor, *told))
    rows = sorted(connection.execute(select(organisations)), key=lambda row: title_key(row.name_vi))
    return tuple(
        Organisation(
            code=row.code,
            name_vi=row.name_vi,
            name_en=row.name_en,
            short_name=row.short_name,
            other_names=tuple(filter(None, row.other_names.split(";"))),
            kinds=tuple(one for one in Kind if one in kinds[row.code]),
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            note_vi=row.note_vi,
            note_en=row.note_en,
            source=row.source,
            successors=tuple(after[row.code]),
            predecessors=tuple(before[row.code]),
        )
        for row in rows
        if kind is None or kind in kinds[row.code]
    )


def basis_list(connection: Connection) -> Bases:
    """Return the legal bases as chains of what replaces what, in two statements."""
    known = _bases(connection)
    chains: list[Chain] = []
    placed: set[str] = set()
    for start in sorted(known, key=lambda key: known[key].date, reverse=True):
        if start in placed or known[start].replaced_by:
            continue
        linked = _linked(known, start) - placed
        placed |= linked
        if len(linked) > 1:
            newest_first = sorted(linked, key=lambda key: known[key].date, reverse=True)
            chains.append(Chain(tuple(known[key] for key in newest_first)))
    in_chains = {basis.key for chain in chains for basis in chain.bases}
    alone = sorted(known.keys() - in_chains, key=lambda key: known[key].date, reverse=True)
    return Bases(
        chains=tuple(chains),
        alone=tuple(known[key] for key in alone),
        number_of={key: basis.number for key, basis in known.items()},
    )


def regulation_list(connection: Connection) -> tuple[Regulation, ...]:
    """Return the coordination regulations, in four statements."""
    known = _bases(connection)
    named: dict[str, list[str]] = defaultdict(list)
    for row in connection.execute(select(regulation_bodies).order_by(regulation_bodies.c.position)):
        named[row.regulation].append(row.body)
    return tuple(
        Regulation(
            code=row.code,
            name_vi=row.name_vi,
            name_en=row.name_en,
            basis=known.get(row.legal_basis),
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            source=row.source,
            bodies=tuple(named[row.code]),
        )
        for row in connection.execute(select(regulations).order_by(regulations.c.valid_from))
    )


def authority_table(connection: Connection) -> AuthorityTable:
    """Return the authority table, in two statements."""
    c = authority_rules.c
    rules = tuple(
        AuthorityRule(
            level=ManagementLevel(row.management_level),
            case_type=CaseType(row.case_type),
            valid_from=row.valid_from or None,
            valid_to=row.valid_to,
            authority=row.authority,
            basis=row.legal_basis,
            source=row.source,
        )
        for row in connection.execute(
            select(authority_rules).order_by(c.management_level, c.case_type, c.valid_from)
        )
    )
    known = {(rule.level, rule.case_type) for rule in rules}
    silent = (
        (
            case_type,
            tuple(level for level in ManagementLevel if (level, case_type) not in known),
        )
        for case_type in CaseType
    )
    numbers = connection.execute(select(legal_bases.c.key, legal_bases.c.number))
    return AuthorityTable(
        rules=tuple(
            sorted(
                rules,
                key=lambda rule: (
                    list(ManagementLevel).index(rule.level),
                    list(CaseType).index(rule.case_type),
                    rule.valid_from or "",
                ),
            )
        ),
        number_of=dict(numbers.all()),
        silent=tuple((case_type, levels) for case_type, levels in silent if levels),
    )


def _bases(connection: Connection) -> dict[str, Basis]:
    replaces: dict[str, list[str]] = defaultdict(list)
    replaced_by: dict[str, list[str]] = defaultdict(list)
    for row in connection.execute(select(replacements)):
        replaces[row.basis].append(row.replaced)
        replaced_by[row.replaced].append(row.basis)
    return {
        row.key: Basis(
            key=row.key,
            number=row.number,
            date=row.date,
            issuer=row.issuer,
            title_vi=row.title_vi,
            title_en=row.title_en,
            subject=Subject(row.subject) if row.subject else None,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            source=row.source,
            replaces=tuple(replaces[row.key]),
            replaced_by=tuple(replaced_by[row.key]),
        )
        for row in connection.execute(select(legal_bases))
    }


def _linked(known: dict[str, Basis], start: str) -> set[str]:
    """Return all texts that replacements link with *start*, in either direction."""
    found, waiting = {start}, [start]
    while waiting:
        basis = known[waiting.pop()]
        for key in (*basis.replaces, *basis.replaced_by):
            if key not in found:
                found.add(key)
                waiting.append(key)
    return found
