"""Forms of the acts that the Board and the authority do on one case or on many."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_babel import lazy_gettext as _
from wtforms import IntegerField, RadioField, SelectField, ValidationError
from wtforms.validators import InputRequired, NumberRange, Optional

from vetting.engine.definition import Outcome
from vetting.queries.act_page import Competence, WhoIsAsked
from vetting.queries.worklist import MOST_AT_ONCE
from vetting.registers.vocabulary import ManagementLevel
from vetting.usecases.conclude import Conclusion
from vetting.usecases.issue_consultations import Asking
from vetting.web.filters import said
from vetting.web.forms.base import AreaField, DayField, HiddenLineField, LineField, PageForm
from vetting.web.languages import language
from vetting.web.names import name_of

_HANDLE = re.compile(r"[A-Za-z0-9_-]{1,22}")
MOST_VOTES = 100_000


class ActForm(PageForm):
    """An act on one case, or on the cases that were ticked."""

    cases = HiddenLineField("", most=MOST_AT_ONCE * 23)

    @property
    def chosen(self) -> list[str]:
        """The handles of the cases that were ticked, as the confirming page carries them."""
        return str(self.cases.data or "").split()

    def validate_cases(self, field: HiddenLineField) -> None:
        """Refuse what no page of ours would carry."""
        handles = str(field.data or "").split()
        if not all(_HANDLE.fullmatch(handle) for handle in handles):
            raise ValidationError(gettext("Open the page again and repeat."))
        if len(handles) > MOST_AT_ONCE:
            raise ValidationError(gettext("At most %(most)s cases at once.", most=MOST_AT_ONCE))


class ReasonForm(ActForm):
    """An act that must be given a reason."""

    reason = AreaField(_("Reason"), required=_("Give a reason."))


class ReturnForm(ReasonForm):
    """A file goes back to its unit for completion."""

    missing = AreaField(
        _("What is missing"), required=_("Name at least one thing that is missing.")
    )

    @property
    def named(self) -> list[str]:
        """What is missing, a thing a line."""
        return [line.strip() for line in str(self.missing.data).splitlines() if line.strip()]


class AcceptForm(ActForm):
    """A file is complete; from here the case has its authority."""

    level = SelectField(_("Management level"), validators=[Optional(strip_whitespace=False)])
    authority = SelectField(
        _("Authority, where the table names none"), validators=[Optional(strip_whitespace=False)]
    )
    authority_reason = AreaField(_("Why this authority is competent"))

    def offer(self, known: Competence) -> None:
        """Offer the levels and the authorities; none is chosen from the start."""
        self.level.choices = [
            ("", gettext("As the unit filed it")),
            *((level.value, said(level)) for level in ManagementLevel),
        ]
        self.authority.choices = [
            ("", ""),
            *((code, vi if language() == "vi" else en) for code, vi, en in known.authorities),
        ]


class AddBodyForm(ActForm):
    """One body more, or one instead of another, and why."""

    body = SelectField(_("Body"), validators=[InputRequired(_("Choose a body."))])
    due_on = DayField(_("Answer due by"))
    reason = AreaField(_("Reason"), required=_("Give a reason."))
    instead = HiddenLineField("", most=22)

    def offer(self, bodies: Iterable[tuple[str, str, str]]) -> None:
        """Offer the bodies that are not asked yet; none is chosen from the start."""
        names = [(code, vi if language() == "vi" else en) for code, vi, en in bodies]
        self.body.choices = [("", ""), *names]


class AskForm(ActForm):
    """The bodies are asked."""

    reason = AreaField(_("Why the bodies are asked again"))
    symbol = LineField(_("Number and symbol of the paper letter"), most=100)
    dated = DayField(_("Date of the paper letter"))
    due_on = DayField(_("Answer due by"))

    def asking(self) -> Asking:
        """Return how the bodies are to be asked."""
        return Asking(
            left_out={
                field.description: str(field.data)
                for field in self
                if field.name.startswith(LEFT_OUT) and field.data
            },
            reason=self.reason.data or None,
            symbol=self.symbol.data or None,
            dated=self.dated.data or None,
            due_on=self.due_on.data or None,
        )

    def left_out_field(self, body: str) -> Any:  # noqa: ANN401  # WTForms gives any field
        """Return the field in which the reason for leaving a body out is written."""
        return next(field for field in self if field.description == body)


LEFT_OUT = "left_out_"


def ask_form(who: WhoIsAsked, *, again: bool) -> type[AskForm]:
    """Return the form for the bodies that a regulation names."""
    fields: dict[str, Any] = {
        f"{LEFT_OUT}{number}": LineField(
            lazy_gettext("Leave out, because"),
            most=500,
            description=asked.body,
            render_kw={
                "aria-label": gettext("Leave out %(body)s, because", body=name_of(asked.body))
            },
        )
        for number, asked in enumerate(who.bodies)
    }
    if again:
        fields["reason"] = AreaField(
            _("Why the bodies are asked again"), required=_("Say why the bodies are asked again.")
        )
    return type("AskTheseBodies", (AskForm,), fields)


class ProposeForm(ActForm):
    """The Board's proposal. No outcome is chosen from the start."""

    outcome = RadioField(
        _("What the Board proposes"),
        validators=[InputRequired(_("Choose what the Board proposes."))],
    )
    reasons = AreaField(_("Reasons"), required=_("Give the reasons for the proposal."))

    def offer(self, outcomes: Iterable[Outcome]) -> None:
        """Offer what may be proposed."""
        self.outcome.choices = [(outcome.name, said(outcome.title)) for outcome in outcomes]


class ConcludeForm(ActForm):
    """The authority's conclusion, with the votes as facts. Nothing is computed from them."""

    outcome = RadioField(
        _("What the authority concluded"),
        validators=[InputRequired(_("Choose what the authority concluded."))],
    )
    reasons = AreaField(_("Reasons"), required=_("Give the reasons for the conclusion."))
    decided_on = DayField(_("Decided on"), required=_("Say on which day it was decided."))
    document = LineField(_("Number and symbol of the decision"), most=100)
    votes_for = IntegerField(
        _("Votes for"), validators=[Optional(strip_whitespace=False), NumberRange(0, MOST_VOTES)]
    )
    votes_against = IntegerField(
        _("Votes against"),
        validators=[Optional(strip_whitespace=False), NumberRange(0, MOST_VOTES)],
    )
    votes_abstained = IntegerField(
        _("Abstentions"), validators=[Optional(strip_whitespace=False), NumberRange(0, MOST_VOTES)]
    )

    def offer(self, outcomes: Sequence[Outcome]) -> None:
        """Offer what may be concluded."""
        self.outcome.choices = [(outcome.name, said(outcome.title)) for outcome in outcomes]

    def conclusion(self) -> Conclusion:
        """Return what was entered."""
        return Conclusion(
            outcome=str(self.outcome.data),
            reasons=str(self.reasons.data),
            decided_on=str(self.decided_on.data),
            document=self.document.data or None,
            votes_for=self.votes_for.data,
            votes_against=self.votes_against.data,
            votes_abstained=self.votes_abstained.data,
        )
