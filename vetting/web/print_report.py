"""Printing a report: a PDF that typst sets, with nothing from the network and no clock of its own.

What a report says goes in as data, never as text of the template, so that no name in a register
can be taken for a command.
"""

import json
from datetime import datetime

import typst
from flask_babel import gettext

from vetting.config import ROOT
from vetting.queries.report_pages import ReportPage
from vetting.web.filters import moment
from vetting.web.languages import language
from vetting.web.names import name_of, officer_name
from vetting.web.report_tables import particulars, picture_of, tables_of, told_of, written

TEMPLATE = ROOT / "templates" / "reports" / "report.typ"


def print_report(page: ReportPage) -> bytes:
    """Return a report as a PDF."""
    line = page.line
    told = {
        "language": language(),
        "organisation": name_of(line.organisation),
        "title": gettext("Statistics report"),
        "made": gettext(
            "Made at %(at)s by %(name)s",
            at=moment(line.made_at),
            name=officer_name(line.officer),
        ),
        "particulars": particulars(page),
        "all": gettext("All"),
        "nothing": gettext("Nothing was counted in this period."),
        "figures": [
            {
                "title": table.title,
                "counts": gettext(table.figure.definition.counts),
                "leaves_out": gettext(table.figure.definition.leaves_out),
                "told": told_of(table.figure),
                "names": len(table.headings),
                "headings": [*table.headings, *table.columns],
                "rows": [
                    [*one.names, *(written(cell) for cell in one.cells)] for one in table.lines
                ],
                "totals": [written(cell) for cell in table.totals],
                "picture": (
                    picture_of(page, table.figure.definition.name)
                    if table.has_picture and table.lines
                    else None
                ),
            }
            for table in tables_of(page)
        ],
    }
    made = int(datetime.fromisoformat(line.made_at).timestamp())
    content: bytes = typst.compile(
        str(TEMPLATE),
        root=str(TEMPLATE.parent),
        format="pdf",
        sys_inputs={"report": json.dumps(told, ensure_ascii=False)},
        timestamp=made,
    )
    return content
