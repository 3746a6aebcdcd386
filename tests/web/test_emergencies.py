"""A case that is kept from an officer is opened to them to be read, from page to page."""

import pytest
from sqlalchemy import select, update

from tests.builders import add_officer, officer_of
from tests.web.browsing import links_of, text_of, the_form
from tests.web.test_restriction import restricts
from vetting.engine.notices import EMERGENCY
from vetting.engine.vocabulary import Role
from vetting.records.cases import cases
from vetting.records.emergencies import emergency_requests, emergency_steps
from vetting.records.officers import officers, role_assignments
from vetting.records.outbox import outbox
from vetting.records.withheld import recusals

NAME = "Đặng Kín"
ASKER = ("ban-to-chuc", Role.BOARD_OFFICER)
OVERSIGHT = "uy-ban-kiem-tra"
ACTS = ("return", "restrict", "facts/none")


@pytest.fixture
def case(cast):
    """A case that the Board's head has kept to the first level, for which only some are cleared."""
    return cast.filed(name=NAME)


@pytest.fixture
def kept(case, database, browser_of, kept_password):
    """The case, its reference, and the browsers of those who play a part in what follows."""
    a = role_assignments.c
    with database.writing() as connection:
        connection.execute(update(role_assignments).values(clearance=1))
        reference = connection.scalar(select(cases.c.reference).where(cases.c.handle == case))
    head = browser_of(Role.BOARD_HEAD)
    assert restricts(head, case, level="1").status_code == 303
    with database.writing() as connection:
        add_officer(
            connection, officer_of(OVERSIGHT, Role.SUPERVISOR, 2), OVERSIGHT, Role.SUPERVISOR
        )
        connection.execute(update(officers).values(password_hash=kept_password, language="en"))
        connection.execute(
            update(role_assignments).where(a.role == "board_officer").values(clearance=0)
        )
    return case, reference, browser_of(Role.BOARD_OFFICER), browser_of(Role.SUPERVISOR)


def ask(browser, reference, hours="1"):
    return browser.send(
        "/emergencies/new", reference=reference, reason="Phải trả lời hôm nay.", hours=hours
    )


def request_to(browser, way):
    """The address of the one request that a person can answer, end or review."""
    [found] = [link for link in links_of(browser.get("/emergencies")) if link.endswith(way)]
    return found


@pytest.mark.behind_the_wall
def test_a_second_person_opens_the_case_to_be_read_and_a_supervisor_reviews_it(
    kept, database, clock, browser_of
):
    case, reference, officer, second = kept
    assert officer.get(f"/cases/{case}").status_code == 404

    assert ask(officer, reference).status_code == 303
    assert "waits for a second person" in text_of(officer.get("/emergencies"))
    assert officer.get(f"/cases/{case}").status_code == 404

    way = request_to(second, "/answer")
    assert second.send(way, answer="agree", sentence="Đồng ý.").status_code == 303
    with database.reading() as connection:
        told = connection.scalars(
            select(outbox.c.organisation)
            .where(outbox.c.on_move == EMERGENCY)
            .order_by(outbox.c.organisation)
        ).all()
    assert told == ["ban-to-chuc", "so-y-te", "uy-ban-kiem-tra"]

    assert NAME in text_of(officer.get(f"/cases/{case}"))
    assert {act: officer.get(f"/cases/{case}/{act}").status_code for act in ACTS} == {
        "return": 403,
        "restrict": 403,
        "facts/none": 403,
    }

    clock.go_on(hours=1)
    assert browser_of(Role.BOARD_OFFICER).get(f"/cases/{case}").status_code == 404
    supervisor = browser_of(Role.SUPERVISOR, nth=2)
    review = request_to(supervisor, "/review")
    left_open = supervisor.get(review)
    assert supervisor.send(review, sentence="Đã xem, đúng việc.").status_code == 303
    assert supervisor.send_form(left_open, sentence="Lần nữa.").status_code == 409


def test_the_asker_ends_an_access_before_its_limit(kept):
    case, reference, officer, second = kept
    ask(officer, reference, "24")
    second.send(request_to(second, "/answer"), answer="agree", sentence="Đồng ý.")
    assert officer.get(f"/cases/{case}").status_code == 200

    assert officer.send(request_to(officer, "/end")).status_code == 303

    assert officer.get(f"/cases/{case}").status_code == 404


