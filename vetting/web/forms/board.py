"""Forms of the Board's worklist, of the authority's list, and of a new round."""

from collections.abc import Iterable

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, SelectField
from wtforms.validators import InputRequired, Optional

from vetting.engine.vocabulary import CaseType, Named
from vetting.queries.submitted import Before, Wanted
from vetting.queries.worklist import Filter, Option, Sort, Wait
from vetting.web.desk import ids
from vetting.web.filters import said
from vetting.web.forms.base import AddressForm, DayField, LineField, PageForm
from vetting.web.languages import language


class WorklistForm(AddressForm):
    """How the worklist is narrowed; it stands in the address, so a view can be sent."""

    wait = SelectField(_("Waits for"), validators=[Optional(strip_whitespace=False)])
    case_type = SelectField(_("Case type"), validators=[Optional(strip_whitespace=False)])
    round = SelectField(
        _("Round"), validators=[Optional(strip_whitespace=False)], validate_choice=False
    )
    unit = SelectField(
        _("Requesting unit"), validators=[Optional(strip_whitespace=False)], validate_choice=False
    )
    sort = SelectField(_("Order"), validators=[Optional(strip_whitespace=False)])
    mine = BooleanField(_("Only those I have acted on"))
    aside = BooleanField(_("Only those I have set aside"))

    def offer(self) -> None:
        """Offer the closed lists."""
        self.wait.choices = _members(Wait)
        self.case_type.choices = [("", gettext("All")), *_members(CaseType)]
        self.sort.choices = _members(Sort)

    def offer_places(self, units: Iterable[Option], rounds: Iterable[Option]) -> None:
        """Offer the units and rounds there are."""
        self.round.choices = [("", gettext("All")), *_options(rounds)]
        self.unit.choices = [("", gettext("All")), *_options(units)]

    def wanted(self) -> Filter:
        """Return the filter."""
        return Filter(
            wait=Wait(self.wait.data) if self.wait.data else Wait.TO_CHECK,
            case_type=CaseType(self.case_type.data) if self.case_type.data else None,
            round=self.round.data or None,
            unit=self.unit.data or None,
            mine=bool(self.mine.data),
            aside=bool(self.aside.data),
            at=ids().now(),
            sort=Sort(self.sort.data) if self.sort.data else Sort.LONGEST,
        )


class SetAsideForm(PageForm):
    """Until which day a case is set aside."""

    until = DayField(_("Until the day"), required=_("Say until which day."))


class TakeUpForm(PageForm):
    """Nothing but a yes: the case is wanted back at once."""


class SubmittedForm(AddressForm):
    """How the authority's list is narrowed."""

    stands = SelectField(_("Where it stands"), validators=[Optional(strip_whitespace=False)])
    case_type = SelectField(_("Case type"), validators=[Optional(strip_whitespace=False)])
    proposed = SelectField(
        _("Proposed by the Board"), validators=[Optional(strip_whitespace=False)]
    )

    def offer(self, outcomes: Iterable[tuple[str, str]]) -> None:
        """Offer the closed lists, and what can be proposed."""
        self.stands.choices = _members(Before)
        self.case_type.choices = [("", gettext("All")), *_members(CaseType)]
        self.proposed.choices = [("", gettext("All")), *outcomes]

    def wanted(self) -> Wanted:
        """Return the filter."""
        return Wanted(
            stands=Before(self.stands.data) if self.stands.data else Before.TO_CONCLUDE,
            case_type=CaseType(self.case_type.data) if self.case_type.data else None,
            proposed=self.proposed.data or None,
        )


class RoundForm(PageForm):
    """A new round."""

    name_vi = LineField(_("Name in Vietnamese"), required=_("Name the round in both languages."))
    name_en = LineField(_("Name in English"), required=_("Name the round in both languages."))
    case_type = SelectField(_("Case type"), validators=[InputRequired(_("Choose a case type."))])
    opened_on = DayField(_("Opened on"), required=_("Say on which day the round opens."))

    def offer(self) -> None:
        """Offer the case types; none is chosen from the start."""
        self.case_type.choices = [("", ""), *_members(CaseType)]


def _members(kind: type[Named]) -> list[tuple[str, str]]:
    return [(member.value, said(member)) for member in kind]


def _options(options: Iterable[Option]) -> list[tuple[str, str]]:
    vi = language() == "vi"
    return [(one.code, one.name_vi if vi else one.name_en) for one in options]
