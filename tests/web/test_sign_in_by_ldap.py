"""Coming in with the password of an LDAP directory: a real slapd, and some that are none."""

import socket
from contextlib import contextmanager
from dataclasses import replace
from threading import Event, Thread

import pytest
from sqlalchemy import insert, select, update

from tests.builders import officer_of
from tests.directories import slapd as server
from tests.web.browsing import links_of, text_of, the_form
from tests.web.test_second_factor import Device
from vetting.config import LDAPSettings
from vetting.directories.ask_ldap import LDAPDirectory
from vetting.directories.patience import Patience
from vetting.engine.vocabulary import Role
from vetting.records.consultations import sign_offs
from vetting.records.directory_identities import directory_identities
from vetting.records.officers import failed_logins, login_sessions, officers, role_assignments

ME = officer_of("thanh-tra", Role.BODY_SIGNER)
OTHER = officer_of("thanh-tra", Role.BODY_OFFICER)
THERE = "mật khẩu ở thư mục"
NOT_RIGHT = "The log-in or the password is not right."
DOWN = "Thư mục tỉnh does not answer at present. Try again in a while."


@pytest.fixture(scope="module")
def slapd(tmp_path_factory):
    with server.running_slapd(tmp_path_factory.mktemp("slapd") / "one") as running:
        running.add(ME, THERE)
        running.add("khong-la-can-bo", THERE)
        running.add("may", THERE)
        yield running


def settings_of(running, **others):
    return LDAPSettings(
        **{
            "host": "127.0.0.1",
            "port": running.port,
            "tls": "none",
            "base": server.BASE,
            "name": "Thư mục tỉnh",
            "filter": "(&(objectClass=inetOrgPerson)(uid={login}))",
            "bind_dn": server.READER,
            "bind_password": server.READERS_PASSWORD,
            **others,
        }
    )


@pytest.fixture
def settings(settings, slapd):
    return replace(settings, ldap=settings_of(slapd))


@pytest.fixture
def browsers(app):
    """Open browsers at addresses of their own."""
    given = iter(range(1, 250))

    def another():
        browser = app.test_client()
        browser.environ_base["REMOTE_ADDR"] = f"10.0.0.{next(given)}"
        browser.set_cookie("language", "en")
        return browser

    return another


def come_in(browser, login, password, **others):
    return browser.send("/sign-in/directory", login=login, password=password, **others)


def is_in(browser):
    return browser.get("/help").status_code == 200


def rows(database, table):
    with database.reading() as connection:
        return [row._asdict() for row in connection.execute(select(table))]


def change(database, handle=ME, **values):
    with database.writing() as connection:
        connection.execute(update(officers).where(officers.c.handle == handle).values(**values))


@contextmanager
def asking(app, settings, **patience):
    """Let the application ask another directory for a while."""
    shared = app.extensions["vetting"]
    other = LDAPDirectory(settings, Patience(**patience))
    app.extensions["vetting"] = replace(shared, directories=replace(shared.directories, ldap=other))
    yield
    app.extensions["vetting"] = shared


# ------------------------------------------------------------------ coming in


def test_the_page_for_coming_in_leads_to_the_one_for_the_directory(browser):
    answer = browser.get("/sign-in?next=/help")
    assert "/sign-in/directory?next=/help" in links_of(answer)
    assert "Sign in with Thư mục tỉnh" in text_of(answer)
    page = browser.get("/sign-in/directory?next=/help")

    assert "/sign-in?next=/help" in links_of(page)
    assert the_form(page, {"login"}).filled["next"] == ["/help"]


def test_who_has_the_password_there_comes_in_here(browser, database):
    answer = come_in(browser, ME, THERE, next="/help?x=1")

    assert (answer.status_code, answer.location, is_in(browser)) == (303, "/help?x=1", True)
    [session] = rows(database, login_sessions)
    assert (session["officer"], session["method"]) == (ME, "ldap")
    [identity] = rows(database, directory_identities)
    assert (identity["provider"], identity["officer"], identity["login"]) == ("ldap", ME, ME)
    assert len(identity["subject"]) == 36
    assert rows(database, failed_logins) == []


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org", "/\\example.org"])
def test_nobody_is_led_to_another_site(browser, elsewhere):
    assert come_in(browser, ME, THERE, next=elsewhere).location == "/"


def test_a_log_in_is_taken_however_it_is_typed(browser):
    assert come_in(browser, f"  {ME.upper()} ", THERE).status_code == 303


def test_the_password_of_this_system_is_not_tried_there_nor_that_one_here(browser, slapd):
    before = len(slapd.binds())
    assert browser.sign_in(ME, THERE).status_code == 422
    assert len(slapd.binds()) == before
    assert come_in(browser, ME, "mot-mat-khau-dai").status_code == 422


