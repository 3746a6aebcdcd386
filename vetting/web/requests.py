"""Requests of candidates: recorded, acknowledged, prepared, reviewed, answered with a package.

The package is made when an answer is prepared, and its hash goes into that entry; a second person
agrees to just that, and then it is kept as it is. Once the log has the entry that says the request
was answered, whoever signs the log has signed what the candidate is given.
"""

from base64 import b64encode
from pathlib import Path

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext
from flask_babel import gettext as _

from vetting.config import ROOT
from vetting.engine import verify_offline
from vetting.engine.candidate_requests import Handing, Way, asked_of
from vetting.engine.canonical import digest
from vetting.engine.policy import Action, proven
from vetting.engine.refusals import HeldBack, OutOfTurn, Unknown
from vetting.engine.sentences import Sentence, mark, say
from vetting.engine.verify_offline import (
    FILES,
    HISTORY,
    MANIFEST,
    canonical,
    manifest_of,
    packed,
)
from vetting.queries.candidate_package import CandidatePackage, candidate_package
from vetting.queries.opened_case import open_to_act
from vetting.queries.receipt import is_in_the_log, package_of_entry, seals_until
from vetting.queries.request_pages import (
    NO_SUCH,
    RequestPage,
    one_request,
    request_list,
    requests_of_case,
)
from vetting.records.given_packages import package_given
from vetting.records.sealing_key import read_public_half
from vetting.usecases.answer_candidate import (
    ANSWERED,
    HANDED_OVER,
    NOT_AGREED,
    NOT_TAKEN_OUT,
    TOLD,
    Asked,
    Draft,
    HandedOver,
    Make,
    acknowledge_request,
    give_answer,
    hand_over,
    prepare_answer,
    record_request,
    send_answer_back,
)
from vetting.usecases.desk import Answer
from vetting.web.desk import definitions, ids, reading, shared, this_desk, this_principal
from vetting.web.filters import day
from vetting.web.forms.base import PageForm
from vetting.web.forms.requests import (
    AGREES,
    AcknowledgeForm,
    HandedOverForm,
    RecordRequestForm,
    ReviewForm,
    prepare_form,
)
from vetting.web.gate import needs
from vetting.web.languages import LANGUAGES
from vetting.web.looking import case_at_hand, looked
from vetting.web.trying import tried

bp = Blueprint("requests", __name__)

PAGES, PAGE = {"vi": "tra-loi", "en": "answer"}, "html"  # by language
README, VERIFIER = "README.txt", "verify_offline.py"
LONGEST_NUMBER = 9  # digits
# What the text beside the package says, line by line.
LINES = (
    mark("Answer to the request of %(day)s in case %(case)s"),
    mark("Made on %(made_on)s; %(handed)s parts are handed over, %(withheld)s are withheld."),
    "",
    mark("What is in it:"),
    mark("- tra-loi.html, answer.html: what is handed over, in Vietnamese and in English"),
    mark(
        "- history.json: the entry that names these files, with its proof; of all others the seal"
    ),
    mark("- manifest.json: the hash of every file; its own hash stands in the last entry"),
    mark("- verify_offline.py: the program that checks all of this, without a network"),
    "",
    mark("How to check it:"),
    mark("1. Have the log’s public key given to you on another way than this package."),
    mark("2. Take verify_offline.py from a person whom you trust. It needs Python 3.11 or later."),
    mark("3. Run: python3 verify_offline.py PACKAGE.zip --log-key KEY"),
    mark(
        "4. It says HOLDS and ends with 0 if nothing was changed, left out or put in since the "
        "answer was given."
    ),
)


@bp.get("/requests")
@needs(Action.SEE_REQUESTS)
def index() -> ResponseReturnValue:
    """Show every request that waits for its answer, what is due first on top."""
    found = request_list(reading(), this_principal(), definitions(), ids().today())
    looked(Action.SEE_REQUESTS, cases=[line.case for line in found])
    return render_template("requests/index.html", found=found)


@bp.get("/cases/<handle>/requests")
@needs(Action.SEE_REQUESTS)
def of_case(handle: str) -> ResponseReturnValue:
    """Show what the candidate of one case asked."""
    page = requests_of_case(reading(), this_principal(), definitions(), handle, ids().today())
    looked(Action.SEE_REQUESTS, cases=[handle])
    return render_template("requests/case.html", page=page)