def test_the_asker_takes_back_what_waits_and_the_page_says_so(kept):
    _, reference, officer, second = kept
    ask(officer, reference)
    way, to_answer = request_to(officer, "/end"), request_to(second, "/answer")
    assert "Take it back" in text_of(officer.get("/emergencies"))
    asked = text_of(officer.get(way))

    answer = officer.send(way)

    assert "Take the request back" in asked
    assert "nobody is asked to answer any more" in asked
    assert answer.status_code == 303
    page = text_of(officer.get("/emergencies"))
    assert "It is taken back; nobody is asked any more." in page
    assert "How it stands taken back" in page
    assert "Request taken back ban-to-chuc/bo1" in page
    assert "Waiting for a second person (0)" in text_of(second.get("/emergencies"))
    assert "waits for nobody any more" in text_of(second.get(to_answer))


@pytest.mark.behind_the_wall
@pytest.mark.parametrize("there", [True, False])
def test_whoever_is_asked_once_more_who_they_are_reads_about_which_request(kept, clock, there):
    _, reference, asker, supervisor = kept
    written = reference if there else "QH-2026-KHONGCO-0001-00"
    ask(asker, written)
    address = request_to(supervisor, "/answer")
    clock.go_on(minutes=6)
    asked = supervisor.send(address, answer="agree", sentence="Đồng ý.")

    assert asked.status_code == 401
    waits = f"What waits: Answer a request to read a case in an emergency, Case {written}."
    assert waits in text_of(asked)


def test_whoever_is_of_the_askers_organisation_is_not_asked_to_answer(kept, browser_of):
    _, reference, officer, second = kept
    ask(officer, reference)
    way = request_to(second, "/answer")
    head = browser_of(Role.BOARD_HEAD)

    assert way not in links_of(head.get("/emergencies"))
    assert "another one has to answer" in text_of(head.get(way))
    assert forms_on(head.get(way)) == 0


@pytest.mark.behind_the_wall
def test_what_is_open_to_be_read_alone_holds_up_no_act_on_a_whole_list(kept, cast, database):
    case, reference, officer, second = kept
    other = cast.filed(name="Phan Hiện")
    ask(officer, reference)
    second.send(request_to(second, "/answer"), answer="agree", sentence="Đồng ý.")
    page = officer.get("/work/take-up?wait=to_check&all=1")
    assert "Phan Hiện" in text_of(page)
    assert NAME not in text_of(page)

    assert (
        officer.send_form(page, cases=the_form(page, {"cases"}).filled["cases"]).status_code == 303
    )

    with database.reading() as connection:
        states = {row.handle: row.state for row in connection.execute(select(cases))}
    assert states == {case: "filed", other: "checking"}
    assert officer.get(f"/work/take-up?case={case}").status_code == 403


def test_a_refusal_opens_nothing_and_keeps_its_sentence(kept):
    case, reference, officer, second = kept
    ask(officer, reference)
    second.send(request_to(second, "/answer"), answer="refuse", sentence="Để đến mai.")

    assert officer.get(f"/cases/{case}").status_code == 404
    assert "Để đến mai." in text_of(officer.get("/emergencies"))


@pytest.mark.parametrize(
    "answers",
    [
        {"reference": "", "reason": "Gấp.", "hours": "1"},
        {"reference": "X", "reason": " ", "hours": "1"},
        {"reference": "X", "reason": "Gấp."},
        {"reference": "X", "reason": "Gấp.", "hours": "9999"},
        {"reference": "X" * 5000, "reason": "Gấp.", "hours": "1"},
    ],
)
def test_what_is_not_said_well_is_asked_again_and_stays(kept, answers):
    officer = kept[2]
    answer = officer.send("/emergencies/new", **answers)

    assert answer.status_code == 422
    assert f'value="{answers["reference"]}"' in answer.text
    assert answers["reason"].strip() in text_of(answer)
    assert "None." in text_of(officer.get("/emergencies"))


def test_what_nobody_answers_in_a_day_is_answered_no_more(kept, clock, browser_of):
    _, reference, officer, second = kept
    ask(officer, reference)
    way = request_to(second, "/answer")

    clock.go_on(days=1)
    second = browser_of(Role.SUPERVISOR)
    assert "waits for nobody any more" in text_of(second.get(way))


