"""A mail is handed over to a real server, and whatever the server does is told as it is."""

import ssl
import time
from datetime import time as daytime

import pytest
from aiosmtpd.smtp import AuthResult

from tests.directories.slapd import certificates
from tests.worker.mail_server import letterbox, rude_server, since
from vetting.config import MailSettings, Settings
from vetting.engine.mails import Mail, MailStep, WhyNotSent, is_address
from vetting.worker.hand_over import Postman

MAIL = Mail(
    "mark-of-a-mail",
    "an@so.example",
    "Chủ đề",
    "Đồng chí có 2 thông báo.\n.\n.x\n",
    "2026-03-02T01:00:00.000000Z",
)


def postman(port, *, tls="none", in_all=60.0, **more):
    told = MailSettings(
        "127.0.0.1",
        port,
        tls,
        "he-thong@tinh.example",
        "https://vetting.example",
        daytime(7, 30),
        **more,
    )
    return Postman(told, to_answer=0.4, in_all=in_all)


def outcome(found):
    return found.step, found.why, found.code


def test_a_mail_arrives_as_it_was_written_and_under_the_same_mark_each_time():
    with letterbox() as box:
        for _ in range(2):
            assert outcome(postman(box.port)(MAIL)) == (MailStep.SENT, None, 250)
    first, second = box.taken
    assert (first["To"], first["Subject"], first["From"]) == (
        "an@so.example",
        "Chủ đề",
        "he-thong@tinh.example",
    )
    assert first.get_content().replace("\r\n", "\n") == MAIL.text
    assert first["Message-ID"] == "<mark-of-a-mail@tinh.example>"
    assert first.as_bytes() == second.as_bytes()


@pytest.mark.parametrize(
    ("recipients", "data", "told"),
    [
        (
            {"an@so.example": "550 no such user"},
            "250 OK",
            (MailStep.BOUNCED, WhyNotSent.REFUSED, 550),
        ),
        ({"an@so.example": "450 later"}, "250 OK", (MailStep.DEFERRED, WhyNotSent.BUSY, 450)),
        ({}, "451 later", (MailStep.DEFERRED, WhyNotSent.BUSY, 451)),
        ({}, "554 no", (MailStep.BOUNCED, WhyNotSent.REFUSED, 554)),
        ({}, "299 maybe", (MailStep.DEFERRED, WhyNotSent.STRANGE, 299)),
    ],
)
def test_what_a_server_refuses_is_put_off_or_refused_for_good(recipients, data, told):
    with letterbox() as box:
        box.recipients, box.data = recipients, data
        assert outcome(postman(box.port)(MAIL)) == told
    assert box.taken == []


def test_a_mail_without_an_answer_is_neither_sent_nor_not_sent():
    with letterbox() as box:
        box.data = "lost"
        found = postman(box.port)(MAIL)
    assert (found.step, found.why) == (MailStep.UNCERTAIN, WhyNotSent.LOST)
    assert len(box.taken) == 1


YES = b"250 ok\r\n"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([(b"", 30)], WhyNotSent.SILENT),
        ([(b"2", 30)], WhyNotSent.SILENT),
        (
            [(b"220 hello\r\n", 0.02), (YES, 0.02), (YES, 0.02), (YES, 0.02), (b"", 0)],
            WhyNotSent.LOST,
        ),
        ([(b"\xff\xfe nonsense\r\n", 1)], WhyNotSent.STRANGE),
        ([(b"220 " + b"x" * 100_000, 1)], WhyNotSent.STRANGE),
        ([(b"554 go away\r\n", 1)], WhyNotSent.BUSY),
    ],
)
def test_a_rude_server_costs_some_seconds_and_the_mail_is_put_off(words, why):
    start = time.monotonic()
    with rude_server(*words) as port:
        found = postman(port)(MAIL)
    assert (found.step, found.why) == (MailStep.DEFERRED, why)
    assert since(start) < 10


def test_a_server_that_dribbles_is_left_in_the_end():
    start = time.monotonic()
    with rude_server(*[(b"2", 0.1)] * 300) as port:
        found = postman(port, in_all=1.0)(MAIL)
    assert (found.step, found.why) == (MailStep.DEFERRED, WhyNotSent.SILENT)
    assert since(start) < 5


