"""Forms of a consulted body: filters, ticked rows, the draft, and names put under it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self, TypeVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, Field, RadioField, SelectField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import InputRequired, Regexp

from vetting.engine.vocabulary import CaseType, Named, Verdict
from vetting.queries.inbox import Choice, InboxState, Tab
from vetting.queries.inbox import Filter as InboxFilter
from vetting.queries.signed_opinions import Filter as SignedFilter
from vetting.queries.to_sign import SIGN_AT_ONCE
from vetting.usecases.draft_opinion import Opinion
from vetting.web.desk import ids
from vetting.web.filters import said
from vetting.web.forms.base import TEXT, AddressForm, AreaField, HiddenLineField, PageForm

Kind = TypeVar("Kind", bound=Named)
HANDLE = re.compile(r"[A-Za-z0-9_-]{1,22}")
CODE = r"[A-Za-z0-9_.-]{0,64}$"
OFFICER = r"[\w./@-]{1,40}$"
TEXT_HASH = re.compile(r"[0-9a-f]{64}")
MOST_LINES = 50
LONGEST_LINE = 500


def _members(kind: type[Named]) -> list[SelectChoice]:
    return [SelectChoice(member.value, said(member)) for member in kind]


def _named(kind: type[Named]) -> list[SelectChoice]:
    return [SelectChoice("", gettext("All")), *_members(kind)]


def _offered(choices: Iterable[Choice], nothing: str) -> list[SelectChoice]:
    return [
        SelectChoice("", nothing),
        *(SelectChoice(choice.code, said(choice.title)) for choice in choices),
    ]


def _member(kind: type[Kind], value: str | None) -> Kind | None:
    return kind(value) if value else None


class InboxFilterForm(AddressForm):
    """What the inbox is narrowed to."""

    tab = SelectField(
        choices=[SelectChoice(tab.value, tab.value) for tab in Tab], default=Tab.MINE.value
    )
    state = SelectField(_("State"), choices=lambda: _named(InboxState), default="")
    case_type = SelectField(_("Case type"), choices=lambda: _named(CaseType), default="")
    letter = SelectField(_("Letter"), choices=[], validate_choice=False, validators=[Regexp(CODE)])
    unit = SelectField(_("Unit"), choices=[], validate_choice=False, validators=[Regexp(CODE)])
    aside = BooleanField(_("Only those I have set aside"))

    def wanted(self) -> InboxFilter:
        """Return the filter as the query takes it."""
        return InboxFilter(
            tab=Tab(self.tab.data),
            state=_member(InboxState, self.state.data),
            case_type=_member(CaseType, self.case_type.data),
            letter=self.letter.data or None,
            unit=self.unit.data or None,
            aside=bool(self.aside.data),
        )

    def offer(self, letters: Iterable[Choice], units: Iterable[Choice]) -> None:
        """Offer letters and units to choose from."""
        self.letter.choices = _offered(letters, gettext("All"))
        self.unit.choices = _offered(units, gettext("All"))


class SignedFilterForm(AddressForm):
    """What the list of signed opinions is narrowed to."""

    verdict = SelectField(_("Opinion"), choices=lambda: _named(Verdict), default="")
    case_type = SelectField(_("Case type"), choices=lambda: _named(CaseType), default="")
    unit = SelectField(_("Unit"), choices=[], validate_choice=False, validators=[Regexp(CODE)])
    mine = BooleanField(_("Only those that I drafted or signed"))

    def wanted(self) -> SignedFilter:
        """Return the filter as the query takes it."""
        return SignedFilter(
            verdict=_member(Verdict, self.verdict.data),
            case_type=_member(CaseType, self.case_type.data),
            unit=self.unit.data or None,
            mine=bool(self.mine.data),
        )

    def offer(self, units: Iterable[Choice]) -> None:
        """Offer units to choose from."""
        self.unit.choices = _offered(units, gettext("All"))


class _TickedField(Field):
    """Rows that were ticked in a list."""

    data: list[str]

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.data = list(dict.fromkeys(valuelist))

    def pre_validate(self, form: object) -> None:  # noqa: ARG002
        if not self.data:
            raise ValidationError(gettext("Tick at least one row."))
        if len(self.data) > SIGN_AT_ONCE:
            raise ValidationError(
                gettext("Tick at most %(count)s rows at once.", count=SIGN_AT_ONCE)
            )
        if not all(self.is_well_formed(value) for value in self.data):
            raise ValidationError(gettext("Open the page again and repeat."))

    def is_well_formed(self, value: str) -> bool:
        """Tell whether a page of ours could have made the value."""
        return HANDLE.fullmatch(value) is not None


class TextsField(_TickedField):
    """Drafts that were ticked, each with the hash of the text that was shown."""

    def is_well_formed(self, value: str) -> bool:
        """Tell whether a page of ours could have made the value."""
        consultation, _, text = value.partition(":")
        return bool(HANDLE.fullmatch(consultation) and TEXT_HASH.fullmatch(text))

    def texts(self) -> dict[str, str]:
        """Return the consultations with their texts' hashes."""
        pairs = (value.partition(":") for value in self.data)
        return {consultation: text for consultation, _, text in pairs}