def test_a_reference_of_nothing_is_answered_like_one_of_something(kept):
    _, reference, officer, _ = kept

    first, second = ask(officer, reference), ask(officer, "KHONG-CO-2026-000001")

    assert (first.status_code, first.location) == (second.status_code, second.location)


def test_of_all_pages_of_the_case_only_those_open_that_are_read(kept, app):
    case, reference, officer, second = kept
    ask(officer, reference)
    second.send(request_to(second, "/answer"), answer="agree", sentence="Đồng ý.")

    opened = set()
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/cases/<handle>") and "GET" in rule.methods:
            # No record of any case has such a handle, and a request has a number.
            told = dict.fromkeys(rule.arguments, "none") | {"handle": case, "number": 999}
            if officer.get(rule.build(told)[1]).status_code == 200:
                opened.add(rule.endpoint)

    assert opened == {
        "cases.show",
        "cases.history",
        "cases.readers",
        "matrices.show",
        "past.show",
        "recusals.recuse",
    }


def test_whoever_reads_in_an_emergency_can_recuse_themself_and_reads_no_more(kept, database):
    case, reference, officer, second = kept
    ask(officer, reference, "24")
    second.send(request_to(second, "/answer"), answer="agree", sentence="Đồng ý.")

    assert officer.send(f"/cases/{case}/recuse").status_code == 303

    assert officer.get(f"/cases/{case}").status_code == 404
    with database.reading() as connection:
        kinds = connection.scalars(select(emergency_steps.c.kind).order_by(emergency_steps.c.at))
        assert kinds.all() == ["opened", "ended"]
        assert connection.execute(select(recusals.c.case_handle)).all() == [(case,)]


def forms_on(page):
    return page.text.count("<textarea")


def test_what_can_be_said_no_more_has_a_sentence_and_no_form(kept, browser_of):
    _, reference, officer, second = kept
    ask(officer, reference)
    way = request_to(second, "/answer")
    place = way.removesuffix("/answer")
    supervisor = browser_of(Role.SUPERVISOR, nth=2)

    left_open = supervisor.get(way)
    before = {page: supervisor.get(f"{place}/{page}") for page in ("end", "review")}
    assert forms_on(second.get(way)) == 1
    assert "Nothing is open by this request." in text_of(before["end"])
    assert "there is nothing to review" in text_of(before["review"])
    second.send(way, answer="agree", sentence="Đồng ý.")
    assert "The case is still open by this." in text_of(supervisor.get(f"{place}/review"))
    officer.send(f"{place}/end")
    supervisor.send(f"{place}/review", sentence="Đã xem.")

    told = {page: supervisor.get(f"{place}/{page}") for page in ("answer", "end", "review")}
    assert [(page.status_code, forms_on(page)) for page in told.values()] == [(200, 0)] * 3
    assert "waits for nobody any more" in text_of(told["answer"])
    assert "Nothing is open by this request." in text_of(told["end"])
    assert "This was said already" in text_of(told["review"])
    assert supervisor.send_form(left_open, answer="agree", sentence="Ừ.").status_code == 409


def test_the_page_of_the_review_says_what_was_read_and_stays(kept, clock, browser_of):
    case, reference, officer, second = kept
    ask(officer, reference)
    second.send(request_to(second, "/answer"), answer="agree", sentence="Đồng ý.")
    officer.get(f"/cases/{case}")
    officer.get(f"/cases/{case}/history")
    clock.go_on(hours=2)
    supervisor = browser_of(Role.SUPERVISOR, nth=2)
    way = request_to(supervisor, "/review")

    before = text_of(supervisor.get(way))
    supervisor.send(way, sentence="Đã xem, đúng việc.")

    assert "What was read (2)" in before
    assert "opened a page: the candidate" in before
    assert "ended at 05/01/2026 10:00" in before
    assert NAME not in before
    page = supervisor.get("/emergencies")
    assert "Accesses that were reviewed (1)" in text_of(page)
    assert way in links_of(page)
    assert "What was read (2)" in text_of(supervisor.get(way))


