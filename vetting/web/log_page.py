"""The common log: what it is signed with, who witnesses it, and what checks an export alone."""

from pathlib import Path

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from vetting.engine import verify_offline
from vetting.engine.policy import Action
from vetting.queries.log_page import log_page
from vetting.web.desk import reading, shared
from vetting.web.gate import needs
from vetting.web.names import know_officers

bp = Blueprint("log_page", __name__)


@bp.get("/log")
@needs(Action.SIGNED_IN)
def show() -> ResponseReturnValue:
    """Show the log's key, its latest checkpoint and its witnesses."""
    found = log_page(reading(), shared().settings.folder)
    know_officers(
        name for gap in found.gaps for name in (gap.declared_by, gap.confirmed_by) if name
    )
    return render_template("log/show.html", found=found)


@bp.get("/log/verify_offline.py")
@needs(Action.SIGNED_IN)
def verifier() -> ResponseReturnValue:
    """Give the program that checks a receipt or a package without this one."""
    return Response(
        Path(verify_offline.__file__).read_text("utf-8"),
        content_type="text/x-python; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="verify_offline.py"'},
    )
