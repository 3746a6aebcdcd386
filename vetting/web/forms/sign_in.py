"""Forms for coming in and for choosing a capacity."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from wtforms import PasswordField, RadioField
from wtforms.validators import InputRequired, Length

from vetting.engine.policy import Principal
from vetting.engine.vocabulary import Role
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

    def offer(self, mine: Sequence[Capacity], now: Principal) -> None:
        """Offer what the officer may work as; the present capacity is marked."""
        name = "name_vi" if language() == "vi" else "name_en"
        self.capacity.choices = [
            (f"{one.role.value}@{one.organisation}", f"{said(one.role)}, {getattr(one, name)}")
            for one in mine
        ]
        if not self.capacity.raw_data:
            self.capacity.data = f"{now.role.value}@{now.organisation}"

    def chosen(self) -> tuple[str, Role]:
        """Return the organisation and the role that were chosen."""
        role, _, organisation = str(self.capacity.data).partition("@")
        return organisation, Role(role)