@bp.route("/cases/<handle>/requests/new", methods=["GET", "POST"])
@needs(Action.RECORD_REQUEST)
def new(handle: str) -> ResponseReturnValue:
    """Record what a candidate asks."""
    opened = open_to_act(reading(), this_principal(), definitions(), handle)
    case_at_hand(handle)
    if opened.case.reference is None:
        raise HeldBack(say("The case has not been filed."))
    form = RecordRequestForm.of_request(seen=opened.seen)
    form.offer()
    if form.sent_well():
        asked = Asked(
            str(form.kind.data),
            str(form.came_on.data),
            str(form.letter.data),
            str(form.received_by.data),
            str(form.asked_for.data),
        )
        answer = tried(form, lambda: record_request(this_desk(), form.sent(), handle, asked))
        if answer is not None:
            flash(_("The request is on record."))
            return redirect(url_for(".show", handle=handle, number=answer["number"]), 303)
    looked(Action.RECORD_REQUEST, cases=[handle])
    return render_template("requests/new.html", form=form, case=opened.case), form.status


@bp.get("/cases/<handle>/requests/<number>")
@needs(Action.SEE_REQUESTS)
def show(handle: str, number: str) -> ResponseReturnValue:
    """Show one request: what it asks, by when it is due, and what was done about it."""
    page = _page(handle, number)
    looked(Action.SEE_REQUESTS, cases=[handle])
    return render_template("requests/show.html", page=page, own=_prepared_by_me(page))


@bp.route("/cases/<handle>/requests/<number>/acknowledge", methods=["GET", "POST"])
@needs(Action.ANSWER_REQUEST)
def acknowledge(handle: str, number: str) -> ResponseReturnValue:
    """Record that the candidate was told that the request came."""
    page = _page(handle, number)
    form = AcknowledgeForm.of_request(seen=page.opened.seen)
    if form.sent_well() and tried(
        form,
        lambda: acknowledge_request(
            this_desk(),
            form.sent(),
            handle,
            page.request.number,
            str(form.told_on.data),
            str(form.letter.data),
        ),
    ):
        flash(_("It is on record that the candidate was told."))
        return redirect(url_for(".show", handle=handle, number=number), 303)
    looked(Action.ANSWER_REQUEST, cases=[handle])
    why = None
    if not page.request.waits:
        why = ANSWERED
    elif page.request.acknowledged is not None:
        why = TOLD
    return _shown("requests/acknowledge.html", form, page, why)


@bp.route("/cases/<handle>/requests/<number>/prepare", methods=["GET", "POST"])
@needs(Action.ANSWER_REQUEST)
def prepare(handle: str, number: str) -> ResponseReturnValue:
    """Prepare an answer, a refusal or an extension, and see what would be handed over."""
    page = _page(handle, number)
    package = _package(page, _now(page)) if page.gives_data else None
    open_parts = {part.name for part in package.parts if not part.by_rule} if package else set()
    kind = prepare_form([one for one in page.parts if one.name in open_parts])
    form = kind.of_request(seen=page.opened.seen)
    clock = page.rules.answer_clock(page.line.kind)
    form.offer(extends=bool(clock and clock.extended_once and page.request.until is None))
    if form.sent_well():
        draft = Draft(
            str(form.way.data),
            str(form.reasons.data),
            str(form.ground.data or ""),
            str(form.until.data or ""),
            form.withheld(),
        )
        if tried(
            form,
            lambda: prepare_answer(
                this_desk(), form.sent(), handle, page.request.number, draft, _maker(handle)
            ),
        ):
            flash(_("It is written down, and waits for a second person."))
            return redirect(url_for(".show", handle=handle, number=number), 303)
    looked(Action.ANSWER_REQUEST, cases=[handle])
    why = ANSWERED if page.request.ended is not None else None
    return _shown("requests/prepare.html", form, page, why, package=package)


