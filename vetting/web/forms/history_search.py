"""The form by which the histories of all cases are searched."""

from collections.abc import Iterable

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types

from vetting.engine.definition import Title
from vetting.engine.sentences import Sentence
from vetting.queries.history_search import Wanted
from vetting.web.filters import said
from vetting.web.forms.base import AddressForm, DayField, LineField


class HistorySearchForm(AddressForm):
    """Who did what, for whom, when and why."""

    officer = LineField(_("Officer"), most=100)
    organisation = SelectField(
        _("Organisation that did it or that it concerned"), choices=[], default=""
    )
    verb = SelectField(_("What was done"), choices=[], default="")
    case = LineField(_("Reference of the case"), most=40)
    since = DayField(_("First day"))
    until = DayField(_("Last day"))
    reason = LineField(_("Words of the reason"), most=100)

    def offer(
        self,
        organisations: Iterable[tuple[str, Title]],
        verbs: Iterable[tuple[str, Sentence]],
    ) -> None:
        """Offer organisations and acts to choose from."""
        everything = SelectChoice("", gettext("All"))
        self.organisation.choices = [
            everything,
            *(SelectChoice(code, said(name)) for code, name in organisations),
        ]
        self.verb.choices = [everything, *(SelectChoice(verb, said(name)) for verb, name in verbs)]

    def said_well(self) -> bool:
        """Tell whether every answer in the address holds, and the days follow each other."""
        well = super().said_well()
        if well and self.since.data and self.until.data and self.since.data > self.until.data:
            self.until.errors = [gettext("This day is before the first one.")]
            return False
        return well

    def wanted(self) -> Wanted:
        """Return what is searched for."""
        return Wanted(
            officer=self.officer.data or "",
            organisation=self.organisation.data or "",
            verb=self.verb.data or "",
            case=self.case.data or "",
            since=self.since.data or "",
            until=self.until.data or "",
            reason=self.reason.data or "",
        )
