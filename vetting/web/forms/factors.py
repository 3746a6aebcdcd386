"""Forms for second factors: a code, and a new authenticator."""

from flask_babel import lazy_gettext as _

from vetting.engine.refusals import Refusal
from vetting.usecases.keep_factors import LONGEST_NAME
from vetting.usecases.prove_factor import LONGEST_CODE, NotProven
from vetting.web.filters import said
from vetting.web.forms.base import HiddenLineField, LineField, PageForm


class CodeField(LineField):
    """A code, which no page shows again: what was nearly right may be right in a moment."""

    def _value(self) -> str:
        return ""


class CodeForm(PageForm):
    """A code that an authenticator shows, or a recovery code."""

    code = CodeField(_("Code"), required=_("Write the code."), most=LONGEST_CODE)

    def refuse(self, refusal: Refusal) -> None:
        """Say at the code that it is not right."""
        if not isinstance(refusal, NotProven):
            super().refuse(refusal)
            return
        self.refusal = refusal
        self.code.errors = [*self.code.errors, said(refusal.sentence)]


class SecondStepForm(CodeForm):
    """The second step of signing in."""

    next = HiddenLineField("", most=2000)


class AuthenticatorForm(CodeForm):
    """A new authenticator and its first code."""

    secret = HiddenLineField("", required=_("Open the page again and repeat."), most=200)
    name = LineField(_("Name of the device"), most=LONGEST_NAME)
