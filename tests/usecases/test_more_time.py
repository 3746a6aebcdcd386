"""More time for an answer: asked by the body, given by the Board, counted, kept and shown."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from tests.builders import BODIES, Cast, definitions, officer_of, sent
from tests.records.test_second_count import first, sealed, second
from vetting.engine.calendar import DayKind
from vetting.engine.definition import MoreTime
from vetting.engine.more_time import Wanted
from vetting.engine.reading import Definitions
from vetting.engine.refusals import Forbidden, HeldBack, OutOfTurn, Refusal, Stale, Unacceptable
from vetting.engine.vocabulary import Role
from vetting.queries.answer_days import answer_days
from vetting.queries.calendar_page import what_moves
from vetting.queries.deadline_page import deadline_page
from vetting.queries.opinion_matrix import opinion_matrix
from vetting.queries.untold import untold
from vetting.queries.worklist import Filter, Wait, worklist
from vetting.records.cases import case_of, cases
from vetting.records.consultations import consultation_of, consultations, extensions
from vetting.records.history import entries
from vetting.records.identity import Ids
from vetting.records.outbox import outbox
from vetting.records.rebuild import compare
from vetting.records.sealing_key import make_sealing_key, read_sealing_key
from vetting.usecases.change_calendar import NewDays, change_calendar
from vetting.usecases.desk import Desk
from vetting.usecases.give_more_time import answer_more_time, ask_more_time
from vetting.usecases.interrupt_case import take_back_consultation
from vetting.usecases.issue_consultations import Asking, issue_consultations
from vetting.usecases.load_calendar import load_calendar
from vetting.usecases.seal_checkpoint import seal_checkpoint
from vetting.usecases.sign_opinion import sign_opinion

DUE = "2026-09-11"  # a Friday
STORM = {"kind": DayKind.CLOSURE, "name_vi": "Bão", "name_en": "Storm"}
WHY = "Chờ xác minh tại cơ sở."
BODY = BODIES[0]


class Clock:
    now = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)

    def __call__(self):
        self.now += timedelta(microseconds=1)
        return self.now


@pytest.fixture
def cast(database):
    cast = Cast(database, Ids(clock=Clock()))
    load_calendar(database, cast.ids)
    return cast


@pytest.fixture
def asked(cast):
    """A case that all bodies are asked about, each due on a Friday; and one body's question."""
    case = cast.accepted()
    issue_consultations(cast.board, sent(), [case], Asking(due_on=DUE))
    return case, cast.asked(case)[BODY]


def within(desk: Desk, **limits) -> Desk:
    """Return a desk at which the workflows name limits."""
    known = {}
    for name, one in definitions().by_name.items():
        rules = tuple(
            rule.model_copy(update={"more_time": MoreTime(basis="12-QC/TU", **limits)})
            for rule in one.consultation
        )
        known[name] = one.model_copy(update={"consultation": rules})
    return replace(desk, definitions=Definitions(known))


def asks(cast, asked, desk=None, reason=WHY, **wanted):
    return ask_more_time(desk or cast.drafter(BODY), sent(), asked[1], Wanted(**wanted), reason)


def answers(cast, asked, *, gives=True, desk=None, reason="Đồng ý.", seen=None):
    desk = desk or cast.board
    return answer_more_time(desk, sent(seen), asked[0], asked[1], gives=gives, reason=reason)


def row(cast, consultation):
    with cast.database.reading() as connection:
        found = connection.execute(
            select(consultations).where(consultations.c.handle == consultation)
        )
        return dict(found.mappings().one())


def due(cast, asked):
    kept = row(cast, asked[1])
    assert kept["due_order"] == kept["due_on"]
    return kept["due_on"]


def told(cast, asked):
    with cast.database.reading() as connection:
        found = connection.execute(
            select(outbox.c.on_move, outbox.c.organisation)
            .where(outbox.c.case_handle == asked[0], outbox.c.on_move.like("time%"))
            .order_by(outbox.c.written_at, outbox.c.key)
        )
        return [tuple(one) for one in found]


def page(cast, asked, desk=None, today="2026-09-01"):
    principal = (desk or cast.board).principal
    with cast.database.reading() as connection:
        return deadline_page(connection, principal, definitions(), *asked, today=today)


def counted_twice(cast, folder, checkpoint=None):
    """Return every figure as a report counts it and as plain SQL does, at a moment of the log."""
    folder = folder / "keys"
    if not folder.exists():
        folder.mkdir()
        make_sealing_key(folder, "vetting/test")
    if checkpoint is None:
        seal_checkpoint(cast.database, read_sealing_key(folder), cast.ids)
    moment = sealed(cast)[(checkpoint or 0) - 1]
    return tuple(count(cast, moment, "2026-01-01", "2026-12-31") for count in (first, second))


