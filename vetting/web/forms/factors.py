"""Forms for second factors: a code, and a new authenticator."""

from typing import Any

from flask_babel import lazy_gettext as _

from vetting.engine.refusals import Refusal
from vetting.usecases.keep_factors import LONGEST_NAME
from vetting.usecases.prove_factor import LONGEST_CODE, NotProven
from vetting.usecases.prove_passkey import LONGEST_ANSWER, MayBeCopied, NotAccepted
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
        if not isinstance(refusal, NotProven) or isinstance(refusal, (NotAccepted, MayBeCopied)):
            super().refuse(refusal)
            return
        self.refusal = refusal
        self.code.errors = [*self.code.errors, said(refusal.sentence)]


class AnswerField(HiddenLineField, CodeField):
    """What a device answered, which is good once and is shown on no page again."""


class SecondStepForm(CodeForm):
    """The second step of signing in: a code, or what a passkey answered."""

    code = CodeField(_("Code"), most=LONGEST_CODE)
    passkey = AnswerField("", most=LONGEST_ANSWER)
    next = HiddenLineField("", most=2000)

    def __init__(self, *told: Any, **more: Any) -> None:  # noqa: ANN401  # what WTForms takes
        super().__init__(*told, **more)
        self.code.flags.optional = False  # one of the two is wanted, and this is the one to write

    def validate(self, *told: Any, **more: Any) -> bool:  # noqa: ANN401  # what WTForms takes
        """Ask for a code where no passkey answered."""
        holds = bool(super().validate(*told, **more))
        if self.passkey.data or self.code.data or self.code.errors:
            return holds
        self.code.errors = [str(_("Write the code."))]
        return False


class PasskeyForm(PageForm):
    """A new passkey: what a device answered, and a name for it."""

    passkey = AnswerField("", required=_("Open the page again and repeat."), most=LONGEST_ANSWER)
    name = LineField(_("Name of the device"), most=LONGEST_NAME)


class AuthenticatorForm(CodeForm):
    """A new authenticator and its first code."""

    secret = HiddenLineField("", required=_("Open the page again and repeat."), most=200)
    name = LineField(_("Name of the device"), most=LONGEST_NAME)
