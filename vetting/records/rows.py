"""Rows: which rows of each table the application gets, for whom its connection works.

On PostgreSQL this is a second wall behind `records/scope.py`, and made of it: the function
`knows_case` is `scope.visible_to` over the settings of the session (records/standing.py), and the
policies ask it. It works for the owner, so what keeps a case from somebody is looked up with the
owner's eyes and not through the policies again. What an intruder may set they may set: this holds
back a statement that forgot a clause, or was given another by what somebody typed, and not whoever
can send statements of their own.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import (
    Boolean,
    ClauseElement,
    Column,
    ColumnElement,
    Dialect,
    Integer,
    Select,
    String,
    Table,
    and_,
    cast,
    exists,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.dialects import postgresql

from vetting.engine.policy import BODYS_OWN, INNER, KNOWN_TO_ASKED
from vetting.engine.vocabulary import Role
from vetting.records.acts import acts
from vetting.records.amendments import amendments
from vetting.records.candidate_keys import candidate_keys
from vetting.records.cases import cases, participations
from vetting.records.conclusions import conclusions, proposals
from vetting.records.consultations import consultations, extensions, opinions, sign_offs
from vetting.records.disposals import disposal_items, disposals
from vetting.records.emergencies import emergency_requests, emergency_steps
from vetting.records.given_packages import given_packages
from vetting.records.history import entries, payloads
from vetting.records.letters import letters
from vetting.records.mails import mail_notices
from vetting.records.outbox import notice_steps, outbox, recipients
from vetting.records.read_tallies import seen_cases
from vetting.records.reads import reads
from vetting.records.reports import report_figures, report_runs, reports
from vetting.records.rights import RIGHTS, DatabaseRole
from vetting.records.role_proposals import role_answers, role_proposals
from vetting.records.scope import SEE_EVERY_OPINION, AsSet, visible_to
from vetting.records.set_aside import set_aside
from vetting.records.standing import SEE_ALL, Purpose
from vetting.records.submissions import submission_rows, submissions, waiting_lists
from vetting.records.withheld import named_readers, recusals, restrictions

TOLD = "case.notified"
KNOWS_CASE = "knows_case"
_POSTGRESQL: Dialect = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]


def _setting(name: str) -> ColumnElement[str]:
    """Return a setting of the session.

    It is no subquery, though that would be looked up once a statement: each would be a plan of its
    own, and a statement over guarded tables has dozens of them to set up before it runs.
    """
    asked: ColumnElement[str] = func.current_setting(
        literal(f"vetting.{name}"), true(), type_=String
    )
    return func.nullif(asked, literal(""), type_=String)


def _is_one_of_those_set(given: ColumnElement[str], name: str) -> ColumnElement[bool]:
    """Return the clause that a column is one of the names in a setting of the session."""
    return given == func.any(_every(name))


def _every(name: str) -> ColumnElement[str]:
    return func.string_to_array(_setting(name), literal(","))


def _settings(name: str) -> Select[tuple[str]]:
    of_it = func.unnest(_every(name), type_=String)
    return select(of_it)


_ROLE, _OFFICER, _ORGANISATION = _setting("role"), _setting("officer"), _setting("organisation")
_SOMEBODY = or_(_setting("purpose").is_not(None), _OFFICER.is_not(None))
_EVERY_LIST = (Role.BOARD_OFFICER, Role.BOARD_HEAD, Role.SUPERVISOR)
_BODY_ROLES = (Role.BODY_OFFICER, Role.BODY_SIGNER)


def _works_as(*roles: Role) -> ColumnElement[bool]:
    return _ROLE.in_([literal(role.value) for role in sorted(roles)])


def _of(case: Column[str] | Column[str | None]) -> ColumnElement[bool]:
    known: ColumnElement[bool] = getattr(func, KNOWS_CASE)(_named(case), type_=Boolean)
    return known


def _by(officer: Column[str]) -> ColumnElement[bool]:
    """Return the clause that a row is in the name of whom the connection works for."""
    return or_(_setting("purpose").is_not(None), _is_one_of_those_set(officer, "persons"))


def _one_of(given: ColumnElement[str], words: Iterable[str]) -> ColumnElement[bool]:
    return given.in_([literal(word) for word in sorted(map(str, words))])


def _of_own_body(body: Column[str]) -> ColumnElement[bool]:
    return and_(_works_as(*_BODY_ROLES), body == _ORGANISATION)


def _of_no_other_body(body: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the clause that a body's people get what is their own body's, and others all."""
    return or_(_works_as(*(set(Role) - set(_BODY_ROLES))), body == _ORGANISATION)


def _with(rows: Table, *pairs: Any) -> ColumnElement[bool]:  # noqa: ANN401  # columns of any kind
    """Return the clause that a row of another table, which has its own guard, goes with this one.

    *pairs* are each a column of that table and what it has to be: a column of this one, or a value.
    """
    meant = [
        mine == (_named(other) if isinstance(other, Column) else other)
        for mine, other in zip(pairs[::2], pairs[1::2], strict=True)
    ]
    return exists(select(literal(1)).select_from(rows).where(*meant))


