"""Forms by which a unit asks for the vetting of one candidate."""

from collections.abc import Iterable, Sequence
from datetime import date

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, SelectField, ValidationError
from wtforms.validators import Optional

from vetting.engine.casefile import CaseFile
from vetting.engine.vocabulary import CaseType
from vetting.queries.own_cases import Filing
from vetting.registers.vocabulary import ManagementLevel
from vetting.usecases.file_case import Request
from vetting.web.desk import ids
from vetting.web.filters import day, said
from vetting.web.forms.base import AddressForm, AreaField, DayField, LineField, PageForm

NAME_LIMIT = 100
TARGET_LIMIT = 300
POSITION_LIMIT = 600
EARLIEST_YEAR = 1900


def choose_one(choices: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return choices with an empty one before them: nothing is chosen from the start."""
    return [("", gettext("– choose –")), *choices]


class CandidateForm(PageForm):
    """Who the candidate is, and what for."""

    name = LineField(_("Full name"), required=_("Write the candidate’s name."), most=NAME_LIMIT)
    born = DayField(
        _("Date or year of birth"),
        required=_("Write the date or the year of birth."),
        year_enough=True,
    )
    target = LineField(
        _("Title asked for"), required=_("Write the title that is asked for."), most=TARGET_LIMIT
    )
    position = LineField(_("Present post"), most=POSITION_LIMIT)

    def validate_name(self, field: LineField) -> None:
        """Refuse what is no name."""
        if field.data and not any(sign.isalpha() for sign in field.data):
            raise ValidationError(gettext("This is no name."))

    def validate_born(self, field: DayField) -> None:
        """Refuse a birth that nobody living has."""
        if not field.data or field.process_errors:
            return
        today = date.fromisoformat(ids().today())
        if int(field.data[:4]) < EARLIEST_YEAR:
            raise ValidationError(gettext("The year of birth lies too far back."))
        if field.data > today.isoformat()[: len(field.data)]:
            raise ValidationError(gettext("The date of birth lies in the future."))


class CaseForm(CandidateForm):
    """A new case, or a draft of one."""

    management_level = SelectField(
        _("Management level"), validators=[Optional(strip_whitespace=False)]
    )
    round = SelectField(_("Round"), validators=[Optional(strip_whitespace=False)])
    admission = SelectField(
        _("Admission that this case follows"), validators=[Optional(strip_whitespace=False)]
    )
    all_the_same = BooleanField(_("I have seen this; file the case all the same"))

    admissions: Sequence[CaseFile] = ()
    follows = False

    def offer(self, filing: Filing) -> None:
        """Offer what there is to choose from."""
        self.management_level.choices = choose_one(
            (level.value, said(level)) for level in ManagementLevel
        )
        self.round.choices = choose_one((handle, said(title)) for handle, title in filing.rounds)
        self.admissions = filing.admissions
        self.follows = filing.definition.follows is not None
        self.admission.choices = choose_one(
            (earlier.handle, f"{earlier.name}, {day(earlier.born)}, {earlier.reference}")
            for earlier in filing.admissions
        )
        if self.follows:  # who the candidate is stands in the admission
            del self.name
            del self.born

    def sent_well_as(self, *, draft: bool) -> bool:
        """Tell whether the form was sent and holds; a draft may have gaps, but for the name."""
        if draft:
            for field in (self.born, self.target):
                if field is not None:
                    field.validators = (Optional(strip_whitespace=False), *field.validators[1:])
        if not self.sent_well():
            return False
        if self.follows and self._followed is None:
            self.admission.errors = [gettext("Choose the admission that this case follows.")]
            return False
        return True

    def request(self, case_type: CaseType) -> Request:
        """Return what the unit asks for."""
        followed = self._followed
        return Request(
            case_type=case_type,
            name=followed.name if followed else str(self.name.data or ""),
            born=followed.born if followed else str(self.born.data or ""),
            target=str(self.target.data or ""),
            position=self.position.data or None,
            management_level=self.management_level.data or None,
            admission=followed.handle if followed else None,
            round=self.round.data or None,
        )

    @property
    def _followed(self) -> CaseFile | None:
        chosen = self.admission.data
        return next((one for one in self.admissions if one.handle == chosen), None)


class RefileForm(CandidateForm):
    """What the unit completes in a case that was returned."""

    completed = AreaField(
        _("What you have completed, for the Board"),
        required=_("Say what you have completed."),
    )


class ReasonForm(PageForm):
    """A reason."""

    reason = AreaField(_("Reason"), required=_("Give a reason."))


class ConfirmForm(PageForm):
    """Nothing but a yes."""


class ReadersForm(AddressForm):
    """The day whose end the page of a case's readers tells of."""

    on = DayField(_("As of the end of the day"))

    def validate_on(self, field: DayField) -> None:
        """Refuse a day of which nobody can tell yet."""
        if field.read > ids().today():
            raise ValidationError(gettext("That day has not come yet."))


class PastForm(AddressForm):
    """The day whose end a page tells of, and an earlier one to compare it with."""

    on = DayField(_("As of the end of the day"), required=_("Name the day."))
    since = DayField(_("Compare with the end of the day"))
