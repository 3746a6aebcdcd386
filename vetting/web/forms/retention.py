"""The forms by which a record is held, classed and disposed of."""

from collections.abc import Iterable

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import HiddenField, RadioField, SelectField
from wtforms.validators import InputRequired, Regexp

from vetting.engine.retention import Schedule
from vetting.web.filters import said
from vetting.web.forms.base import AreaField, PageForm

AGREES, REFUSES = "agree", "refuse"


class HoldForm(PageForm):
    """Why a record is held, or a hold lifted."""

    reason = AreaField(_("Reason"), required=_("Give a reason."), most=1000)


class ClassForm(PageForm):
    """By which class a record is kept, and why."""

    record_class = SelectField(
        _("Retention class"), validators=[InputRequired(_("Choose a class."))]
    )
    reason = AreaField(_("Reason"), required=_("Give a reason."), most=1000)

    def offer(self, classes: Iterable[Schedule]) -> None:
        """Offer the classes that were entered."""
        self.record_class.choices = [
            ("", ""),
            *((one.code, f"{said(one.title)} ({one.code})") for one in classes),
        ]


class AskDisposalForm(PageForm):
    """Somebody asks that just the list they see be destroyed."""

    plan = HiddenField("", validators=[Regexp(r"[0-9a-f]{64}\Z")])
    reason = AreaField(_("Reason"), required=_("Give a reason."), most=1000)


class AnswerDisposalForm(PageForm):
    """A second person agrees to just the list they see, or refuses."""

    plan = HiddenField("", validators=[Regexp(r"[0-9a-f]{64}\Z")])
    answer = RadioField(
        _("Your answer"), choices=[], validators=[InputRequired(_("Agree or refuse."))]
    )
    reason = AreaField(_("In a sentence, why"), required=_("Write a sentence."), most=1000)

    def offer(self, *, agreeing: bool) -> None:
        """Offer the answers that can be given; none is chosen from the start."""
        agrees = [(AGREES, gettext("I agree"))] if agreeing else []
        self.answer.choices = [*agrees, (REFUSES, gettext("I refuse"))]