def _named(of_row: Column[Any]) -> ColumnElement[Any]:
    """Name a column and not mean it: nothing stands around a policy that it could belong to."""
    return literal_column(f"{of_row.table.name}.{of_row.name}")


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
# What is open to somebody in an emergency is found with their session; it is no case's rows.
_OF_A_SESSION = _setting("purpose") == literal(Purpose.SESSION.value)
_q = emergency_requests.c
_c, _o, _p, _s = consultations.c, opinions.c, payloads.c, sign_offs.c
_m, _r, _l, _n = amendments.c, reads.c, letters.c, recipients.c
_t, _x = participations.c, extensions.c

# Every table has a guard, or stands in OPEN with why not; none is left out (tests/wall).
GUARDS: Mapping[str, Guard] = {
    "cases": Guard(_of(cases.c.handle)),
    "entries": Guard(and_(or_(_SEES_ENTRY, _WHOLE_HISTORY), _of(_e.case_handle)), _by(_e.officer)),
    "payloads": Guard(_with(entries, _e.case_handle, _p.case_handle, _e.number, _p.number)),
    # The Board alone hands it over.
    "given_packages": Guard(
        and_(
            _works_as(Role.BOARD_OFFICER, Role.BOARD_HEAD),
            _of(given_packages.c.case_handle),
        )
    ),
    "candidate_keys": Guard(_of(candidate_keys.c.case_handle)),
    "participations": Guard(
        and_(
            or_(_of_no_other_body(_t.organisation), _is_one_of_those_set(_t.officer, "persons")),
            _of(_t.case_handle),
        ),
        _by(_t.officer),
    ),
    # A body's people get its own questions. Of the others the case's row says how many owe.
    "consultations": Guard(and_(_of_no_other_body(_c.body), _of(_c.case_handle))),
    "opinions": Guard(
        and_(or_(_works_as(*SEE_EVERY_OPINION), _of_own_body(_o.body)), _of(_o.case_handle)),
        _by(_o.signed_by),
    ),
    "extensions": Guard(
        and_(or_(_works_as(*SEE_EVERY_OPINION), _of_own_body(_x.body)), _of(_x.case_handle))
    ),
    "sign_offs": Guard(
        or_(
            and_(_of_own_body(_s.organisation), _with(consultations, _c.handle, _s.consultation)),
            _with(opinions, _o.consultation, _s.consultation, _o.hash, _s.hash),
            _with(amendments, _m.consultation, _s.consultation, _m.hash, _s.hash),
        ),
        _by(_s.officer),
    ),
    "proposals": Guard(
        and_(_works_as(*SEE_EVERY_OPINION), _of(proposals.c.case_handle)),
        _by(proposals.c.proposed_by),
    ),
    "conclusions": Guard(
        and_(
            or_(
                _works_as(*SEE_EVERY_OPINION),
                _with(entries, _e.case_handle, conclusions.c.case_handle, _e.verb, literal(TOLD)),
            ),
            _of(conclusions.c.case_handle),
        ),
        _by(conclusions.c.recorded_by),
    ),
    # As what they are about: an opinion, or the conclusion.
    "amendments": Guard(
        and_(
            or_(
                _works_as(*SEE_EVERY_OPINION),
                and_(_m.consultation.is_not(None), _of_own_body(_m.organisation)),
                and_(
                    _m.consultation.is_(None),
                    _with(entries, _e.case_handle, _m.case_handle, _e.verb, literal(TOLD)),
                ),
            ),
            _of(_m.case_handle),
        ),
        _by(_m.signed_by),
    ),
    "recusals": Guard(_of(recusals.c.case_handle)),
    "restrictions": Guard(_of(restrictions.c.case_handle)),
    "named_readers": Guard(_of(named_readers.c.case_handle)),
    # Whoever asked, and whoever sees the case; all others on the purpose of an emergency.
    "emergency_requests": Guard(
        or_(_is_one_of_those_set(_q.officer, "persons"), _OF_A_SESSION, _of(_q.case_handle)),
        _by(_q.officer),
    ),
    "emergency_steps": Guard(
        _with(emergency_requests, _q.handle, emergency_steps.c.request),
        _by(emergency_steps.c.officer),
    ),
    # A body of which a question was taken back is told so, and no more knows the case.
    "outbox": Guard(
        or_(
            and_(_of_no_other_body(outbox.c.organisation), _of(outbox.c.case_handle)),
            _with(recipients, _n.notice, outbox.c.key),
        ),
    ),
    "recipients": Guard(_is_one_of_those_set(_n.officer, "persons")),
    "notice_steps": Guard(
        _is_one_of_those_set(notice_steps.c.officer, "persons"), _by(notice_steps.c.officer)
    ),
    "set_aside": Guard(
        and_(_is_one_of_those_set(set_aside.c.officer, "persons"), _of(set_aside.c.case_handle)),
        _by(set_aside.c.officer),
    ),
    "mail_notices": Guard(_is_one_of_those_set(mail_notices.c.officer, "persons")),
    "reports": Guard(_works_as(*_EVERY_LIST), _by(reports.c.officer)),
    "report_figures": Guard(_with(reports, reports.c.handle, report_figures.c.report)),
    "report_runs": Guard(
        _with(reports, reports.c.handle, report_runs.c.report), _by(report_runs.c.officer)
    ),
    "reads": Guard(
        or_(
            _is_one_of_those_set(_r.officer, "persons"),
            and_(_of_no_other_body(_r.organisation), _of(_r.case_handle)),
        ),
        _by(_r.officer),
    ),
    "seen_cases": Guard(
        or_(
            _is_one_of_those_set(seen_cases.c.whose, "persons"), seen_cases.c.whose == _ORGANISATION
        )
    ),
    "letters": Guard(
        or_(_l.sender == _ORGANISATION, _l.receiver == _ORGANISATION, _works_as(Role.SUPERVISOR)),
        _by(_l.written_by),
    ),
    "submissions": Guard(
        or_(submissions.c.unit == _ORGANISATION, _works_as(*_EVERY_LIST)),
        _by(submissions.c.filed_by),
    ),
    "submission_rows": Guard(
        and_(
            _with(submissions, submissions.c.handle, submission_rows.c.submission),
            or_(submission_rows.c.case_handle.is_(None), _of(submission_rows.c.case_handle)),
        )
    ),
    "waiting_lists": Guard(
        _is_one_of_those_set(waiting_lists.c.officer, "persons"), _by(waiting_lists.c.officer)
    ),
    # Which of them somebody may know of is up to queries/tombstone.py, which looks with a purpose:
    # what keeps a case from somebody cannot be seen here once the case is in no list.
    "disposals": Guard(_works_as(*_EVERY_LIST)),
    "disposal_items": Guard(
        _with(disposals, disposals.c.case_handle, disposal_items.c.case_handle)
    ),
    # Whoever gives roles gets what waits, and what was said to it.
    "role_proposals": Guard(_works_as(Role.ADMINISTRATOR), _by(role_proposals.c.proposed_by)),
    "role_answers": Guard(_works_as(Role.ADMINISTRATOR), _by(role_answers.c.answered_by)),
    "acts": Guard(acts.c.officer == _OFFICER, _by(acts.c.officer)),
}
_REGISTER = "a register that everybody signed in may read"
_BEFORE = "asked before anybody is known, and of no case"
_PEOPLE = "about an officer and of no case"
_LOG = "handles and hashes, as the witnesses get them"
OPEN: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "authority_rules",
            "calendar_changes",
            "calendar_days",
            "calendars",
            "legal_bases",
            "organisation_kinds",
            "organisations",
            "regulation_bodies",
            "regulations",
            "replacements",
            "retention_schedules",
            "successions",
            "rounds",
        ),
        _REGISTER,
    ),
    **dict.fromkeys(
        (
            "authenticators",
            "directory_answers",
            "directory_identities",
            "failed_logins",
            "half_sign_ins",
            "login_sessions",
            "officers",
            "passkey_questions",
            "passkeys",
            "recovery_codes",
            "role_assignments",
            "session_links",
        ),
        _BEFORE,
    ),
    **dict.fromkeys(
        (
            "absences",
            "factor_resets",
            "muted_notices",
            "officer_changes",
            "role_changes",
            "substitutions",
        ),
        _PEOPLE,
    ),
    **dict.fromkeys(("checkpoints", "cosignatures", "gaps", "log", "log_nodes"), _LOG),
    "alembic_version": "at which migration the tables stand",
    "counters": "the last number given, and to nothing by name",
    "jobs": "of no case",
    "key_changes": "when the master key was changed, and of no case",
    "mail_steps": "what became of a mail, and of no case",
    "mails": "that a mail went to an officer, and of no case",
    "read_alarms": "how much was read, not of what",
    "reconciliations": "how many notices were told, not of what",
    "seen_counts": "how much was read, not of what",
    "tallies": "how much waits, not of what",
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


def knows_case() -> str:
    """Return the body of `knows_case`: what `scope.visible_to` says, for each role in turn.

    A function's statements are planned once a connection and asked of one case each; as part of
    every statement they would be planned with it, and worked out for all cases of whoever asks.
    """
    told = "".join(
        f"WHEN '{role.value}' THEN RETURN {sql(_known_as(role))};\n"
        for role in Role
        if role is not Role.ADMINISTRATOR
    )
    return f"""
BEGIN
CASE current_setting('vetting.role', true)
{told}ELSE RETURN false;
END CASE;
END
"""


def _known_as(role: Role) -> ColumnElement[bool]:
    whoever = AsSet(
        role,
        _OFFICER,
        _settings("persons"),
        _ORGANISATION,
        cast(_setting("clearance"), Integer),
        _settings("emergency"),
        _settings("case_types"),
    )
    return exists(
        select(literal_column("1"))
        .select_from(cases)
        .where(cases.c.handle == literal_column("$1"), visible_to(whoever))
    )


def sql(clause: ClauseElement) -> str:
    """Return a clause as PostgreSQL reads it, with its values in it."""
    compiled = clause.compile(dialect=_POSTGRESQL, compile_kwargs={"literal_binds": True})
    return " ".join(str(compiled).split())