def test_nobody_there():
    with letterbox() as box:
        port = box.port
    found = postman(port)(MAIL)
    assert (found.step, found.why) == (MailStep.DEFERRED, WhyNotSent.UNREACHABLE)


def test_what_offers_no_protection_gets_no_mail_and_no_password():
    with letterbox() as box:
        found = postman(box.port, tls="starttls", user="u", password="p")(MAIL)
    assert (found.step, found.why, box.taken) == (MailStep.DEFERRED, WhyNotSent.NOT_SAFE, [])


@pytest.fixture
def protected(tmp_path):
    """The certificate of a server, and the file of the authority that vouches for it."""
    ca = certificates(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key")
    return context, ca


@pytest.mark.parametrize("tls", ["starttls", "smtps"])
def test_a_protected_connection_is_with_whom_it_should_be(protected, tls):
    context, ca = protected
    more = (
        {"tls_context": context, "require_starttls": True}
        if tls == "starttls"
        else {"ssl_context": context}
    )
    with letterbox(**more) as box:
        assert postman(box.port, tls=tls, ca=ca)(MAIL).step is MailStep.SENT
        stranger = postman(box.port, tls=tls)(MAIL)
    assert (stranger.step, stranger.why) == (MailStep.DEFERRED, WhyNotSent.NOT_SAFE)
    assert len(box.taken) == 1


@pytest.mark.parametrize("password", ["right", "wrong"])
def test_a_log_in_that_is_refused_puts_every_mail_off(protected, password):
    def prove(_server, _session, _envelope, _kind, told) -> AuthResult:
        return AuthResult(success=told.password == b"right", handled=False)

    context, ca = protected
    asks = {"authenticator": prove, "auth_required": True}
    with letterbox(tls_context=context, require_starttls=True, **asks) as box:
        found = postman(box.port, tls="starttls", ca=ca, user="u", password=password)(MAIL)
    if password == "right":
        assert outcome(found) == (MailStep.SENT, None, 250)
    else:
        assert outcome(found) == (MailStep.DEFERRED, WhyNotSent.LOG_IN, 535)


@pytest.mark.parametrize(
    ("address", "holds"),
    [
        ("an@so.example", True),
        ("an.tran+1@so-y-te.tinh.example", True),
        ("an@localhost", True),
        ("an", False),
        ("@so.example", False),
        ("an@", False),
        ("an@so..example", False),
        ("an@so.example\nBcc: x@y.example", False),
        ("an@so.example, x@y.example", False),
        ("<an@so.example>", False),
        ("trần@so.example", False),
        ("a" * 65 + "@so.example", False),
        ("an@" + "a." * 130 + "example", False),
    ],
)
def test_an_address_is_one_address_and_nothing_beside_it(address, holds):
    assert is_address(address) is holds


GOOD = {
    "VETTING_SMTP_URL": "smtp://mail.example",
    "VETTING_SMTP_FROM": "v@tinh.example",
    "VETTING_ADDRESS": "https://vetting.example",
}


@pytest.mark.parametrize(
    ("more", "tls", "port"),
    [
        ({}, "starttls", 587),
        ({"VETTING_SMTP_URL": "smtps://mail.example"}, "smtps", 465),
        ({"VETTING_SMTP_URL": "smtp://127.0.0.1:25"}, "none", 25),
    ],
)
def test_where_mail_is_set_it_is_protected_beyond_this_machine(more, tls, port):
    mail = Settings.from_env(GOOD | more).mail
    assert (mail.tls, mail.port, mail.digest_at) == (tls, port, daytime(7, 30))
    assert Settings.from_env({}).mail is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"VETTING_SMTP_URL": ""},
        {"VETTING_SMTP_URL": "mail.example"},
        {"VETTING_SMTP_URL": "smtp://u:p@mail.example"},
        {"VETTING_SMTP_FROM": "nobody"},
        {"VETTING_SMTP_USER": "u"},
        {"VETTING_SMTP_DIGEST_AT": "25:00"},
        {"VETTING_SMTP_HOST": "mail.example"},
        {"VETTING_ADDRESS": ""},
        {"VETTING_SMTP_CA": "/nowhere.pem"},
    ],
)
def test_a_wrong_setting_of_mail_stops_the_start_with_a_sentence(wrong):
    with pytest.raises(SystemExit, match="VETTING_"):
        Settings.from_env(GOOD | wrong)