@bp.route("/cases/<handle>/requests/<number>/review", methods=["GET", "POST"])
@needs(Action.REVIEW_REQUEST)
def review(handle: str, number: str) -> ResponseReturnValue:
    """Agree, as the second person, to what was prepared, or send it back."""
    page = _page(handle, number)
    form = ReviewForm.of_request(seen=page.opened.seen)
    form.offer()
    if form.sent_well():
        answer = tried(form, lambda: _reviewed(form, page))
        if answer is not None:
            flash(
                _("The answer is on record.")
                if form.answer.data == AGREES
                else _("It was sent back, with your reason.")
            )
            return redirect(url_for(".show", handle=handle, number=number), 303)
    gives = page.gives_data and page.drafted is not None and page.drafted.way == Way.ANSWER
    package = _package(page) if gives else None
    otherwise = package is not None and not _as_prepared(page, package)
    looked(Action.REVIEW_REQUEST, cases=[handle])
    return (
        render_template(
            "requests/review.html",
            form=form,
            page=page,
            package=package,
            otherwise=otherwise,
            own=_prepared_by_me(page),
        ),
        form.status,
    )


@bp.get("/cases/<handle>/requests/<number>/package")
@needs(Action.ANSWER_REQUEST)
def preview(handle: str, number: str) -> ResponseReturnValue:
    """Show what is handed over and what is withheld, and give nothing out."""
    page = _page(handle, number)
    looked(Action.ANSWER_REQUEST, cases=[handle])
    return _preview(page, PageForm.of_request())


