"""Forms for keeping officers."""

from collections.abc import Iterable

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import PasswordField, SelectField, ValidationError
from wtforms.validators import InputRequired, Length

from vetting.engine.casefile import HIGHEST_LEVEL
from vetting.engine.mails import LONGEST_ADDRESS, is_address
from vetting.engine.refusals import Refusal
from vetting.engine.vocabulary import Role
from vetting.queries.officer_list import Entrusted
from vetting.queries.registers_page import Organisation
from vetting.records.passwords import LONGEST
from vetting.usecases.keep_officers import (
    SHORTEST_PASSWORD,
    Assignment,
    BadLogin,
    BadName,
    BadPassword,
    BadRole,
    LoginTaken,
    NewOfficer,
    RoleHeld,
)
from vetting.usecases.leave import BadLastDay
from vetting.usecases.sign_in import LONGEST_LOGIN
from vetting.web.filters import said
from vetting.web.forms.base import DayField, LineField, PageForm
from vetting.web.forms.cases import choose_one
from vetting.web.languages import language
from vetting.web.names import name_of


def level_said(level: int) -> str:
    """Say a level of clearance."""
    return str(gettext("Level %(level)s", level=level) if level else gettext("None"))


class AccountForm(PageForm):
    """Whom an officer's account is for, and how they sign in at first."""

    name = LineField(_("Name"), required=_("An officer needs a name."))
    login = LineField(_("Log-in"), required=_("Write a log-in."), most=LONGEST_LOGIN)
    password = PasswordField(
        _("First password"),
        validators=[
            InputRequired(_("Write a first password.")),
            Length(min=SHORTEST_PASSWORD, max=LONGEST),
        ],
    )


class RoleForm(PageForm):
    """A role for an officer, for a time."""

    organisation = SelectField(
        _("Organisation"), validators=[InputRequired(_("Choose an organisation."))]
    )
    role = SelectField(_("Role"), validators=[InputRequired(_("Choose a role."))])
    valid_from = DayField(_("First day"))
    valid_to = DayField(_("Last day"))
    clearance = SelectField(_("Cleared for restricted cases"), default="0")

    def offer(self, organisations: Iterable[tuple[Organisation, bool]]) -> None:
        """Offer organisations, each with whether it is over, and roles; none is chosen already."""
        vi = language() == "vi"
        names = ((one, one.name_vi if vi else one.name_en, over) for one, over in organisations)
        self.organisation.choices = choose_one(
            (one.code, gettext("%(name)s (over, still asked)", name=name) if over else name)
            for one, name, over in names
        )
        self.role.choices = choose_one((role.value, said(role)) for role in Role)
        self.clearance.choices = [
            (str(level), level_said(level)) for level in range(HIGHEST_LEVEL + 1)
        ]

    def assignment(self) -> Assignment:
        """Return what was asked for."""
        return Assignment(
            Role(self.role.data),
            str(self.organisation.data),
            self.valid_from.data or "",
            self.valid_to.data or None,
            int(self.clearance.data or 0),
        )

    def refuse(self, refusal: Refusal) -> None:
        """Say a refusal at the field that it is about."""
        if isinstance(refusal, RoleHeld | BadRole):
            self.refuse_at(self.role, refusal)
        else:
            super().refuse(refusal)

    def validate_valid_to(self, field: DayField) -> None:
        """Refuse an end before the beginning."""
        if field.read and field.read < self.valid_from.read:
            raise ValidationError(gettext("A role cannot end before it begins."))


class OfficerForm(RoleForm, AccountForm):
    """Somebody who is to get a log-in, with a first role."""

    def refuse(self, refusal: Refusal) -> None:
        """Say a refusal at the field that it is about."""
        if isinstance(refusal, RoleHeld | BadRole):
            super().refuse(refusal)
        else:
            _refuse_account(self, refusal)

    def new_officer(self) -> NewOfficer:
        """Return who was entered."""
        return NewOfficer(
            str(self.login.data),
            str(self.name.data),
            str(self.password.data),
            (self.assignment(),),
        )


class NameForm(PageForm):
    """An officer's name and log-in."""

    name = LineField(_("Name"), required=_("An officer needs a name."))
    login = LineField(_("Log-in"), required=_("Write a log-in."), most=LONGEST_LOGIN)

    def refuse(self, refusal: Refusal) -> None:
        """Say a refusal at the field that it is about."""
        _refuse_account(self, refusal)


class HeldRoleForm(PageForm):
    """One of the roles that an officer has."""

    role = SelectField(_("Role"), validators=[InputRequired(_("Choose a role."))])

    def offer(self, held: Iterable[Entrusted]) -> None:
        """Offer the roles that the officer has; none is chosen from the start."""
        self.role.choices = choose_one(
            (
                f"{one.role.value} {one.organisation} {one.valid_from or ''}",
                self.said_of(one),
            )
            for one in held
        )

    def said_of(self, held: Entrusted) -> str:
        """Say which role it is."""
        return f"{said(held.role)}, {name_of(held.organisation)}"

    def assignment(self) -> Assignment:
        """Return which role was chosen."""
        role, organisation, since = str(self.role.data).split(" ")
        return Assignment(Role(role), organisation, since)


class EndRoleForm(HeldRoleForm):
    """A role ends."""

    last_day = DayField(_("Last day"), required=_("Say which day is the last."))

    def refuse(self, refusal: Refusal) -> None:
        """Say a refusal at the field that it is about."""
        if isinstance(refusal, BadLastDay):
            self.refuse_at(self.last_day, refusal)
        else:
            super().refuse(refusal)

    def ending(self) -> tuple[Assignment, str]:
        """Return which role ends, and with which day."""
        return self.assignment(), str(self.last_day.data)


class ClearForm(HeldRoleForm):
    """For which level an officer is cleared in a role."""

    level = SelectField(
        _("Cleared for restricted cases"), validators=[InputRequired(_("Choose a level."))]
    )

    def offer(self, held: Iterable[Entrusted]) -> None:
        """Offer the roles and the levels; none is chosen from the start."""
        super().offer(held)
        self.level.choices = choose_one(
            (str(level), level_said(level)) for level in range(HIGHEST_LEVEL + 1)
        )

    def said_of(self, held: Entrusted) -> str:
        """Say which role it is, and what the officer is cleared for in it."""
        now = gettext("now: %(level)s", level=level_said(held.clearance))
        return f"{super().said_of(held)} ({now})"

    def clearing(self) -> tuple[Assignment, int]:
        """Return in which role, and for which level."""
        return self.assignment(), int(self.level.data)


class MailAddressForm(PageForm):
    """Where mail for an officer goes."""

    address = LineField(_("Mail address"), most=LONGEST_ADDRESS)

    def validate_address(self, field: LineField) -> None:
        """Refuse what is not one address."""
        if field.data and not is_address(field.data):
            raise ValidationError(gettext("This is not a mail address."))


def _refuse_account(form: OfficerForm | NameForm, refusal: Refusal) -> None:
    """Say at the field that it is about what was refused of an account."""
    match refusal:
        case LoginTaken() | BadLogin():
            form.refuse_at(form.login, refusal)
        case BadName():
            form.refuse_at(form.name, refusal)
        case BadPassword() if isinstance(form, OfficerForm):
            form.refuse_at(form.password, refusal)
        case _:
            PageForm.refuse(form, refusal)
