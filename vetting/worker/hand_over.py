"""Hand over: give a mail to the mail server, and tell honestly what came of it.

Only what the server has said yes to counts as handed over. Where the answer to the whole mail does
not come, nobody knows: it is sent again under the same mark. A server is given a time for all of
it, however slowly it speaks.
"""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from threading import Event, Timer

from vetting.config import MailSettings
from vetting.engine.mails import Mail, MailStep, WhyNotSent
from vetting.usecases.mail_notices import Outcome

SECONDS_TO_ANSWER = 15.0
SECONDS_IN_ALL = 60.0  # well within the lease of a job
_YES, _FOR_GOOD = 250, 500
_GOES_ON, _WORDS_BEGIN, _WORDS_END = 354, 400, 600


class _Refused(Exception):
    """The server answered something else than yes to a step of the conversation."""

    def __init__(self, why: WhyNotSent, code: int, *, for_good: bool = False) -> None:
        super().__init__(why.value)
        self.outcome = Outcome(MailStep.BOUNCED if for_good else MailStep.DEFERRED, why, code)


class Postman:
    """Whoever hands mails over, by the settings of an installation."""

    def __init__(
        self,
        settings: MailSettings,
        to_answer: float = SECONDS_TO_ANSWER,
        in_all: float = SECONDS_IN_ALL,
    ) -> None:
        self._settings = settings
        self._to_answer = to_answer
        self._in_all = in_all

    def __call__(self, mail: Mail) -> Outcome:
        """Hand one mail over to its one recipient."""
        late = Event()  # whether it took too long in all
        whole = False  # whether all of the mail went out, and only the answer is wanting
        try:
            with self._connected(late) as server:
                self._prove(server)
                self._envelope(server, mail)
                _expect(server.docmd("DATA"), _GOES_ON, WhyNotSent.REFUSED)
                server.send(_quoted(self._message(mail)))
                whole = True
                _expect(server.getreply(), _YES, WhyNotSent.REFUSED)
                return Outcome(MailStep.SENT, code=_YES)
        except _Refused as refused:
            if late.is_set():
                return Outcome(MailStep.DEFERRED, WhyNotSent.SILENT)
            return refused.outcome
        except smtplib.SMTPNotSupportedError:
            return Outcome(MailStep.DEFERRED, WhyNotSent.NOT_SAFE)
        except (TimeoutError, smtplib.SMTPException, OSError, ValueError) as error:
            why = WhyNotSent.SILENT if late.is_set() else _why(error)
            return Outcome(MailStep.UNCERTAIN if whole else MailStep.DEFERRED, why)

    @contextmanager
    def _connected(self, late: Event) -> Iterator[smtplib.SMTP]:
        told, context = self._settings, ssl.create_default_context(cafile=self._settings.ca)
        kind = _Plain if told.tls != "smtps" else _Wrapped
        server = kind(told.host, context, self._to_answer)
        watch = Timer(self._in_all, _hang_up, (server, late))
        watch.daemon = True
        watch.start()
        try:
            code, _ = server.connect(told.host, told.port)
            _expect((code, b""), 220, WhyNotSent.BUSY, config=True)
            server.ehlo_or_helo_if_needed()
            if told.tls == "starttls":
                server.starttls(context=context)
                server.ehlo_or_helo_if_needed()
            yield server
            with suppress(OSError, smtplib.SMTPException, ValueError):
                server.quit()  # it was handed over; how the server takes its leave does not matter
        finally:
            watch.cancel()
            server.close()

    def _prove(self, server: smtplib.SMTP) -> None:
        if not self._settings.user or not self._settings.password:
            return
        try:
            server.login(self._settings.user, self._settings.password)
        except smtplib.SMTPAuthenticationError as refused:
            raise _Refused(WhyNotSent.LOG_IN, refused.smtp_code) from refused
        except smtplib.SMTPNotSupportedError as refused:
            raise _Refused(WhyNotSent.LOG_IN, 0) from refused

    def _envelope(self, server: smtplib.SMTP, mail: Mail) -> None:
        _expect(server.mail(self._settings.sender), _YES, WhyNotSent.LOG_IN, config=True)
        code, words = server.rcpt(mail.to)
        _expect((_YES if code == 251 else code, words), _YES, WhyNotSent.REFUSED)  # noqa: PLR2004

    def _message(self, mail: Mail) -> bytes:
        message = EmailMessage()
        message["From"] = self._settings.sender
        message["To"] = mail.to
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(datetime.fromisoformat(mail.at))
        message["Message-ID"] = f"<{mail.mark}@{self._settings.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text, cte="base64")
        return message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


class _Plain(smtplib.SMTP):
    """A conversation that begins in the open."""

    def __init__(self, host: str, context: ssl.SSLContext, to_answer: float) -> None:
        super().__init__(timeout=to_answer)
        self._host = host  # whose certificate is looked at
        self._protection = context


class _Wrapped(_Plain):
    """A conversation that is protected from its first word."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = socket.create_connection((host, port), timeout)
        return self._protection.wrap_socket(plain, server_hostname=host)


def _expect(
    answer: tuple[int, bytes], wanted: int, why: WhyNotSent, *, config: bool = False
) -> None:
    """Go on where the server answers as it should; a no that is about us all is never for good."""
    code = answer[0]
    if code == wanted:
        return
    if not _WORDS_BEGIN <= code < _WORDS_END:
        raise _Refused(WhyNotSent.STRANGE, code)
    if code < _FOR_GOOD:
        raise _Refused(WhyNotSent.BUSY, code)
    raise _Refused(why, code, for_good=not config)


def _quoted(message: bytes) -> bytes:
    return message.replace(b"\r\n.", b"\r\n..") + b".\r\n"


def _hang_up(server: smtplib.SMTP, late: Event) -> None:
    late.set()
    if server.sock is not None:
        with suppress(OSError):
            server.sock.shutdown(socket.SHUT_RDWR)


def _why(error: Exception) -> WhyNotSent:
    match error:
        case ssl.SSLError():
            return WhyNotSent.NOT_SAFE
        case TimeoutError():
            return WhyNotSent.SILENT
        case smtplib.SMTPServerDisconnected():
            return WhyNotSent.SILENT if "timed out" in str(error) else WhyNotSent.LOST
        case ConnectionResetError() | BrokenPipeError():
            return WhyNotSent.LOST
        case smtplib.SMTPException() | ValueError():
            return WhyNotSent.STRANGE
        case _:
            return WhyNotSent.UNREACHABLE
