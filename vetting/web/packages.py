"""The package of a case: asked for with a reason and a proof, taken out as a file that proves it.

Between the two the log has to reach the entry, which takes it some seconds: from then on whoever
signs the log has signed what is in the package.
"""

from base64 import b64encode
from pathlib import Path

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext
from flask_babel import gettext as _

from vetting.config import ROOT
from vetting.engine import verify_offline
from vetting.engine.canonical import digest
from vetting.engine.definition import CONSULTATION
from vetting.engine.policy import Action, proven
from vetting.engine.refusals import OutOfTurn, Unknown
from vetting.engine.sentences import mark, say
from vetting.engine.verify_offline import (
    FILES,
    HISTORY,
    MANIFEST,
    canonical,
    manifest_of,
    packed,
)
from vetting.queries.case_package import CasePackage, Export, case_package, is_over, one_export
from vetting.queries.opened_case import OpenedCase, open_to_act
from vetting.queries.receipt import package_of_case, told_until
from vetting.records.sealing_key import read_public_half
from vetting.usecases.export_case import export_case
from vetting.web.desk import definitions, ids, reading, shared, this_desk, this_principal
from vetting.web.filters import moment, said
from vetting.web.forms.base import PageForm
from vetting.web.forms.packages import PackageForm
from vetting.web.gate import needs
from vetting.web.languages import LANGUAGES
from vetting.web.looking import looked
from vetting.web.trying import tried

bp = Blueprint("packages", __name__)

PAGES, PAGE = {"vi": "ho-so", "en": "case"}, "html"  # by language
LONGEST_NUMBER = 9  # digits
README, VERIFIER = "README.txt", "verify_offline.py"
# What the text beside the package says, line by line.
LINES = (
    mark("Package of case %(case)s"),
    mark("Taken out at %(at)s by %(name)s (%(role)s, %(organisation)s). Reason: %(reason)s"),
    mark("It goes up to entry %(entries)s; of %(withheld)s entries it has the seal alone."),
    "",
    mark("What is in it:"),
    mark("- ho-so.html, case.html: the case to be read, in Vietnamese and in English"),
    mark("- history.json: every entry with its seal, its proof, and the signed checkpoint"),
    mark("- workflow-….toml: the rules that the case is bound to, as they were published"),
    mark("- manifest.json: the hash of every file; its own hash stands in the last entry"),
    mark("- verify_offline.py: the program that checks all of this, without a network"),
    "",
    mark("How to check it:"),
    mark(
        "1. Have the log’s public key given to you, and the witnesses’, on another way than this "
        "package. The page “The common log” shows them."
    ),
    mark("2. Take verify_offline.py from somebody you trust. It needs Python 3.11 or later."),
    mark("3. Run: python3 verify_offline.py PACKAGE.zip --log-key KEY --witness-key KEY"),
    mark(
        "   --witness-key once for each witness: one of them has to have signed, and each that has "
        "not is named."
    ),
    mark(
        "4. It says HOLDS and ends with 0 if nothing was changed, left out or put in since the "
        "package was taken out. Whatever else it says, do not rely on the package."
    ),
    mark("Without the keys it only shows that the package agrees with itself."),
)


@bp.route("/cases/<handle>/package", methods=["GET", "POST"])
@needs(Action.EXPORT_CASE)
def ask(handle: str) -> ResponseReturnValue:
    """Ask for the package of a case, with a reason."""
    opened = open_to_act(reading(), this_principal(), definitions(), handle)
    form = PackageForm.of_request()
    if form.sent_well():
        reason = str(form.reason.data)

        def make(upto: int, at: str, why: str) -> str:
            return digest(FILES, _made(opened, upto, at, why)[MANIFEST])

        answer = tried(form, lambda: export_case(this_desk(), form.sent(), handle, reason, make))
        if answer is not None:
            flash(_("It is written down that you take out the package."))
            return redirect(url_for(".show", handle=handle, number=answer["number"]), 303)
    looked(Action.EXPORT_CASE, cases=[handle])
    return render_template("packages/ask.html", form=form, case=opened.case), form.status


