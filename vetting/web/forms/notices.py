"""Forms about notices."""

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, SelectMultipleField
from wtforms.validators import Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from vetting.queries.mail_wishes import MailWishes
from vetting.web.filters import said
from vetting.web.forms.base import AddressForm, PageForm


class NoticesFilterForm(AddressForm):
    """Which notices are listed."""

    unopened = BooleanField(_("Only what I have not opened"))


class OpenAllForm(PageForm):
    """Up to which moment all notices count as opened: that of the newest on the page."""

    up_to = HiddenField("", validators=[Regexp(r"[\d:.TZ-]{20,27}\Z")])


class _NoticesField(SelectMultipleField):
    """Some kinds of notices, each ticked or not."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class MailWishesForm(PageForm):
    """Of which notices an officer wants a mail."""

    wanted = _NoticesField(_("Tell me by mail of"))

    def offer(self, wishes: MailWishes) -> None:
        """Offer the notices that a mail need not tell of; those not muted are ticked."""
        self.wanted.choices = [(on, said(title)) for on, title in wishes.free]
