"""What became of an act on many cases, case by case; it can be left and come back to."""

import csv
from io import StringIO

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from vetting.engine.policy import Action
from vetting.engine.sentences import mark
from vetting.queries.done_act import DoneAct, done_act
from vetting.web.desk import definitions, reading, this_principal
from vetting.web.filters import said
from vetting.web.gate import needs
from vetting.web.looking import looked
from vetting.web.names import name_of
from vetting.web.proving import TAKEN_OUT

bp = Blueprint("results", __name__)
HEADINGS = (
    mark("Reference"),
    mark("Candidate"),
    mark("Requesting unit"),
    mark("Result"),
    mark("Why not"),
)


@bp.get("/results/<key>")
@needs(Action.SIGNED_IN)
def show(key: str) -> ResponseReturnValue:
    """Show what became of one act of the reader's own."""
    return render_template("results/show.html", result=_opened(key))


@bp.route("/results/<key>.csv", methods=TAKEN_OUT)
@needs(Action.SIGNED_IN)
def download(key: str) -> ResponseReturnValue:
    """Give the same as a table for a spreadsheet."""
    result = _opened(key)
    written = StringIO()
    table = csv.writer(written)
    table.writerow(gettext(heading) for heading in HEADINGS)
    rows = [(line, gettext("Done"), "") for line in result.done]
    rows += [(one.line, gettext("Not done"), said(one.why)) for one in result.refused]
    for line, what, why in rows:
        table.writerow(
            _plain(text) for text in (line.reference, line.name, name_of(line.unit), what, why)
        )
    return Response(
        "\ufeff" + written.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="result.csv"'},
    )


def _opened(key: str) -> DoneAct:
    result = done_act(reading(), this_principal(), definitions(), key)
    looked(result.action, cases=result.handles, asked="result")
    return result


def _plain(text: str) -> str:
    """Keep a spreadsheet from reading a text as a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t"} else text
