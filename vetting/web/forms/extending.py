"""Forms about more time for an answer."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import IntegerField, RadioField
from wtforms.validators import InputRequired, NumberRange, Optional

from vetting.engine.more_time import MOST_DAYS, Wanted
from vetting.web.forms.acts import ActForm
from vetting.web.forms.base import AreaField, DayField, PageForm


class MoreTimeForm(PageForm):
    """How much more time a body asks for, and why: in working days or until a day."""

    working_days = IntegerField(
        _("So many working days more"),
        validators=[Optional(strip_whitespace=False), NumberRange(1, MOST_DAYS)],
    )
    until = DayField(_("Or until a day"))
    reason = AreaField(_("Reason"), required=_("Give a reason."))

    def wanted(self) -> Wanted:
        """Return how much is asked for."""
        return Wanted(self.working_days.data, self.until.data or None)


class AnswerForm(ActForm):
    """Whether a body is given the time that it asked for, and why. Nothing is chosen."""

    gives = RadioField(
        _("Answer"), validators=[InputRequired(_("Choose whether the time is given."))]
    )
    reason = AreaField(_("Reason"), required=_("Give a reason."))

    def offer(self) -> None:
        """Offer the two answers."""
        self.gives.choices = [
            ("yes", gettext("Give the time that is asked for")),
            ("no", gettext("Do not give it; the day stands")),
        ]
