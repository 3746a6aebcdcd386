"""The form by which a case is kept to a level, or to some by name."""

import json
from collections.abc import Iterable
from hashlib import sha256

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import SelectField, SelectMultipleField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from vetting.queries.case_readers import LostSight
from vetting.queries.restriction_page import Nameable
from vetting.web.forms.base import HiddenLineField, PageForm
from vetting.web.names import name_of


class NamesField(SelectMultipleField):
    """People, each with a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class RestrictForm(PageForm):
    """To whom a case is kept."""

    level = SelectField(_("Level"), validators=[InputRequired(_("Choose a level."))])
    named = NamesField(_("Only these may know of the case"))
    # Which restriction, and who would not see the case by it, the page has shown already.
    shown = HiddenLineField("")

    def offer(self, highest: int, people: Iterable[Nameable]) -> None:
        """Offer the levels that the reader is cleared for, and the people who take part."""
        self.level.choices = [
            (
                str(level),
                gettext("Level %(level)s", level=level)
                if level
                else gettext("Open to everybody whose work it is"),
            )
            for level in range(highest + 1)
        ]
        self.named.choices = [(one.officer, _called(one)) for one in people]


def mark_of(level: int, named: Iterable[str], lost: Iterable[LostSight]) -> str:
    """Return by what a form tells which restriction it has shown, and who would not see it."""
    told = [level, sorted(named), [[one.role.value, *one.officers] for one in lost]]
    return sha256(json.dumps(told).encode()).hexdigest()


def _called(one: Nameable) -> str:
    if one.clearance:
        said = gettext(
            "%(name)s, %(organisation)s (level %(level)s)",
            name=one.name,
            organisation=name_of(one.organisation),
            level=one.clearance,
        )
        return str(said)
    return f"{one.name}, {name_of(one.organisation)}"
