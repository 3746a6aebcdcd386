"""The form on the page of load: of which days it is told what came and went."""

from datetime import date, timedelta

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from vetting.engine.calendar import is_day
from vetting.engine.load import Period
from vetting.queries.load_page import LONGEST
from vetting.web.forms.base import AddressForm, DayField

USUAL = timedelta(days=29)  # before today, where nothing is asked for


class LoadForm(AddressForm):
    """From which day to which."""

    since = DayField(_("First day"))
    until = DayField(_("Last day"))

    def fill_in(self, today: str) -> None:
        """Ask for the last thirty days where nothing is asked for."""
        self.until.data = self.until.data or today
        if not self.since.data and is_day(self.until.data):
            self.since.data = (date.fromisoformat(self.until.data) - USUAL).isoformat()

    def said_well(self) -> bool:
        """Tell whether every day is one, they follow each other, and they are not too many."""
        if not super().said_well():
            return False
        since, until = _day(self.since), _day(self.until)
        if since > until:
            self.until.errors = [gettext("This day is before the first one.")]
            return False
        if (until - since).days >= LONGEST:
            self.until.errors = [gettext("Ask for at most %(days)s days at a time.", days=LONGEST)]
            return False
        return True

    def period(self, today: str) -> Period:
        """Return the days that are asked for."""
        return Period(_day(self.since), _day(self.until), date.fromisoformat(today))


def _day(field: DayField) -> date:
    return date.fromisoformat(str(field.data))