class FreshForm(PageForm):
    """A form that can be shown anew beside what has changed."""

    @classmethod
    def anew(cls, seen: int | None = None, data: Mapping[str, object] | None = None) -> Self:
        """Return the form as a page shows it first, whatever this request sent."""
        form = cls(None, data=data)
        form.key.data = ids().handle()
        form.seen.data = seen
        return form


class TickedForm(FreshForm):
    """Questions ticked in the inbox."""

    consultations = _TickedField()
    back = HiddenLineField("", most=2000)


class AssignManyForm(TickedForm):
    """Questions ticked in the inbox, and the officer who gets them."""

    officer = SelectField(
        _("Officer"),
        choices=[],
        validate_choice=False,
        validators=[InputRequired(_("Choose an officer.")), Regexp(OFFICER)],
    )

    def offer(self, officers: Iterable[Choice]) -> None:
        """Offer the body's officers."""
        self.officer.choices = _offered(officers, gettext("Choose an officer"))


class AssignForm(FreshForm):
    """The officer who gets a question."""

    officer = SelectField(
        _("Give it to"),
        choices=[],
        validate_choice=False,
        validators=[InputRequired(_("Choose an officer.")), Regexp(OFFICER)],
    )

    def offer(self, officers: Iterable[Choice]) -> None:
        """Offer the body's officers."""
        self.officer.choices = _offered(officers, gettext("Choose an officer"))


class PlainForm(FreshForm):
    """An act that says nothing more."""


class NameUnderTextForm(FreshForm):
    """A name put under the very text that the page shows."""

    text = HiddenLineField("", required=_("Open the page again and repeat."), most=64)

    def validate_text(self, field: Field) -> None:
        """Refuse what is no hash of a text."""
        if not TEXT_HASH.fullmatch(field.data or ""):
            raise ValidationError(gettext("Open the page again and repeat."))


class SendBackForm(FreshForm):
    """Why a draft goes back."""

    reason = AreaField(
        _("What has to be reworked, and why"), required=_("Say why the draft goes back.")
    )


class SignManyForm(FreshForm):
    """Drafts ticked to be signed."""

    texts = TextsField()


class SendBackManyForm(SignManyForm):
    """Drafts ticked to go back, with one reason."""

    reason = AreaField(
        _("What has to be reworked, and why"), required=_("Say why the drafts go back.")
    )


class DraftForm(FreshForm):
    """The draft of an opinion. No verdict is chosen from the start."""

    verdict = RadioField(
        _("Opinion"),
        choices=lambda: _members(Verdict),
        validators=[InputRequired(_("Choose one of the four opinions."))],
    )
    reasons = AreaField(_("Reasons"), required=_("Write the reasons."))
    conditions = AreaField(_("Conditions"), most=4 * TEXT)
    evidence = AreaField(_("Evidence"), most=4 * TEXT)
    then = HiddenLineField("", most=20)  # which of the two buttons was pressed

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Let conditions stand with one verdict, and with no other."""
        well = super().validate(extra_validators)
        if self.verdict.errors or self.conditions.errors:
            return False
        wanted = self.verdict.data == Verdict.CONDITIONS.value
        if wanted == bool(lines_of(self.conditions.data)):
            return well
        self.conditions.errors = [
            gettext("Write at least one condition, each on a line of its own.")
            if wanted
            else gettext(
                "Conditions belong to the verdict “meets, with conditions”, and only to it."
            )
        ]
        return False

    def validate_conditions(self, field: Field) -> None:
        """Refuse lines that nobody would read."""
        refuse_long_lines(field)

    def validate_evidence(self, field: Field) -> None:
        """Refuse lines that nobody would read."""
        refuse_long_lines(field)

    def opinion(self) -> Opinion:
        """Return the opinion as it was written."""
        return Opinion(
            Verdict(self.verdict.data),
            str(self.reasons.data),
            lines_of(self.conditions.data),
            lines_of(self.evidence.data),
        )


def lines_of(text: str | None) -> tuple[str, ...]:
    """Return what was typed line by line, without empty ones."""
    return tuple(line.strip() for line in (text or "").split("\n") if line.strip())


def refuse_long_lines(field: Any) -> None:  # noqa: ANN401  # any field with text
    """Refuse more lines, or longer ones, than anybody would read."""
    lines = lines_of(field.data)
    if len(lines) > MOST_LINES:
        raise ValidationError(gettext("Write at most %(count)s lines.", count=MOST_LINES))
    if any(len(line) > LONGEST_LINE for line in lines):
        raise ValidationError(
            gettext("Write at most %(count)s characters on a line.", count=LONGEST_LINE)
        )