def test_an_officer_without_a_password_here_comes_in_by_the_directory(browser, database):
    change(database, password_hash="!")

    assert come_in(browser, ME, THERE).status_code == 303


def test_who_has_no_role_today_is_told_so_once_the_password_is_right(browser, database):
    with database.writing() as connection:
        connection.execute(update(role_assignments).values(valid_to="2026-01-04"))

    assert NOT_RIGHT in text_of(come_in(browser, ME, "wrong"))
    assert "You have no role today." in text_of(come_in(browser, ME, THERE))
    assert not is_in(browser)


def test_who_is_tied_comes_in_under_the_log_in_that_they_have_there(browser, database, slapd):
    dn = slapd.add("ten-khac", THERE)
    with slapd.administrator() as connection:
        connection.search(dn, "(uid=*)", attributes=["entryUUID"])
        subject = str(connection.entries[0].entryUUID)
    refused = come_in(browser, "ten-khac", THERE).status_code
    with database.writing() as connection:
        connection.execute(
            insert(directory_identities).values(
                provider="ldap", subject=subject, officer=OTHER, login="x", linked_at="2026-01-01"
            )
        )
    answer = come_in(browser, "ten-khac", THERE)

    assert (refused, answer.status_code) == (422, 303)
    assert [one["officer"] for one in rows(database, login_sessions)] == [OTHER]


def test_a_log_in_that_is_given_to_somebody_else_there_opens_nothing_here(
    browsers, database, slapd
):
    dn = slapd.add(OTHER, THERE)
    assert come_in(browsers(), OTHER, THERE).status_code == 303
    slapd.remove(dn)
    slapd.add(OTHER, "mật khẩu của người khác")
    answer = come_in(browsers(), OTHER, "mật khẩu của người khác")

    assert answer.status_code == 422
    assert NOT_RIGHT in text_of(answer)
    assert len(rows(database, login_sessions)) == 1


def test_signing_out_ends_ours(browser):
    come_in(browser, ME, THERE)
    browser.send("/help", to="/sign-out")

    assert not is_in(browser)


def test_who_has_a_second_factor_is_asked_for_it_after_the_directory(browsers, clock, database):
    first = browsers()
    come_in(first, ME, THERE)
    page = first.get("/second-factor/authenticator")
    device = Device(page, clock)
    assert first.send_form(page, code=device.code(), name="telephone").status_code == 200
    clock.go_on(seconds=30)
    second = browsers()
    answer = come_in(second, ME, THERE, next="/help")

    assert (answer.status_code, answer.location) == (303, "/sign-in/second-step?next=/help")
    assert not is_in(second)
    assert second.send(answer.location, code=device.code()).location == "/help"
    assert {one["method"] for one in rows(database, login_sessions)} == {"ldap+totp"}


def test_before_a_signature_the_password_there_is_asked_for_again(browser, cast, clock, database):
    change(database, password_hash="!")  # there is none here
    case = cast.consulting()
    consultation = cast.asked(case)["thanh-tra"]
    cast.ready(case, consultation, "thanh-tra")
    come_in(browser, ME, THERE)
    clock.go_on(hours=1)
    browser.get(f"/consultations/{consultation}")
    asked = browser.send(f"/consultations/{consultation}", to=f"/consultations/{consultation}/sign")
    assert asked.status_code == 401
    assert "Your password of Thư mục tỉnh" in text_of(asked)
    wrong = browser.send_form(asked, proof_password="mot-mat-khau-dai")
    assert wrong.status_code == 422
    done = browser.send_form(wrong, proof_password=THERE)

    assert done.status_code == 303
    assert [one["method"] for one in rows(database, sign_offs)] == ["ldap/ldap"]


# ------------------------------------------------------------------ refusals


def add_robot(database):
    with database.writing() as connection:
        connection.execute(
            insert(officers).values(
                handle="may", login="may", name="Máy", sort_key="may", password_hash="!", robot=1
            )
        )


REFUSED = {
    "a wrong password": (ME, lambda _: None),
    "nobody there and here": ("nobody", lambda _: None),
    "nobody here": ("khong-la-can-bo", lambda _: None),
    "a disabled officer": (ME, lambda db: change(db, disabled_at="2026-01-01T00:00:00Z")),
    "a robot": ("may", add_robot),
}


