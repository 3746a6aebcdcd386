"""Load the registers from their files: what is new is added, what changed is changed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Table, and_, select

from vetting.records.database import Database
from vetting.records.legal_bases import (
    authority_rules,
    legal_bases,
    regulation_bodies,
    regulations,
    replacements,
)
from vetting.records.organisations import organisation_kinds, organisations, successions
from vetting.records.rights import DatabaseRole
from vetting.registers import Registers

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Loaded:
    """What loading did to one register."""

    register: str
    added: int
    changed: int
    unchanged: int


def load_registers(database: Database, registers: Registers) -> list[Loaded]:
    """Bring the registers to what the files say, all or nothing; twice changes nothing more.

    Nothing is removed: cases refer to what once stood here. A register ends a row by its dates.
    """
    with database.acting_as(DatabaseRole.OWNER).writing() as connection:
        return [_load(connection, table, rows) for table, rows in _rows(connection, registers)]


def _load(connection: Connection, table: Table, rows: Rows) -> Loaded:
    keys = [column.name for column in table.primary_key]
    kept = {
        tuple(row[key] for key in keys): dict(row)
        for row in connection.execute(select(table)).mappings()
    }
    added = [row for row in rows if tuple(row[key] for key in keys) not in kept]
    changed = [
        row
        for row in rows
        if (before := kept.get(tuple(row[key] for key in keys))) and before != {**before, **row}
    ]
    if added:
        connection.execute(table.insert(), added)
    for row in changed:
        same = and_(*(table.c[key] == row[key] for key in keys))
        connection.execute(table.update().where(same).values(row))
    return Loaded(table.name, len(added), len(changed), len(rows) - len(added) - len(changed))


def _rows(connection: Connection, registers: Registers) -> Iterator[tuple[Table, Rows]]:
    yield organisations, list(_organisations(connection, registers))
    yield (
        organisation_kinds,
        [
            {"organisation": row.code, "kind": kind.value}
            for row in registers.organisations
            for kind in row.kinds
        ],
    )
    yield (
        successions,
        [
            {
                "predecessor": row.predecessor,
                "successor": row.successor,
                "from_date": _day(row.from_date),
                "note_vi": row.note_vi,
                "note_en": row.note_en,
                "source": row.source,
            }
            for row in registers.successions
        ],
    )
    yield (
        legal_bases,
        [
            {
                "key": row.key.joined,
                "number": row.number,
                "date": row.date,
                "issuer": row.issuer,
                "title_vi": row.title_vi,
                "title_en": row.title_en,
                "subject": row.subject.value,
                "valid_from": _day(row.valid_from),
                "valid_to": _day(row.valid_to),
                "source": row.source,
            }
            for row in registers.legal_bases
        ],
    )
    yield (
        replacements,
        [
            {"basis": row.replacing.joined, "replaced": row.replaced.joined}
            for row in registers.replacements
        ],
    )
    yield (
        regulations,
        [
            {
                "code": row.code,
                "name_vi": row.name_vi,
                "name_en": row.name_en,
                "source": row.bodies[0].source if row.bodies else "",
                "legal_basis": row.basis.joined if row.basis else None,
                "valid_from": _day(row.valid_from),
                "valid_to": _day(row.valid_to),
            }
            for row in registers.regulations
        ],
    )
    yield (
        regulation_bodies,
        [
            {"regulation": row.code, "body": named.body, "position": named.position}
            for row in registers.regulations
            for named in row.bodies
        ],
    )
    yield (
        authority_rules,
        [
            {
                "management_level": row.management_level.value,
                "case_type": row.case_type.value,
                "valid_from": _day(row.valid_from) or "",
                "valid_to": _day(row.valid_to),
                "authority": row.authority,
                "legal_basis": row.basis.joined if row.basis else None,
                "source": row.source,
            }
            for row in registers.authorities
        ],
    )


def _organisations(connection: Connection, registers: Registers) -> Iterator[dict[str, Any]]:
    short = dict(connection.execute(select(organisations.c.code, organisations.c.short_name)).all())
    for row in registers.organisations:
        if row.code not in short:
            short[row.code] = _short_name(row.code, short)
        yield {
            "code": row.code,
            "name_vi": row.name_vi,
            "name_en": row.name_en,
            "short_name": short[row.code],
            "other_names": "; ".join(row.other_names),
            "valid_from": _day(row.valid_from),
            "valid_to": _day(row.valid_to),
            "note_vi": row.note_vi,
            "note_en": row.note_en,
            "source": row.source,
        }


def _short_name(code: str, taken: Mapping[str, str]) -> str:
    """Return the initials of an organisation, numbered where others have them; kept for ever."""
    initials = "".join(word[0] for word in code.split("-")).upper()
    return next(name for name in _numbered(initials) if name not in taken.values())


def _numbered(initials: str) -> Iterable[str]:
    yield initials
    number = 2
    while True:
        yield f"{initials}{number}"
        number += 1


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
