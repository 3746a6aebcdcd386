"""Forms for coming in and for choosing a capacity."""

from collections.abc import Sequence
from typing import Self

from flask_babel import lazy_gettext as _
from flask_babel import ngettext
from wtforms import PasswordField, RadioField
from wtforms.validators import InputRequired, Length

from vetting.engine.policy import Principal
from vetting.engine.substitutes import SIGN_OF_FORM
from vetting.engine.vocabulary import CaseType, Role
from vetting.queries.waiting_elsewhere import Waiting
from vetting.records.passwords import LONGEST
from vetting.records.sessions import Capacity
from vetting.usecases.sign_in import LONGEST_LOGIN
from vetting.web.filters import said
from vetting.web.forms.base import HiddenLineField, LineField, PageForm
from vetting.web.languages import language


class SignInForm(PageForm):
    """Log-in and password."""

    login = LineField(_("Log-in"), required=_("Write your log-in."), most=LONGEST_LOGIN)
    password = PasswordField(
        _("Password"), validators=[InputRequired(_("Write your password.")), Length(max=LONGEST)]
    )
    next = HiddenLineField("", most=2000)


class CapacityForm(PageForm):
    """One of the officer's own capacities."""

    capacity = RadioField(
        _("Work as"), validators=[InputRequired(_("Choose one of your own capacities."))]
    )

    def offer(self, mine: Sequence[Waiting], now: Principal) -> None:
        """Offer what the officer may work as, with what waits there; the present one is marked."""
        self.capacity.choices = [(_value_of(one.capacity), _told(one)) for one in mine]
        if not self.capacity.raw_data:
            self.capacity.data = _value(now.role, now.organisation, now.on_behalf_of)

    def to(self, capacity: Capacity) -> Self:
        """Lead to one capacity and no other."""
        self.capacity.choices = [(_value_of(capacity), _called(capacity))]
        self.capacity.data = _value_of(capacity)
        return self

    def chosen(self) -> tuple[str, Role, str | None]:
        """Return the organisation and the role that were chosen, and in whose place."""
        role, organisation, *absent = str(self.capacity.data).split("@", 2)
        return organisation, Role(role), absent[0] if absent else None


def _value(role: Role, organisation: str, on_behalf_of: str | None) -> str:
    return "@".join(filter(None, (role.value, organisation, on_behalf_of)))


def _value_of(one: Capacity) -> str:
    return _value(one.role, one.organisation, one.acting.on_behalf_of if one.acting else None)


def _told(one: Waiting) -> str:
    called = _called(one.capacity)
    if one.count is None:
        return called
    waits = ngettext("%(num)s waits", "%(num)s wait", one.count)
    return f"{called} – {waits}"


def _called(one: Capacity) -> str:
    place = f"{said(one.role)}, {one.name_vi if language() == 'vi' else one.name_en}"
    if one.acting is None:
        return place
    types = sorted(one.acting.case_types, key=list(CaseType).index)
    scope = "" if len(types) == len(CaseType) else f" ({', '.join(said(type_) for type_ in types)})"
    return f"{SIGN_OF_FORM[one.acting.form]} {one.acting.name}: {place}{scope}"
