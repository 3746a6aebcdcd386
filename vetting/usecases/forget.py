"""Forget: destroy what two people agreed to, and leave nothing of it in the database's files.

It is done by whoever owns the tables. What is destroyed is worked out once more, and where it is
not the list that was agreed to, nothing is. Rows go in one step and the files are cleaned in
another; whatever stops the work between the two, the database knows which records still owe the
second, and the next run does it whether or not it destroys anything.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from vetting.engine.refusals import HeldBack, Refusal
from vetting.engine.sentences import say
from vetting.engine.telling import DISPOSAL_DONE
from vetting.engine.vocabulary import Kind
from vetting.records import disposals, outbox
from vetting.records.candidate_keys import data_key
from vetting.records.cases import cases
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.organisations import organisation_kinds
from vetting.records.scrub import scrub
from vetting.usecases.dispose_of_record import OTHERWISE


@dataclass(frozen=True)
class Forgotten:
    """What came of it."""

    erased: tuple[str, ...]  # cases
    refused: tuple[tuple[str, Refusal], ...]
    cleaned: int = 0  # records of which the files have nothing any more since this run


def forget(
    owner: Database, ids: Ids, tick: Callable[[int], None] = lambda _cases: None
) -> Forgotten:
    """Destroy whatever was agreed to and is still there; then clean the files of the database.

    Raises NotScrubbed where the files could not be cleaned; what was destroyed stays destroyed, and
    owes the cleaning.
    """
    with owner.reading() as connection:
        waiting = disposals.approved(connection)
        void = disposals.overtaken(connection)
    erased: list[str] = []
    refused: list[tuple[str, Refusal]] = [(case, HeldBack(OTHERWISE)) for case in void]
    for stone in waiting:
        try:
            forget_case(owner, ids, stone.case_handle)
        except Refusal as refusal:
            refused.append((stone.case_handle, refusal))
        else:
            erased.append(stone.case_handle)
        tick(1)
    if erased:
        data_key.cache_clear()  # of this process; others hold four at most, until they end
    return Forgotten(tuple(erased), tuple(refused), clean_files(owner, ids))


def clean_files(owner: Database, ids: Ids) -> int:
    """Clean the files where a destroyed record still owes it; return of how many they are clean.

    What is destroyed while they are cleaned goes on owing it: it may have been too late for it.
    """
    with owner.reading() as connection:
        dirty = disposals.owing(connection)
    if dirty:
        scrub(owner)
        with owner.writing() as connection:
            disposals.note_cleaned(connection, dirty, ids.now())
    return len(dirty)


def forget_case(owner: Database, ids: Ids, case: str) -> None:
    """Destroy what is on the list of one case, if it is still that list, wholly or not at all."""
    with owner.writing() as connection:
        c = cases.c
        held = connection.scalar(select(c.holds).where(c.handle == case).with_for_update())
        stone = disposals.agreed_to(connection, case)
        if held != "[]":
            raise HeldBack(say("The record is held. Nothing of it is disposed of."))
        plan = disposals.plan_of(connection, case)
        if stone is None or plan.hash != stone.plan:
            raise HeldBack(OTHERWISE)
        now = ids.now()
        disposals.destroy(connection, case, stone.entry, plan, now)
        _tell_the_board(connection, ids, case, stone.entry, now)


def _tell_the_board(connection: Connection, ids: Ids, case: str, entry: int, at: str) -> None:
    """Tell the Board that a record is destroyed, which it may not look at any more."""
    k = organisation_kinds.c
    board = connection.scalar(select(k.organisation).where(k.kind == Kind.COORDINATOR.value))
    if board is None:
        return
    telling = ids.handle()
    outbox.INSERT.run(
        connection,
        {
            "key": f"{case}/{entry}/{board}/{DISPOSAL_DONE}",
            "on_move": DISPOSAL_DONE,
            "case_handle": case,
            "organisation": board,
            "written_at": at,
            "telling": telling,
            "audience": "board",
        },
    )
    outbox.name_recipients(connection, telling, "", at, ids.legal_day(at))
