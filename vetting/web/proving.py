"""Proving again: what asks again shows its question in place of the page, and then goes on.

The page carries along what was filled in, as it was sent; only passwords are typed once more. It is
sent to where the form was going, under the same key, so that the act is still done once.
"""

from flask import Flask, current_app, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from vetting.directories.known import DirectoryDown
from vetting.engine.looks import How, Showing
from vetting.engine.refusals import ProveAgain, Refusal, Unacceptable, Unknown
from vetting.queries.case_asked_about import case_asked_about
from vetting.queries.emergency_page import one_access
from vetting.queries.own_factors import has_password, own_factors
from vetting.queries.own_sessions import own_login
from vetting.usecases.prove_again import Proof, ask_passkey, prove_again
from vetting.usecases.sign_in import TooSoon
from vetting.usecases.sign_in_by_directory import LDAP
from vetting.web.asked_again import CALLED
from vetting.web.desk import ids, reading, shared, this_principal
from vetting.web.errors import SECRET, status_of
from vetting.web.filters import said
from vetting.web.gate import SAFE
from vetting.web.log import write
from vetting.web.looking import named_before_an_act, nothing_shown
from vetting.web.passkeys import answer_of, this_site
from vetting.web.sessions import known_browser, signed_in, this_address
from vetting.web.shown import SHOWN

CODE, PASSWORD, PASSKEY = "proof_code", "proof_password", "proof_passkey"  # names of fields
FIELDS = (CODE, PASSWORD, PASSKEY)
OF_THE_PAGE = ("csrf_token", "key")  # which the page has in its own right
# A link leads to a file; whoever is asked again first sends the same address, with a proof.
TAKEN_OUT = ("GET", "POST")
# Of which page a file is: there one goes back to.
PAGE_OF = {
    "inbox_results.file": "inbox_results.show",
    "lists.download": "lists.show",
    "results.download": "results.show",
    "signed.receipt": "signed.show",
}


class NotYetProven(ProveAgain):
    """What was offered as proof is none; the question is asked again."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.sentence)
        self.refusal = refusal


def register(app: Flask) -> None:
    """Let every form bring a proof along, and ask for one where it is wanted."""
    app.before_request(take_proof)
    app.register_error_handler(ProveAgain, ask)


def take_proof() -> None:
    """Take the proof that a form brings along, before anything is done for it."""
    who = signed_in() if request.method not in SAFE and "only_read_in" not in g else None
    if who is None or not any(field in request.form for field in FIELDS):
        return
    login = own_login(reading(), this_principal())
    proof = Proof(
        login,
        this_address(),
        known_browser(login),
        request.form.get(PASSWORD, ""),
        request.form.get(CODE, ""),
        answer_of(request.form.get(PASSKEY)),
    )
    try:
        who.session = prove_again(
            shared().door, reading(), who.session, proof, shared().directories.ldap
        )
    except (DirectoryDown, TooSoon, Unacceptable) as refusal:
        raise NotYetProven(refusal) from refusal


def _directory() -> str | None:
    """Return the name of the directory whose password is asked for, if it is not ours."""
    directory = shared().directories.ldap
    return directory.name if directory is not None and this_principal().method == LDAP else None


def ask(refusal: ProveAgain) -> ResponseReturnValue:
    """Ask who it is, on a page that carries the form along."""
    g.refused = True  # no case is shown
    wrong = refusal.refusal if isinstance(refusal, NotYetProven) else None
    status = status_of(type(wrong or refusal))
    write(ids().handle(), status, refusal)
    reference = _reference()
    found = own_factors(reading(), this_principal())
    directory = _directory()
    if not found and directory is None and not has_password(reading(), this_principal()):
        return _nothing_to_ask(reference), status
    sent = [
        (name, value)
        for name, values in request.form.lists()
        for value in values
        if name not in FIELDS and name not in OF_THE_PAGE
    ]
    labels = {field.name: str(field.label.text) for field in g.get("form") or ()}
    page = render_template(
        "prove_again.html",
        found=found,
        question=ask_passkey(shared().door, reading(), current_user.session, this_site()),
        directory=directory,
        act=CALLED.get(str(request.endpoint)),
        reference=reference,
        wrong=said(wrong.sentence) if wrong else None,
        carried=[(name, value) for name, value in sent if SECRET not in name],
        takes_out=_takes_out(),
        anew=[
            (name, labels.get(name, "")) for name in {name for name, _ in sent if SECRET in name}
        ],
        back=_back(),
    )
    headers = {"Retry-After": str(wrong.seconds)} if isinstance(wrong, TooSoon) else {}
    return page, status, headers


def _reference() -> str | None:
    """Return the reference of the case that the act is about, where it is told to be shown.

    Of a request to read a case in an emergency it is what the asker wrote, be there such a case or
    not.

    It is written down like every look; over the budget of reading it is left out.
    """
    given = request.view_args or {}
    handle = given.get("handle")
    if request.blueprint == "emergencies" and isinstance(given.get("request"), str):
        return _asked_reference(given["request"])
    if isinstance(handle, str):  # of an officer there is no case
        found = case_asked_about(reading(), this_principal(), handle)
        if found is not None and named_before_an_act(found.handle):
            return found.reference
    nothing_shown()  # of any case but what was just typed here
    return None


def _asked_reference(asked: str) -> str | None:
    try:
        access = one_access(reading(), this_principal(), asked, ids().now())
    except Unknown:
        nothing_shown()
        return None
    if access.of_case is None:
        nothing_shown()
        return access.reference
    return access.reference if named_before_an_act(access.of_case) else None


def _nothing_to_ask(reference: str | None) -> str:
    """Say how whoever has neither factor nor password here comes to something to be asked for."""
    minutes = int(shared().door.proved_for.total_seconds()) // 60
    provider = shared().directories.provider
    return render_template(
        "prove_first.html",
        name=provider.name if provider is not None else None,
        minutes=minutes,
        act=CALLED.get(str(request.endpoint)),
        reference=reference,
        back=_back(),
    )


def _takes_out() -> bool:
    """Tell whether what was asked for is a file of cases or figures."""
    shows = SHOWN.get(str(request.endpoint))
    return isinstance(shows, Showing) and shows.how is How.EXPORT


def _back() -> str:
    """Return where whoever leaves it as it is goes back to."""
    rule = request.url_rule
    if page := PAGE_OF.get(str(request.endpoint)):
        wanted = next(current_app.url_map.iter_rules(page)).arguments
        told = request.view_args or {}
        return url_for(page, **{name: told[name] for name in wanted})
    return request.path if rule is not None and "GET" in (rule.methods or ()) else "/"
