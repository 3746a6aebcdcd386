"""Mails: what a mail says, how often it is tried, and what may become of it. Pure.

A mail says that notices wait, how many, and where to read them. It names no case, no person and no
kind of notice: whoever reads it on the way learns nothing.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from vetting.engine.notices import CATALOGUE, ROLES_OF_AUDIENCE
from vetting.engine.sentences import mark
from vetting.engine.vocabulary import Named, Role

DIGEST, AT_ONCE = "digest", "at_once"
LONGEST_ADDRESS = 254
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"({_LOCAL})@{_LABEL}(?:\.{_LABEL})*")
_LONGEST_LOCAL = 64
_FIRST, _LONGEST = timedelta(minutes=1), timedelta(hours=1)
MOST_TRIES = 75  # from the first to the last a good three days


class ByMail(StrEnum):
    """What was decided of a notice for a person, once."""

    MAILED = "mailed"
    MUTED = "muted"
    SETTLED = "settled"  # opened, or for them no more, before a mail went out
    NO_ADDRESS = "no_address"
    NONE = "none"  # no mail was sent here at all


class MailStep(Named):
    """What became of a mail."""

    SENDING = "sending", mark("is being handed over")
    SENT = "sent", mark("handed over to the mail server")
    DEFERRED = "deferred", mark("put off, to be tried again")
    UNCERTAIN = "uncertain", mark("perhaps handed over; it is sent again under the same mark")
    BOUNCED = "bounced", mark("refused for good")
    GIVEN_UP = "given_up", mark("given up after many tries")
    DROPPED = "dropped", mark("not sent: everything in it was settled")


ENDS = frozenset({MailStep.SENT, MailStep.BOUNCED, MailStep.GIVEN_UP, MailStep.DROPPED})
FAILED = frozenset({MailStep.BOUNCED, MailStep.GIVEN_UP})


class WhyNotSent(Named):
    """Why a mail was not handed over."""

    UNREACHABLE = "unreachable", mark("The mail server cannot be reached.")
    SILENT = "silent", mark("The mail server did not answer in time.")
    LOST = "lost", mark("The mail server ended the connection.")
    NOT_SAFE = "not_safe", mark("The mail server offers no protected connection.")
    LOG_IN = "log_in", mark("The mail server refuses the log-in or the sender.")
    BUSY = "busy", mark("The mail server asks to come back later.")
    STRANGE = "strange", mark("The mail server answers nothing that makes sense.")
    REFUSED = "refused", mark("The mail server refuses the recipient or the mail.")
    ENDED = "ended", mark("The worker ended while the mail was handed over.")


@dataclass(frozen=True)
class Mail:
    """A mail as it goes out."""

    mark: str  # its handle: the same at every try, so that a double is recognised
    to: str
    subject: str
    text: str
    at: str


def write_mail(language: str, kind: str, count: int, address: str) -> tuple[str, str]:
    """Return the subject and the text of a mail about so many notices."""
    link = f"{address}/notices"
    if language == "vi":
        what = "thông báo bắt buộc mới" if kind == AT_ONCE else "thông báo chưa mở"
        return (
            f"Hệ thống thẩm định: {count} {what}",
            (
                f"Đồng chí có {count} {what} trong hệ thống thẩm định.\n\n"
                f"Đăng nhập để xem: {link}\n\n"
                "Thư này do hệ thống tự gửi và không chứa nội dung hồ sơ. Xin không trả lời thư.\n"
            ),
        )
    one = count == 1
    what = (
        f"new notice{'' if one else 's'} of a duty or a right"
        if kind == AT_ONCE
        else f"unopened notice{'' if one else 's'}"
    )
    return (
        f"Vetting system: {count} {what}",
        (
            f"{count} {what} wait{'s' if one else ''} for you in the vetting system.\n\n"
            f"Sign in to read: {link}\n\n"
            "The system sent this by itself; it holds nothing of any case. Please do not reply.\n"
        ),
    )


def wait_to_send(tries: int) -> timedelta | None:
    """Return how long to wait after so many tries, or None where it is given up."""
    if tries >= MOST_TRIES:
        return None
    return min(_FIRST * int(2 ** min(tries - 1, 10)), _LONGEST)


def is_address(text: str) -> bool:
    """Tell whether a text can be one mail address, and nothing beside it."""
    found = _ADDRESS.fullmatch(text)
    return found is not None and len(text) <= LONGEST_ADDRESS and len(found[1]) <= _LONGEST_LOCAL


def statutory() -> list[tuple[str, str]]:
    """Return the notices that nobody can mute, by trigger and audience."""
    return sorted(which for which, told in CATALOGUE.items() if told.statutory)


def told_to(role: Role) -> tuple[str, ...]:
    """Return the triggers of the notices that a role may get, each once."""
    return tuple(dict.fromkeys(on for on, to in CATALOGUE if role in ROLES_OF_AUDIENCE[to]))


def can_be_muted(triggers: Iterable[str]) -> list[str]:
    """Return those of the triggers that are not statutory."""
    fixed = {on for on, _ in statutory()}
    return [on for on in triggers if on not in fixed]


def later(at: str, wait: timedelta) -> datetime:
    """Return the moment so long after another."""
    return datetime.fromisoformat(at) + wait
