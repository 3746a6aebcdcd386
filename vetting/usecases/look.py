"""Look: a read of case data is written down, and committed, before the answer leaves."""

from collections.abc import Iterable

from vetting.engine.policy import Action
from vetting.records import reads
from vetting.usecases.desk import Desk


def look(
    desk: Desk,
    action: Action,
    *,
    cases: Iterable[str | None] = (None,),
    texts: Iterable[tuple[str, str, str]] = (),
    asked: str | None = None,
) -> None:
    """Write the lines of one look: the cases shown, or the drafts opened, or the words asked."""
    with desk.database.writing(desk.connection) as connection:
        reads.write_lines(
            connection,
            desk.principal,
            desk.ids.now(),
            action,
            cases=cases,
            texts=texts,
            asked=asked,
        )
