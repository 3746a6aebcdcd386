"""Whoever supervises is told of every case that was restricted before they were told of it.

Of a case that is still restricted the supervisors of today are told by name. What was changed again
since counts as told to nobody, as all does that was written before people were told by name.
"""

from alembic import op
from sqlalchemy import text

from vetting.records.identity import Ids

revision = "0047"
down_revision = "0046"

# Each restriction that was written down, and whether it is the one that holds now.
RESTRICTED = text(
    "SELECT e.case_handle, e.number, e.at, k.organisation, CASE WHEN r.case_handle IS NOT NULL "
    "AND NOT EXISTS (SELECT 1 FROM entries z WHERE z.case_handle = e.case_handle "
    "AND z.verb = e.verb AND z.number > e.number) THEN 1 ELSE 0 END AS holds "
    "FROM entries e JOIN organisation_kinds k ON k.kind = 'oversight' "
    "LEFT JOIN restrictions r ON r.case_handle = e.case_handle "
    "WHERE e.verb = 'case.restricted' AND NOT EXISTS (SELECT 1 FROM outbox o "
    "WHERE o.case_handle = e.case_handle AND o.on_move = 'case_restricted' "
    "AND o.organisation = k.organisation AND o.written_at = e.at)"
)
TELL = text(
    "INSERT INTO outbox (key, on_move, case_handle, organisation, written_at, telling, audience) "
    "VALUES (:key, 'case_restricted', :case_handle, :organisation, :at, :telling, 'overseer')"
)
NAME = text(
    "INSERT INTO recipients (notice, officer, organisation, at) "
    "SELECT DISTINCT CAST(:key AS TEXT), a.officer, a.organisation, CAST(:now AS TEXT) "
    "FROM role_assignments a "
    "JOIN officers f ON f.handle = a.officer AND f.disabled_at IS NULL AND f.robot = 0 "
    "WHERE a.role = 'supervisor' AND a.organisation = :organisation AND a.valid_from <= :day "
    "AND (a.valid_to IS NULL OR a.valid_to >= :day) AND NOT EXISTS (SELECT 1 FROM recusals x "
    "WHERE x.case_handle = :case_handle AND x.officer = a.officer)"
)


def upgrade() -> None:
    """Take the step."""
    connection, ids = op.get_bind(), Ids()
    now = ids.now()
    for row in connection.execute(RESTRICTED).mappings().all():
        about = {
            "key": f"{row['case_handle']}/{row['number']}/{row['organisation']}",
            "case_handle": row["case_handle"],
            "organisation": row["organisation"],
        }
        telling = ids.handle() if row["holds"] else None
        connection.execute(TELL, {**about, "at": row["at"], "telling": telling})
        if telling is not None:
            connection.execute(NAME, {**about, "now": now, "day": ids.legal_day(now)})


def downgrade() -> None:
    """Take the step back: what was told stays told."""
