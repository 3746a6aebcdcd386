"""Pages of a unit's case officer: the unit's cases, and filing, completing and withdrawing one."""

from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vetting.engine.decide import offers
from vetting.engine.policy import Action
from vetting.engine.refusals import MoveNotOffered
from vetting.engine.sentences import Sentence, say
from vetting.engine.vocabulary import CaseType
from vetting.queries.before_filing import before_filing
from vetting.queries.case_page import why_returned
from vetting.queries.follow_ups import follow_ups
from vetting.queries.opened_case import OpenedCase, actor_of, open_to_act
from vetting.queries.own_cases import OwnCases, Wanted, filing, own_cases, was_done
from vetting.queries.same_candidate import SameCandidate, same_candidate
from vetting.queries.submission_page import own_submissions
from vetting.usecases.desk import Answer
from vetting.usecases.file_case import (
    Request,
    change_draft,
    draft_case,
    file_case,
    file_draft,
    refile_case,
)
from vetting.usecases.interrupt_case import withdraw_case
from vetting.web.desk import definitions, ids, reading, this_desk, this_principal
from vetting.web.forms.cases import CaseForm, ConfirmForm, ReasonForm, RefileForm
from vetting.web.gate import needs
from vetting.web.looking import case_at_hand, looked, nothing_shown
from vetting.web.trying import tried

bp = Blueprint("own_cases", __name__)


@bp.get("/cases")
@needs(Action.SEE_OWN_CASES)
def show() -> ResponseReturnValue:
    """Show the unit's cases: returned ones first, then drafts, then the rest."""
    asked = {name: value for name, value in request.args.items() if value.isprintable()}
    wanted = Wanted(
        asked.get("state") or None, asked.get("case_type") or None, asked.get("round") or None
    )
    after = asked.get("after")
    page = own_cases(reading(), this_principal(), definitions(), wanted, after, today=ids().today())
    to_file = (
        follow_ups(reading(), this_principal(), definitions(), today=ids().today())
        if after is None
        else ()
    )
    looked(
        Action.SEE_OWN_CASES,
        cases=[*(row.handle for row in page.rows), *(one.after for one in to_file)],
        asked=" ".join(f"{name}={value}" for name, value in _filters(wanted).items()) or None,
    )
    return render_template(
        "cases/own.html",
        page=page,
        to_file=to_file,
        wanted=wanted,
        pages=_pages(page, wanted, after),
        submissions=own_submissions(reading(), this_principal()) if after is None else [],
    )


def _filters(wanted: Wanted) -> dict[str, str]:
    chosen = {"state": wanted.state, "case_type": wanted.case_type, "round": wanted.round}
    return {name: value for name, value in chosen.items() if value}


def _pages(page: OwnCases, wanted: Wanted, after: str | None) -> dict[str, str | None]:
    """Return the ways to the beginning of the list and on to more of it."""
    chosen: dict[str, Any] = dict(_filters(wanted))
    return {
        "first": url_for(".show", **chosen) if after else None,
        "next": url_for(".show", after=page.after, **chosen) if page.after else None,
    }


# --------------------------------------------------------------- a new case, and a draft


@bp.get("/cases/new")
@needs(Action.FILE_CASE)
def choose() -> ResponseReturnValue:
    """Ask for which act the candidate is to be vetted."""
    return render_template("cases/choose.html", case_types=list(CaseType))


@bp.route("/cases/new/<case_type>", methods=["GET", "POST"])
@needs(Action.FILE_CASE)
def new(case_type: str) -> ResponseReturnValue:
    """Begin a case: keep it as a draft, or file it at once."""
    if case_type not in set(CaseType):
        abort(404)
    return _fill_in(CaseType(case_type), None)


@bp.route("/cases/<handle>/edit", methods=["GET", "POST"])
@needs(Action.FILE_CASE)
def edit(handle: str) -> ResponseReturnValue:
    """Change a draft."""
    opened = open_to_act(reading(), this_principal(), definitions(), handle)
    case_at_hand(handle)
    if opened.case.state != "draft":
        raise MoveNotOffered(say("This case has been filed; it can no longer be edited."))
    return _fill_in(opened.case.case_type, opened)


def _fill_in(case_type: CaseType, opened: OpenedCase | None) -> ResponseReturnValue:
    form = CaseForm.of_request(
        seen=opened.seen if opened else None,
        # Which admission it follows may stand in the address: the list of what to file leads here.
        data=_as_drafted(opened) if opened else {"admission": request.args.get("admission", "")},
    )
    today = ids().today()
    definition = definitions().current(case_type.value, date.fromisoformat(today))
    form.offer(filing(reading(), this_principal(), definition, today))
    draft = request.form.get("do") != "file"
    same: tuple[SameCandidate, ...] = ()
    if form.sent_well_as(draft=draft):
        wish = form.request(case_type)
        if not draft and opened is None and not was_done(reading(), str(form.key.data)):
            same = _same(wish)
        if not same or form.all_the_same.data:
            answer = tried(form, lambda: _kept(form, wish, opened, draft=draft))
            if answer is not None:
                handle = str(answer["case"])
                if draft or opened is None:
                    flash(_("The draft is kept.") if draft else _("The case is filed."))
                    return redirect(url_for("cases.show", handle=handle), 303)
                return redirect(url_for(".file", handle=handle), 303)
    shown = [opened.case.handle] if opened else []
    if shown or same:
        looked(Action.FILE_CASE, cases=[*shown, *(one.handle for one in same)])
    else:
        nothing_shown()
    return render_template(
        "cases/form.html",
        form=form,
        case_type=case_type,
        draft_of=opened.case if opened else None,
        same=same,
    ), 422 if same else form.status


