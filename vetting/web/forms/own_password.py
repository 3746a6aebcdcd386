"""The form for changing one's own password."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import PasswordField, ValidationError
from wtforms.validators import InputRequired, Length

from vetting.engine.refusals import Refusal, Unacceptable
from vetting.records.passwords import LONGEST
from vetting.usecases.change_own_password import WrongPassword
from vetting.usecases.keep_officers import SHORTEST_PASSWORD
from vetting.web.forms.base import PageForm


class OwnPasswordForm(PageForm):
    """The present password, and twice the one to come."""

    password = PasswordField(
        _("Present password"),
        validators=[InputRequired(_("Write your present password.")), Length(max=LONGEST)],
    )
    new_password = PasswordField(
        _("New password"),
        validators=[
            InputRequired(_("Write a new password.")),
            Length(min=SHORTEST_PASSWORD, max=LONGEST),
        ],
    )
    new_password_again = PasswordField(
        _("New password once more"),
        validators=[InputRequired(_("Write the new password once more."))],
    )

    def validate_new_password_again(self, field: PasswordField) -> None:
        """Refuse a slip of the finger, which would lock the officer out."""
        if field.data != self.new_password.data:
            raise ValidationError(gettext("This is not the same as the new password."))

    def refuse(self, refusal: Refusal) -> None:
        """Say a refusal at the password that it is about."""
        if not isinstance(refusal, Unacceptable):
            super().refuse(refusal)
            return
        wrong = isinstance(refusal, WrongPassword)
        self.refuse_at(self.password if wrong else self.new_password, refusal)
