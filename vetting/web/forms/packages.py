"""The form by which the package of a case is asked for."""

from flask_babel import lazy_gettext as _

from vetting.web.forms.base import AreaField, PageForm


class PackageForm(PageForm):
    """What a package is taken out for."""

    reason = AreaField(_("Reason"), required=_("Give a reason."), most=500)
