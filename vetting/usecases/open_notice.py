"""Open a notice, and say that one knows of it: each is written down once, and never changed."""

from collections.abc import Collection
from contextlib import nullcontext
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, and_, exists, literal, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from vetting.engine.notices import CATALOGUE
from vetting.engine.refusals import OutOfTurn
from vetting.engine.sentences import say
from vetting.records.outbox import notice_steps, outbox, recipients
from vetting.records.sessions import refuse_ended
from vetting.usecases.desk import Desk

SHOWN, OPENED, ACKNOWLEDGED = "shown", "opened", "acknowledged"
_IN_ORDER = (SHOWN, OPENED, ACKNOWLEDGED)
_ASKED = frozenset(on for (on, _), told in CATALOGUE.items() if told.acknowledged)
_o, _r, _s = outbox.c, recipients.c, notice_steps.c

Line = tuple[str, str]  # what one act told: its telling and its move


def show_notices(desk: Desk, lines: Collection[Line]) -> None:
    """Write down that notices stand on a page that goes out to the officer."""
    _step(desk, SHOWN, _of(lines))


def open_notice(desk: Desk, line: Line) -> None:
    """Write down that the officer opened a notice."""
    _step(desk, OPENED, _of([line]))


def open_all_notices(desk: Desk, until: str) -> None:
    """Write down that the officer wants to open no more of what was told by a moment."""
    _step(desk, OPENED, and_(_r.at <= until, _r.opened_at.is_(None)))


def open_notices_of_case(desk: Desk, case: str) -> None:
    """Write down that whoever opens a case has with it opened what they were told of it."""
    by, of_case = desk.principal, _o.case_handle == case
    waits = (
        select(_r.notice)
        .join(outbox, _o.key == _r.notice)
        .where(
            _r.officer == by.officer,
            _r.organisation == by.organisation,
            _r.opened_at.is_(None),
            of_case,
        )
        .limit(1)
    )
    own = desk.database.reading(by) if desk.connection is None else nullcontext(desk.connection)
    with own as connection:
        nothing = connection.scalar(waits) is None
    if not nothing:
        _step(desk, OPENED, and_(of_case, _r.opened_at.is_(None)))


def acknowledge_notice(desk: Desk, line: Line) -> None:
    """Write down that the officer says they know."""
    if line[1] not in _ASKED:
        raise OutOfTurn(say("Nobody is asked to acknowledge this notice."))
    _step(desk, ACKNOWLEDGED, _of([line]))


def _of(lines: Collection[Line]) -> ColumnElement[bool]:
    return tuple_(_o.telling, _o.on_move).in_(sorted(lines))


def _step(desk: Desk, last: str, wanted: ColumnElement[bool]) -> None:
    """Write down a step and those before it, for all notices wanted that lack them."""
    by, at = desk.principal, desk.ids.now()
    own = and_(_r.officer == by.officer, _r.organisation == by.organisation, wanted)
    with desk.database.writing(desk.connection, desk.principal) as connection:
        for kind in _IN_ORDER[: _IN_ORDER.index(last) + 1]:
            _write(connection, own, {"kind": kind, "at": at, "session": by.session})
        if last != SHOWN:
            of_this = select(_o.key).join(recipients, _r.notice == _o.key).where(own)
            connection.execute(
                recipients.update()
                .values(opened_at=at)
                .where(_r.officer == by.officer, _r.opened_at.is_(None), _r.notice.in_(of_this))
            )
            if desk.in_session:
                refuse_ended(connection, by, desk.ids.today())


def _write(connection: Connection, own: ColumnElement[bool], step: dict[str, Any]) -> None:
    done = exists().where(_s.notice == _r.notice, _s.officer == _r.officer, _s.kind == step["kind"])
    lacking = (
        select(
            _r.notice,
            _r.officer,
            *(literal(value, String()).label(name) for name, value in step.items()),
        )
        .select_from(recipients.join(outbox, _o.key == _r.notice))
        .where(own, ~done)
    )
    connection.execute(
        insert(notice_steps)
        .from_select(["notice", "officer", *step], lacking)
        .on_conflict_do_nothing()
    )
