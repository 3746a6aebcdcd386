"""What came of an act on many rows: a page, and the same as a file."""

import csv
from collections.abc import Mapping
from io import StringIO

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vetting.engine.canonical import Json
from vetting.engine.policy import Action
from vetting.queries.act_result import act_result
from vetting.web.desk import reading, this_principal
from vetting.web.filters import said
from vetting.web.gate import needs
from vetting.web.looking import looked
from vetting.web.names import name_of
from vetting.web.proving import TAKEN_OUT

bp = Blueprint("inbox_results", __name__)


def refused_in(answer: Mapping[str, Json]) -> int:
    """Return how many rows an act left out."""
    refused = answer.get("refused")
    return len(refused) if isinstance(refused, list | tuple) else 0


def done_in(answer: Mapping[str, Json]) -> int:
    """Return how many rows an act did."""
    done = answer.get("done")
    return len(done) if isinstance(done, list | tuple) else 0


@bp.get("/inbox/results/<key>")
@needs(Action.SEE_CONSULTATION)
def show(key: str) -> ResponseReturnValue:
    """Show what came of an act, a line each; what was refused first."""
    result = act_result(reading(), this_principal(), key)
    looked(Action.SEE_CONSULTATION, cases=result.handles, asked=f"result {key}")
    return render_template("inbox/result.html", result=result, key=key)


@bp.route("/inbox/results/<key>/file", methods=TAKEN_OUT)
@needs(Action.SEE_CONSULTATION)
def file(key: str) -> ResponseReturnValue:
    """Give the same as a file that opens in a spreadsheet."""
    result = act_result(reading(), this_principal(), key)
    looked(Action.SEE_CONSULTATION, cases=result.handles, asked=f"result {key}, file")
    text = StringIO()
    write = csv.writer(text).writerow
    write([_("Reference"), _("Candidate"), _("Title asked for"), _("Unit"), _("Result")])
    for row in result.rows:
        result_said = said(row.refused) if row.refused else _("Done")
        cells = (row.reference, row.name, row.target, name_of(row.unit), result_said)
        write([_plain(cell) for cell in cells])
    return Response(
        "\ufeff" + text.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": 'attachment; filename="ket-qua.csv"'},
    )


def _plain(cell: str) -> str:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t"} else cell
