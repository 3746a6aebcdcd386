"""Forms for an absence and for who acts meanwhile."""

from collections.abc import Iterable

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import SelectField, SelectMultipleField, ValidationError
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from vetting.engine.refusals import Refusal
from vetting.engine.substitutes import EVERY_TYPE, SIGN_OF_FORM, Form
from vetting.engine.vocabulary import CaseType, Role
from vetting.queries.absence_pages import Offer
from vetting.usecases.record_absence import Absence, Place
from vetting.web.filters import said
from vetting.web.forms.base import DayField, PageForm
from vetting.web.forms.cases import choose_one
from vetting.web.names import name_of


class TypesField(SelectMultipleField):
    """Some case types, or none ticked: all of them."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def _substitute() -> SelectField:
    return SelectField(_("Who acts meanwhile"), validators=[Optional(strip_whitespace=False)])


def _form() -> SelectField:
    return SelectField(_("Signs in the form"), default="")  # asked for where somebody is chosen


def _types() -> TypesField:
    return TypesField(_("Only for these case types (none ticked: for all)"))


class SubstituteForm(PageForm):
    """Who acts in place of whoever is away, in one role."""

    substitute = SelectField(
        _("Who acts meanwhile"), validators=[InputRequired(_("Choose who acts meanwhile."))]
    )
    form = SelectField(
        _("Signs in the form"), validators=[InputRequired(_("Choose the form of signing."))]
    )
    case_types = _types()

    def offer(self, offers: Iterable[Offer]) -> None:
        """Offer the colleagues; nobody is chosen from the start."""
        _offer(self.substitute, self.form, self.case_types, list(offers))

    def refuse(self, refusal: Refusal) -> None:
        """Say a refusal at the field that it is about."""
        if refusal.about.isdigit():
            self.refuse_at(self.substitute, refusal)
        else:
            super().refuse(refusal)

    def place(self) -> Place:
        """Return what was asked for."""
        return _place(self.substitute.data, self.form.data, self.case_types.data or [])


class AbsenceForm(PageForm):
    """When somebody is away, and who acts meanwhile."""

    first_day = DayField(_("First day"), required=_("Give the first day."))
    last_day = DayField(_("Last day"), required=_("Say which day is the last."))
    substitute = _substitute()
    form = _form()
    case_types = _types()
    second_substitute = SelectField(
        _("One more who acts meanwhile"), validators=[Optional(strip_whitespace=False)]
    )
    second_form = _form()
    second_case_types = _types()

    def offer(self, offers: Iterable[Offer]) -> None:
        """Offer the colleagues; nobody is chosen from the start."""
        offered = list(offers)
        _offer(self.substitute, self.form, self.case_types, offered)
        _offer(self.second_substitute, self.second_form, self.second_case_types, offered)

    def absence(self, officer: str) -> Absence:
        """Return what was asked for."""
        lines = (
            (self.substitute, self.form, self.case_types),
            (self.second_substitute, self.second_form, self.second_case_types),
        )
        return Absence(
            officer,
            str(self.first_day.data),
            str(self.last_day.data),
            tuple(
                _place(who.data, form.data, types.data or [])
                for who, form, types in lines
                if who.data
            ),
        )

    def refuse(self, refusal: Refusal) -> None:
        """Say a refusal at the field that it is about."""
        if refusal.about.isdigit():  # the number of the substitute, of those who were named
            named = [one for one in (self.substitute, self.second_substitute) if one.data]
            self.refuse_at(named[int(refusal.about)], refusal)
        elif refusal.about in self:
            self.refuse_at(self[refusal.about], refusal)
        else:
            super().refuse(refusal)

    def validate_last_day(self, field: DayField) -> None:
        """Refuse an end before the beginning."""
        if field.read and field.read < self.first_day.read:
            raise ValidationError(gettext("An absence cannot end before it begins."))

    def validate_form(self, field: SelectField) -> None:
        """Ask for the form in which somebody signs."""
        if self.substitute.data and not field.data:
            raise ValidationError(gettext("Choose the form of signing."))

    def validate_second_form(self, field: SelectField) -> None:
        """Ask for the form in which somebody signs."""
        if self.second_substitute.data and not field.data:
            raise ValidationError(gettext("Choose the form of signing."))


def _offer(who: SelectField, form: SelectField, types: TypesField, offers: list[Offer]) -> None:
    who.choices = choose_one(
        (
            one.value,
            gettext(
                "%(name)s, in the role “%(role)s” at %(organisation)s",
                name=one.name,
                role=said(one.role),
                organisation=name_of(one.organisation),
            ),
        )
        for one in offers
    )
    form.choices = choose_one((one.value, f"{SIGN_OF_FORM[one]} – {said(one)}") for one in Form)
    types.choices = [(one.value, said(one)) for one in CaseType]


def _place(who: str, form: str, types: Iterable[str]) -> Place:
    organisation, role, officer = who.split(" ", 2)
    chosen = frozenset(CaseType(one) for one in types)
    return Place(organisation, Role(role), officer, Form(form), chosen or EVERY_TYPE)
