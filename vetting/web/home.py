"""The way in to everybody's own first page, and the page of help."""

from flask import Blueprint, current_app, redirect, render_template
from flask.typing import ResponseReturnValue

from vetting.engine.policy import Action
from vetting.web.desk import this_principal
from vetting.web.gate import needs
from vetting.web.menu import first_page

bp = Blueprint("home", __name__)


@bp.get("/")
@needs(Action.SIGNED_IN)
def start() -> ResponseReturnValue:
    """Lead to the page that the officer's role opens first."""
    return redirect(first_page(current_app, this_principal().role), 303)


@bp.get("/help")
@needs(Action.SIGNED_IN)
def show_help() -> ResponseReturnValue:
    """Show the keys, and how things are done here."""
    return render_template("help.html")