def well(cast):
    with cast.database.reading() as connection:
        assert list(compare(connection)) == []
        assert untold(connection, definitions()).gaps == ()


def test_nothing_moves_before_the_board_has_answered_and_then_the_day_is_an_entry(cast, asked):
    asks(cast, asked, working_days=5)
    assert due(cast, asked) == DUE
    assert row(cast, asked[1])["time_until"] == "2026-09-18"

    answers(cast, asked)

    assert due(cast, asked) == "2026-09-18"
    kept = row(cast, asked[1])
    assert (kept["first_due_on"], kept["longer"], kept["time_until"]) == (DUE, '["+5"]', None)
    with cast.database.reading() as connection:
        [later] = connection.execute(select(extensions)).mappings()
        assert (later["due_on"], later["until"]) == (DUE, "2026-09-18")
    assert told(cast, asked) == [("time_asked", "ban-to-chuc"), ("time_granted", BODY)]
    well(cast)


def test_a_request_that_is_not_given_leaves_the_day_and_can_be_made_again(cast, asked):
    asks(cast, asked, until="2026-10-01")
    answers(cast, asked, gives=False, reason="Hội đồng họp ngày 20.")
    assert due(cast, asked) == DUE
    assert row(cast, asked[1])["first_due_on"] is None

    asks(cast, asked, until="2026-09-19")  # a Saturday: a day that is named is that day
    answers(cast, asked, desk=cast.head)
    asks(cast, asked, working_days=1)
    answers(cast, asked)

    assert due(cast, asked) == "2026-09-21"
    assert row(cast, asked[1])["longer"] == '["=2026-09-19", "+1"]'
    shown = page(cast, asked)
    assert [one.verb for one in shown.answer.steps] == [
        *("time.asked", "time.refused", "time.asked", "time.granted", "time.asked", "time.granted"),
    ]
    assert (shown.answer.first_due_on, shown.answer.times) == (DUE, 2)
    assert shown.due_on == "2026-09-21"
    well(cast)


def test_the_answer_is_derived_day_by_day(cast, asked):
    asks(cast, asked, working_days=2)
    answers(cast, asked)
    [counted] = page(cast, asked, cast.drafter(BODY)).answer.counts
    assert [(step.day.isoformat(), step.number) for step in counted.steps] == [
        ("2026-09-12", None),
        ("2026-09-13", None),
        ("2026-09-14", 1),
        ("2026-09-15", 2),
    ]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({}, "not for both"),
        ({"working_days": 3, "until": "2026-09-30"}, "not for both"),
        ({"working_days": 0}, "at least one working day"),
        ({"working_days": -1}, "at least one working day"),
        ({"working_days": 251}, "at most 250"),
        ({"until": DUE}, "no later"),
        ({"until": "2026-09-02"}, "no later"),
        ({"until": "2026-02-30"}, "no such day"),
    ],
)
def test_what_cannot_be_asked_for_is_said(cast, asked, wanted, words):
    with pytest.raises(Unacceptable, match=words):
        asks(cast, asked, **wanted)
    assert told(cast, asked) == []


def test_a_day_beyond_the_calendar_is_refused_and_never_guessed(cast):
    case = cast.accepted()
    issue_consultations(cast.board, sent(), [case], Asking(due_on="2031-12-30"))
    asked = case, cast.asked(case)[BODY]
    with pytest.raises(Unacceptable, match="calendar"):
        asks(cast, asked, working_days=5)


def test_only_what_is_owed_and_has_a_day_can_be_extended(cast, asked):
    with pytest.raises(Unacceptable, match="Give a reason"):
        asks(cast, asked, working_days=1, reason="  ")
    with pytest.raises(OutOfTurn, match="Nobody waits"):
        answers(cast, asked)
    asks(cast, asked, working_days=1)
    with pytest.raises(OutOfTurn, match="already"):
        asks(cast, asked, working_days=2)
    with pytest.raises(Unacceptable, match="Give a reason"):
        answers(cast, asked, reason=" ")
    cast.sign(asked[0], BODY)
    with pytest.raises(OutOfTurn, match="has signed"):
        answers(cast, asked)
    with pytest.raises(OutOfTurn, match="no longer waiting"):
        asks(cast, asked, working_days=1)
    dayless = cast.consulting(name="Lê Chi")
    with pytest.raises(OutOfTurn, match="No day was set"):
        asks(cast, (dayless, cast.asked(dayless)[BODY]), working_days=1)
    well(cast)


