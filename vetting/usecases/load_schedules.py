"""Load retention schedules: by which rule records of each class are kept, and how long."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from vetting.engine.retention import Schedule
from vetting.records.database import Database
from vetting.records.disposals import retention_schedules
from vetting.records.identity import Ids
from vetting.records.rights import DatabaseRole
from vetting.usecases.load_registers import Loaded


def load_schedules(
    database: Database, schedules: Sequence[tuple[Schedule, str]], ids: Ids | None = None
) -> Loaded:
    """Bring the schedules to what was read; none is removed, since tombstones name them."""
    at = (ids or Ids()).now()
    added = changed = 0
    with database.acting_as(DatabaseRole.OWNER).writing() as connection:
        kept = {
            row["code"]: dict(row)
            for row in connection.execute(select(retention_schedules)).mappings()
        }
        for schedule, source in schedules:
            row = _row(schedule, source)
            before = kept.get(schedule.code)
            if before is None:
                connection.execute(retention_schedules.insert(), row | {"entered_at": at})
                added += 1
            elif before != {**before, **row}:
                c = retention_schedules.c
                there = retention_schedules.update().where(c.code == schedule.code)
                connection.execute(there.values(row | {"entered_at": at}))
                changed += 1
    name = retention_schedules.name
    return Loaded(name, added, changed, len(schedules) - added - changed)


def _row(schedule: Schedule, source: str) -> dict[str, Any]:
    return {
        "code": schedule.code,
        "name_vi": schedule.title.vi,
        "name_en": schedule.title.en,
        "case_types": " ".join(sorted(kind.value for kind in schedule.case_types)),
        "years": schedule.years,
        "basis": schedule.basis,
        "source": source,
    }