@bp.get("/cases/<handle>/packages/<number>")
@needs(Action.EXPORT_CASE)
def show(handle: str, number: str) -> ResponseReturnValue:
    """Say whether a package that was asked for can be taken out yet."""
    export = one_export(reading(), this_principal(), definitions(), handle, _number(number))
    looked(Action.EXPORT_CASE, cases=[handle])
    return _page(export, PageForm.of_request())


@bp.post("/cases/<handle>/packages/<number>")
@needs(Action.EXPORT_CASE)
def take(handle: str, number: str) -> ResponseReturnValue:
    """Give out a package: made anew, and the very one that its entry is about."""
    export = one_export(reading(), this_principal(), definitions(), handle, _number(number))
    form = PageForm.of_request()
    content: bytes | None = None
    if form.sent_well():
        proven(this_principal(), Action.EXPORT_CASE, ids().clock(), shared().door.proved_for)
        try:
            content = _content(export)
        except OutOfTurn as refusal:
            form.refuse(refusal)
    looked(
        Action.EXPORT_CASE, cases=[handle], asked=f"package={export.number}", purpose=export.reason
    )
    if content is None:
        return _page(export, form)
    return Response(
        content,
        content_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{export.reference}-{export.number}.zip"'
        },
    )


def _number(written: str) -> int:
    """Return the number of an entry that an address names; what is none names nothing."""
    if not (written.isascii() and written.isdigit() and len(written) <= LONGEST_NUMBER):
        raise Unknown(say("There is no such package."))
    return int(written)


def _page(export: Export, form: PageForm) -> ResponseReturnValue:
    page = render_template(
        "packages/show.html", export=export, form=form, over=is_over(export, ids().clock())
    )
    return page, form.status


def _content(export: Export) -> bytes:
    """Return the package, or refuse because it cannot be made or proved any more, or yet."""
    key = read_public_half(shared().settings.folder)
    if is_over(export, ids().clock()):
        raise OutOfTurn(say("This package was asked for more than a day ago. Ask for it anew."))
    if key is None or not export.ready:
        raise OutOfTurn(say("The log has not reached this yet. Try again in a minute."))
    files = _made(export.opened, export.number - 1, export.at, export.reason)
    if digest(FILES, files[MANIFEST]) != export.manifest:
        raise OutOfTurn(
            say(
                "What the package is made of has changed since you asked for it, such as a name in "
                "a register. Ask for it anew."
            )
        )
    proof = package_of_case(
        reading(),
        this_principal(),
        export.opened.seen_as,
        export.handle,
        key,
        upto=export.number,
    )
    return packed({**files, HISTORY: canonical(proof.told)})


def _made(opened: OpenedCase, upto: int, at: str, reason: str) -> dict[str, bytes]:
    """Return the files of a package, all but the history that proves them."""
    me, handle = this_principal(), opened.case.handle
    package = case_package(reading(), me, definitions(), opened, upto=upto, at=at, reason=reason)
    files = {VERIFIER: _text_of_verifier()}
    readme = []
    for language in LANGUAGES:
        with force_locale(language):
            page = render_template("packages/case.html", package=package, style=_style)
            readme.append(_readme(package))
        files[f"{PAGES[language]}.{PAGE}"] = page.encode()
    files[README] = "\n\n".join(readme).encode()
    for name, version in (package.definition, (CONSULTATION, 1)):
        rules = shared().settings.workflows / name / f"v{version}.toml"
        files[f"workflow-{name}-v{version}.toml"] = rules.read_bytes()
    lines = told_until(reading(), me, opened.seen_as, handle, upto)
    return {**files, MANIFEST: manifest_of(handle, files, lines)}


def _text_of_verifier() -> bytes:
    return Path(verify_offline.__file__).read_bytes()


def _style(name: str) -> str:
    """Return the address of a style sheet that holds all of it."""
    content = (ROOT / "static" / name).read_bytes()
    return "data:text/css;base64," + b64encode(content).decode()


def _readme(package: CasePackage) -> str:
    taken = package.taken_out
    told = {
        "case": package.reference,
        "at": moment(taken.at),
        "name": taken.name,
        "role": said(taken.role),
        "organisation": said(taken.organisation),
        "reason": taken.reason,
        "entries": len(package.lines),
        "withheld": package.withheld,
    }
    return "".join(f"{gettext(line) % told if line else ''}\n" for line in LINES)
