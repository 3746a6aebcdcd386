"""The form all forms are, and the fields they are made of.

A form carries three things that nobody sees: the token of the session it was made for, a key made
when it was rendered, so that the same form sent twice is one act, and the version of what it shows.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Self
from unicodedata import normalize

from flask import g, request
from flask_babel import get_translations, gettext, lazy_gettext
from wtforms import Field, FileField, Form, HiddenField, StringField, TextAreaField, ValidationError
from wtforms.csrf.core import CSRF, CSRFTokenField
from wtforms.fields.core import UnboundField
from wtforms.validators import DataRequired, Length, Optional, StopValidation
from wtforms.widgets import HiddenInput, TextArea

from vetting.engine.calendar import is_day
from vetting.engine.plain_text import turns_direction, without_unseen
from vetting.engine.refusals import OutOfTurn, Refusal
from vetting.usecases.desk import Sent
from vetting.usecases.sign_in import TooSoon
from vetting.web.desk import ids
from vetting.web.filters import day, said
from vetting.web.sessions import form_token, form_token_fits

LINE = 200  # characters in one line of text, where a field says nothing else
TEXT = 4000
_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)


class _Translations:
    """What WTForms says, from the catalogue of the application."""

    def gettext(self, string: str) -> str:
        return str(gettext(string))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        # Flask-Babel's own would fill the gaps, which WTForms does itself
        return str(get_translations().ungettext(singular, plural, n))


class _SessionToken(CSRF):
    """The token that ties a form to the log-in session it was made for."""

    def generate_csrf_token(self, csrf_token_field: CSRFTokenField) -> str:  # noqa: ARG002
        return form_token()

    def validate_csrf_token(self, form: Form, field: CSRFTokenField) -> None:  # type: ignore[override]  # noqa: ARG002
        if not form_token_fits(field.data):
            raise ValidationError(gettext("This form was not made for your present session."))


_TRANSLATIONS = _Translations()


class AddressForm(Form):
    """A form that only filters or searches; its answers stand in the address."""

    class Meta:
        """What all our forms have in common."""

        def get_translations(self, form: Form) -> _Translations:  # noqa: ARG002
            """Return the words for what WTForms says."""
            return _TRANSLATIONS

    @classmethod
    def of_address(cls, **given: Any) -> Self:  # noqa: ANN401  # what WTForms takes
        """Return the form as the address fills it in."""
        return cls(request.args, **given)

    def said_well(self) -> bool:
        """Tell whether every answer in the address holds."""
        return bool(self.validate())


class _VersionField(Field):
    """The version of what a form shows."""

    widget = HiddenInput()
    data: int | None

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        text = valuelist[0] if valuelist else ""
        self.data = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None  # noqa: PLR2004
        if text and self.data is None:
            raise ValidationError(gettext("Open the page again and repeat."))

    def _value(self) -> str:
        return "" if self.data is None else str(self.data)


class PageForm(AddressForm):
    """A form on a page: proof against forged, repeated and outdated posts."""

    class Meta(AddressForm.Meta):
        """How the token is made and checked."""

        csrf = True
        csrf_class = _SessionToken
        csrf_field_name = "csrf_token"

    key = HiddenField("")
    seen = _VersionField("")

    refusal: Refusal | None = None

    @classmethod
    def of_request(
        cls,
        *,
        seen: int | None = None,
        data: Mapping[str, object] | None = None,
        **given: Any,  # noqa: ANN401  # what WTForms takes
    ) -> Self:
        """Return the form as this request filled it in, or a new one.

        *seen* is the version of what the page shows; *data* what is filled in from the start.
        """
        if request.method == "POST":
            form = cls(request.form, **given)
            for field in form:
                if isinstance(field, FileField):  # nowhere else is a file an answer
                    field.process(request.files)
        else:
            form = cls(None, data=data, **given)
            form.key.data = ids().handle()
            form.seen.data = seen
        g.form = form  # an error page tells by it what had been typed
        return form

    def sent_well(self) -> bool:
        """Tell whether the form was sent, is meant, and every answer holds."""
        return request.method == "POST" and not self.only_read and bool(self.validate())

    @property
    def only_read(self) -> bool:
        """Tell whether the form is only read once more, in another language."""
        return "only_read_in" in g

    def sent(self) -> Sent:
        """Return what the form carries beside its answers."""
        return Sent(str(self.key.data), self.seen.data)

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal in the summary of errors; what was typed stays."""
        self.refusal = refusal
        self.form_errors.append(said(refusal.sentence))

    def refuse_at(self, field: Field, refusal: Refusal) -> None:
        """Show a refusal at the field that it is about, and in the summary of errors."""
        self.refusal = refusal
        field.errors = [*field.errors, said(refusal.sentence)]

    @property
    def wait(self) -> int:
        """For how many seconds the reader is asked to wait."""
        return self.refusal.seconds if isinstance(self.refusal, TooSoon) else 0

    @property
    def status(self) -> int:
        """The HTTP status of a page that shows the form."""
        match self.refusal:
            case TooSoon():
                return 429
            case OutOfTurn():
                return 409
            case _:
                return 422 if self.errors else 200

    def validate_key(self, field: Field) -> None:
        """Refuse a key that no page of ours would make."""
        if not _KEY.fullmatch(field.data or ""):
            raise ValidationError(gettext("Open the page again and repeat."))


