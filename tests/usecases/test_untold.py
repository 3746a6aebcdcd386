"""What the history says was to be told, laid beside what was: every gap is found, and no other."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from tests.builders import Cast, definitions, lose, sent
from vetting.engine.telling import Why
from vetting.queries.untold import ALL_OF_IT, Untold, last_reconciliation, to_look_at, untold
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.officers import officers
from vetting.records.outbox import outbox, recipients
from vetting.records.standing import Purpose
from vetting.usecases.check_completeness import return_case, take_up_cases
from vetting.usecases.do_jobs import Workbench
from vetting.usecases.interrupt_case import take_back_consultation, withdraw_case
from vetting.usecases.open_in_emergency import answer_emergency, ask_in_emergency
from vetting.usecases.propose import propose, submit_proposals
from vetting.worker.reconcile import ask_to_reconcile, works


@pytest.fixture
def cast(province_url) -> Iterator[Cast]:
    database = Database(province_url, purpose=Purpose.COMMAND)
    yield Cast(database)
    database.close()


def found(cast: Cast) -> Untold:
    with cast.database.reading() as connection:
        return untold(connection, definitions())


def everything(cast: Cast) -> str:
    """Let everything happen of which somebody is told."""
    case = cast.closed()
    returned = cast.filed()
    take_up_cases(cast.board, sent(), [returned])
    return_case(cast.board, sent(), returned, "Thiếu.", ["Bản kê khai"])
    asked = cast.consulting()
    question = cast.asked(asked)["thue"]
    take_back_consultation(cast.board, sent(), asked, question, "Không cần nữa.")
    withdraw_case(cast.unit, sent(), asked, "Thôi.")
    request = ask_in_emergency(cast.unit, sent(), case, "Gấp.", 1)["request"]
    answer_emergency(cast.head, sent(), request, agrees=True, sentence="Đồng ý.")
    return case


def test_where_everybody_was_told_nothing_is_missing(cast, monkeypatch):
    everything(cast)
    with cast.database.reading() as connection:
        written = len(connection.execute(select(outbox.c.key)).all())

    whole = found(cast)
    assert (whole.due, whole.gaps) == (written, ())

    monkeypatch.setattr("vetting.queries.untold.ENTRIES_AT_ONCE", 3)
    assert found(cast) == whole


def test_every_notice_that_is_lost_is_missed(cast):
    everything(cast)
    whole = found(cast).due
    with cast.database.reading() as connection:
        kept = {
            (row.case_handle, row.on_move, row.organisation, row.written_at)
            for row in connection.execute(select(outbox))
        }

    lose(cast, outbox)

    missed = found(cast)
    assert {(gap.case, gap.on, gap.organisation, gap.at) for gap in missed.gaps} == kept
    assert {gap.why for gap in missed.gaps} == {Why.NOT_WRITTEN}
    assert len(missed.gaps) == missed.due == whole


def test_people_who_are_lost_are_missed(cast):
    case = everything(cast)
    outcome = (outbox.c.case_handle == case, outbox.c.on_move == "notify")

    lose(cast, recipients, recipients.c.notice.in_(select(outbox.c.key).where(*outcome)))

    [gap] = found(cast).gaps
    assert (gap.case, gap.on, gap.organisation, gap.why) == (
        case,
        "notify",
        "so-y-te",
        Why.FOR_NOBODY,
    )


def test_whoever_comes_later_is_told_late_and_the_day_is_looked_at_once(cast):
    with cast.database.writing() as connection:
        connection.execute(
            update(officers).where(officers.c.handle == "thuong-truc/s1").values(disabled_at="x")
        )
    case = cast.assembling()
    propose(cast.board, sent(), [case], "meets", "Đủ.")
    submit_proposals(cast.head, sent(), [case])
    now = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    ids = Ids(clock=lambda: now)
    bench = Workbench(cast.database, ids, works(cast.database, definitions(), ids))

    for _ in range(2):
        ask_to_reconcile(cast.database, ids)
    assert [bench.do_next(), bench.do_next()] == [True, False]
    with cast.database.reading() as connection:
        first = last_reconciliation(connection)
    assert (first.day, first.gaps) == ("2026-03-02", 1)

    with cast.database.writing() as connection:
        connection.execute(update(officers).values(disabled_at=None))
    now += timedelta(days=1)
    assert [bench.do_next(), bench.do_next()] == [True, False]
    with cast.database.reading() as connection:
        second = last_reconciliation(connection)
        told = connection.execute(
            select(recipients.c.at).where(recipients.c.officer == "thuong-truc/s1")
        ).all()
    assert (second.day, second.due, second.gaps) == ("2026-03-03", first.due, 0)
    assert [row.at[:10] for row in told] == ["2026-03-03"]
    assert found(cast).gaps == ()


def test_a_day_goes_on_from_the_one_before_and_a_week_looks_at_everything(cast, monkeypatch):
    everything(cast)
    whole, now = found(cast), datetime.now(UTC) + timedelta(hours=1)
    ids = Ids(clock=lambda: now)
    ask_to_reconcile(cast.database, ids)
    bench = Workbench(cast.database, ids, works(cast.database, definitions(), ids))
    monkeypatch.setattr("vetting.queries.untold.AGAIN", timedelta())

    def next_day() -> tuple[int, int]:
        nonlocal now
        assert bench.do_next()
        now += timedelta(days=1)
        with cast.database.reading() as connection:
            last = last_reconciliation(connection)
        return last.due, last.gaps

    assert [next_day(), next_day()] == [(whole.due, 0), (0, 0)]
    lose(cast, outbox, outbox.c.on_move == "withdraw")
    assert [next_day() for _ in range(5)] == [(0, 0)] * 5
    assert [next_day(), next_day()] == [(whole.due, 1)] * 2  # and after a gap once more


def test_a_look_that_is_dated_ahead_is_not_gone_on_from(cast):
    everything(cast)
    now = datetime.now(UTC) + timedelta(days=3_000)
    ids = Ids(clock=lambda: now)
    ask_to_reconcile(cast.database, ids)
    assert Workbench(cast.database, ids, works(cast.database, definitions(), ids)).do_next()
    with cast.database.reading() as connection:
        assert to_look_at(connection, ids) != ALL_OF_IT
        assert to_look_at(connection, Ids()) == ALL_OF_IT
