"""Forms for filing a list of candidates."""

from collections.abc import Callable, Container, Iterable

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from werkzeug.datastructures import FileStorage
from wtforms import FileField, SelectField, ValidationError
from wtforms.validators import InputRequired, Optional

from vetting.engine.definition import Title
from vetting.engine.vocabulary import CaseType
from vetting.registers.vocabulary import ManagementLevel
from vetting.web.filters import said
from vetting.web.forms.base import DayField, LineField, PageForm
from vetting.web.forms.cases import choose_one


class ListForm(PageForm):
    """A file with candidates, and the act they are named for."""

    case_type = SelectField(_("Act"), validators=[InputRequired(_("Choose the act."))])
    round = SelectField(_("Round"), validators=[Optional(strip_whitespace=False)])
    management_level = SelectField(
        _("Management level"), validators=[Optional(strip_whitespace=False)]
    )
    file = FileField(_("File"), validators=[InputRequired(_("Choose a file."))])

    rounds_of: Callable[[str], Container[str]]

    def offer(self, rounds: Iterable[tuple[str, Title]]) -> None:
        """Offer what there is to choose from."""
        self.case_type.choices = choose_one(
            (one.value, said(one)) for one in CaseType if one is not CaseType.FULL_MEMBERSHIP
        )
        self.round.choices = choose_one((handle, said(title)) for handle, title in rounds)
        self.management_level.choices = choose_one(
            (level.value, said(level)) for level in ManagementLevel
        )

    def validate_round(self, field: SelectField) -> None:
        """Refuse a round that is for another act."""
        if field.data and field.data not in self.rounds_of(str(self.case_type.data)):
            raise ValidationError(gettext("This round is for another act."))

    @property
    def upload(self) -> FileStorage | None:
        """The file that was sent, if one was."""
        sent = self.file.data
        return sent if isinstance(sent, FileStorage) and sent.filename else None


class LetterForm(PageForm):
    """The letter that a list came with."""

    letter_number = LineField(_("Number and symbol of the letter"), most=100)
    letter_date = DayField(_("Date of the letter"))
