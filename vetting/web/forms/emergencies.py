"""The forms of emergency access."""

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from wtforms import RadioField
from wtforms.validators import InputRequired

from vetting.engine.emergency import HOURS
from vetting.web.forms.base import AreaField, LineField, PageForm

AGREES, REFUSES = "agree", "refuse"


class AskForm(PageForm):
    """Somebody asks to read a case that is kept from them."""

    reference = LineField(_("Reference of the case"), required=_("Write the exact reference."))
    reason = AreaField(_("Why it cannot wait"), required=_("Say why it cannot wait."), most=1000)
    hours = RadioField(
        _("For how long"),
        choices=[],
        validators=[InputRequired(_("Choose for how long."))],
    )

    def offer(self) -> None:
        """Offer the limits; none is chosen from the start."""
        self.hours.choices = [
            (str(hours), ngettext("%(num)s hour", "%(num)s hours", hours)) for hours in HOURS
        ]


class AnswerForm(PageForm):
    """A second person agrees or refuses."""

    answer = RadioField(
        _("Your answer"),
        choices=[],
        validators=[InputRequired(_("Agree or refuse."))],
    )
    sentence = AreaField(_("In a sentence, why"), required=_("Write a sentence."), most=1000)

    def offer(self) -> None:
        """Offer both answers; none is chosen from the start."""
        self.answer.choices = [(AGREES, gettext("I agree")), (REFUSES, gettext("I refuse"))]


class ReviewForm(PageForm):
    """A supervisor says what they found."""

    sentence = AreaField(
        _("What you found, in a sentence"), required=_("Write a sentence."), most=1000
    )