def test_another_body_and_the_unit_have_no_part_in_it(cast, asked):
    asks(cast, asked, working_days=1)
    with pytest.raises(Refusal):
        asks(cast, asked, desk=cast.drafter(BODIES[1]), working_days=1)
    with pytest.raises(Forbidden):
        answers(cast, asked, desk=cast.drafter(BODY))
    with pytest.raises(Refusal):
        page(cast, asked, cast.unit)
    with pytest.raises(Refusal):
        page(cast, asked, cast.drafter(BODIES[1]))


def test_whoever_asks_does_not_answer_in_whatever_capacity(cast, asked):
    """Somebody of a body who works for the Board as well cannot give their own body time."""
    asks(cast, asked, working_days=1)
    asker = cast.drafter(BODY).principal
    both = replace(asker, role=Role.BOARD_HEAD, organisation="ban-to-chuc")
    with pytest.raises((Forbidden, OutOfTurn)):
        answers(cast, asked, desk=replace(cast.head, principal=both))
    acting = replace(
        cast.head.principal,
        officer=officer_of("thue", Role.BODY_OFFICER),
        on_behalf_of=asker.officer,
    )
    with pytest.raises((Forbidden, OutOfTurn)):
        answers(cast, asked, desk=replace(cast.head, principal=acting))
    assert due(cast, asked) == DUE


def test_limits_hold_where_a_rule_names_them_and_nowhere_else(cast, asked):
    body, board = within(cast.drafter(BODY), times=1), within(cast.board, times=1)
    asks(cast, asked, desk=body, working_days=5)
    answers(cast, asked, desk=board)
    with pytest.raises(HeldBack, match=r"at most 1 times.*12-QC/TU"):
        asks(cast, asked, desk=body, working_days=1)

    most = within(cast.drafter(BODY), working_days=7)
    with pytest.raises(HeldBack, match="at most 7 working days"):
        asks(cast, asked, desk=most, working_days=3)
    asks(cast, asked, desk=most, working_days=2)
    with pytest.raises(HeldBack, match="at most 1 times"):
        answers(cast, asked, desk=board)
    answers(cast, asked, desk=within(cast.board, working_days=7))
    # Where nobody entered a rule no limit is claimed.
    asks(cast, asked, working_days=200)
    answers(cast, asked)
    well(cast)


def test_a_body_that_signs_meanwhile_is_not_stopped_and_is_given_nothing(cast, asked):
    case, consultation = asked
    text = cast.ready(case, consultation, BODY)
    version = row(cast, consultation)["version"]
    asks(cast, asked, working_days=1)
    answers(cast, asked)
    # Its page shows the version before; the text it signs is the same.
    sign_opinion(cast.signer(BODY), sent(version), consultation, text)
    assert row(cast, consultation)["state"] == "signed"
    well(cast)


def test_the_boards_page_is_out_of_date_once_the_body_has_signed(cast, asked):
    asks(cast, asked, working_days=1)
    with cast.database.reading() as connection:
        seen = connection.scalar(select(cases.c.entry_count).where(cases.c.handle == asked[0]))
    cast.sign(asked[0], BODY)
    with pytest.raises(Stale):
        answers(cast, asked, seen=seen - 3)
    kept = row(cast, asked[1])
    assert (kept["due_on"], kept["time_until"]) == (DUE, None)


def test_signing_and_giving_at_once_leave_one_story(cast, asked):
    """Whichever comes first, the other is refused or stands beside it; never both half."""
    case, consultation = asked
    text = cast.ready(case, consultation, BODY)
    asks(cast, asked, working_days=1)
    together, said = Barrier(2), []

    def run(act):
        together.wait()
        try:
            act()
            said.append("done")
        except Refusal as refusal:
            said.append(str(refusal))

    both = [
        Thread(
            target=run,
            args=(lambda: sign_opinion(cast.signer(BODY), sent(), consultation, text),),
        ),
        Thread(target=run, args=(lambda: answers(cast, asked),)),
    ]
    for one in both:
        one.start()
    for one in both:
        one.join()
    kept = row(cast, consultation)
    assert kept["state"] == "signed"
    with cast.database.reading() as connection:
        given = connection.scalar(
            select(entries.c.number).where(
                entries.c.case_handle == case, entries.c.verb == "time.granted"
            )
        )
    assert (kept["due_on"] != DUE) == (given is not None) == (said == ["done", "done"])
    well(cast)


