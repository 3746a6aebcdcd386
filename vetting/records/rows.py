"""Rows: which rows of each table the application gets, for whom its connection works.

On PostgreSQL this is a second wall behind `records/scope.py`, and made of it: the view `my_cases`
is `scope.visible_to` over the settings of the session (records/standing.py), and the policies of
the other tables ask that view. It belongs to the owner, so what keeps a case from somebody is
looked up with the owner's eyes and not through the policies again. What an intruder may set they
may set: this holds back a statement that forgot a clause, or was given another by what somebody
typed, and not whoever can send statements of their own.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import (
    ClauseElement,
    Column,
    ColumnElement,
    Dialect,
    Integer,
    Select,
    String,
    and_,
    cast,
    column,
    exists,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    table,
    true,
)
from sqlalchemy.dialects import postgresql

from vetting.engine.policy import BODYS_OWN, INNER, KNOWN_TO_ASKED
from vetting.engine.vocabulary import Role
from vetting.records.cases import cases
from vetting.records.history import entries, payloads
from vetting.records.rights import RIGHTS, DatabaseRole
from vetting.records.scope import SEE_EVERY_OPINION, AsSet, visible_to
from vetting.records.standing import SEE_ALL, Purpose

TOLD = "case.notified"
MY_CASES = "my_cases"
_POSTGRESQL: Dialect = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]
_my_cases = table(MY_CASES, column("handle", String))


def _setting(name: str) -> ColumnElement[str]:
    """Return a setting of the session, which a statement looks up once."""
    asked: ColumnElement[str] = func.current_setting(
        literal(f"vetting.{name}"), true(), type_=String
    )
    return select(func.nullif(asked, literal(""), type_=String)).scalar_subquery()


def _settings(name: str) -> Select[tuple[str]]:
    of_it = func.unnest(func.string_to_array(_setting(name), literal(",")), type_=String)
    return select(of_it)


_ROLE, _OFFICER, _ORGANISATION = _setting("role"), _setting("officer"), _setting("organisation")
_SOMEBODY = or_(_setting("purpose").is_not(None), _OFFICER.is_not(None))
_BODY_ROLES = (Role.BODY_OFFICER, Role.BODY_SIGNER)


def _works_as(*roles: Role) -> ColumnElement[bool]:
    return _ROLE.in_([literal(role.value) for role in sorted(roles)])


def _of(case: Column[str] | Column[str | None]) -> ColumnElement[bool]:
    # Named and not meant as a column: nothing stands around the clause that it could belong to.
    of_row: ColumnElement[str] = literal_column(f"{case.table.name}.{case.name}")
    return exists(select(_my_cases.c.handle).where(_my_cases.c.handle == of_row))


def _by(officer: Column[str]) -> ColumnElement[bool]:
    """Return the clause that a row is in the name of whom the connection works for."""
    return or_(_setting("purpose").is_not(None), officer.in_(_settings("persons")))


def _one_of(given: ColumnElement[str], words: Iterable[str]) -> ColumnElement[bool]:
    return given.in_([literal(word) for word in sorted(map(str, words))])


@dataclass(frozen=True)
class Guard:
    """Which rows of a table the application gets, and which it may add."""

    see: ColumnElement[bool]
    add: ColumnElement[bool] = _SOMEBODY


# Whether a history holds, and what followed from it, takes every entry of it.
_WHOLE_HISTORY = _setting("purpose") == literal(Purpose.WHOLE_HISTORY.value)
_e = entries.c
_SEES_ENTRY = or_(
    and_(
        _works_as(*SEE_EVERY_OPINION),
        or_(_e.body.is_(None), not_(_one_of(_e.verb, BODYS_OWN))),
    ),
    and_(_works_as(Role.CASE_OFFICER), _e.body.is_(None), not_(_one_of(_e.verb, INNER))),
    and_(
        _works_as(*_BODY_ROLES),
        or_(
            _e.body == _ORGANISATION,
            # That the outcome was announced says whether it may be shown, and is no more shown.
            and_(_e.body.is_(None), _one_of(_e.verb, {*KNOWN_TO_ASKED, TOLD})),
        ),
    ),
)
_p = payloads.c

# Every table: a guard, or why its rows are nobody's secret. None is left out (tests/wall).
GUARDS: Mapping[str, Guard] = {
    "cases": Guard(_of(cases.c.handle)),
    "entries": Guard(and_(or_(_SEES_ENTRY, _WHOLE_HISTORY), _of(_e.case_handle)), _by(_e.officer)),
}


class Policy(NamedTuple):
    """One policy of a table."""

    table: str
    name: str
    deed: str
    role: DatabaseRole
    using: str  # which rows
    check: str  # which new ones


def policies() -> Iterator[Policy]:
    """Yield every policy that there has to be."""
    for name, guard in GUARDS.items():
        see = or_(_one_of(_setting("purpose"), SEE_ALL), guard.see)
        rights = RIGHTS[name]
        application = DatabaseRole.APPLICATION
        yield Policy(name, "owner_all", "ALL", DatabaseRole.OWNER, "true", "true")
        yield Policy(name, "auditor_see", "SELECT", DatabaseRole.AUDITOR, "true", "")
        yield Policy(name, "application_see", "SELECT", application, sql(see), "")
        if rights.insert:
            yield Policy(name, "application_add", "INSERT", application, "", sql(guard.add))
        if rights.update:
            yield Policy(
                name, "application_change", "UPDATE", application, sql(see), sql(_SOMEBODY)
            )
        if rights.delete:
            yield Policy(name, "application_remove", "DELETE", application, sql(see), "")
        for deed in rights.sequencer or {}:
            using, check = ("", "true") if deed == "INSERT" else ("true", "")
            yield Policy(
                name, f"sequencer_{deed.lower()}", deed, DatabaseRole.SEQUENCER, using, check
            )


def my_cases() -> str:
    """Return what `my_cases` selects: what `scope.visible_to` says, for each role in turn."""
    whoever = AsSet(
        _ROLE,
        _OFFICER,
        _settings("persons"),
        _ORGANISATION,
        cast(_setting("clearance"), Integer),
        _settings("emergency"),
        _settings("case_types"),
    )
    return sql(select(cases.c.handle).where(visible_to(whoever)))


def sql(clause: ClauseElement) -> str:
    """Return a clause as PostgreSQL reads it, with its values in it."""
    compiled = clause.compile(dialect=_POSTGRESQL, compile_kwargs={"literal_binds": True})
    return " ".join(str(compiled).split())