class LineField(StringField):
    """One line of text, as people mean it: trimmed, in one Unicode form, nothing in it unseen.

    What is required is judged by what is left of it: blanks alone are no answer.
    """

    _unshown = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # controls, half characters
    _most = LINE

    def __init__(
        self,
        label: object,
        *,
        required: object = None,  # the sentence for an empty field; without it, it may stay empty
        most: int | None = None,
        validators: Sequence[Any] = (),
        **given: Any,  # noqa: ANN401  # what WTForms takes
    ) -> None:
        first = DataRequired(str_of(required)) if required else Optional()
        checks = [first, Length(max=most or self._most), *validators]
        super().__init__(label, validators=checks, **given)  # type: ignore[arg-type]

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Take the text as it is meant."""
        text = valuelist[0] if valuelist else ""
        self.data = (
            self._tidy(normalize("NFC", without_unseen(text))) if isinstance(text, str) else ""
        )

    def pre_validate(self, form: object) -> None:  # noqa: ARG002
        """Refuse what cannot be shown."""
        if self._unshown.search(self.data or ""):
            raise ValidationError(gettext("There are signs in this text that cannot be shown."))
        if turns_direction(self.data or ""):
            raise ValidationError(
                gettext("There are signs in this text that turn the direction of reading.")
            )

    def _tidy(self, text: str) -> str:
        return " ".join(text.strip().split(" ")) if text else text


class AreaField(LineField, TextAreaField):
    """Several lines of text."""

    widget = TextArea()
    _unshown = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")  # tab and line may be
    _most = TEXT

    def _tidy(self, text: str) -> str:
        return text.replace("\r\n", "\n").replace("\r", "\n").strip()


class DayField(LineField):
    """A date typed as dd/mm/yyyy, kept as ISO text; where *year_enough*, a year alone will do."""

    def __init__(
        self,
        label: object,
        *,
        year_enough: bool = False,
        **given: Any,  # noqa: ANN401  # what WTForms takes
    ) -> None:
        super().__init__(label, most=10, **given)
        self.year_enough = year_enough

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Take the day that was typed."""
        super().process_formdata(valuelist)
        text = self.data or ""
        if not text or (self.year_enough and _YEAR.fullmatch(text)):
            return
        read = _day_read(text)
        if read is None:
            if _DAY.fullmatch(text) or _ISO.fullmatch(text):
                raise ValidationError(
                    gettext("There is no such day; write day/month/year, such as 05/09/2026.")
                )
            raise ValidationError(
                gettext("Write the date as dd/mm/yyyy, or the year alone.")
                if self.year_enough
                else gettext("Write the date as dd/mm/yyyy.")
            )
        self.data = read

    def pre_validate(self, form: object) -> None:
        """Say of what is no date that alone, and not how long it is, too."""
        if self.process_errors:
            raise StopValidation
        super().pre_validate(form)

    @property
    def read(self) -> str:
        """The day, as far as one could be read; nothing where there is no such day."""
        return "" if self.process_errors else self.data or ""

    def _value(self) -> str:
        return day(self.data)


class HiddenLineField(LineField):
    """A line that the page carries along."""

    widget = HiddenInput()


@lru_cache(maxsize=1)  # forms that are made while the program runs hide no field of their own
def hidden_names() -> frozenset[str]:
    """Return the names of what some form carries unseen; no form shows a field of such a name."""
    found, kinds = set[str](), [AddressForm]
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        found |= {name for name in dir(kind) if _hides(getattr(kind, name))}
    return frozenset(found)


def _hides(made: object) -> bool:
    """Tell whether an attribute of a form is a hidden field that waits for its form."""
    if not isinstance(made, UnboundField):
        return False
    widget = made.kwargs.get("widget") or getattr(made.field_class, "widget", None)
    return isinstance(widget, HiddenInput)


def _day_read(text: str) -> str | None:
    found = _ISO.fullmatch(text)
    parts = found.groups() if found else None
    if parts is None and (found := _DAY.fullmatch(text)):
        parts = found.groups()[::-1]
    if parts is None:
        return None
    year, month, of_month = (int(part) for part in parts)
    read = f"{year:04}-{month:02}-{of_month:02}"
    return read if is_day(read) else None


def str_of(sentence: object) -> Any:  # noqa: ANN401  # lazy text, said when it is shown
    """Return a sentence as WTForms takes it, lazy or not."""
    return sentence if not isinstance(sentence, bool) else lazy_gettext("This field is required.")
