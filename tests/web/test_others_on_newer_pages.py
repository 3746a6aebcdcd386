"""Amendments, requests, more time, questions: a chain of substitutes, an emergency, a robot.

Nobody who stands in for somebody sees or does more than they could, nobody does both parts of what
takes two people, and whoever reads in an emergency does nothing.
"""

from dataclasses import replace

import pytest
from sqlalchemy import func, select, update

from tests.builders import add_officer, as_served, definitions, officer_of, sent
from tests.usecases.test_amend import BASIS, enter_basis
from tests.web.browsing import text_of, the_form
from tests.web.conftest import PASSWORD, WORKS_AT
from tests.web.test_emergencies import ask, request_to
from tests.web.test_restriction import restricts
from vetting.engine.more_time import Wanted
from vetting.engine.policy import Principal
from vetting.engine.questions import Question, Reply
from vetting.engine.refusals import Forbidden
from vetting.engine.substitutes import EVERY_TYPE, Form
from vetting.engine.vocabulary import CaseType, Role
from vetting.records.cases import cases
from vetting.records.consultations import consultations
from vetting.records.history import entries
from vetting.records.officers import officers, role_assignments
from vetting.usecases.answer_candidate import Asked, acknowledge_request, record_request
from vetting.usecases.ask_unit import answer_questions, ask_clarification, put_questions
from vetting.usecases.give_more_time import ask_more_time
from vetting.usecases.interrupt_case import withdraw_case
from vetting.usecases.issue_consultations import Asking, issue_consultations
from vetting.usecases.load_calendar import load_calendar
from vetting.usecases.record_absence import Absence, Place, record_absence
from vetting.usecases.record_fact import record_fact

BODY = "thanh-tra"
NAME = "Đặng Kín"
DAY, LAST = "2026-01-07", "2026-01-20"
REQUEST = Asked("copy", DAY, "Đơn", "Văn thư", "Dữ liệu về tôi.")
SAID = {
    "kind": "annulment",
    "ground": "own",
    "reason": "Ghi nhầm số phiếu.",
    "basis": BASIS,
    "decided_on": "07/01/2026",
    "effective_on": "08/01/2026",
    "document": "9-KL/TU",
}


class Ground:
    """A case with its bodies, of which everything newer is asked, and one that is concluded."""

    def __init__(self, cast, database):
        load_calendar(database, cast.ids)
        with database.writing() as connection:
            enter_basis(connection)
        self.open = cast.accepted(name=NAME)
        issue_consultations(cast.board, sent(), [self.open], Asking(due_on="2026-01-30"))
        asked = cast.asked(self.open)
        self.asked, self.other = asked[BODY], asked["thue"]
        ask_more_time(cast.drafter(BODY), sent(), self.asked, Wanted(3), "Chờ xác minh.")
        put_questions(cast.board, sent(), self.open, [Question("Năm nào?")], "Chưa rõ.")
        ask_clarification(cast.drafter("thue"), sent(), self.other, ["Ở đâu?"], "Đối chiếu.")
        self.concluded = cast.closed(name="Phan Khép")
        with database.reading() as connection:
            c = consultations.c
            self.signed = connection.scalar(
                select(c.handle).where(c.case_handle == self.concluded, c.body == BODY)
            )
        self.request = record_request(cast.unit, sent(), self.concluded, REQUEST)["number"]

    def pages(self):
        open_pages = (
            "/requests/new",
            "/questions/new",
            "/questions/1/answer",
            "/questions/1/close",
            f"/clarifications/{self.other}",
            f"/more-time/{self.asked}",
            f"/add-body?instead={self.asked}",
            f"/take-back/{self.asked}",
            "/restrict",
        )
        concluded_pages = (
            "/amend-conclusion",
            "/candidate-told-again",
            f"/requests/{self.request}",
            f"/requests/{self.request}/acknowledge",
            f"/requests/{self.request}/prepare",
            f"/requests/{self.request}/review",
            f"/requests/{self.request}/package",
            "/disposal",
        )
        yield from (f"/cases/{self.open}{page}" for page in open_pages)
        yield from (f"/cases/{self.concluded}{page}" for page in concluded_pages)
        yield from (f"/consultations/{self.asked}{page}" for page in ("", "/clarify", "/more-time"))
        yield from (f"/consultations/{self.signed}/amendment{page}" for page in ("", "/sign"))
        yield from (f"/officers/thue/bo1{page}" for page in ("", "/name"))


@pytest.fixture
def ground(cast, database, clock):
    clock.go_on(days=2)
    return Ground(cast, database)


