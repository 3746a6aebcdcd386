"""Builders: the least that makes a valid thing; a test names only what it is about.

`small_province` writes a province of one unit, one Board, three bodies and one authority into a
migrated database. `Cast` gives a desk to each of its people.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Table, delete, select

from vetting.engine.policy import Action, Principal
from vetting.engine.reading import Definitions, read_definitions
from vetting.engine.vocabulary import CaseType, Kind, Role, Verdict
from vetting.records.candidate_keys import candidate_keys, data_key
from vetting.records.consultations import consultations
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.legal_bases import regulation_bodies, regulations
from vetting.records.officers import login_sessions, officers, role_assignments
from vetting.records.organisations import organisation_kinds, organisations
from vetting.records.outbox import outbox, recipients
from vetting.records.rights import DatabaseRole
from vetting.usecases.check_completeness import accept_cases, take_up_cases
from vetting.usecases.conclude import Conclusion, conclude_cases
from vetting.usecases.desk import Desk, Sent
from vetting.usecases.draft_opinion import Opinion, draft_and_pass_on
from vetting.usecases.file_case import Request, file_case
from vetting.usecases.issue_consultations import issue_consultations
from vetting.usecases.look import look
from vetting.usecases.propose import propose, submit_proposals
from vetting.usecases.record_fact import record_fact
from vetting.usecases.sign_opinion import sign_opinion
from vetting.usecases.tell_outcome import close_cases, notify_units

ROOT = Path(__file__).parents[1]
BODIES = ("cong-an", "thanh-tra", "thue")
REGULATION = "quy-che"

ROLE_OF_KIND = {
    Kind.REQUESTING_UNIT: (Role.CASE_OFFICER,),
    Kind.COORDINATOR: (Role.BOARD_OFFICER, Role.BOARD_HEAD),
    Kind.CONSULTED_BODY: (Role.BODY_OFFICER, Role.BODY_SIGNER),
    Kind.AUTHORITY: (Role.SECRETARY,),
    Kind.OVERSIGHT: (Role.SUPERVISOR,),
}


ALWAYS = timedelta(days=36_500)  # how long ago somebody may have proved who they are


def proved(principal: Principal) -> Principal:
    """Return somebody who has proved who they are, at a time that a test does not mind."""
    return replace(principal, proved_at="2026-01-01T00:00:00.000000Z", proved_with="password")


@cache
def definitions() -> Definitions:
    """The workflows of the repository, read once."""
    return read_definitions(ROOT / "workflows")


def as_owner(database: Database) -> Database:
    """Return a database as its owner has it, to write what the application may not write."""
    return database.acting_as(DatabaseRole.OWNER)


def as_served(database: Database) -> Database:
    """Return a database as the web has it: in the application's role, and for nobody at first."""
    if database.engine.dialect.name == "sqlite" or (
        database.role is DatabaseRole.APPLICATION and database.purpose is None
    ):
        return database
    others = database._others  # noqa: SLF001  # so that it is closed with the rest
    return others.setdefault("as served", Database(database.url))


def without_rules(connection: Connection, table: Table) -> None:
    """Take down the triggers of a table, to change what nobody is able to change."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"ALTER TABLE {table.name} DISABLE TRIGGER USER")
        return
    for (trigger,) in connection.exec_driver_sql(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (table.name,)
    ).all():
        connection.exec_driver_sql(f'DROP TRIGGER "{trigger}"')


@contextmanager
def as_superuser(database: Database) -> Iterator[Connection]:
    """Give a connection that no right holds back: to do what nobody should be able to do."""
    with database.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            yield connection
            return
        connection.exec_driver_sql("RESET ROLE")
        try:
            yield connection
        finally:
            connection.invalidate()


def under_key(connection: Connection, row: dict) -> dict:
    """Return a payload as it is kept: what it says under the key of its case's candidate."""
    case, number = row["case_handle"], row["number"]
    wrapped = connection.scalar(
        select(candidate_keys.c.wrapped).where(candidate_keys.c.case_handle == case)
    )
    key = data_key(case, wrapped)
    return row | {name: key.seal(number, name, row[name]) for name in ("salt", "content")}


