"""What an officer is told by mail: where to, and what they want no mail about."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from vetting.engine.definition import Title
from vetting.engine.mails import can_be_muted, told_to
from vetting.engine.notices import title_of_trigger
from vetting.engine.policy import Principal
from vetting.records.mails import muted_by
from vetting.records.officers import officers


@dataclass(frozen=True)
class MailWishes:
    """The address, the notices that a role may get, and the wishes."""

    address: str | None
    fixed: tuple[Title, ...]  # always by mail
    free: tuple[tuple[str, Title], ...]  # by mail unless muted
    muted: frozenset[str]


def mail_wishes(connection: Connection, principal: Principal) -> MailWishes:
    """Return what the reader is told by mail in their role."""
    address: str | None = connection.scalar(
        select(officers.c.mail_address).where(officers.c.handle == principal.officer)
    )
    told = told_to(principal.role)
    free = can_be_muted(told)
    return MailWishes(
        address,
        tuple(title_of_trigger(on) for on in told if on not in free),
        tuple((on, title_of_trigger(on)) for on in free),
        frozenset(muted_by(connection, principal.officer)),
    )
