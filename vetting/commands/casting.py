"""Casting: the officers a demonstration needs, and the operator who files at the command line."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, select

from vetting.engine.names import sort_key
from vetting.engine.policy import Principal
from vetting.engine.reading import Definitions
from vetting.engine.vocabulary import Kind, Role
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.officers import is_of, officers, role_assignments
from vetting.records.organisations import organisation_kinds, organisations
from vetting.records.passwords import Passwords
from vetting.usecases.desk import Desk
from vetting.usecases.keep_officers import (
    Assignment,
    Keeper,
    NewOfficer,
    assign_role,
    create_officer,
)

OPERATOR = "vanhanh"
OPERATORS = (OPERATOR, "operator")  # as older installations have it
OPERATORS_NAME = "Người vận hành"
COMMAND_LINE = "command line"  # how an act was authenticated: whoever can run the command
NOBODY = "!"  # no password has this hash

# The people of the demonstration province are made up: surname, middle name, given name.
SURNAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ")
MIDDLES = ("Văn", "Thị", "Đức", "Thu", "Quốc", "Thanh", "Minh", "Ngọc", "Hữu")
GIVEN = ("An", "Bình", "Chi", "Dũng", "Đạt", "Giang", "Hà", "Khánh", "Lan", "Minh", "Nga", "Phúc")

ROLES_OF_KIND: Mapping[Kind, Sequence[Role]] = {
    Kind.REQUESTING_UNIT: (Role.CASE_OFFICER,),
    Kind.COORDINATOR: (Role.BOARD_OFFICER, Role.BOARD_HEAD, Role.ADMINISTRATOR),
    Kind.CONSULTED_BODY: (Role.BODY_OFFICER, Role.BODY_OFFICER, Role.BODY_SIGNER),
    Kind.AUTHORITY: (Role.SECRETARY,),
    Kind.OVERSIGHT: (Role.SUPERVISOR,),
}
# The first officer of each role has a log-in that a visitor can remember.
FIRST_LOG_IN = {
    Role.CASE_OFFICER: "donvi",
    Role.BOARD_OFFICER: "bantochuc",
    Role.BOARD_HEAD: "truongban",
    Role.BODY_OFFICER: "coquan",
    Role.BODY_SIGNER: "nguoiky",
    Role.SECRETARY: "thuky",
    Role.SUPERVISOR: "giamsat",
    Role.ADMINISTRATOR: "quantri",
}
# Where a visitor's log-in belongs, so that all of them meet in the same cases.
FIRST_ORGANISATION = {
    Role.CASE_OFFICER: "huyen-uy-huong-son",
    Role.BODY_OFFICER: "dang-uy-cong-an-tinh",
    Role.BODY_SIGNER: "dang-uy-cong-an-tinh",
    Role.SECRETARY: "ban-thuong-vu-tinh-uy",
    Role.SUPERVISOR: "uy-ban-kiem-tra-tinh-uy-giam-sat",
}


@dataclass(frozen=True)
class Part:
    """One officer of the cast, in one role."""

    officer: str
    login: str
    name: str
    role: Role
    organisation: str


def cast_officers(database: Database, password_hash: str, ids: Ids) -> list[Part]:
    """Give every organisation the officers that its kinds call for."""
    parts: list[Part] = []
    with database.writing() as connection:
        taken: set[str] = set()
        for number, (organisation, short, role) in enumerate(_posts(connection)):
            login = _log_in(role, organisation, short, taken)
            taken.add(login)
            parts.append(Part(ids.handle(), login, _name(number), role, organisation))
        connection.execute(
            officers.insert(),
            [
                {
                    "handle": part.officer,
                    "login": part.login,
                    "name": part.name,
                    "sort_key": sort_key(part.name),
                    "password_hash": password_hash,
                }
                for part in parts
            ],
        )
        connection.execute(
            role_assignments.insert(),
            [
                {
                    "officer": part.officer,
                    "organisation": part.organisation,
                    "role": part.role.value,
                }
                for part in parts
            ],
        )
    return parts


def cast(database: Database) -> list[Part]:
    """Return everybody who has a role."""
    o, a = officers.c, role_assignments.c
    with database.reading() as connection:
        rows = connection.execute(
            select(o.handle, o.login, o.name, a.role, a.organisation)
            .join(a.officer.table, a.officer == o.handle)
            .order_by(o.login)
        )
        return [
            Part(row.handle, row.login, row.name, Role(row.role), row.organisation) for row in rows
        ]


def desk_of(
    part: Part, database: Database, definitions: Definitions, ids: Ids, method: str = COMMAND_LINE
) -> Desk:
    """Return the desk at which an officer of the cast acts."""
    principal = Principal(
        part.officer,
        part.name,
        part.role,
        part.organisation,
        ids.handle(),
        method,
        robot=part.login in OPERATORS,
        proved_at=ids.now(),  # running the command is the proof, as long as it runs
    )
    return Desk(principal, database, definitions, ids, proved_for=timedelta(days=1))


def operator_of(database: Database, definitions: Definitions, unit: str) -> Desk:
    """Return the desk of the operator, who files for a unit what the unit sent on paper or disk.

    The operator cannot sign in; the history names the command line as what vouches for the act.
    """
    ids = Ids()
    filing = Assignment(Role.CASE_OFFICER, unit)
    with database.reading() as connection:
        handle = connection.scalar(
            select(officers.c.handle)
            .where(officers.c.login.in_(OPERATORS), officers.c.robot == 1)
            .order_by(officers.c.handle)
        )
    if handle is None:
        operator = NewOfficer(OPERATOR, OPERATORS_NAME, None, (filing,), robot=True)
        handle = create_officer(Keeper(database, ids, by=None), Passwords(), operator)
    elif not _works_for(database, handle, unit, ids.today()):
        assign_role(Keeper(database, ids, by=None), handle, filing)
    return desk_of(
        Part(handle, OPERATOR, OPERATORS_NAME, Role.CASE_OFFICER, unit),
        database,
        definitions,
        ids,
    )


def _works_for(database: Database, officer: str, organisation: str, day: str) -> bool:
    with database.reading() as connection:
        return is_of(connection, officer, organisation, day)


def _posts(connection: Connection) -> Iterator[tuple[str, str, Role]]:
    rows = connection.execute(
        select(organisations.c.code, organisations.c.short_name, organisation_kinds.c.kind)
        .join(organisation_kinds, organisation_kinds.c.organisation == organisations.c.code)
        .order_by(organisations.c.code, organisation_kinds.c.kind)
    ).all()
    for row in rows:
        for role in ROLES_OF_KIND[Kind(row.kind)]:
            yield row.code, row.short_name, role


def _log_in(role: Role, organisation: str, short: str, taken: set[str]) -> str:
    first = FIRST_LOG_IN[role]
    home = FIRST_ORGANISATION.get(role)
    if first not in taken and home in {None, organisation}:
        return first
    stem = f"{first}.{short.lower()}"
    return next(login for login in _numbered(stem) if login not in taken)


def _numbered(stem: str) -> Iterator[str]:
    yield stem
    number = 2
    while True:
        yield f"{stem}{number}"
        number += 1


def _name(number: int) -> str:
    return " ".join(
        (
            SURNAMES[number % len(SURNAMES)],
            MIDDLES[number // 3 % len(MIDDLES)],
            GIVEN[number * 7 % len(GIVEN)],
        )
    )
