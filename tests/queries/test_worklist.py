"""What the Board's, the authority's and the supervisor's pages ask: counts, scope, statements."""

from zoneinfo import ZoneInfo

import pytest

from tests.builders import definitions, opinion, sent
from vetting.engine.vocabulary import CaseType, Role, Verdict
from vetting.queries.overview import overview
from vetting.queries.round_page import round_page
from vetting.queries.submitted import Before, Wanted, submitted
from vetting.queries.worklist import Filter, Wait, handles_of, worklist
from vetting.usecases.open_round import open_round
from vetting.usecases.propose import propose, submit_proposals
from vetting.usecases.record_fact import record_fact
from vetting.usecases.tell_outcome import notify_units

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
TODAY = "2026-02-01"


def test_every_count_equals_its_list(cast):
    cast.filed(name="A B")
    cast.consulting(name="C D")
    notified = [cast.concluded(name="E F"), cast.concluded(name="G H")]
    notify_units(cast.board, sent(), notified)
    told = {"told_on": "2026-01-10", "how": 'Thư "candidate_told": gửi tay'}
    record_fact(cast.board, sent(), notified[:1], "candidate_told", told)

    with cast.database.reading() as connection:
        for wait in Wait:
            page = worklist(connection, cast.board.principal, definitions(), Filter(wait))
            everything = handles_of(connection, cast.board.principal, Filter(wait))
            assert page.counts[wait] == len(page.handles) == len(everything)
        assert page.counts[Wait.TO_TELL] == page.counts[Wait.TO_CLOSE] == 1


def test_the_list_says_who_owes(cast):
    case = cast.consulting()
    cast.sign(case, "thanh-tra")

    with cast.database.reading() as connection:
        page = worklist(connection, cast.board.principal, definitions(), Filter(Wait.WITH_BODIES))

    assert [[one.body for one in line.owing] for line in page.page.rows] == [["cong-an", "thue"]]


def test_mine_are_those_i_have_acted_on(cast):
    case = cast.filed(name="A B")
    cast.filed(name="C D")

    def mine(desk, wait):
        with cast.database.reading() as connection:
            return handles_of(connection, desk.principal, Filter(wait, mine=True))

    assert mine(cast.board, Wait.TO_CHECK) == []
    other = cast.accepted(name="E F")
    assert mine(cast.board, Wait.ACCEPTED) == [other]
    assert mine(cast.head, Wait.ACCEPTED) == []
    assert case != other


def test_the_authority_reads_what_was_put_before_it_and_what_the_bodies_said(cast):
    case = cast.consulting()
    cast.sign(case, "cong-an", opinion(Verdict.OBJECTION, "Có đơn thư."))
    for body in ("thanh-tra", "thue"):
        cast.sign(case, body)
    propose(cast.board, sent(), [case], "meets", "Lý do.")

    def seen():
        with cast.database.reading() as connection:
            return submitted(connection, cast.secretary.principal, definitions(), Wanted())

    assert seen().handles == []
    submit_proposals(cast.head, sent(), [case])
    assert seen().handles == [case]
    assert seen().counts[Before.TO_CONCLUDE] == 1
    assert seen().said == {case: ((Verdict.NO_OBJECTION, 2), (Verdict.OBJECTION, 1))}


@pytest.mark.parametrize("many", [1, 4])
def test_pages_take_as_many_statements_for_many_cases_as_for_one(cast, statements, many):
    planning = open_round(cast.head, sent(), CaseType.PLANNING, "Đợt", "Round", "2026-01-01")
    for number in range(many):
        cast.consulting(name=f"Nguyễn Văn {number}", round=planning["round"])
    overseer = cast.desk("uy-ban-kiem-tra", Role.SUPERVISOR).principal
    taken = []

    with cast.database.reading() as connection:
        for ask in (
            lambda: worklist(
                connection, cast.board.principal, definitions(), Filter(Wait.WITH_BODIES)
            ),
            lambda: round_page(connection, overseer, definitions(), planning["round"], TODAY, ZONE),
            lambda: overview(connection, overseer, definitions(), TODAY),
            lambda: submitted(connection, cast.secretary.principal, definitions(), Wanted()),
        ):
            with statements() as seen:
                ask()
            taken.append(len(seen))

    assert taken == [7, 4, 5, 3]
