"""Forms about notices."""

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField
from wtforms.validators import Regexp

from vetting.web.forms.base import AddressForm, PageForm


class NoticesFilterForm(AddressForm):
    """Which notices are listed."""

    unopened = BooleanField(_("Only what I have not opened"))


class OpenAllForm(PageForm):
    """Up to which moment all notices count as opened: that of the newest on the page."""

    until = HiddenField("", validators=[Regexp(r"[\d:.TZ-]{20,27}\Z")])