@pytest.fixture
def stand_in(app, database, ids, kept_password):
    """Have somebody be away and name somebody, who may be away as well, and so on."""

    def stand_in(role, *chain, types=EVERY_TYPE, works_as=None):
        absent, organisation = officer_of(WORKS_AT[role], role), WORKS_AT[role]
        with database.writing() as connection:
            for one in chain:
                add_officer(connection, one, organisation, works_as or role)
            connection.execute(
                update(officers)
                .where(officers.c.handle.in_(chain))
                .values(password_hash=kept_password, language="en")
            )
        served = as_served(database)
        for away, named in zip([absent, *chain], chain, strict=False):
            by = Principal(away, away, role, organisation, "s", proved_at=ids.now())
            by = replace(by, proved_with="password")
            place = Place(organisation, role, named, Form.KT, types)
            record_absence(served, ids, definitions(), by, Absence(away, DAY, LAST, (place,)))
        browser = app.test_client()
        assert browser.sign_in(chain[-1], PASSWORD).status_code == 303
        acting = browser.send("/capacity", capacity=f"{role.value}@{organisation}@{absent}")
        assert acting.status_code == 303, text_of(acting)
        return browser

    return stand_in


def statuses(browser, pages):
    return {page: browser.get(page).status_code for page in pages}


def counted(database):
    with database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(entries))


CHAINED = [Role.CASE_OFFICER, Role.BOARD_HEAD, Role.BODY_SIGNER, Role.SECRETARY, Role.SUPERVISOR]


@pytest.mark.parametrize("role", CHAINED)
def test_at_the_end_of_a_chain_everything_is_as_for_whoever_is_away(
    ground, browser_of, stand_in, role
):
    own = statuses(browser_of(role), ground.pages())
    acting = stand_in(role, "bình", "cúc")
    assert statuses(acting, own) == own
    assert max(own.values()) < 500


@pytest.mark.parametrize("role", [Role.BOARD_HEAD, Role.BODY_SIGNER, Role.CASE_OFFICER])
def test_what_a_chain_was_not_named_for_is_not_there(ground, stand_in, role):
    acting = stand_in(role, "bình", "cúc", types=frozenset({CaseType.PARTY_ADMISSION}))
    found = statuses(acting, ground.pages())
    assert set(found.values()) <= {403, 404}


@pytest.mark.behind_the_wall
def test_a_recusal_of_whoever_passed_it_on_takes_the_case_away(ground, stand_in, app):
    acting = stand_in(Role.BODY_SIGNER, "bình", "cúc")
    pages = [page for page in ground.pages() if page.startswith("/consultations/")]
    assert 200 in statuses(acting, pages).values()
    between = app.test_client()
    assert between.sign_in("bình", PASSWORD).status_code == 303
    for case in (ground.open, ground.concluded):
        assert between.send(f"/cases/{case}/recuse").status_code == 303
    assert set(statuses(acting, pages).values()) == {404}


# --------------------------------------------------------------- two people


def agreed_by_hand(browser, page):
    """Agree to an answer by a form that the page does not offer, made from another one's."""
    offered = browser.get(f"{page}/review")
    assert 'name="answer"' not in offered.text
    assert "You prepared this yourself; a second person has to look at it." in text_of(offered)
    made = {**the_form(browser.get(f"{page}/prepare"), {"way"}).filled, "answer": ["agree"]}
    return browser.post(f"{page}/review", data={name: list(it) for name, it in made.items()})


@pytest.mark.behind_the_wall
def test_who_prepared_an_answer_does_not_agree_to_it_in_the_heads_place(
    ground, app, stand_in, database
):
    acting = stand_in(Role.BOARD_HEAD, "bình", works_as=Role.BOARD_OFFICER)
    own = app.test_client()
    assert own.sign_in("bình", PASSWORD).status_code == 303
    page = f"/cases/{ground.concluded}/requests/{ground.request}"
    answer = {"way": "answer", "reasons": "Cung cấp theo đề nghị."}
    assert own.send(f"{page}/prepare", **answer).status_code == 303
    before = counted(database)
    refused = agreed_by_hand(acting, page)
    assert (refused.status_code, counted(database)) == (409, before)


def test_what_was_prepared_in_the_heads_place_the_head_does_not_agree_to(
    ground, browser_of, stand_in, database
):
    acting = stand_in(Role.BOARD_HEAD, "bình", "cúc")
    page = f"/cases/{ground.concluded}/requests/{ground.request}"
    answer = {"way": "answer", "reasons": "Cung cấp theo đề nghị."}
    assert acting.send(f"{page}/prepare", **answer).status_code == 303
    before = counted(database)
    for browser in (acting, browser_of(Role.BOARD_HEAD)):
        assert agreed_by_hand(browser, page).status_code == 409
    assert counted(database) == before