@bp.post("/cases/<handle>/requests/<number>/package")
@needs(Action.EXPORT_REQUEST)
def take(handle: str, number: str) -> ResponseReturnValue:
    """Give out the package of an answer: the very one that its entry is about."""
    page = _page(handle, number)
    form = PageForm.of_request()
    content: bytes | None = None
    if form.sent_well():
        proven(this_principal(), Action.EXPORT_REQUEST, ids().clock(), shared().door.proved_for)
        try:
            content = _content(page)
        except OutOfTurn as refusal:
            form.refuse(refusal)
    if content is None:  # nothing was taken out, and no line says that it was
        looked(Action.ANSWER_REQUEST, cases=[handle])
        return _preview(page, form)
    looked(Action.EXPORT_REQUEST, cases=[handle], asked=asked_of(page.request.number))
    name = f"{page.line.reference}-{page.request.ended}.zip"
    return Response(
        content,
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@bp.route("/cases/<handle>/requests/<number>/handed-over", methods=["GET", "POST"])
@needs(Action.ANSWER_REQUEST)
def handed_over(handle: str, number: str) -> ResponseReturnValue:
    """Record that the package was handed over: who did it, on which day, how."""
    page = _page(handle, number)
    form = HandedOverForm.of_request(seen=page.opened.seen)
    form.offer()
    done = HandedOver(
        str(form.handed_on.data),
        str(form.handed_by.data),
        str(form.manner.data),
        str(form.receipt.data),
    )
    if form.sent_well() and tried(
        form, lambda: hand_over(this_desk(), form.sent(), handle, page.request.number, done)
    ):
        flash(_("It is on record that the package was handed over."))
        return redirect(url_for(".show", handle=handle, number=number), 303)
    looked(Action.ANSWER_REQUEST, cases=[handle])
    why = None
    if page.request.ended is None or not page.request.granted:
        why = NOT_AGREED
    elif not page.request.waits:
        why = HANDED_OVER
    elif not page.taken_out:
        why = NOT_TAKEN_OUT
    return _shown("requests/handed_over.html", form, page, why)


def _shown(
    template: str, form: PageForm, page: RequestPage, why: Sentence | None, **told: object
) -> ResponseReturnValue:
    """Show a form; or at once why it is not its turn, unless it holds what was typed."""
    why = None if request.method == "POST" else why
    return render_template(template, form=form, page=page, why_not=why, **told), form.status


def _page(handle: str, number: str) -> RequestPage:
    open_to_act(reading(), this_principal(), definitions(), handle)  # what is not there is not told
    case_at_hand(handle)
    if not (number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER):
        raise Unknown(NO_SUCH)
    return one_request(
        reading(), this_principal(), definitions(), handle, int(number), ids().today()
    )


def _prepared_by_me(page: RequestPage) -> bool:
    """Tell whether the reader stands behind what was prepared: then another has to agree."""
    by = {page.request.prepared_by, page.request.prepared_for}
    return not by.isdisjoint(this_principal().persons)


def _preview(page: RequestPage, form: PageForm) -> ResponseReturnValue:
    ended = page.request.ended
    ready = ended is not None and is_in_the_log(reading(), page.line.case, ended)
    package = _package(page) if page.gives_data else None
    answered = page.answered
    otherwise = False
    if package is not None and answered is not None and answered.prepared and ended is not None:
        otherwise = digest(FILES, _made(package, ended - 1)[MANIFEST]) != answered.manifest
    shown = render_template(
        "requests/package.html",
        form=form,
        page=page,
        package=package,
        ready=ready,
        otherwise=otherwise,
    )
    return shown, form.status


def _now(page: RequestPage) -> tuple[int, str]:
    return page.opened.case.entry_count, ids().now()


def _package(page: RequestPage, made_from: tuple[int, str] | None = None) -> CandidatePackage:
    """Return the package as it was prepared or given, or as it would be now."""
    upto, at = made_from or page.made_from or _now(page)
    return candidate_package(
        reading(),
        this_principal(),
        definitions(),
        page.line.case,
        Handing(page.request.number, upto, at, page.withheld, page.reasons),
    )


def _reviewed(form: ReviewForm, page: RequestPage) -> Answer:
    case, number = page.line.case, page.request.number
    if form.answer.data != AGREES:
        return send_answer_back(this_desk(), form.sent(), case, number, str(form.reason.data or ""))

    typed = str(form.reason.data or "")
    return give_answer(this_desk(), form.sent(), case, number, _maker(case), typed)


def _maker(case: str) -> Make:
    """Return what makes the files of a package of a case."""

    def make(what: Handing, seals: int) -> dict[str, bytes]:
        package = candidate_package(reading(), this_principal(), definitions(), case, what)
        return _made(package, seals)

    return make


def _as_prepared(page: RequestPage, package: CandidatePackage) -> bool:
    """Tell whether a package is what was prepared, and says what stands."""
    if page.drafted is None or page.made_from is None or page.amended_since:
        return False
    files = _made(package, page.made_from[0])
    return digest(FILES, files[MANIFEST]) == page.drafted.manifest


def _content(page: RequestPage) -> bytes:
    """Return the package, or refuse because it cannot be made or proved any more, or yet."""
    key = read_public_half(shared().settings.folder)
    if page.answered is None or page.answered.manifest is None or page.request.ended is None:
        raise OutOfTurn(say("There is no package: the request was not answered with one."))
    if key is None or not is_in_the_log(reading(), page.line.case, page.request.ended):
        raise OutOfTurn(say("The log has not reached this yet. Try again in a minute."))
    manifest, ended = page.answered.manifest, page.request.ended
    files = package_given(reading(), page.line.case, ended, manifest)
    if files is None:  # it was answered before packages were kept
        files = _made(_package(page), ended - 1)
    if digest(FILES, files[MANIFEST]) != manifest:
        raise OutOfTurn(
            say(
                "What the package is made of has changed since the answer was given, such as a "
                "name in a register. It cannot be made again as it was."
            )
        )
    proof = package_of_entry(reading(), page.line.case, key, number=page.request.ended)
    return packed({**files, HISTORY: canonical(proof.told)})


def _made(package: CandidatePackage, upto: int) -> dict[str, bytes]:
    """Return the files of a package, all but the history that proves them."""
    files = {VERIFIER: Path(verify_offline.__file__).read_bytes()}
    readme = []
    for language in LANGUAGES:
        with force_locale(language):
            page = render_template("requests/file.html", package=package, style=_style)
            readme.append(_readme(package))
        files[f"{PAGES[language]}.{PAGE}"] = page.encode()
    files[README] = "\n\n".join(readme).encode()
    seals = seals_until(reading(), package.handle, upto)
    return {**files, MANIFEST: manifest_of(package.handle, files, seals)}


def _style(name: str) -> str:
    """Return the address of a style sheet that holds all of it."""
    content = (ROOT / "static" / name).read_bytes()
    return "data:text/css;base64," + b64encode(content).decode()


def _readme(package: CandidatePackage) -> str:
    told = {
        "case": package.reference,
        "day": day(package.asked_on),
        "made_on": day(package.made_on),
        "handed": len(package.handed_over),
        "withheld": len(package.withheld),
    }
    return "".join(f"{gettext(line) % told if line else ''}\n" for line in LINES)