def test_a_calendar_that_changes_afterwards_counts_it_anew_with_an_entry(cast, asked):
    asks(cast, asked, working_days=5)
    answers(cast, asked)
    other = asked[0], cast.asked(asked[0])[BODIES[1]]  # the day that was set for it stays

    saves(cast, NewDays("province", "2026-09-16", "2026-09-16", **STORM), moved=1)
    assert due(cast, asked) == "2026-09-21"
    assert due(cast, other) == DUE
    assert told(cast, asked)[-1] == ("time_moved", BODY)

    # The body's own calendar lies on it; that of another body moves nothing.
    saves(cast, NewDays(BODIES[1], "2026-09-17", "2026-09-17", **STORM), moved=0)
    saves(cast, NewDays(BODY, "2026-09-17", "2026-09-17", **STORM), moved=1)
    assert due(cast, asked) == "2026-09-22"
    shown = page(cast, asked, cast.drafter(BODY))
    assert [(one.due_on, one.until) for one in shown.answer.steps if one.moved] == [
        (DUE, "2026-09-18"),
        ("2026-09-18", "2026-09-21"),
        ("2026-09-21", "2026-09-22"),
    ]
    assert shown.answer.counts[0].ends == date(2026, 9, 22)

    cast.sign(asked[0], BODY)  # what is answered is dated anew by nothing
    saves(cast, NewDays("province", "2026-09-18", "2026-09-18", **STORM), moved=0)
    assert due(cast, asked) == "2026-09-22"
    well(cast)


def test_a_day_that_the_board_named_is_moved_by_no_calendar(cast, asked):
    asks(cast, asked, until="2026-09-18")
    answers(cast, asked)
    saves(cast, NewDays("province", "2026-09-16", "2026-09-18", **STORM), moved=0)
    assert due(cast, asked) == "2026-09-18"


def saves(cast, new, moved):
    with cast.database.reading() as connection:
        before, after, *_ = new.on(connection)
        found = what_moves(connection, cast.head.principal, definitions(), before, after)
    assert len(found.moved) == moved
    change_calendar(cast.head, sent(), new, "Tỉnh cho nghỉ vì bão.", found.hash)


def test_the_matrix_and_the_boards_work_show_who_asks(cast, asked):
    def work():
        with cast.database.reading() as connection:
            return worklist(
                connection, cast.board.principal, definitions(), Filter(wait=Wait.ASKED_OF_US)
            )

    assert (work().counts[Wait.ASKED_OF_US], work().page.rows) == (0, ())
    asks(cast, asked, working_days=5)
    assert work().counts[Wait.ASKED_OF_US] == len(work().page.rows) == 1
    assert work().counts[Wait.WITH_BODIES] == 1
    answers(cast, asked)
    assert work().counts[Wait.ASKED_OF_US] == 0
    with cast.database.reading() as connection:
        file = connection.execute(select(cases).where(cases.c.handle == asked[0])).mappings().one()
        rows = connection.execute(select(consultations)).mappings()
        case = case_of(file, [consultation_of(one) for one in rows])
        matrix = opinion_matrix(connection, case, definitions().consultation())
    [shown] = [one for one in matrix.now if one.body == BODY]
    assert (shown.due_on, shown.first_due_on, shown.asks_until) == ("2026-09-18", DUE, None)


def test_what_is_asked_ends_with_the_question(cast, asked):
    asks(cast, asked, working_days=5)
    take_back_consultation(cast.board, sent(), *asked, "Không cần nữa.")
    assert row(cast, asked[1])["time_until"] is None
    with pytest.raises(OutOfTurn):
        answers(cast, asked)
    well(cast)


def test_late_is_counted_by_the_day_that_was_given_and_both_counts_agree(cast, asked, tmp_path):
    asks(cast, asked, working_days=5)
    answers(cast, asked)
    cast.ids.clock.now = datetime(2026, 9, 15, 3, 0, tzinfo=UTC)  # after the first, before this
    one, other = counted_twice(cast, tmp_path)
    assert one == other
    assert one["requests"][BODY, "planning"]["overdue"] == 0
    assert one["requests"][BODIES[1], "planning"]["overdue"] == 1
    cast.sign(asked[0], BODY)
    one, other = counted_twice(cast, tmp_path)
    assert one == other
    found = one["requests"][BODY, "planning"]
    assert (found["in_time"], found["late"]) == (1, 0)


def test_a_report_of_before_knows_nothing_of_what_was_given_since(cast, asked, tmp_path):
    cast.ids.clock.now = datetime(2026, 9, 14, 3, 0, tzinfo=UTC)
    asks(cast, asked, working_days=5)
    before, _ = counted_twice(cast, tmp_path)
    assert before["requests"][BODY, "planning"]["overdue"] == 1
    answers(cast, asked)
    then, by_sql = counted_twice(cast, tmp_path, checkpoint=1)
    assert then == by_sql == before


def test_the_derivation_of_a_day_says_who_and_why(cast, asked):
    asks(cast, asked, working_days=5)
    with cast.database.reading() as connection:
        days = answer_days(connection, asked[0], row(cast, asked[1]))
    assert (days.waits.until, days.waits.reason) == ("2026-09-18", WHY)
    assert days.waits.officer == cast.drafter(BODY).principal.officer