def test_every_refusal_is_the_same_answer_and_the_same_work(browsers, database, slapd):
    pages, work = {}, {}
    for reason, (login, prepare) in REFUSED.items():
        prepare(database)
        begun = len(slapd.log)
        password = "wrong" if reason == "a wrong password" else THERE
        answer = come_in(browsers(), login, password)
        filled = the_form(answer, {"login"}).filled
        page = answer.text.replace(login, "")
        for hidden in ("csrf_token", "key"):
            page = page.replace(filled[hidden][0], "")
        pages[reason] = (answer.status_code, page)
        slapd.settle()
        work[reason] = {
            word: sum(word in line for line in slapd.log[begun:])
            for word in ("ACCEPT", "method=128", "SRCH base", "err=49")
        }
        change(database, disabled_at=None)

    assert NOT_RIGHT in pages["a wrong password"][1]
    assert {reason for reason, page in pages.items() if page != pages["a wrong password"]} == set()
    for done in work.values():
        assert done == {"ACCEPT": 2, "method=128": 2, "SRCH base": 1, "err=49": 1}


def test_who_may_not_come_in_here_is_not_tried_there(browsers, slapd):
    """So that nobody is locked out there by trying their log-in here."""
    come_in(browsers(), "khong-la-can-bo", "guess")
    slapd.settle()

    assert not slapd.binds()[-1].startswith("uid=khong-la-can-bo")
    come_in(browsers(), ME, "guess")
    slapd.settle()
    assert slapd.binds()[-1].startswith(f"uid={ME},")


@pytest.mark.parametrize("password", ["", " ", "\u00ad", "\u00ad\u1806", "x\0y", "x" * 257])
def test_a_password_that_a_directory_could_take_for_none_is_never_sent(browser, slapd, password):
    begun = len(slapd.binds())
    answer = come_in(browser, ME, password)
    slapd.settle()

    assert (answer.status_code, is_in(browser)) == (422, False)
    assert [one for one in slapd.binds()[begun:] if one.startswith("uid=")] == (
        [f"uid={ME},{server.PEOPLE}"] if password == " " else []
    )


@pytest.mark.parametrize(
    "login",
    [
        "*",
        f"{ME})(uid=*",
        f"*{ME[1:]}",
        f"{ME}*",
        f"{ME})(|(uid=*",
        "\\2a",
        f"{ME})\0",
        "admin)(cn=*",
    ],
)
def test_a_log_in_is_never_part_of_a_question(browser, slapd, login):
    begun = len(slapd.log)
    answer = come_in(browser, login, THERE)
    slapd.settle()

    assert (answer.status_code, is_in(browser)) == (422, False)
    asked = [line for line in slapd.log[begun:] if "SRCH base" in line]
    assert all("uid=*)" not in line and "nentries=1" not in line for line in asked)


def test_a_log_in_that_two_have_belongs_to_nobody(browser, database, slapd):
    for rdn in ("mot", "hai"):
        slapd.add([rdn, "chung"], THERE)
    change(database, OTHER, login="chung")

    assert come_in(browser, "chung", THERE).status_code == 422


@pytest.mark.parametrize("typed", ["nguoi  la", "ngườiᵃ"])
def test_what_the_directory_takes_for_equal_has_to_be_equal(browser, database, slapd, typed):
    """Matching rules there fold blanks and more; one officer's log-in is not another's."""
    kept = {"nguoi  la": "nguoi la", "ngườiᵃ": "ngườia"}[typed]
    if not slapd.has(kept):
        slapd.add(kept, THERE, rdn=kept)
    change(database, OTHER, login=typed)

    assert come_in(browser, typed, THERE).status_code == 422


def test_guessing_becomes_slower_and_a_wait_is_all_it_ever_is(browser, clock, slapd):
    assert [come_in(browser, ME, "wrong").status_code for _ in range(3)] == [422, 422, 422]
    slapd.settle()
    begun = len(slapd.log)
    answer = come_in(browser, ME, THERE)
    slapd.settle()
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    assert slapd.log[begun:] == []
    clock.go_on(seconds=1)

    assert come_in(browser, ME, THERE).status_code == 303


def test_failures_here_and_there_are_counted_together(browser):
    for _ in range(2):
        come_in(browser, ME, "wrong")
    browser.sign_in(ME, "wrong")

    assert come_in(browser, ME, THERE).status_code == 429


def test_a_browser_that_got_in_before_waits_for_nobody_elses_failures(browsers):
    mine = browsers()
    come_in(mine, ME, THERE)
    mine.send("/help", to="/sign-out")
    for _ in range(15):
        come_in(browsers(), ME, "wrong")

    assert come_in(mine, ME, THERE).status_code == 303


def test_the_log_in_stays_typed_and_the_password_does_not(browser):
    answer = come_in(browser, ME, "not my password")

    assert the_form(answer, {"login"}).filled["login"] == [ME]
    assert "not my password" not in answer.text


