"""The form by which the head of the Board has one thing mended in a case."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _
from wtforms import RadioField
from wtforms.validators import InputRequired

from vetting.engine.ailments import Finding, Remedy
from vetting.web.filters import said
from vetting.web.forms.base import AreaField, PageForm


class RepairForm(PageForm):
    """What is to be mended, and why."""

    what = RadioField(
        _("What is to be mended"),
        choices=[],
        validators=[InputRequired(_("Choose what is to be mended."))],
    )
    reason = AreaField(_("Reason"), required=_("Give a reason."), most=1000)

    def offer(self, findings: Iterable[Finding]) -> dict[str, tuple[Remedy, str | None]]:
        """Offer every safe repair; none is chosen from the start."""
        offered: dict[str, tuple[Remedy, str | None]] = {}
        choices: list[tuple[str, str]] = []
        for one in findings:
            if one.remedy is not None and one.mark not in offered:
                offered[one.mark] = one.remedy, one.consultation
                choices.append((one.mark, f"{said(one.remedy)}: {said(one.sentence)}"))
        self.what.choices = choices
        return offered
