"""The forms about reports: for which period one is made, what of it is listed, how it goes out."""

from collections.abc import Iterable

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import InputRequired

from vetting.engine.figures import Measure
from vetting.queries.report_pages import Wanted
from vetting.web.filters import said
from vetting.web.forms.base import AddressForm, AreaField, DayField, PageForm


class ReportForm(PageForm):
    """For which period, and as things stood when."""

    since = DayField(_("First day"), required=_("Say on which day the period begins."))
    until = DayField(_("Last day"), required=_("Say on which day the period ends."))
    as_of = DayField(_("As things stood at the end of"))

    def sent_well(self) -> bool:
        """Tell whether it was sent, every day is one, and they follow each other."""
        well = super().sent_well()
        if well and str(self.since.data) > str(self.until.data):
            self.until.errors = [gettext("This day is before the first one.")]
            return False
        return well


class RunForm(PageForm):
    """Nothing is asked: the report is run again as it was."""


class ReportFileForm(PageForm):
    """As which kind of file, and what for."""

    kind = RadioField(
        _("Kind of file"),
        choices=[
            SelectChoice("pdf", _("PDF, to be printed and filed")),
            SelectChoice("xlsx", _("Workbook (xlsx), every cell text or number, no formula")),
        ],
        validators=[InputRequired(_("Choose a kind of file."))],
    )
    purpose = AreaField(_("What for"), required=_("Say what the file is for."), most=500)


class BehindForm(AddressForm):
    """Which part of the list behind a figure."""

    row = SelectField(_("Row"), choices=[], default="")
    measure = SelectField(_("Counted as"), choices=[], default="")

    def offer(self, rows: Iterable[tuple[str, str]], measures: Iterable[Measure]) -> None:
        """Offer the rows and columns of the figure."""
        everything = SelectChoice("", gettext("All"))
        self.row.choices = [everything, *(SelectChoice(key, name) for key, name in rows)]
        self.measure.choices = [
            everything,
            *(SelectChoice(one.value, said(one)) for one in measures),
        ]

    def wanted(self) -> Wanted:
        """Return what is wanted."""
        return Wanted(row=self.row.data or "", measure=self.measure.data or "")