# ------------------------------------------------------------------ under TLS


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A slapd with a certificate of an authority of its own, and that authority."""
    folder = tmp_path_factory.mktemp("slapd-tls")
    authority = server.certificates(folder)
    tls = (
        f"TLSCertificateFile {folder}/server.pem\nTLSCertificateKeyFile {folder}/server.key\n"
        "security simple_bind=128\n"
    )
    with server.running_slapd(folder / "one", tls, also_ldaps=True) as running:
        with running.administrator(authority) as connection:
            running.enter(connection, ME, THERE)
        yield running, authority, folder


WAYS = {"starttls": lambda running: running.port, "ldaps": lambda running: running.tls_port}


@pytest.mark.parametrize("tls", WAYS)
def test_a_password_goes_under_tls_where_that_is_set(app, browser, guarded, tls):
    running, authority, _ = guarded
    settings = settings_of(running, tls=tls, port=WAYS[tls](running), ca=authority)
    with asking(app, settings):
        assert come_in(browser, ME, THERE).status_code == 303


@pytest.mark.parametrize("tls", WAYS)
@pytest.mark.parametrize("wrong", ["another authority", "another name"])
def test_a_directory_that_cannot_show_who_it_is_gets_no_password(app, browser, guarded, tls, wrong):
    running, authority, folder = guarded
    others = {"ca": authority, "host": "localhost"}  # the certificate is for 127.0.0.1
    if wrong == "another authority":
        others = {"ca": server.certificates(folder / "another")}
    settings = settings_of(running, tls=tls, port=WAYS[tls](running), **others)
    begun = len(running.binds())
    with asking(app, settings):
        answer = come_in(browser, ME, THERE)

    assert answer.status_code == 503
    assert DOWN in text_of(answer)
    assert len(running.binds()) == begun


def test_a_directory_that_refuses_tls_gets_no_password(app, browser, slapd):
    begun = len(slapd.binds())
    with asking(app, settings_of(slapd, tls="starttls")):
        answer = come_in(browser, ME, THERE)

    assert answer.status_code == 503
    assert len(slapd.binds()) == begun


# ------------------------------------------------------------------ directories that fail or lie


@contextmanager
def a_server(talk):
    """Let something listen that is no directory."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ended = Event()

        def serve():
            while not ended.is_set():
                try:
                    taken, _ = listening.accept()
                except OSError:
                    return
                with taken:
                    talk(taken, ended)

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        ended.set()
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(10)


NO_DIRECTORIES = {
    "it hangs": lambda _, ended: ended.wait(10),
    "it closes": lambda *_: None,
    "it talks of something else": lambda taken, _: taken.sendall(b"HTTP/1.1 200 OK\r\n\r\n" * 9),
    "it talks of nothing": lambda taken, _: taken.sendall(b"\0" * 4096),
    "it announces more than there is": lambda taken, _: taken.sendall(b"\x30\x84\x7f\xff\xff\xff"),
}


@pytest.mark.parametrize("talk", NO_DIRECTORIES.values(), ids=NO_DIRECTORIES)
def test_what_is_no_directory_is_one_clear_sentence_and_nothing_is_lost(app, browser, slapd, talk):
    with a_server(talk) as port, asking(app, settings_of(slapd, port=port), seconds=0.5):
        answer = come_in(browser, ME, THERE, next="/help")

    assert (answer.status_code, is_in(browser)) == (503, False)
    assert DOWN in text_of(answer)
    filled = the_form(answer, {"login"}).filled
    assert (filled["login"], filled["next"]) == ([ME], ["/help"])


def test_a_directory_that_is_not_there_is_one_clear_sentence(app, browser, slapd):
    with asking(app, settings_of(slapd, port=9)):
        answer = come_in(browser, ME, THERE)

    assert answer.status_code == 503
    assert DOWN in text_of(answer)
    assert browser.sign_in(ME, "mot-mat-khau-dai").status_code == 303  # the other way stays open


@pytest.mark.parametrize(
    "wrong",
    [
        {"bind_password": "not it"},
        {"bind_dn": None, "bind_password": None},  # this one lets nobody unknown look entries up
        {"base": "dc=elsewhere,dc=vn"},
        {"subject": "employeeNumber"},
    ],
)
def test_settings_that_do_not_fit_the_directory_let_nobody_in(app, browser, slapd, wrong, caplog):
    with asking(app, settings_of(slapd, **wrong)):
        answer = come_in(browser, ME, THERE)

    assert answer.status_code in {422, 503}
    assert "Thư mục tỉnh" in text_of(answer)
    assert "because" in caplog.text
    assert not is_in(browser)