def small_province(connection: Connection, bodies=BODIES):
    """Write the organisations, the regulation and the people of a small province."""
    add_organisation(connection, "so-y-te", Kind.REQUESTING_UNIT)
    add_organisation(connection, "so-noi-vu", Kind.REQUESTING_UNIT)
    add_organisation(connection, "ban-to-chuc", Kind.COORDINATOR)
    add_organisation(connection, "thuong-truc", Kind.AUTHORITY)
    add_organisation(connection, "uy-ban-kiem-tra", Kind.OVERSIGHT)
    for body in bodies:
        add_organisation(connection, body, Kind.CONSULTED_BODY)
    connection.execute(
        regulations.insert(),
        {"code": REGULATION, "name_vi": "Quy chế", "name_en": "Regulation"},
    )
    connection.execute(
        regulation_bodies.insert(),
        [
            {"regulation": REGULATION, "body": body, "position": position}
            for position, body in enumerate(bodies, 1)
        ],
    )


def add_organisation(connection: Connection, code: str, kind: Kind):
    """Write an organisation and its people: one a role, called `<code>/<role>`."""
    connection.execute(
        organisations.insert(),
        {
            "code": code,
            "name_vi": f"Cơ quan {code}",
            "name_en": f"Office {code}",
            "short_name": code.upper().replace("-", ""),
        },
    )
    connection.execute(organisation_kinds.insert(), {"organisation": code, "kind": kind.value})
    for role in ROLE_OF_KIND[kind]:
        add_officer(connection, officer_of(code, role), code, role)


def officer_of(code: str, role: Role, nth: int = 1) -> str:
    """Return the handle of an organisation's officer: a test can read who it is."""
    return f"{code}/{''.join(part[0] for part in role.value.split('_'))}{nth}"


def add_officer(connection: Connection, handle: str, organisation: str, role: Role):
    """Write an officer with one role."""
    connection.execute(
        officers.insert(),
        {
            "handle": handle,
            "login": handle,
            "name": handle,
            "sort_key": handle,
            "password_hash": "none",
        },
    )
    connection.execute(
        role_assignments.insert(),
        {"officer": handle, "organisation": organisation, "role": role.value},
    )


def add_session(connection: Connection, mark: str, officer: str, organisation: str, role: Role):
    """Write an open session of an officer in one capacity."""
    connection.execute(
        login_sessions.insert(),
        {
            "mark": mark,
            "token_hash": f"hash of {mark}",
            "officer": officer,
            "organisation": organisation,
            "role": role.value,
            "method": "password",
            "began_at": "2026-01-01T00:00:00.000000Z",
            "seen_at": "2026-01-01T00:00:00.000000Z",
        },
    )


def sent(seen=None, key=None) -> Sent:
    """Return what a form sends along: a key of its own, unless the test names one."""
    return Sent(key or uuid4().hex, seen)


def ticking(start=datetime(2026, 3, 2, 1, 0, tzinfo=UTC)) -> Ids:
    """Return a source of moments, each a little later than the one before."""
    ticks = count()
    return Ids(clock=lambda: start + timedelta(milliseconds=next(ticks)))


def request(name="Nguyễn Thị Ân", **told) -> Request:
    """Return a unit's request."""
    return Request(
        case_type=told.pop("case_type", CaseType.PLANNING),
        name=name,
        born=told.pop("born", "1975-03-02"),
        target=told.pop("target", "Phó Giám đốc Sở Y tế"),
        **told,
    )


def opinion(verdict=Verdict.NO_OBJECTION, reasons="Không có ý kiến khác.", **told) -> Opinion:
    """Return what a body says."""
    return Opinion(verdict, reasons, **told)


