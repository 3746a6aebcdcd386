"""What a test of disposals needs: schedules, people who did nothing in a case, and later years."""

from dataclasses import dataclass
from datetime import UTC, datetime

from tests.builders import Cast, add_officer, as_owner, sent, ticking
from vetting.engine.vocabulary import Role
from vetting.records.disposals import plan_of, retention_schedules
from vetting.records.standing import Purpose
from vetting.usecases.desk import Desk
from vetting.usecases.dispose_of_record import answer_disposal, ask_disposal
from vetting.usecases.forget import forget

LATER = datetime(2047, 3, 2, 1, 0, tzinfo=UTC)
YEARS = 20
CLASS = "thu-nghiem"


def schedule(database, years=YEARS, code=CLASS, case_types="planning"):
    """Enter a schedule, made up for a test."""
    with as_owner(database).writing() as connection:
        connection.execute(
            retention_schedules.insert(),
            {
                "code": code,
                "name_vi": "Thử nghiệm",
                "name_en": "For tests",
                "case_types": case_types,
                "years": years,
                "basis": "Văn bản thử nghiệm" if years else "",
                "source": "",
                "entered_at": "2026-01-01T00:00:00.000000Z",
            },
        )


@dataclass
class Disposing:
    """Two people who did nothing in any case, and the years that pass."""

    cast: Cast

    def __post_init__(self):
        with as_owner(self.cast.database).writing() as connection:
            add_officer(connection, "ban-to-chuc/bo2", "ban-to-chuc", Role.BOARD_OFFICER)

    @property
    def asker(self) -> Desk:
        return self.cast.desk("ban-to-chuc", Role.BOARD_OFFICER, 2)

    @property
    def second(self) -> Desk:
        return self.cast.desk("uy-ban-kiem-tra", Role.SUPERVISOR)

    def let_pass(self, until=LATER):
        """Go to a later day."""
        self.cast.ids = ticking(until)

    def plan(self, case):
        """What would be destroyed now."""
        with self.cast.database.reading(Purpose.COMMAND) as connection:
            return plan_of(connection, case)

    def ask(self, case, by=None):
        return ask_disposal(by or self.asker, sent(), case, self.plan(case).hash, "Hết thời hạn.")

    def agree(self, case, by=None):
        return answer_disposal(by or self.second, sent(), case, self.plan(case).hash, agrees=True)

    def carry_out(self):
        return forget(as_owner(self.cast.database), self.cast.ids)

    def dispose(self, case):
        """Ask, agree, and carry out."""
        self.ask(case)
        self.agree(case)
        return self.carry_out()
