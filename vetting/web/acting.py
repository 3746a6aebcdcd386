"""Acting: the same few steps for every act of the Board and the authority, on one case or many.

An act on one case shows beside its form what the decision rests on. An act on many is confirmed on
a page of its own, which carries the very cases that were ticked, and ends in a result case by case.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from vetting.engine.emergency import ONLY_TO_BE_READ
from vetting.engine.policy import Action
from vetting.engine.refusals import Forbidden, MoveNotOffered
from vetting.engine.sentences import say
from vetting.queries.act_page import ActPage, act_page
from vetting.queries.case_lines import CaseLine, chosen
from vetting.queries.opened_case import is_handle
from vetting.usecases.desk import Answer, Desk, Sent
from vetting.web.desk import definitions, reading, this_desk, this_principal
from vetting.web.forms.acts import ActForm
from vetting.web.looking import case_at_hand, looked
from vetting.web.names import know_officers
from vetting.web.trying import tried


@dataclass(frozen=True)
class About:
    """What a form is about: the cases, and for a single one all that is on record."""

    lines: Sequence[CaseLine]
    page: ActPage | None = None


@dataclass(frozen=True)
class Act:
    """One kind of act, as pages offer it."""

    move: str
    action: Action
    template: str
    do: Callable[[Desk, Sent, Sequence[str], Any], Answer]
    done: str  # what is said afterwards
    form: type[ActForm] = ActForm
    # what else the form needs: its own class, its choices, what the template shows
    form_for: Callable[[About], type[ActForm]] | None = None
    prepare: Callable[[Any, About], dict[str, Any]] = field(default=lambda _form, _about: {})


def on_one(act: Act, handle: str) -> ResponseReturnValue:
    """Show the form of an act on one case, or do it."""
    page = act_page(reading(), this_principal(), definitions(), handle)
    case_at_hand(handle)
    if request.method == "GET" and act.move not in page.held_back:
        raise MoveNotOffered(
            say("The case stands at “%(state)s” now; this cannot be done there.", state=page.title)
        )
    about = About(chosen(reading(), this_principal(), definitions(), [handle]), page)
    form = _form_class(act, about).of_request(seen=page.seen)
    told = act.prepare(form, about)
    if form.sent_well() and tried(form, lambda: act.do(this_desk(), form.sent(), [handle], form)):
        flash(gettext(act.done))
        return redirect(f"/cases/{handle}", 303)
    looked(act.action, cases=[handle])
    know_officers(officers_of(page))
    return (
        render_template(
            act.template,
            form=form,
            page=page,
            lines=about.lines,
            title=page.definition.moves_by_name[act.move].title,
            held_back=page.held_back.get(act.move),
            **told,
        ),
        form.status,
    )


def on_many(act: Act, handles: Callable[[], Sequence[str]], back: str) -> ResponseReturnValue:
    """Confirm an act on the cases that were ticked, or do it and show what became of each."""
    ticked = (
        str(request.form.get("cases", "")).split() if request.method == "POST" else list(handles())
    )
    ticked = [handle for handle in ticked if is_handle(handle)]
    about = About(_to_act_on(ticked))
    if not about.lines:
        flash(gettext("Tick at least one case first."))
        return redirect(back, 303)
    form = _form_class(act, about).of_request(
        data={"cases": " ".join(line.handle for line in about.lines)}
    )
    told = act.prepare(form, about)
    if form.sent_well() and tried(
        form, lambda: act.do(this_desk(), form.sent(), form.chosen, form)
    ):
        return redirect(url_for("results.show", key=form.key.data), 303)
    looked(act.action, cases=[line.handle for line in about.lines])
    first = definitions().of(about.lines[0].case_type, about.lines[0].definition_version)
    return (
        render_template(
            act.template,
            form=form,
            page=None,
            lines=about.lines,
            title=(first.moves_by_name.get(act.move) or first.fact_by_name[act.move]).title,
            held_back=None,
            back=back,
            **told,
        ),
        form.status,
    )


def _to_act_on(ticked: Sequence[str]) -> Sequence[CaseLine]:
    """Return the ticked cases but for those that are open to be read in an emergency, and no more.

    Where there is none but those it is said why not; beside others they hold nothing up.
    """
    me = this_principal()
    found = chosen(reading(), me.at_work, definitions(), ticked)
    if me.emergency and not found and chosen(reading(), me, definitions(), ticked):
        raise Forbidden(ONLY_TO_BE_READ)
    return found


def officers_of(page: ActPage) -> set[str | None]:
    """Return the officers whom the page of an act names."""
    signers = {
        name
        for asked in (*page.matrix.now, *page.matrix.earlier)
        if asked.opinion
        for name in (asked.opinion.signed_by, asked.opinion.signed_for)
    }
    proposal = page.proposal
    return signers | ({proposal.proposed_by, proposal.submitted_by} if proposal else set())


def _form_class(act: Act, about: About) -> type[ActForm]:
    return act.form_for(about) if act.form_for else act.form