@pytest.mark.behind_the_wall
def test_who_drew_an_amendment_up_does_not_sign_it_in_the_signers_place(
    ground, app, stand_in, database
):
    acting = stand_in(Role.BODY_SIGNER, "bình", works_as=Role.BODY_OFFICER)
    own = app.test_client()
    assert own.sign_in("bình", PASSWORD).status_code == 303
    page = f"/consultations/{ground.signed}/amendment"
    drawn_up = own.send(page, **SAID)
    assert drawn_up.status_code == 303, text_of(drawn_up)
    before = counted(database)
    form = acting.get(f"{page}/sign")
    assert "You drew this up yourself; another person has to sign it." in text_of(form)
    assert acting.send_form(form, answer="sign").status_code == 422
    assert counted(database) == before


# --------------------------------------------------------------- in an emergency


@pytest.mark.parametrize(
    "role",
    [Role.CASE_OFFICER, Role.BOARD_OFFICER, Role.BODY_SIGNER, Role.SUPERVISOR],
)
def test_whoever_reads_in_an_emergency_does_nothing(ground, database, browser_of, role):
    a = role_assignments.c
    with database.writing() as connection:
        connection.execute(update(role_assignments).values(clearance=1))
        references = connection.scalars(
            select(cases.c.reference).where(cases.c.handle.in_([ground.open, ground.concluded]))
        ).all()
    head = browser_of(Role.BOARD_HEAD)
    for case in (ground.open, ground.concluded):
        assert restricts(head, case, level="1").status_code == 303
    with database.writing() as connection:
        connection.execute(update(role_assignments).where(a.role == role).values(clearance=0))
    reader = browser_of(role)
    second = browser_of(Role.SUPERVISOR) if role is Role.BOARD_OFFICER else head
    pages = list(ground.pages())
    assert set(statuses(reader, pages).values()) <= {403, 404}
    for reference in references:
        assert ask(reader, reference).status_code == 303
        agreed = second.send(request_to(second, "/answer"), answer="agree", sentence="Đồng ý.")
        assert agreed.status_code == 303

    opened = statuses(reader, pages)
    for page, status in opened.items():
        assert status in {403, 404} or page == f"/consultations/{ground.asked}", (page, status)
    assert reader.get(f"/cases/{ground.open}").status_code == 200
    before = counted(database)
    token = the_form(reader.get("/help"), to="/sign-out").filled["csrf_token"]
    for page in pages:
        tried = reader.post(page, data={"csrf_token": token, "key": "k", "reason": "Vì sao."})
        assert tried.status_code in {403, 404, 405}, page
    assert counted(database) == before


# --------------------------------------------------------------- a robot


@pytest.mark.behind_the_wall
def test_a_robot_says_nothing_in_a_units_name(ground, cast, database):
    unit = cast.unit
    robot = replace(unit, principal=replace(unit.principal, robot=True))
    told = {"told_on": "2026-01-06", "how": "Thư"}
    acts = (
        lambda: answer_questions(robot, sent(), ground.open, 1, {1: Reply("Năm 2025.")}),
        lambda: record_request(robot, sent(), ground.open, REQUEST),
        lambda: withdraw_case(robot, sent(), ground.open, "Rút."),
        lambda: record_fact(robot, sent(), [ground.concluded], "candidate_told", told),
    )
    before = counted(database)
    for act in acts:
        with pytest.raises(Forbidden):
            act()
    board = replace(cast.board, principal=replace(cast.board.principal, robot=True))
    with pytest.raises(Forbidden):
        acknowledge_request(board, sent(), ground.concluded, ground.request, DAY, "Thư")
    assert counted(database) == before


@pytest.mark.behind_the_wall
def test_the_history_names_whoever_passed_it_on_along_a_chain(ground, stand_in, browser_of):
    acting = stand_in(Role.BOARD_HEAD, "bình", "cúc")
    assert acting.send(f"/cases/{ground.open}/suspend", reason="Chờ xác minh.").status_code == 303
    page = text_of(browser_of(Role.SUPERVISOR).get(f"/cases/{ground.open}/history"))
    assert f"cúc, for {officer_of('ban-to-chuc', Role.BOARD_HEAD)} (K/T), through bình" in page
    found = text_of(browser_of(Role.SUPERVISOR).get("/history?verb=case.suspended"))
    assert "through bình" in found
