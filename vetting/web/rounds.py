"""Rounds: the list of them, one in a single view with its pictures, and opening one."""

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from vetting.engine.policy import PERMITTED, Action
from vetting.engine.vocabulary import CaseType
from vetting.queries.round_page import BodyInRound, RoundPage, round_list, round_page
from vetting.records.identity import ZONE
from vetting.usecases.open_round import open_round
from vetting.web.desk import definitions, ids, reading, this_desk, this_principal
from vetting.web.drawing import Length, Stack, plain_bars, stacked_bars
from vetting.web.filters import said
from vetting.web.forms.board import RoundForm
from vetting.web.gate import needs
from vetting.web.languages import language
from vetting.web.looking import looked
from vetting.web.names import name_of
from vetting.web.trying import tried

bp = Blueprint("rounds", __name__)


@bp.get("/rounds")
@needs(Action.SEE_ROUNDS)
def index() -> ResponseReturnValue:
    """Show every round with its totals."""
    found = round_list(reading(), this_principal())
    looked(Action.SEE_ROUNDS)
    may_open = this_principal().role in PERMITTED[Action.OPEN_ROUND]
    return render_template("rounds/index.html", rounds=found, may_open=may_open)


@bp.route("/rounds/new", methods=["GET", "POST"])
@needs(Action.OPEN_ROUND)
def new() -> ResponseReturnValue:
    """Open a round."""
    form = RoundForm.of_request()
    form.offer()
    if form.sent_well():
        answer = tried(
            form,
            lambda: open_round(
                this_desk(),
                form.sent(),
                CaseType(form.case_type.data),
                str(form.name_vi.data),
                str(form.name_en.data),
                str(form.opened_on.data),
            ),
        )
        if answer is not None:
            flash(gettext("The round is open. Units can file in it now."))
            return redirect(url_for("rounds.show", handle=answer["round"]), 303)
    return render_template("rounds/new.html", form=form), form.status


@bp.get("/rounds/<handle>")
@needs(Action.SEE_ROUNDS)
def show(handle: str) -> ResponseReturnValue:
    """Show a round in one view."""
    page = _opened(handle)
    return render_template("rounds/show.html", page=page)


@bp.get("/rounds/<handle>/states.svg")
@needs(Action.SEE_ROUNDS)
def states(handle: str) -> ResponseReturnValue:
    """Draw the units of a round, each as a bar of its states."""
    page = _opened(handle)
    vi = language() == "vi"
    rows = [Stack(unit.name_vi if vi else unit.name_en, unit.by_state) for unit in page.units]
    parts = [(name, said(title)) for name, title in page.states]
    return _picture(stacked_bars(rows, parts, gettext("Units by the state of their cases")))


@bp.get("/rounds/<handle>/days.svg")
@needs(Action.SEE_ROUNDS)
def days(handle: str) -> ResponseReturnValue:
    """Draw how many days each body took."""
    rows = [
        Length(name_of(body.body), body.median_days, body.longest_days, _in_words(body))
        for body in _opened(handle).bodies
    ]
    return _picture(plain_bars(rows, gettext("Days from asked to signed, by body")))


def _opened(handle: str) -> RoundPage:
    page = round_page(reading(), this_principal(), definitions(), handle, ids().today(), ZONE)
    looked(Action.SEE_ROUNDS, asked=handle)
    return page


def _in_words(body: BodyInRound) -> str:
    if body.median_days is None:
        return str(gettext("nothing signed yet, owing: %(owing)s", owing=body.owing))
    return str(
        gettext(
            "median %(median)s, longest %(longest)s, owing: %(owing)s",
            median=f"{body.median_days:g}",
            longest=body.longest_days,
            owing=body.owing,
        )
    )


def _picture(svg: str) -> Response:
    return Response(svg, content_type="image/svg+xml; charset=utf-8")