def test_a_unit_that_is_not_named_is_told_of_the_access_and_opens_nothing(
    kept, browser_of, database
):
    case, reference, officer, second = kept
    with database.writing() as connection:
        connection.execute(
            update(role_assignments)
            .where(role_assignments.c.role == Role.CASE_OFFICER.value)
            .values(clearance=0)
        )
    ask(officer, reference)
    second.send(request_to(second, "/answer"), answer="agree", sentence="Đồng ý, việc gấp.")
    unit = browser_of(Role.CASE_OFFICER)

    [notice] = [link for link in links_of(unit.get("/notices")) if "emergency_opened" in link]
    told = text_of(unit.get(notice)) + text_of(unit.get("/notices"))
    page = text_of(unit.get("/emergencies"))

    assert unit.get(f"/cases/{case}").status_code == 404
    assert NAME not in told + page
    assert "/emergencies" in links_of(unit.get(notice))
    assert reference in page
    assert "ban-to-chuc/bo1" in page
    assert "agreed, in force, until 05/01/2026 10:00" in page
    assert "Phải trả lời hôm nay." not in page
    assert "việc gấp" not in page


def test_menu_and_notices_say_that_something_waits(kept):
    _, reference, officer, second = kept
    ask(officer, reference)

    waits = text_of(second.get("/notices"))
    second.send(request_to(second, "/answer"), answer="refuse", sentence="Để mai.")
    answered = text_of(officer.get("/notices"))
    page = text_of(officer.get("/emergencies"))
    after = text_of(officer.get("/notices"))

    assert "Emergency access 1 to look at" in waits
    assert "Somebody asks for emergency access" in waits
    assert "Emergency access 1 to look at" in answered
    assert "Your request for emergency access was answered" in answered
    assert "Emergency access 1 to look at" in page
    assert "to look at" not in after


def test_history_and_its_search_tell_of_the_access(kept):
    case, reference, officer, second = kept
    ask(officer, reference)
    second.send(request_to(second, "/answer"), answer="agree", sentence="Đồng ý.")

    for page in (f"/cases/{case}/history", f"/history?case={reference}"):
        told = text_of(second.get(page))
        assert "Opened in an emergency (1)" in told
        assert "until 05/01/2026 10:00" in told
    assert "Opened in an emergency" not in text_of(second.get("/history?case=KHONG-CO"))


def test_whoever_asked_by_a_wrong_reference_is_told_to_check_it(kept):
    _, _, officer, second = kept
    ask(officer, "KHONG-CO-2026-000001")
    second.send(request_to(second, "/answer"), answer="agree", sentence="Đồng ý.")

    assert "check the reference against the paper" in text_of(officer.get("/emergencies"))
    assert "check the reference" not in text_of(second.get("/emergencies"))


@pytest.mark.parametrize("asked", ["part=nothing", "after=x", "part=own&after=x", "part=told"])
def test_a_link_to_a_part_that_is_none_is_refused(browser_of, asked):
    status = browser_of(Role.BODY_OFFICER).get(f"/emergencies?{asked}").status_code

    assert status == (404 if asked == "part=told" else 422)


def test_a_part_of_the_page_can_be_gone_through(kept, clock, browser_of):
    _, reference, officer, second = kept
    ask(officer, reference)
    clock.go_on(seconds=1)
    for nth in range(4):
        ask(officer, f"BIA-DAT-{nth}")
    assert ask(officer, "BIA-DAT-5").status_code == 409
    for role in (Role.CASE_OFFICER, Role.BODY_OFFICER, Role.BODY_SIGNER, Role.SECRETARY):
        browser = browser_of(role)
        for nth in range(5):
            ask(browser, f"{role.value}-{nth}")

    beginning = second.get("/emergencies")
    [way] = [link for link in links_of(beginning) if "part=waiting" in link]
    rest = second.get(way)

    assert "Waiting for a second person (25)" in text_of(beginning)
    assert reference in text_of(beginning)
    assert reference not in text_of(rest)
    answers = [
        len([link for link in links_of(page) if link.endswith("/answer")])
        for page in (beginning, rest)
    ]
    assert answers == [20, 5]


def test_a_case_that_is_open_anyway_is_not_asked_for_and_one_that_is_kept_tells_nothing(
    kept, database
):
    _case, reference, asker, second = kept
    open_anyway = ask(second, reference)
    kept_from_asker, none_such = ask(asker, reference), ask(asker, "HS-2026-9999")

    assert open_anyway.status_code == 409
    assert "You can open this case already" in text_of(open_anyway)
    assert "reference-error" in open_anyway.text
    assert (kept_from_asker.status_code, none_such.status_code) == (303, 303)
    r = emergency_requests.c
    with database.reading() as connection:
        assert set(connection.scalars(select(r.officer))) == {officer_of(*ASKER)}