def _kept(form: CaseForm, wish: Request, opened: OpenedCase | None, *, draft: bool) -> Answer:
    desk = this_desk()
    if opened is not None:
        return change_draft(desk, form.sent(), opened.case.handle, wish)
    return (draft_case if draft else file_case)(desk, form.sent(), wish)


def _as_drafted(opened: OpenedCase) -> dict[str, object]:
    case = opened.case
    return {
        "name": case.name,
        "born": case.born,
        "target": case.target,
        "position": case.position or "",
        "management_level": case.management_level or "",
        "round": case.round or "",
        "admission": case.admission or "",
    }


def _same(wish: Request, besides: str | None = None) -> tuple[SameCandidate, ...]:
    return same_candidate(
        reading(),
        this_principal(),
        definitions(),
        [(wish.name, wish.born)],
        wish.case_type,
        besides=besides,
    )


# --------------------------------------------------------------- acts on a case


@bp.route("/cases/<handle>/file", methods=["GET", "POST"])
@needs(Action.FILE_CASE)
def file(handle: str) -> ResponseReturnValue:
    """File a draft, after one more look at it."""
    opened = open_to_act(reading(), this_principal(), definitions(), handle)
    case_at_hand(handle)
    held_back = None if request.method == "POST" else _held_back(opened, "file")
    form = ConfirmForm.of_request(seen=opened.seen)
    if form.sent_well() and tried(form, lambda: file_draft(this_desk(), form.sent(), handle)):
        flash(_("The case is filed."))
        return redirect(url_for("cases.show", handle=handle), 303)
    case = opened.case
    wish = Request(case.case_type, case.name, case.born, case.target)
    same = _same(wish, besides=handle)
    looked(Action.FILE_CASE, cases=[handle, *(one.handle for one in same)])
    return render_template(
        "cases/file.html",
        form=form,
        ahead=before_filing(reading(), definitions(), case, ids().today())
        if case.state == "draft"
        else None,
        case=case,
        held_back=held_back,
        same=same,
    ), form.status


@bp.route("/cases/<handle>/refile", methods=["GET", "POST"])
@needs(Action.REFILE_CASE)
def refile(handle: str) -> ResponseReturnValue:
    """Complete a case that was returned, with what was missing beside the form."""
    opened = open_to_act(reading(), this_principal(), definitions(), handle)
    case_at_hand(handle)
    case = opened.case
    if request.method == "GET":
        _held_back(opened, "refile")
    form = RefileForm.of_request(seen=opened.seen, data=_as_drafted(opened))
    if form.sent_well():
        wish = Request(
            case.case_type,
            str(form.name.data),
            str(form.born.data),
            str(form.target.data),
            form.position.data or None,
        )
        answer = str(form.completed.data)
        if tried(form, lambda: refile_case(this_desk(), form.sent(), handle, wish, answer)):
            flash(_("The case is filed again."))
            return redirect(url_for("cases.show", handle=handle), 303)
    looked(Action.REFILE_CASE, cases=[handle])
    because = why_returned(reading(), case)
    return render_template("cases/refile.html", form=form, case=case, because=because), form.status


@bp.route("/cases/<handle>/withdraw", methods=["GET", "POST"])
@needs(Action.WITHDRAW_CASE)
def withdraw(handle: str) -> ResponseReturnValue:
    """Withdraw a case, with a reason."""
    opened = open_to_act(reading(), this_principal(), definitions(), handle)
    case_at_hand(handle)
    if request.method == "GET":
        _held_back(opened, "withdraw")
    form = ReasonForm.of_request(seen=opened.seen)
    if form.sent_well():
        reason = str(form.reason.data)
        if tried(form, lambda: withdraw_case(this_desk(), form.sent(), handle, reason)):
            flash(_("The case is withdrawn."))
            return redirect(url_for("cases.show", handle=handle), 303)
    looked(Action.WITHDRAW_CASE, cases=[handle])
    return render_template("cases/withdraw.html", form=form, case=opened.case), form.status


def _held_back(opened: OpenedCase, move: str) -> Sentence | None:
    """Return what holds a move back; where it is not open at all, refuse."""
    actor = actor_of(this_principal())
    for offer in offers(opened.definition, opened.case, actor):
        if offer.move.name == move:
            return offer.held_back
    known = opened.definition.moves_by_name.get(move)
    title = known.title if known else move
    raise MoveNotOffered(say("“%(move)s” is not possible while it stands here.", move=title))
