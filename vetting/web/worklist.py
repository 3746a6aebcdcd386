"""The Board's work: its list, and acts on many cases at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from vetting.engine.policy import PERMITTED, Action
from vetting.engine.refusals import Forbidden, Unacceptable
from vetting.engine.sentences import mark, say
from vetting.engine.vocabulary import Role
from vetting.queries.worklist import Filter, Wait, handles_of, worklist
from vetting.web.acting import Act, on_many
from vetting.web.asking import CONSULT
from vetting.web.checks import ACCEPT, TAKE_UP
from vetting.web.desk import definitions, reading, this_principal
from vetting.web.forms.board import WorklistForm
from vetting.web.gate import needs
from vetting.web.looking import looked
from vetting.web.names import know_officers
from vetting.web.proposals import PROPOSE, SUBMIT
from vetting.web.telling import CLOSE, NOTIFY, TELL

bp = Blueprint("worklist", __name__)


@dataclass(frozen=True)
class ActOnTicked:
    """An act that a list offers for the cases ticked in it."""

    endpoint: str
    label: str
    action: Action
    roles: frozenset[Role] | None = None  # where the workflow is narrower than the policy


OFFERED: Mapping[Wait, tuple[ActOnTicked, ...]] = {
    Wait.TO_CHECK: (
        ActOnTicked("worklist.take_up", mark("Take up the ticked cases"), Action.TAKE_UP_CASE),
    ),
    Wait.CHECKING: (
        ActOnTicked("worklist.accept", mark("Accept the ticked cases"), Action.ACCEPT_CASE),
    ),
    Wait.ACCEPTED: (
        ActOnTicked(
            "worklist.consult",
            mark("Ask the bodies about the ticked cases"),
            Action.ISSUE_CONSULTATIONS,
        ),
    ),
    Wait.REPLIES_COMPLETE: (
        ActOnTicked(
            "worklist.propose",
            mark("Draw up one proposal for the ticked cases"),
            Action.PROPOSE,
            frozenset({Role.BOARD_OFFICER}),
        ),
    ),
    Wait.TO_SUBMIT: (
        ActOnTicked("worklist.submit", mark("Submit the ticked proposals"), Action.SUBMIT_PROPOSAL),
    ),
    Wait.TO_NOTIFY: (
        ActOnTicked(
            "worklist.notify", mark("Notify the units of the ticked cases"), Action.NOTIFY_UNIT
        ),
    ),
    Wait.TO_TELL: (
        ActOnTicked(
            "worklist.tell", mark("Record that the candidates were told"), Action.RECORD_FACT
        ),
    ),
    Wait.TO_CLOSE: (
        ActOnTicked("worklist.close", mark("Close the ticked cases"), Action.CLOSE_CASE),
    ),
}


@bp.get("/work")
@needs(Action.SEE_WORKLIST)
def show() -> ResponseReturnValue:
    """Show what waits for the Board."""
    form = _form()
    wanted = form.wanted()
    principal = this_principal()
    found = worklist(reading(), principal, definitions(), wanted, request.args.get("after"))
    form.offer_places(found.units, found.rounds)
    looked(Action.SEE_WORKLIST, cases=found.handles, asked=request.query_string.decode()[:500])
    know_officers(line.proposed_by for line in found.page.rows)
    kept = _kept(wanted)
    return render_template(
        "work/show.html",
        form=form,
        wanted=wanted,
        work=found,
        kept=kept,
        addresses={wait: url_for("worklist.show", **{**kept, "wait": wait.value}) for wait in Wait},
        keyset={
            "first": url_for("worklist.show", **kept) if found.page.after else None,
            "next": url_for("worklist.show", **kept, after=found.page.next)
            if found.page.next
            else None,
        },
        offered=[
            one
            for one in OFFERED.get(wanted.wait, ())
            if principal.role in PERMITTED[one.action]
            and (one.roles is None or principal.role in one.roles)
        ],
    )


@bp.route("/work/take-up", methods=["GET", "POST"])
@needs(Action.TAKE_UP_CASE)
def take_up() -> ResponseReturnValue:
    """Take up the cases that were ticked."""
    return _on_ticked(TAKE_UP)


@bp.route("/work/accept", methods=["GET", "POST"])
@needs(Action.ACCEPT_CASE)
def accept() -> ResponseReturnValue:
    """Accept the cases that were ticked."""
    return _on_ticked(ACCEPT)


@bp.route("/work/consult", methods=["GET", "POST"])
@needs(Action.ISSUE_CONSULTATIONS)
def consult() -> ResponseReturnValue:
    """Ask the bodies about the cases that were ticked, under one letter a body."""
    return _on_ticked(CONSULT)


@bp.route("/work/propose", methods=["GET", "POST"])
@needs(Action.PROPOSE)
def propose() -> ResponseReturnValue:
    """Draw up the same proposal for the cases that were ticked."""
    return _on_ticked(PROPOSE)


@bp.route("/work/submit", methods=["GET", "POST"])
@needs(Action.SUBMIT_PROPOSAL)
def submit() -> ResponseReturnValue:
    """Submit the proposals that were ticked."""
    return _on_ticked(SUBMIT)


@bp.route("/work/notify", methods=["GET", "POST"])
@needs(Action.NOTIFY_UNIT)
def notify() -> ResponseReturnValue:
    """Notify the units of the cases that were ticked."""
    return _on_ticked(NOTIFY)


@bp.route("/work/tell", methods=["GET", "POST"])
@needs(Action.RECORD_FACT)
def tell() -> ResponseReturnValue:
    """Record for the cases that were ticked that their candidates were told."""
    if this_principal().role not in PERMITTED[Action.SEE_WORKLIST]:
        raise Forbidden(say("Your role does not allow this."))
    return _on_ticked(TELL)


@bp.route("/work/close", methods=["GET", "POST"])
@needs(Action.CLOSE_CASE)
def close() -> ResponseReturnValue:
    """Close the cases that were ticked."""
    return _on_ticked(CLOSE)


def _on_ticked(act: Act) -> ResponseReturnValue:
    return on_many(act, ticked, url_for("worklist.show", **_kept(_form().wanted())))


def ticked() -> Sequence[str]:
    """Return the cases that were ticked in the list, or all of its filter."""
    if request.args.get("all") == "1":
        return handles_of(reading(), this_principal(), _form().wanted())
    return request.args.getlist("case")


def _form() -> WorklistForm:
    form = WorklistForm.of_address()
    form.offer()
    if not form.said_well():
        raise Unacceptable(say("This list cannot be narrowed like that. Begin at its first page."))
    return form


def _kept(wanted: Filter) -> dict[str, Any]:
    """Return the filter as it stands in an address."""
    kept = {
        "wait": wanted.wait.value,
        "case_type": wanted.case_type.value if wanted.case_type else None,
        "round": wanted.round,
        "unit": wanted.unit,
        "mine": "y" if wanted.mine else None,
        "aside": "y" if wanted.aside else None,
        "sort": wanted.sort.value,
    }
    return {name: value for name, value in kept.items() if value is not None}
