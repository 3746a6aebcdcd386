"""Whoever countersigns what is to become of an opinion is held to the same duties as under one.

Such a countersignature gets its row beside those under opinions, also where it was put before.
"""

import json
from typing import Any

from alembic import op
from sqlalchemy import select, text

from vetting.records.history import payloads
from vetting.records.triggers import Rule, enforce, enforce_no_more

revision = "0049"
down_revision = "0048"

COUNTERSIGNED = text(
    "SELECT case_handle, number, officer, on_behalf_of, organisation, role, session, method, at "
    "FROM entries WHERE verb = 'amendment.countersigned'"
)
KEEP = text(
    "INSERT INTO sign_offs (consultation, officer, on_behalf_of, kind, organisation, role, hash, "
    "session, method, at) VALUES (:consultation, :officer, :on_behalf_of, 'countersign', "
    ":organisation, :role, :hash, :session, :method, :at)"
)
KEPT = text("SELECT consultation, officer, hash, at FROM sign_offs WHERE kind = 'countersign'")


def _persons(officer: str, absent: str) -> str:
    return f"(NEW.{officer}, COALESCE(NEW.{absent}, NEW.{officer}))"


_OF_THE_BODY = (
    "EXISTS (SELECT 1 FROM {in_}consultations c JOIN {in_}participations p "
    "ON p.case_handle = c.case_handle AND p.hat = 'opine' AND p.organisation = c.body "
    "WHERE c.handle = NEW.consultation AND p.officer = NEW.officer AND c.body = NEW.organisation "
    "AND "
)
_UNDER_AN_OPINION = "c.draft_by <> NEW.officer AND c.draft_hash = NEW.hash"
_SIGNED = _persons("signed_by", "signed_for")
_SIGNS_FOR = "COALESCE(NEW.on_behalf_of, NEW.officer)"


def _drawn_up(name: str, value: str) -> str:
    """Return the clause that what is drawn up says so.

    No words in it can look like that: in JSON a quotation mark within a text stands behind a
    stroke. To SQLite no function that reads JSON is one to be trusted in a trigger.
    """
    return f"replace(c.amendment, '\"{name}\": \"' || {value} || '\"', '') <> c.amendment"


_DREW_IT_UP = " OR ".join(
    _drawn_up(name, who) for name in ("by", "on_behalf_of") for who in ("NEW.officer", _SIGNS_FOR)
)
_UNDER_AN_AMENDMENT = (
    f"NEW.kind = 'countersign' AND {_drawn_up('hash', 'NEW.hash')} "  # noqa: S608
    f"AND NOT ({_DREW_IT_UP}) "
    "AND NEW.role IN ('body_officer','body_signer') "
    "AND EXISTS (SELECT 1 FROM {in_}role_assignments a "
    f"WHERE a.officer = {_SIGNS_FOR} "
    "AND a.organisation = NEW.organisation AND a.role = NEW.role)"
)


def _named_already(officer: str, absent: str) -> str:
    """Return the clause that one of these put a name to the same text, and it is not void since."""
    signs = _persons(officer, absent)
    return (
        "EXISTS (SELECT 1 FROM {in_}sign_offs s "  # noqa: S608  # our own names only
        "JOIN {in_}consultations c ON c.handle = s.consultation "
        "WHERE s.consultation = NEW.consultation AND s.hash = NEW.hash "
        "AND s.kind = 'countersign' "
        f"AND (s.officer IN {signs} OR s.on_behalf_of IN {signs}) "
        "AND NOT EXISTS (SELECT 1 FROM {in_}entries e WHERE e.case_handle = c.case_handle "
        "AND e.body = c.body AND e.at >= s.at AND e.verb IN ('opinion.drafted',"
        "'opinion.sent_back','amendment.drafted','consultation.released')))"
    )


def _by_another(holds: str) -> Rule:
    return Rule("sign_offs", "not_by_the_drafter", "INSERT", f"{_OF_THE_BODY}{holds})")


BEFORE = (_by_another(_UNDER_AN_OPINION),)
RULES = (
    _by_another(f"({_UNDER_AN_OPINION} OR {_UNDER_AN_AMENDMENT})"),
    Rule(
        "sign_offs",
        "each_by_somebody_else",
        "INSERT",
        f"NOT {_named_already('officer', 'on_behalf_of')}",
    ),
    Rule(
        "amendments",
        "signed_by_another",
        "INSERT",
        f"NEW.drafted_by NOT IN {_SIGNED} "
        f"AND COALESCE(NEW.drafted_for, NEW.drafted_by) NOT IN {_SIGNED} "
        f"AND NOT {_named_already('signed_by', 'signed_for')}",
        when="NEW.consultation IS NOT NULL",
    ),
)


def upgrade() -> None:
    """Take the step."""
    connection = op.get_bind()
    p = payloads.c
    rows: list[dict[str, Any]] = []
    for row in connection.execute(COUNTERSIGNED).mappings().all():
        of = (p.case_handle == row["case_handle"]) & (p.number == row["number"])
        said = connection.scalar(select(p.content).where(of))
        if said is not None:  # of a destroyed record nothing is kept
            told = json.loads(said)
            rows.append({**row, "consultation": told["consultation"], "hash": told["hash"]})
    kept = {tuple(row) for row in connection.execute(KEPT)}  # the step back left them
    enforce_no_more(connection, BEFORE)
    for row in rows:
        if (row["consultation"], row["officer"], row["hash"], row["at"]) not in kept:
            connection.execute(KEEP, row)
    enforce(connection, RULES)


def downgrade() -> None:
    """Take the step back: the names that were put stay where they are."""
    connection = op.get_bind()
    enforce_no_more(connection, RULES)
    enforce(connection, BEFORE)
