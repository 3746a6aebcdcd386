"""The forms by which something that was signed is corrected, annulled or revoked."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import HiddenField, IntegerField, RadioField, SelectField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import InputRequired, NumberRange, Optional, Regexp

from vetting.engine.amend import Decision, ground_said
from vetting.engine.definition import Outcome
from vetting.engine.vocabulary import AmendmentKind, Ground, Named, Verdict
from vetting.usecases.amend import Concluded
from vetting.usecases.draft_opinion import Opinion
from vetting.web.filters import said
from vetting.web.forms.acts import MOST_VOTES
from vetting.web.forms.base import TEXT, AreaField, DayField, LineField, PageForm
from vetting.web.forms.consultations import lines_of, refuse_long_lines

SIGNS, REFUSES = "sign", "refuse"


def _members(kind: type[Named]) -> list[SelectChoice]:
    return [SelectChoice(member.value, said(member)) for member in kind]


class AmendForm(PageForm):
    """What is to become of something that was signed. Nothing is chosen from the start."""

    kind = RadioField(
        _("What is to become of it"),
        choices=lambda: _members(AmendmentKind),
        validators=[InputRequired(_("Choose what is to become of it."))],
    )
    ground = RadioField(
        _("On whose word"),
        choices=lambda: _members(Ground),
        validators=[InputRequired(_("Say on whose word it was looked at again."))],
    )
    reason = AreaField(_("Reason"), required=_("Give a reason."))
    basis = SelectField(_("Legal basis"), validators=[InputRequired(_("Choose the legal basis."))])
    decided_on = DayField(_("Date on the paper"), required=_("Say which date the paper has."))
    effective_on = DayField(_("In force from"), required=_("Say from which day it is in force."))
    document = LineField(_("Number and symbol of the paper"), most=100)

    only_of_corrections: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()  # without these a correction says nothing

    def offer_bases(self, bases: Iterable[tuple[str, str]]) -> None:
        """Offer the legal bases of the register."""
        self.basis.choices = [("", ""), *bases]

    def decision(self) -> Decision:
        """Return what was decided."""
        return Decision(
            AmendmentKind(self.kind.data),
            Ground(self.ground.data),
            str(self.reason.data),
            str(self.basis.data),
            str(self.decided_on.data),
            str(self.effective_on.data),
            self.document.data or None,
        )

    @property
    def corrects(self) -> bool:
        """Whether something is said in the place of what was signed."""
        return bool(self.kind.data == AmendmentKind.CORRECTION.value)

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Let other words stand with a correction, and with nothing else."""
        well = super().validate(extra_validators)
        if self.kind.errors:
            return False
        for name in self.only_of_corrections:
            field = self[name]
            given = field.data not in {None, "", "None"}
            if given and not self.corrects:
                field.errors = [gettext("Only a correction says something in its place.")]
            elif self.corrects and not given and name in self.needed:
                field.errors = [gettext("A correction says what stands in its place.")]
            well = well and not field.errors
        return well


class AmendConclusionForm(AmendForm):
    """What is to become of a conclusion."""

    outcome = RadioField(_("Corrected outcome"), validators=[Optional(strip_whitespace=False)])
    reasons = AreaField(_("Corrected reasons"))
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
    only_of_corrections = ("outcome", "reasons", "votes_for", "votes_against", "votes_abstained")
    needed = ("outcome", "reasons")

    def offer(self, outcomes: Iterable[Outcome]) -> None:
        """Offer what may be concluded, and on whose word it was looked at again."""
        self.ground.choices = [
            SelectChoice(one.value, said(ground_said(one, of_conclusion=True))) for one in Ground
        ]
        self.outcome.choices = [(one.name, said(one.title)) for one in outcomes if one.concluded]

    def instead(self) -> Concluded | None:
        """Return what is concluded in its place."""
        if not self.corrects:
            return None
        return Concluded(
            str(self.outcome.data),
            str(self.reasons.data),
            self.votes_for.data,
            self.votes_against.data,
            self.votes_abstained.data,
        )


class AmendOpinionForm(AmendForm):
    """What is to become of a signed opinion."""

    verdict = RadioField(
        _("Corrected opinion"),
        choices=lambda: _members(Verdict),
        validators=[Optional(strip_whitespace=False)],
    )
    reasons = AreaField(_("Corrected reasons"))
    conditions = AreaField(_("Conditions"), most=4 * TEXT)
    evidence = AreaField(_("Evidence"), most=4 * TEXT)
    only_of_corrections = ("verdict", "reasons", "conditions", "evidence")
    needed = ("verdict", "reasons")

    def validate_conditions(self, field: Any) -> None:  # noqa: ANN401  # any field with text
        """Refuse lines that nobody would read."""
        refuse_long_lines(field)

    def validate_evidence(self, field: Any) -> None:  # noqa: ANN401
        """Refuse lines that nobody would read."""
        refuse_long_lines(field)

    def instead(self) -> Opinion | None:
        """Return what is said in its place."""
        if not self.corrects:
            return None
        return Opinion(
            Verdict(self.verdict.data),
            str(self.reasons.data),
            lines_of(self.conditions.data),
            lines_of(self.evidence.data),
        )


class CountersignAmendmentForm(PageForm):
    """A second person puts a name to just the text they see."""

    text = HiddenField("", validators=[Regexp(r"[0-9a-f]{64}\Z")])


class SignAmendmentForm(PageForm):
    """A second person signs just the text they see, or does not."""

    text = HiddenField("", validators=[Regexp(r"[0-9a-f]{64}\Z")])
    answer = RadioField(
        _("Your answer"), choices=[], validators=[InputRequired(_("Sign it or say why not."))]
    )
    reason = AreaField(_("If you do not sign: why"), most=1000)

    def offer(self, *, signing: bool) -> None:
        """Offer the answers that can be given; none is chosen from the start."""
        signs = [(SIGNS, gettext("I sign it"))] if signing else []
        self.answer.choices = [*signs, (REFUSES, gettext("I do not sign it"))]

    def validate_reason(self, field: Any) -> None:  # noqa: ANN401
        """Ask for the reason of whoever does not sign."""
        if self.answer.data == REFUSES and not str(field.data or "").strip():
            raise ValidationError(gettext("Give a reason."))


class CandidateToldForm(PageForm):
    """When and how the candidate was told what became of the conclusion."""

    told_on = DayField(_("Told on"), required=_("Say on which day."))
    how = AreaField(_("How"), required=_("Say how the candidate was told."), most=1000)
