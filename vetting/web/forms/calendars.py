"""The form by which a calendar of working days is changed."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import Connection
from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired

from vetting.engine.calendar import DayKind
from vetting.queries.calendar_page import calendars_to_change
from vetting.usecases.change_calendar import NewDays
from vetting.web.filters import said
from vetting.web.forms.base import AreaField, DayField, HiddenLineField, LineField, PageForm


class CalendarForm(PageForm):
    """What is said of some days, and why; `shown` is the list of deadlines that was looked at."""

    calendar = SelectField(_("Calendar"), validators=[InputRequired(_("Choose a calendar."))])
    first = DayField(_("First day"), required=_("Say which day it is about."))
    last = DayField(_("Last day"))
    kind = RadioField(_("What day it is"), validators=[InputRequired(_("Say what day it is."))])
    name_vi = LineField(_("Name in Vietnamese"))
    name_en = LineField(_("Name in English"))
    reason = AreaField(_("Reason"), required=_("Give a reason."))
    shown = HiddenLineField("")

    def offer(self, connection: Connection) -> None:
        """Offer the calendars and the kinds of days."""
        self.calendar.choices = [
            (code, said(name) if name else gettext("The province’s calendar"))
            for code, name in calendars_to_change(connection)
        ]
        self.kind.choices = [(kind.value, said(kind)) for kind in DayKind]

    def new_days(self) -> NewDays:
        """Return what the calendar is to say."""
        first = str(self.first.data)
        return NewDays(
            str(self.calendar.data),
            first,
            self.last.data or first,
            DayKind(self.kind.data),
            self.name_vi.data or "",
            self.name_en.data or "",
        )
