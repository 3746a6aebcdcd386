"""Notices: what an officer was told, and that they opened it or say that they know."""

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError

from vetting.engine.notices import TIDINGS
from vetting.engine.policy import PERMITTED, Action
from vetting.engine.refusals import TooMuchRead, Unacceptable
from vetting.engine.sentences import say
from vetting.queries.mail_wishes import mail_wishes
from vetting.queries.notices_page import Unopened, notice_page, notices_page, unopened
from vetting.usecases.choose_mail import choose_mail
from vetting.usecases.open_notice import (
    acknowledge_notice,
    open_all_notices,
    open_notice,
    show_notices,
)
from vetting.web.desk import definitions, reading, shared, this_desk, this_principal
from vetting.web.forms.cases import ConfirmForm
from vetting.web.forms.notices import MailWishesForm, NoticesFilterForm, OpenAllForm
from vetting.web.gate import needs
from vetting.web.looking import goes_to_a_reader, looked
from vetting.web.paging import ways
from vetting.web.sessions import signed_in
from vetting.web.trying import anew

bp = Blueprint("notices", __name__)


@bp.get("/notices")
@needs(Action.SEE_NOTICES)
def index() -> ResponseReturnValue:
    """Show what the officer was told, newest first."""
    filters = NoticesFilterForm.of_address()
    if not filters.said_well():
        raise Unacceptable(say("This link asks for something that the list cannot show."))
    found = notices_page(
        reading(),
        this_principal(),
        definitions(),
        only_unopened=bool(filters.unopened.data),
        after=request.args.get("after"),
    )
    if goes_to_a_reader():
        show_notices(this_desk(), [(line.telling, line.on) for line in found.page.rows])
    asked = request.query_string.decode()[:500]
    try:
        looked(Action.SEE_NOTICES, cases=found.cases, asked=asked)
    except TooMuchRead:  # what they were told they still read, such as of an alarm
        found = found.without_cases
        looked(Action.SEE_NOTICES, asked=asked)
    form = anew(OpenAllForm)
    if found.page.rows:
        form.up_to.data = found.page.rows[0].at
    return render_template(
        "notices/index.html",
        found=found,
        filters=filters,
        form=form,
        ways=ways(found.page),
        tidings=TIDINGS,
    )


@bp.post("/notices/open")
@needs(Action.SEE_NOTICES)
def open_all() -> ResponseReturnValue:
    """Take everything up to the newest notice on the page as opened."""
    form = OpenAllForm.of_request()
    if not form.sent_well():
        abort(422)
    open_all_notices(this_desk(), str(form.up_to.data))
    flash(_("Nothing is left unopened."))
    return redirect(url_for(".index"), 303)


@bp.get("/notices/<telling>/<move>")
@needs(Action.SEE_NOTICES)
def show(telling: str, move: str) -> ResponseReturnValue:
    """Open a notice; where nothing is asked in it, what opens is its one case."""
    found = notice_page(
        reading(),
        this_principal(),
        definitions(),
        telling,
        move,
        after=request.args.get("after"),
    )
    if goes_to_a_reader():
        open_notice(this_desk(), (telling, move))
    one = found.line.one
    if one is not None and not found.line.waits:
        if one.question is not None:
            return redirect(url_for("consultations.show", handle=one.question))
        return redirect(url_for("cases.show", handle=one.handle))
    looked(Action.SEE_NOTICES, cases=[case.handle for case in found.page.rows])
    return render_template(
        "notices/show.html", found=found, form=anew(ConfirmForm), ways=ways(found.page)
    )


@bp.post("/notices/<telling>/<move>/acknowledge")
@needs(Action.SEE_NOTICES)
def acknowledge(telling: str, move: str) -> ResponseReturnValue:
    """Say that one knows of it."""
    notice_page(reading(), this_principal(), definitions(), telling, move)
    if not ConfirmForm.of_request().sent_well():
        abort(422)
    acknowledge_notice(this_desk(), (telling, move))
    flash(_("It is written down that you know of it."))
    return redirect(url_for(".index"), 303)


@bp.route("/notices/mail", methods=["GET", "POST"])
@needs(Action.SEE_NOTICES)
def mail() -> ResponseReturnValue:
    """Say of which notices one wants a mail."""
    wishes = mail_wishes(reading(), this_principal())
    wanted = [on for on, _title in wishes.free if on not in wishes.muted]
    form = MailWishesForm.of_request(data={"wanted": wanted})
    form.offer(wishes)
    if form.sent_well():
        choose_mail(this_desk(), form.wanted.data or [])
        flash(_("Your choice is saved."))
        return redirect(url_for(".mail"), 303)
    mailing = shared().settings.mail is not None
    return render_template(
        "notices/mail.html", form=form, wishes=wishes, mailing=mailing
    ), form.status


def register(app: Flask) -> None:
    """Let the menu say how much was not opened yet."""

    def unopened_notices() -> Unopened | None:
        who = signed_in()
        if who is None or who.session.principal.role not in PERMITTED[Action.SEE_NOTICES]:
            return None
        try:
            connection = reading()
        except SQLAlchemyError:
            return None
        try:
            return unopened(connection, who.session.principal)
        except (
            connection.dialect.loaded_dbapi.Error
        ):  # a page that says that the database fails has a menu too
            return None

    app.jinja_env.globals.update(unopened_notices=unopened_notices)
