"""The forms by which a candidate's request is recorded, answered, reviewed and handed over."""

from collections.abc import Iterable

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired

from vetting.engine.candidate_requests import Manner, PartOfPackage, RequestKind, Way
from vetting.web.filters import said
from vetting.web.forms.base import AreaField, DayField, LineField, PageForm

AGREES, SENDS_BACK = "agree", "send_back"
MOST_GROUND = 300


class RecordRequestForm(PageForm):
    """What the candidate asks, by which letter, and who received it when."""

    kind = SelectField(
        _("What the candidate asks for"),
        validators=[InputRequired(_("Say what the candidate asks for."))],
    )
    letter = LineField(
        _("Number or description of the letter"), required=_("Name the letter."), most=200
    )
    came_on = DayField(_("Came on"), required=_("Name the day."))
    received_by = LineField(_("Received by"), required=_("Name who received the letter."), most=200)
    asked_for = AreaField(
        _("What it asks, in its own words"), required=_("Write what it asks."), most=2000
    )

    def offer(self) -> None:
        """Offer the kinds; none is chosen from the start."""
        self.kind.choices = [("", ""), *((one.value, said(one)) for one in RequestKind)]


class AcknowledgeForm(PageForm):
    """By which letter, and when, the candidate was told that the request came."""

    told_on = DayField(_("Told on"), required=_("Name the day."))
    letter = LineField(
        _("Number or description of the letter"), required=_("Name the letter."), most=200
    )


class PrepareForm(PageForm):
    """What is prepared for a second person; what of the package is withheld, part by part."""

    way = RadioField(
        _("What is prepared"),
        choices=[],
        validators=[InputRequired(_("Say whether it is answered, refused or extended."))],
    )
    reasons = AreaField(
        _("What the candidate is told, with the reasons"),
        required=_("Write what the candidate is told."),
        most=2000,
    )
    ground = LineField(_("Ground in law, for a refusal"), most=MOST_GROUND)
    until = DayField(_("New day, for an extension"))
    names: tuple[str, ...] = ()

    def offer(self, *, extends: bool) -> None:
        """Offer the ways that there are; none is chosen from the start."""
        ways = [one for one in Way if extends or one is not Way.EXTEND]
        self.way.choices = [(one.value, said(one)) for one in ways]

    def withheld(self) -> dict[str, str]:
        """Return the grounds that were written, by the parts they keep back."""
        return {
            name: str(self[id_of_part(name)].data)
            for name in self.names
            if self[id_of_part(name)].data
        }

    def grounds(self) -> list[LineField]:
        """Return the fields of the grounds, part by part."""
        return [self[id_of_part(name)] for name in self.names]  # type: ignore[misc]


def prepare_form(parts: Iterable[PartOfPackage]) -> type[PrepareForm]:
    """Make the form that asks of each part whether it is withheld."""
    parts = tuple(parts)
    made = {
        id_of_part(part.name): LineField(
            gettext("Withhold “%(part)s” on the ground", part=said(part.title)), most=MOST_GROUND
        )
        for part in parts
    }
    return type("PrepareForm", (PrepareForm,), {**made, "names": tuple(p.name for p in parts)})


def id_of_part(name: str) -> str:
    """Return the name of the field of a part."""
    return f"ground_{name.replace('.', '_')}"


class ReviewForm(PageForm):
    """A second person agrees to just what was prepared, or sends it back."""

    answer = RadioField(
        _("Your answer"), choices=[], validators=[InputRequired(_("Agree or send it back."))]
    )
    reason = AreaField(_("Reason, if you send it back"), most=1000)

    def offer(self) -> None:
        """Offer both answers; none is chosen from the start."""
        self.answer.choices = [
            (AGREES, gettext("I agree; this is the answer")),
            (SENDS_BACK, gettext("I send it back")),
        ]


class HandedOverForm(PageForm):
    """Who handed the package over, on which day, how, and what shows it."""

    handed_on = DayField(_("Handed over on"), required=_("Name the day."))
    handed_by = LineField(
        _("Handed over by"), required=_("Name who handed the package over."), most=200
    )
    manner = RadioField(
        _("How it was handed over"),
        choices=[],
        validators=[InputRequired(_("Say how it was handed over."))],
    )
    receipt = LineField(
        _("Number or description of the receipt or letter"),
        required=_("Name the receipt or letter."),
        most=200,
    )

    def offer(self) -> None:
        """Offer the manners; none is chosen from the start."""
        self.manner.choices = [(one.value, said(one)) for one in Manner]
