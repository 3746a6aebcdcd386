"""Make a report, and run one again: figures counted from the entries that the log had at a moment.

It is counted before the act, on a connection that only reads: what the log had at a checkpoint is
the same however long the counting takes, and nobody who writes has to wait for it.
"""

from sqlalchemy import Connection

from vetting.engine.canonical import Json, canonical
from vetting.engine.figures import FIGURES, Asked, Counted, count
from vetting.engine.policy import Action, Principal
from vetting.engine.refusals import OutOfTurn, Unacceptable, Unknown
from vetting.engine.sentences import say
from vetting.records import reports
from vetting.records.book import Book
from vetting.records.database import Row
from vetting.records.identity import Ids
from vetting.usecases.desk import Answer, Desk, Sent

BETWEEN = " "  # between the names of figures that came out otherwise


def make_report(desk: Desk, sent: Sent, since: str, until: str, as_of: str | None = None) -> Answer:
    """Count every figure for a period, as things stood at the end of a day, or now; keep it.

    The period may go on beyond today, but not begin there: of a year to come there are no figures.
    Nor are there as things stood before the period began: every one would be nought, and read as
    if nothing had happened in it.
    """
    if since > until:
        raise Unacceptable(say("The last day is before the first one."))
    ids = desk.ids
    for day, about in ((since, "since"), (as_of, "as_of")):
        if day is not None and day > ids.today():
            raise Unacceptable(say("That day has not come yet."), about)
    if as_of is not None and as_of < since:
        raise Unacceptable(say("On this day the period had not begun yet."), "as_of")
    at = ids.end_of(as_of) if as_of else ids.now()
    with desk.database.reading(desk.principal) as connection:
        checkpoint = reports.checkpoint_until(connection, at)
        if checkpoint is None:
            raise OutOfTurn(
                say("The log has signed nothing by then, so there is nothing to be counted.")
            )
        figures, erased = counted(connection, ids, since, until, checkpoint)

    def do(book: Book) -> Answer:
        report = book.ids.handle()
        book.insert(
            reports.INSERT,
            {
                "handle": report,
                "since": since,
                "until": until,
                "size": checkpoint["size"],
                "root": checkpoint["root"],
                "as_of": checkpoint["at"],
                "erased": erased,
                **_by(book.principal),
                "made_at": book.at,
            },
        )
        for figure in figures.values():
            book.insert(
                reports.INSERT_FIGURE,
                {
                    "report": report,
                    "name": figure.definition.name,
                    "version": figure.definition.version,
                    **_kept(figure),
                },
            )
        return {"report": report}

    content: dict[str, Json] = {"since": since, "until": until, "as_of": as_of}
    return desk.act(Action.MAKE_REPORT, sent, content, do)


def run_again(desk: Desk, sent: Sent, report: str) -> Answer:
    """Count a report once more, for the same moment of the log, and keep what came of it."""
    with desk.database.reading(desk.principal) as connection:
        kept = reports.find(connection, report)
        if kept is None:
            raise Unknown(say("There is no such report."))
        before = reports.figures_of(connection, report)
        if any(
            name not in FIGURES or FIGURES[name].version != row["version"]
            for name, row in before.items()
        ):
            raise OutOfTurn(
                say(
                    "This report was counted by an earlier version of its figures, which this "
                    "program does not have any more. Make a new report."
                )
            )
        moment = {"size": kept["size"], "root": kept["root"], "at": kept["as_of"]}
        figures, erased = counted(connection, desk.ids, kept["since"], kept["until"], moment)
    unlike = [
        name
        for name, row in before.items()
        if any(row[column] != value for column, value in _kept(figures[name]).items())
    ]

    def do(book: Book) -> Answer:
        run = book.ids.handle()
        book.insert(
            reports.INSERT_RUN,
            {
                "handle": run,
                "report": report,
                "unlike": BETWEEN.join(unlike),
                "erased": erased,
                **_by(book.principal),
                "at": book.at,
            },
        )
        return {"report": report, "unlike": unlike}

    return desk.act(Action.MAKE_REPORT, sent, {"report": report}, do)


def counted(
    connection: Connection, ids: Ids, since: str, until: str, checkpoint: Row
) -> tuple[dict[str, Counted], int]:
    """Return every figure of a period, as the log had it at a checkpoint."""
    asked = Asked(since, until, checkpoint["at"], ids.legal_day)
    histories = reports.histories(
        connection, checkpoint["size"], ids.begin_of(since), ids.end_of(until)
    )
    return count(histories, asked)


def _kept(figure: Counted) -> Row:
    return {
        "rows": canonical(figure.told()).decode(),
        "items": figure.items,
        "list_hash": figure.list_hash,
    }


def _by(principal: Principal) -> dict[str, str | None]:
    return {
        "officer": principal.officer,
        "organisation": principal.organisation,
        "role": principal.role.value,
        "session": principal.session,
        "on_behalf_of": principal.on_behalf_of,
    }
