"""The inbox: what it lists, that its counts equal its lists, and that its cost stays small."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from tests.builders import BODIES, definitions, officer_of, opinion, sent
from tests.queries.test_load_page import stopping
from vetting.engine.questions import Question
from vetting.engine.refusals import Unacceptable
from vetting.engine.vocabulary import CaseType, Role
from vetting.queries.inbox import PAGE, Filter, InboxState, Tab, inbox
from vetting.records.consultations import consultations
from vetting.records.tallies import counted_anew, tallies
from vetting.usecases.ask_unit import put_questions
from vetting.usecases.draft_opinion import draft_and_pass_on
from vetting.usecases.interrupt_case import suspend_case, take_back_consultation, withdraw_case
from vetting.usecases.issue_consultations import Asking, issue_consultations
from vetting.usecases.receive_consultation import assign_consultations, receive_consultations

BODY = "thanh-tra"
ME = officer_of(BODY, Role.BODY_OFFICER)


@pytest.fixture
def look(cast):
    def look(wanted=None, *, desk=None, after=None, known=None):
        desk = desk or cast.drafter(BODY)
        with cast.database.reading() as connection:
            return inbox(
                connection,
                desk.principal,
                known or definitions(),
                wanted or Filter(Tab.BODY),
                after=after,
                ids=cast.ids,
            )

    return look


@pytest.mark.parametrize("only", [CaseType.PLANNING, CaseType.TRANSFER])
def test_a_tab_counts_no_more_than_the_case_types_left_to_a_substitute(cast, look, only):
    case = cast.consulting()
    desk = cast.drafter(BODY)
    narrow = replace(desk.principal, officer="bình", on_behalf_of=ME, case_types=frozenset({only}))
    page = look(desk=replace(desk, principal=narrow))
    assert [row.case for row in page.page.rows] == ([case] if only is CaseType.PLANNING else [])
    assert page.counts[Tab.BODY] == page.counts[Tab.UNASSIGNED] == len(page.page.rows)


def everything(look, wanted):
    found, after = [], None
    while True:
        page = look(wanted, after=after).page
        found += page.rows
        if page.next is None:
            return found
        after = page.next


def tallied(database):
    with database.reading() as connection:
        rows = connection.execute(select(tallies))
        found = {}
        for row in rows:
            place = (row.body, row.holder, row.state)
            found[place] = found.get(place, 0) + row.waiting
        return {place: count for place, count in found.items() if count}, dict(
            counted_anew(connection)
        )


def test_it_lists_what_waits_at_the_body_and_nothing_else(cast, look):
    case = cast.consulting()
    cast.accepted(name="Lê Chưa Hỏi")
    cast.sign(cast.consulting(name="Lê Đã Ký"), BODY)

    [row] = look().page.rows

    assert (row.case, row.handle, row.name) == (case, cast.asked(case)[BODY], "Nguyễn Thị Ân")
    assert (row.due_on, row.overdue, row.holder, row.held_back) == (None, False, None, None)


def test_each_row_says_whether_its_clock_runs_and_why_it_does_not(cast, look):
    runs, still = cast.consulting(name="Lê Một"), cast.consulting(name="Lê Hai")
    asked = cast.consulting(name="Lê Ba")
    suspend_case(cast.board, sent(), still, "Chờ xác minh")
    put_questions(cast.board, sent(), asked, [Question("Năm nào?")], "Thiếu.")

    def clocks(known=None):
        return {row.case: str(row.clock_off or "on") for row in look(known=known).page.rows}

    assert clocks() == {runs: "on", still: "the case is suspended", asked: "on"}
    assert clocks(stopping()) == {
        runs: "on",
        still: "the case is suspended",
        asked: "the unit is being asked",
    }


def test_oldest_due_comes_first_and_what_has_no_date_last(cast, look):
    for name, due in (("A", None), ("B", "2026-05-01"), ("C", "2026-01-11"), ("D", None)):
        case = cast.accepted(name=f"Lê {name}")
        issue_consultations(cast.board, sent(), [case], Asking(due_on=due))
    cast.ids.clock.now += timedelta(days=5)

    rows = look().page.rows

    assert [(row.name, row.due_on, row.overdue) for row in rows] == [
        ("Lê C", "2026-01-11", True),
        ("Lê B", "2026-05-01", False),
        ("Lê A", None, False),
        ("Lê D", None, False),
    ]


def test_the_counts_equal_the_lists_after_every_kind_of_act(cast, look, database):
    cases = [cast.consulting(name=f"Lê {n}") for n in range(7)]
    asked = [cast.asked(case)[BODY] for case in cases]
    officer = cast.drafter(BODY)
    receive_consultations(officer, sent(), asked[:3])
    assign_consultations(officer, sent(), asked[2:4], ME)
    draft_and_pass_on(cast.signer(BODY), sent(), asked[4], opinion())
    take_back_consultation(cast.board, sent(), cases[5], asked[5], "Nhầm")
    withdraw_case(cast.unit, sent(), cases[6], "Không quy hoạch nữa")
    cast.sign(cases[0], BODY)
    suspend_case(cast.board, sent(), cases[1], "Chờ")

    found = look()

    kept, anew = tallied(database)
    assert kept == anew
    assert found.counts == {Tab.MINE: 2, Tab.UNASSIGNED: 1, Tab.BODY: 4}
    assert {tab: len(everything(look, Filter(tab))) for tab in Tab} == found.counts
    for state in InboxState:
        counts = look(Filter(Tab.BODY, state=state)).counts
        assert counts[Tab.BODY] == len(everything(look, Filter(Tab.BODY, state=state)))


def test_pages_follow_one_another_without_gap_or_repetition(cast, look):
    cases = [cast.accepted(name=f"Lê {n:03}") for n in range(PAGE + 3)]
    issue_consultations(cast.board, sent(), cases)

    for tab in (Tab.BODY, Tab.UNASSIGNED):
        rows = everything(look, Filter(tab))
        assert sorted(row.case for row in rows) == sorted(cases)
        assert len(look(Filter(tab)).page.rows) == PAGE


def test_it_is_narrowed_by_case_and_letter_and_says_how_many_fit(cast, look):
    cast.consulting(name="Lê An")
    case = cast.consulting(name="Lê Bình", case_type=CaseType.PROMOTION)

    found = look(Filter(Tab.BODY, case_type=CaseType.PROMOTION, unit="so-y-te"))
    of_letter = look(Filter(Tab.BODY, letter=found.page.rows[0].letter))

    assert ([row.case for row in found.page.rows], found.found) == ([case], 1)
    assert [row.case for row in of_letter.page.rows] == [case]
    assert look(Filter(Tab.BODY, unit="so-noi-vu")).found == 0


@pytest.mark.parametrize("mark", ["x", "a~b", "a~b~c~d", "a~b~'", "a~b~\0", "~~ "])
def test_a_mark_that_was_tampered_with_is_refused(look, mark):
    with pytest.raises(Unacceptable):
        look(after=mark)


def test_another_body_counts_and_sees_its_own(cast, look):
    cast.consulting()
    for body in BODIES:
        found = look(desk=cast.drafter(body))
        assert found.counts[Tab.BODY] == len(found.page.rows) == 1
    assert {row.handle for b in BODIES for row in look(desk=cast.drafter(b)).page.rows} == set(
        cast.asked(found.page.rows[0].case).values()
    )


def test_who_is_not_of_a_body_finds_nothing(cast, look):
    cast.consulting()

    assert look(desk=cast.board).page.rows == ()


def test_it_takes_the_same_few_statements_however_much_waits(cast, look, statements):
    cast.consulting()
    with statements() as few:
        look()
    issue_consultations(cast.board, sent(), [cast.accepted(name=f"Lê {n}") for n in range(PAGE)])
    with statements() as many:
        look()

    assert (len(few), len(many)) == (7, 7)


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (Filter(Tab.BODY), "ix_consultations_inbox"),
        (Filter(Tab.MINE), "ix_consultations_holder"),
        (Filter(Tab.UNASSIGNED), "ix_consultations_holder"),
    ],
)
def test_a_page_of_each_tab_is_a_page_of_an_index(sqlite_url, wanted, index):
    from vetting.queries import inbox as page  # noqa: PLC0415
    from vetting.records.database import Database  # noqa: PLC0415

    database = Database(sqlite_url)
    statement = (
        select(consultations.c.handle)
        .where(*page._clauses(_principal(), wanted))  # noqa: SLF001
        .order_by(
            *((consultations.c.officer,) if wanted.tab is Tab.UNASSIGNED else ()),
            *page._ORDER,  # noqa: SLF001
        )
        .limit(PAGE + 1)
    )
    with database.reading() as connection:
        compiled = statement.compile(connection, compile_kwargs={"literal_binds": True})
        plan = [row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {compiled}"))]
    database.close()

    # One look into the index and no sorting; beside it only what is kept from the reader is read,
    # once for the whole page and not once a row.
    on_tables = [step for step in plan if step.startswith(("SEARCH", "SCAN"))]
    assert index in plan[0]
    assert not any("TEMP B-TREE" in step or "CORRELATED" in step for step in plan), plan
    beside = {step.split()[1] for step in on_tables[1:]}
    assert beside == {"recusals", "restrictions", "named_readers"}


def _principal():
    from vetting.engine.policy import Principal  # noqa: PLC0415

    return Principal(ME, ME, Role.BODY_OFFICER, BODY, "s")
