"""Confirm roles: a second administrator says yes or no to what a first one gave.

Only then is a role in force. Whoever gave it, and whoever it is for, confirms nothing of it; the
first may take it back while it waits. To say the same twice, as with a second click, is to say it
once.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import Connection, select

from vetting.engine.policy import Action
from vetting.engine.refusals import OutOfTurn, Unacceptable, Unknown
from vetting.engine.role_proposals import ANSWERED, NOT_AS_SHOWN, Answer, RoleProposal
from vetting.engine.sentences import Sentence, say
from vetting.records.database import on_clash
from vetting.records.dissolved import closed_on
from vetting.records.officer_changes import who_gave_log_ins
from vetting.records.officers import hold_officers, officers
from vetting.records.role_changes import CLEARED, GIVEN, note_role_changes
from vetting.records.role_proposals import (
    Answered,
    Hand,
    Kept,
    answered,
    find,
    note_answers,
)
from vetting.records.triggers import TWO_GIVE
from vetting.usecases.keep_officers import (
    Assignment,
    Keeper,
    has_role,
    put_in_force,
    refuse_senseless,
    term,
)
from vetting.usecases.leave import change_role, level_in

_ANSWERED = OutOfTurn(ANSWERED)
on_clash("pk_role_answers", _ANSWERED)
on_clash("role_answers.proposal", _ANSWERED)
on_clash(
    TWO_GIVE,
    Unacceptable(say("A role is given by one administrator and confirmed by another.")),
)
_OF_ONE_HAND = say(
    "One of you two entered the other or gave them their last password, so this would be one hand. "
    "Another administrator confirms it."
)
_NOTHING_WAITS = say("There is no such role that waits.")


def confirm_roles(keeper: Keeper, shown: Mapping[str, str]) -> None:
    """Confirm what was given, as it was shown: all of it is in force at once, or none.

    *shown* is the hash of each that was shown, by handle. What has become impossible since it was
    given is named and refused. Whoever gave an administrator their log-in could use it in their
    place, so neither of these two confirms what the other gave.
    """
    with _answering(keeper, shown, Answer.CONFIRMED) as (connection, hand, found):
        gave = who_gave_log_ins(
            connection, {hand.officer, *(kept.proposal.proposed_by for kept in found)}
        )
        for one in (kept.proposal for kept in found):
            first = one.proposed_by
            if gave.get(hand.officer) == first or gave.get(first) == hand.officer:
                raise Unacceptable(_of(connection, one, _OF_ONE_HAND))
        today = keeper.ids.today()
        closed = closed_on(connection, today)
        for kept in found:
            one = kept.proposal
            why_not = _why_impossible(connection, one, closed, today)
            if why_not is not None:
                raise OutOfTurn(_of(connection, one, why_not))
        note_answers(
            connection, [kept.proposal for kept in found], Answer.CONFIRMED, hand, keeper.ids.now()
        )
        for kept in found:
            _put_in_force(keeper, connection, kept, hand)


def refuse_roles(keeper: Keeper, shown: Mapping[str, str], sentence: str) -> None:
    """Refuse what was given, as it was shown, with a sentence; nothing of it comes into force."""
    said = sentence.strip()
    if not said:
        raise Unacceptable(say("Say why it is refused."), "sentence")
    with _answering(keeper, shown, Answer.REFUSED, said) as (connection, hand, found):
        refused = [kept.proposal for kept in found]
        note_answers(connection, refused, Answer.REFUSED, hand, keeper.ids.now(), said)


def take_back_role(keeper: Keeper, proposal: str) -> None:
    """Take back what one gave oneself, while it waits."""
    with keeper.keeping(action=Action.CONFIRM_ROLES) as connection:
        hand = keeper.hand(Action.CONFIRM_ROLES)
        back = Answered(Answer.TAKEN_BACK, hand.officer, "")
        found = [kept.proposal for kept in _waiting(connection, {proposal}, back)]
        if any(one.proposed_by != hand.officer for one in found):
            raise Unacceptable(say("Only whoever gave it takes it back; you can refuse it."))
        note_answers(connection, found, Answer.TAKEN_BACK, hand, keeper.ids.now())


@contextmanager
def _answering(
    keeper: Keeper, shown: Mapping[str, str], said: Answer, sentence: str = ""
) -> Iterator[tuple[Connection, Hand, list[Kept]]]:
    """Give what waits to whoever may answer all of it, and was shown just that."""
    with keeper.keeping(action=Action.CONFIRM_ROLES) as connection:
        hand = keeper.hand(Action.CONFIRM_ROLES)
        persons = keeper.whoever.persons if keeper.whoever else ()
        found = _waiting(connection, shown, Answered(said, hand.officer, sentence))
        for kept in found:
            one = kept.proposal
            why_not = one.not_answered_by(persons)
            if why_not is not None:
                raise Unacceptable(_of(connection, one, why_not))
            if not shown[one.handle] == kept.hash == one.hash:
                raise OutOfTurn(_of(connection, one, NOT_AS_SHOWN))
        yield connection, hand, found


def _waiting(
    connection: Connection, handles: Mapping[str, str] | set[str], saying: Answered
) -> list[Kept]:
    """Return what waits, oldest first, and let nobody else change the officers concerned.

    Where just this was said already to all of it, nothing of it waits any more.
    """
    found = find(connection, handles)
    if not handles or len(found) < len(handles):
        raise Unknown(_NOTHING_WAITS)
    hold_officers(connection, {saying.by, *(kept.proposal.officer for kept in found.values())})
    already = answered(connection, handles)
    if [*already.values()] == [saying] * len(found):
        return []
    for handle in sorted(already):
        raise OutOfTurn(_of(connection, found[handle].proposal, ANSWERED))
    return sorted(found.values(), key=lambda kept: (kept.proposal.at, kept.proposal.handle))


def _why_impossible(
    connection: Connection, one: RoleProposal, closed: Collection[str], today: str
) -> Sentence | None:
    """Return why what was given cannot come into force any more."""
    o, wanted = officers.c, _assignment(one)
    if connection.scalar(select(o.disabled_at).where(o.handle == one.officer)) is not None:
        return say("The officer is let in no more.")
    if connection.scalar(select(o.disabled_at).where(o.handle == one.proposed_by)) is not None:
        return say("Whoever gave it is let in no more.")
    if one.organisation in closed:
        return say("The organisation is over.")
    try:
        if one.kind == CLEARED:
            held = level_in(connection, one.officer, wanted) >= one.clearance
        else:
            held = has_role(connection, one.officer, wanted)
            refuse_senseless(connection, [wanted], today)
    except (Unacceptable, Unknown) as refusal:
        return refusal.sentence
    return say("The officer has this already.") if held else None


def _put_in_force(keeper: Keeper, connection: Connection, kept: Kept, hand: Hand) -> None:
    one, given = kept.proposal, _assignment(kept.proposal)
    if one.kind == CLEARED:
        change_role(connection, one.officer, given, clearance=one.clearance)
        done = keeper.change_of(one.officer, given, CLEARED, str(one.clearance))
    else:
        put_in_force(connection, [(one.officer, given)])
        done = keeper.change_of(one.officer, given, GIVEN, term(given))
    both = replace(done, done_by=one.proposed_by, session=kept.session, confirmed_by=hand.officer)
    note_role_changes(connection, [both])


def _assignment(one: RoleProposal) -> Assignment:
    return Assignment(one.role, one.organisation, one.valid_from, one.valid_to, one.clearance)


def _of(connection: Connection, one: RoleProposal, why: Sentence) -> Sentence:
    """Say of which of those that were ticked something is said."""
    name = connection.scalar(select(officers.c.name).where(officers.c.handle == one.officer))
    return say("%(name)s, %(role)s: %(why)s", name=name, role=one.role, why=why)
