"""The form by which a line that was kept on paper is compared with the log."""

from flask_babel import lazy_gettext as _

from vetting.web.forms.base import AddressForm, AreaField


class KeptLineForm(AddressForm):
    """A line of the log, as it was printed or copied out."""

    # An area: the line is longer than a field is wide, and comes broken off a paper.
    line = AreaField(_("The line that was kept"), required=_("Write the line."), most=500)