@dataclass
class Cast:
    """The people of a small province, at work on one database."""

    database: Database
    ids: Ids = field(default_factory=ticking)
    bodies: tuple[str, ...] = BODIES

    def desk(self, organisation: str, role: Role, nth: int = 1) -> Desk:
        """Return the desk of an organisation's officer."""
        officer = officer_of(organisation, role, nth)
        principal = proved(Principal(officer, officer, role, organisation, f"s-{officer}"[:22]))
        database = as_served(self.database)
        return Desk(principal, database, definitions(), self.ids, proved_for=ALWAYS)

    @property
    def unit(self) -> Desk:
        return self.desk("so-y-te", Role.CASE_OFFICER)

    @property
    def board(self) -> Desk:
        return self.desk("ban-to-chuc", Role.BOARD_OFFICER)

    @property
    def head(self) -> Desk:
        return self.desk("ban-to-chuc", Role.BOARD_HEAD)

    @property
    def secretary(self) -> Desk:
        return self.desk("thuong-truc", Role.SECRETARY)

    def drafter(self, body: str) -> Desk:
        return self.desk(body, Role.BODY_OFFICER)

    def signer(self, body: str) -> Desk:
        return self.desk(body, Role.BODY_SIGNER)

    def filed(self, **told) -> str:
        """File a case and return its handle."""
        return file_case(self.unit, sent(), request(**told))["case"]

    def accepted(self, **told) -> str:
        """File a case and have it accepted."""
        case = self.filed(**told)
        take_up_cases(self.board, sent(), [case])
        accept_cases(
            self.board,
            sent(),
            [case],
            authority="thuong-truc",
            authority_reason="Phân cấp quản lý cán bộ",
        )
        return case

    def consulting(self, **told) -> str:
        """File a case, have it accepted, and ask the bodies."""
        case = self.accepted(**told)
        issue_consultations(self.board, sent(), [case])
        return case

    def asked(self, case: str) -> dict[str, str]:
        """Return the consultations of a case that are open: body to handle."""
        with self.database.reading() as connection:
            c = consultations.c
            rows = connection.execute(
                select(c.body, c.handle).where(
                    c.case_handle == case, c.state.not_in(["signed", "withdrawn"])
                )
            )
            return {row.body: row.handle for row in rows}

    def ready(self, case: str, consultation: str, body: str, said=None) -> str:
        """Draft an opinion and pass it on; the signer opens it. Returns the text's hash."""
        draft_and_pass_on(self.drafter(body), sent(), consultation, said or opinion())
        with self.database.reading() as connection:
            c = consultations.c
            text = connection.scalar(select(c.draft_hash).where(c.handle == consultation))
        look(self.signer(body), Action.SIGN_OPINION, texts=[(case, consultation, text)])
        return text

    def sign(self, case: str, body: str, said=None) -> None:
        """Have a body answer a case."""
        consultation = self.asked(case)[body]
        text = self.ready(case, consultation, body, said)
        sign_opinion(self.signer(body), sent(), consultation, text)

    def assembling(self, **told) -> str:
        """Bring a case to where every body has answered."""
        case = self.consulting(**told)
        for body in self.bodies:
            self.sign(case, body)
        return case

    def concluded(self, **told) -> str:
        """Bring a case to its conclusion."""
        case = self.assembling(**told)
        propose(self.board, sent(), [case], "meets", "Các cơ quan không có ý kiến khác.")
        submit_proposals(self.head, sent(), [case])
        conclude_cases(
            self.secretary, sent(), [case], Conclusion("meets", "Đủ tiêu chuẩn.", "2026-01-05")
        )
        return case

    def closed(self, **told) -> str:
        """Bring a case to its end."""
        case = self.concluded(**told)
        notify_units(self.board, sent(), [case])
        record_fact(
            self.board, sent(), [case], "candidate_told", {"told_on": "2026-01-06", "how": "Thư"}
        )
        close_cases(self.board, sent(), [case])
        return case


def lose(cast: Cast, table: Table, *wanted: ColumnElement[bool]) -> None:
    """Take notices, or people of notices, away behind the system's back."""
    with as_owner(cast.database).writing() as connection:
        names = [table.name] if table is recipients else ["recipients", table.name]
        on = {
            name: f" ON {name}" if connection.dialect.name == "postgresql" else "" for name in names
        }
        for name in names:
            connection.exec_driver_sql(f"DROP TRIGGER {name}_no_delete{on[name]}")
        if table is outbox:
            keys = select(outbox.c.key).where(*wanted)
            connection.execute(delete(recipients).where(recipients.c.notice.in_(keys)))
        connection.execute(delete(table).where(*wanted))
