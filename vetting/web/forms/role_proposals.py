"""Forms for what waits for a second administrator."""

from flask_babel import lazy_gettext as _

from vetting.web.forms.base import AreaField
from vetting.web.forms.consultations import FreshForm, TextsField


class ConfirmRolesForm(FreshForm):
    """Roles that were ticked, each with the hash of what was shown."""

    given = TextsField()


class RefuseRolesForm(ConfirmRolesForm):
    """Roles that were ticked and are refused, with one sentence."""

    sentence = AreaField(_("Why they are refused"), required=_("Say why it is refused."), most=1000)
