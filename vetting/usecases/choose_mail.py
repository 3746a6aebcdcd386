"""Choose mail: an officer says of what they want a mail; an administrator, where to."""

from collections.abc import Collection

from sqlalchemy import update

from vetting.engine.mails import can_be_muted, is_address, told_to
from vetting.engine.refusals import Unacceptable
from vetting.engine.sentences import say
from vetting.records.mails import mute, muted_by
from vetting.records.officer_changes import MAIL as MAIL_CHANGED
from vetting.records.officer_changes import note_officer_changes
from vetting.records.officers import officers
from vetting.records.sessions import refuse_ended
from vetting.usecases.desk import Desk
from vetting.usecases.keep_officers import Keeper, refuse_unknown


def choose_mail(desk: Desk, wanted: Collection[str]) -> None:
    """Write down of which notices of their role the officer wants a mail; others stay as they are.

    What is statutory is nobody's to mute.
    """
    by = desk.principal
    free = set(can_be_muted(told_to(by.role)))
    if not free.issuperset(wanted):
        raise Unacceptable(say("This notice always comes by mail."))
    with desk.database.writing(desk.connection) as connection:
        before = muted_by(connection, by.officer)
        mute(connection, by.officer, (before - free) | (free - set(wanted)))
        if desk.in_session:
            refuse_ended(connection, by, desk.ids.today())


def give_address(keeper: Keeper, officer: str, address: str) -> None:
    """Write down where mail for an officer goes; nothing: nowhere."""
    if address and not is_address(address):
        raise Unacceptable(say("This is not a mail address."))
    with keeper.keeping(officer) as connection:
        refuse_unknown(connection, officer)
        c, wanted = officers.c, address or None
        done = connection.execute(
            update(officers)
            .where(c.handle == officer, c.mail_address.is_distinct_from(wanted))
            .values(mail_address=wanted)
        )
        if done.rowcount:  # that it was changed is kept for good; the address is not
            note_officer_changes(connection, [keeper.done_to(officer, MAIL_CHANGED)])
