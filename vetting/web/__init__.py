"""The web: requests in, pages out. Decides nothing."""

import logging
import sys
from datetime import timedelta

from flask import Flask
from flask_bootstrap import Bootstrap5
from werkzeug.middleware.proxy_fix import ProxyFix

from vetting.config import ROOT, Settings
from vetting.directories.open_directories import open_directories
from vetting.engine.reading import read_definitions
from vetting.engine.substitutes import SIGN_OF_FORM
from vetting.records.candidate_keys import refuse_other_master_keys
from vetting.records.database import Database, RoleRefused
from vetting.records.database_roles import faults, said_of
from vetting.records.factors import FactorKey
from vetting.records.identity import Ids
from vetting.records.master_key import NoMasterKey, hold_what_is_given
from vetting.records.migrate import revisions
from vetting.records.passwords import Passwords
from vetting.records.tampering import tampering
from vetting.usecases.sign_in import Door
from vetting.web import (
    absences,
    amendments,
    asking,
    calendars,
    cases,
    checks,
    conclusions,
    consultations,
    desk,
    directories,
    doctor,
    due_calendar,
    emergencies,
    errors,
    extending,
    filters,
    gate,
    headers,
    health,
    history_search,
    home,
    inbox,
    inbox_results,
    interruptions,
    languages,
    letters,
    lists,
    load,
    log_page,
    looking,
    matrices,
    menu,
    names,
    notices,
    officers,
    oversight,
    own_cases,
    own_factors,
    own_sessions,
    packages,
    past,
    proposals,
    proving,
    questions,
    reading,
    recording,
    recusals,
    registers,
    reports,
    requests,
    restrictions,
    results,
    retention,
    role_proposals,
    rounds,
    search,
    sessions,
    setting_aside,
    sign_in,
    signed,
    telling,
    to_sign,
    workflows,
    worklist,
)
from vetting.web.addresses import static_url
from vetting.web.vouching import Vouching

BLUEPRINTS = (
    health.bp,
    languages.bp,
    sign_in.bp,
    directories.bp,
    own_sessions.bp,
    absences.bp,
    own_factors.bp,
    home.bp,
    calendars.bp,
    due_calendar.bp,
    load.bp,
    cases.bp,
    own_cases.bp,
    recording.bp,
    recusals.bp,
    restrictions.bp,
    retention.bp,
    role_proposals.bp,
    doctor.bp,
    emergencies.bp,
    notices.bp,
    lists.bp,
    search.bp,
    history_search.bp,
    inbox.bp,
    consultations.bp,
    to_sign.bp,
    inbox_results.bp,
    letters.bp,
    log_page.bp,
    signed.bp,
    asking.bp,
    extending.bp,
    checks.bp,
    conclusions.bp,
    amendments.bp,
    interruptions.bp,
    matrices.bp,
    officers.bp,
    oversight.bp,
    packages.bp,
    past.bp,
    proposals.bp,
    questions.bp,
    reading.bp,
    registers.bp,
    reports.bp,
    requests.bp,
    results.bp,
    rounds.bp,
    setting_aside.bp,
    telling.bp,
    workflows.bp,
    worklist.bp,
)
MIB = 1024 * 1024
LARGEST_REQUEST = 11 * MIB  # a list of 10 MiB and the rest of its form


def create_app(
    settings: Settings, *, ids: Ids | None = None, passwords: Passwords | None = None
) -> Flask:
    """Put the application together. Refuses to start with a view that nobody guards."""
    app = Flask("vetting", root_path=str(ROOT))
    secure = settings.secure_cookies
    app.config.update(
        SECRET_KEY=settings.the_secret_key(),
        SESSION_COOKIE_NAME="__Host-words" if secure else "words",  # what was flashed, no more
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=2 * MIB,
        MAX_FORM_PARTS=5_000,
        BOOTSTRAP_SERVE_LOCAL=True,
        USE_X_SENDFILE=False,
    )
    if settings.trusted_proxies:
        # Of what these say only from whom a request came is believed, and only of the last ones.
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0, x_host=0, x_prefix=0
        )
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's own provider has it
    app.extensions[desk.EXTENSION] = _shared(settings, ids or Ids(), passwords or Passwords())
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        signed_in=sessions.signed_in,
        form_token=sessions.form_token,
        static_url=static_url,
        directories=directories.offered,
        sign_of_form=SIGN_OF_FORM.get,
    )

    Bootstrap5(app)
    app.before_request(gate.refuse_unvouched)
    sessions.register(app)
    languages.register(app)
    filters.register(app)
    names.register(app)
    emergencies.register(app)
    role_proposals.register(app)
    notices.register(app)
    sign_in.register(app)
    app.before_request(gate.check)
    app.before_request(languages.read_on)
    app.teardown_appcontext(desk.close)
    errors.register(app)
    proving.register(app)
    headers.register(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    gate.refuse_unguarded_views(app)
    looking.register(app)
    menu.register(app)
    _write_log()
    return app


def _shared(settings: Settings, ids: Ids, passwords: Passwords) -> desk.Shared:
    database = Database(settings.database_url)
    try:
        hold_what_is_given(settings.master_key, settings.the_master_key_file)
        with database.reading() as connection:
            stands_at, known = revisions(connection)
            if stands_at != known:
                raise SystemExit(
                    "The database has no tables yet, or those of another version. "
                    "Run `vetting init`."
                )
            refuse_other_master_keys(connection)
            wrong = faults(connection, one_login=settings.one_database_login)
            if wrong:
                raise SystemExit("\n".join(map(str, wrong)))
            if (fault := tampering(connection, settings.folder)) is not None:
                raise SystemExit(str(fault))
    except RoleRefused as refused:
        raise SystemExit(str(said_of(refused))) from refused
    except NoMasterKey as missing:
        raise SystemExit(
            f"{missing} Bring back the file of the master key; a new installation gets one from "
            "`vetting init`."
        ) from missing
    finally:
        database.close()  # a server that forks must not share a connection
    secret = settings.the_secret_key().encode()
    return desk.Shared(
        settings,
        secret,
        database,
        read_definitions(settings.workflows, published_only=True),
        ids,
        Door(
            database,
            passwords,
            ids,
            idle=timedelta(minutes=settings.idle_minutes),
            proved_for=timedelta(minutes=settings.step_up_minutes),
            factor_required=settings.second_factor_required,
            key=FactorKey(secret),
        ),
        open_directories(settings, ids.clock),
        Vouching(database, settings.folder, ids.clock),
    )


def _write_log() -> None:
    """Let the log's lines out as they are: each is one line of JSON already."""
    log = logging.getLogger("vetting.web")
    if not log.handlers:
        log.setLevel(logging.INFO)
        log.addHandler(logging.StreamHandler(sys.stderr))
