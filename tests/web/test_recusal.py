"""Whoever declared that they must not deal with a case meets it nowhere again, a test a surface.

In each test there is a second case of the same kind, which goes on being shown: what is missing is
missing because of the recusal, and not because the page shows nothing.
"""

import re
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from tests.builders import ROLE_OF_KIND, add_officer, officer_of, opinion, request, sent
from tests.web.browsing import links_of, text_of, the_form
from tests.web.test_lists import sent_list, workbook
from vetting.engine.policy import Action
from vetting.engine.refusals import Unknown
from vetting.engine.vocabulary import CaseType, Kind, Role
from vetting.records.cases import cases, participations
from vetting.records.consultations import consultations
from vetting.records.history import entries, payloads
from vetting.records.officers import officers, role_assignments
from vetting.records.organisations import organisation_kinds
from vetting.records.withheld import recusals
from vetting.usecases.check_completeness import take_up_cases
from vetting.usecases.draft_opinion import draft_and_pass_on, draft_opinion
from vetting.usecases.file_case import draft_case
from vetting.usecases.issue_consultations import issue_consultations
from vetting.usecases.look import look
from vetting.usecases.open_round import open_round
from vetting.usecases.propose import propose
from vetting.usecases.receive_consultation import assign_consultations, receive_consultations
from vetting.usecases.recuse import recuse_oneself
from vetting.usecases.sign_opinion import countersign_opinion

BODY = "thanh-tra"
NAME, OTHER = "Đặng Kín", "Phan Hiện"
EVERYBODY = [role for role in Role if role is not Role.ADMINISTRATOR]


def of_role(cast, role):
    """Return the desk of whoever a role's browser signs in."""
    return {
        Role.CASE_OFFICER: cast.unit,
        Role.BOARD_OFFICER: cast.board,
        Role.BOARD_HEAD: cast.head,
        Role.BODY_OFFICER: cast.drafter(BODY),
        Role.BODY_SIGNER: cast.signer(BODY),
        Role.SECRETARY: cast.secretary,
        Role.SUPERVISOR: cast.desk("uy-ban-kiem-tra", Role.SUPERVISOR),
    }[role]


@pytest.fixture(autouse=True)
def colleagues(database):
    """A second person in every role, so that nothing is left to nobody."""
    with database.writing() as connection:
        for code, kind in connection.execute(select(organisation_kinds)).all():
            for role in ROLE_OF_KIND[Kind(kind)]:
                add_officer(connection, officer_of(code, role, 2), code, role)


@pytest.fixture
def two(cast):
    """A case that somebody will be recused from and one that they will not, where they tell."""

    def bring(how="consulting"):
        bring_one = getattr(cast, how)
        return bring_one(name=NAME), bring_one(name=OTHER)

    return bring


def reference_of(database, case):
    with database.reading() as connection:
        return connection.scalar(select(cases.c.reference).where(cases.c.handle == case))


def without_number(answer):
    """An error's page without the number under which it is found in the log."""
    text, numbers = re.subn(r"(Number of this message: )[\w-]{22}", r"\1", answer.text)
    assert numbers == 1
    return answer.status_code, text


# --------------------------------------------------------------- the declaration itself


@pytest.mark.parametrize("role", EVERYBODY)
def test_everybody_to_whom_a_case_is_something_can_declare_it(role, two, cast, browser_of):
    case, other = two("concluded")
    browser = browser_of(role)
    assert browser.get(f"/cases/{case}").status_code == 200
    assert f"/cases/{case}/recuse" in links_of(browser.get(f"/cases/{case}"))

    page = browser.get(f"/cases/{case}/recuse")
    assert "You are not asked why, and no reason is kept." in text_of(page)
    assert the_form(page).names == {"csrf_token", "key", "seen"}  # there is no field for a reason
    done = browser.send(f"/cases/{case}/recuse")

    assert (done.status_code, done.location) == (303, "/")
    assert browser.get(f"/cases/{case}").status_code == 404
    assert browser.get(f"/cases/{other}").status_code == 200
    with cast.database.reading() as connection:
        officer = of_role(cast, role).principal.officer
        assert connection.execute(select(recusals)).all() == [(case, officer)]
        said = connection.execute(
            select(entries.c.verb, entries.c.officer, payloads.c.content)
            .join(
                payloads,
                (payloads.c.case_handle == entries.c.case_handle)
                & (payloads.c.number == entries.c.number),
            )
            .where(entries.c.case_handle == case)
            .order_by(entries.c.number.desc())
        ).first()
    body = f'"body":"{BODY}",' if role in (Role.BODY_OFFICER, Role.BODY_SIGNER) else ""
    assert said == ("officer.recused", officer, f'{{{body}"officer":"{officer}"}}')


def test_a_declaration_makes_nobody_a_part_of_the_case(two, cast):
    case, _ = two()
    overseer = of_role(cast, Role.SUPERVISOR)
    recuse_oneself(overseer, sent(), case)
    with cast.database.reading() as connection:
        found = connection.scalars(
            select(participations.c.officer).where(participations.c.case_handle == case)
        ).all()
    assert overseer.principal.officer not in found


def test_it_can_be_declared_whichever_part_one_plays(two, cast, database):
    """A signer who is also of the Board declares it as an officer of the Board."""
    case, _ = two()
    cast.sign(case, BODY)
    signer = officer_of(BODY, Role.BODY_SIGNER)
    board = cast.board
    with database.writing() as connection:
        connection.execute(
            role_assignments.insert(),
            {"officer": signer, "organisation": "ban-to-chuc", "role": Role.BOARD_OFFICER.value},
        )
    both = replace(board, principal=replace(board.principal, officer=signer))
    recuse_oneself(both, sent(), case)
    with database.reading() as connection:
        assert connection.execute(select(recusals)).all() == [(case, signer)]


def test_it_holds_in_every_capacity(two, browser_of, database):
    case, other = two()  # where the officer did nothing yet: only the recusal keeps one away
    officer = officer_of(BODY, Role.BODY_OFFICER)
    with database.writing() as connection:
        for organisation, role in (
            ("uy-ban-kiem-tra", Role.SUPERVISOR),
            ("ban-to-chuc", Role.BOARD_OFFICER),
        ):
            connection.execute(
                role_assignments.insert(),
                {"officer": officer, "organisation": organisation, "role": role.value},
            )
    browser = browser_of(Role.BODY_OFFICER)
    browser.send("/capacity", capacity=f"{Role.BODY_OFFICER.value}@{BODY}")
    browser.send(f"/cases/{case}/recuse")
    for organisation, role in (
        (BODY, Role.BODY_OFFICER),
        ("uy-ban-kiem-tra", Role.SUPERVISOR),
        ("ban-to-chuc", Role.BOARD_OFFICER),
    ):
        browser.send("/capacity", capacity=f"{role.value}@{organisation}")
        assert browser.get(f"/cases/{other}").status_code == 200, role
        assert browser.get(f"/cases/{case}").status_code == 404, role


def test_it_cannot_be_declared_twice_nor_taken_back(two, browser_of):
    case, _ = two()
    browser = browser_of(Role.BODY_OFFICER)
    browser.send(f"/cases/{case}/recuse")
    assert browser.get(f"/cases/{case}/recuse").status_code == 404


def test_a_second_click_declares_it_once(two, browser_of, database):
    case, _ = two()
    browser = browser_of(Role.BODY_OFFICER)
    form = the_form(browser.get(f"/cases/{case}/recuse")).filled
    first = browser.post(f"/cases/{case}/recuse", data=form)
    second = browser.post(f"/cases/{case}/recuse", data=form)
    assert (first.status_code, second.status_code) == (303, 303)
    with database.reading() as connection:
        verbs = connection.scalars(select(entries.c.verb).where(entries.c.case_handle == case))
        assert list(verbs).count("officer.recused") == 1


# --------------------------------------------------------------- what they had in hand


def row_of(database, consultation):
    with database.reading() as connection:
        return (
            connection.execute(select(consultations).where(consultations.c.handle == consultation))
            .mappings()
            .one()
        )


def verbs_of(database, case):
    with database.reading() as connection:
        return connection.scalars(
            select(entries.c.verb).where(entries.c.case_handle == case).order_by(entries.c.number)
        ).all()


def test_a_question_that_they_hold_falls_back_to_nobody(two, cast, database, browser_of):
    case, _ = two()
    asked = cast.asked(case)[BODY]
    officer = cast.drafter(BODY)
    assign_consultations(officer, sent(), [asked], officer.principal.officer)

    recuse_oneself(officer, sent(), case)

    row = row_of(database, asked)
    assert (row["officer"], row["state"]) == (None, "received")
    assert verbs_of(database, case)[-2:] == ["consultation.released", "officer.recused"]
    page = text_of(browser_of(Role.BODY_SIGNER).get(f"/consultations/{asked}"))
    assert "Nobody has it yet." in page
    held = officer.principal.officer
    assert f"gave back to the body what {held} had in hand of the question" in page


def test_their_draft_is_off_the_road_to_signature(two, cast, database, browser_of):
    case, _ = two()
    asked = cast.asked(case)[BODY]
    drafter, signer = cast.drafter(BODY), cast.signer(BODY)
    draft_and_pass_on(drafter, sent(), asked, opinion())
    assert row_of(database, asked)["state"] == "ready"

    recuse_oneself(drafter, sent(), case)

    row = row_of(database, asked)
    assert (row["officer"], row["state"], row["draft_hash"]) == (None, "received", None)
    browser = browser_of(Role.BODY_SIGNER)
    assert NAME not in text_of(browser.get("/to-sign"))
    # Somebody else writes it anew, and that is what is signed.
    draft_opinion(signer, sent(), asked, opinion(reasons="Viết mới."))
    assert row_of(database, asked)["draft_by"] == signer.principal.officer


def test_their_countersignature_no_longer_counts(two, cast, database):
    case, _ = two()
    asked = cast.asked(case)[BODY]
    text = cast.ready(case, asked, BODY)
    signer = cast.signer(BODY)
    look(signer, Action.COUNTERSIGN_OPINION, texts=[(case, asked, text)])
    countersign_opinion(signer, sent(), asked, text)
    assert row_of(database, asked)["countersigned_by"] == f'["{signer.principal.officer}"]'

    recuse_oneself(signer, sent(), case)

    row = row_of(database, asked)
    assert (row["countersigned_by"], row["state"]) == ("[]", "ready")
    assert row["draft_by"] == row["officer"] == cast.drafter(BODY).principal.officer


def test_what_they_signed_stands(two, cast, database):
    case, _ = two()
    asked = cast.asked(case)[BODY]
    cast.sign(case, BODY)
    recuse_oneself(cast.signer(BODY), sent(), case)
    assert row_of(database, asked)["state"] == "signed"
    assert verbs_of(database, case)[-1] == "officer.recused"


def test_a_proposal_that_they_drew_up_is_not_submitted(two, cast, browser_of):
    case, _ = two("assembling")
    propose(cast.board, sent(), [case], "meets", "Đủ.")
    recuse_oneself(cast.board, sent(), case)
    head = browser_of(Role.BOARD_HEAD)
    refused = head.send(f"/cases/{case}/submit")
    assert refused.status_code == 409
    assert "Whoever drew up this proposal must not deal with the case" in text_of(refused)
    assert head.send(f"/cases/{case}/rework", reason="Soạn lại").status_code == 303


# --------------------------------------------------------------- lists, numbers, search


def gone(browser, address, *, also=()):
    """Tell that a page still answers, shows the other case and says nothing of the one."""
    page = browser.get(address)
    assert page.status_code == 200, address
    text = page.text
    assert OTHER in text, address
    for told in (NAME, *also):
        assert told not in text, (address, told)
    return text_of(page)


def recused(cast, role, case):
    recuse_oneself(of_role(cast, role), sent(), case)


def test_not_in_the_units_own_cases(two, cast, browser_of):
    case, _ = two()
    browser = browser_of(Role.CASE_OFFICER)
    assert NAME in browser.get("/cases").text
    recused(cast, Role.CASE_OFFICER, case)
    text = gone(browser, "/cases", also=[reference_of(cast.database, case)])
    assert "Being consulted (1)" in text or "1" in text


def test_not_in_the_worklist_nor_in_its_numbers(two, cast, browser_of):
    case, _ = two()
    browser = browser_of(Role.BOARD_OFFICER)
    assert "With the bodies 2" in text_of(browser.get("/work?wait=with_bodies"))
    recused(cast, Role.BOARD_OFFICER, case)
    assert "With the bodies 1" in gone(browser, "/work?wait=with_bodies")


def test_not_in_the_inbox_nor_in_the_numbers_on_its_tabs(two, cast, browser_of):
    case, other = two()
    officer = cast.drafter(BODY)
    assign_consultations(
        cast.signer(BODY),
        sent(),
        [cast.asked(one)[BODY] for one in (case, other)],
        officer.principal.officer,
    )
    browser = browser_of(Role.BODY_OFFICER)
    assert "Mine 2 Nobody’s yet 0 The whole body’s 2" in text_of(browser.get("/inbox"))
    recused(cast, Role.BODY_OFFICER, case)
    for address in ("/inbox", "/inbox?tab=body"):
        assert "Mine 1 Nobody’s yet 0 The whole body’s 1" in gone(browser, address)
    # A colleague sees that it waits for somebody.
    signer = text_of(browser_of(Role.BODY_SIGNER).get("/inbox?tab=unassigned"))
    assert NAME in signer
    assert "Mine 0 Nobody’s yet 1 The whole body’s 2" in signer


def test_not_among_what_waits_to_be_signed(two, cast, browser_of):
    case, other = two()
    for one in (case, other):
        cast.ready(one, cast.asked(one)[BODY], BODY)
    browser = browser_of(Role.BODY_SIGNER)
    assert NAME in browser.get("/to-sign").text
    recused(cast, Role.BODY_SIGNER, case)
    gone(browser, "/to-sign")
    gone(browser, "/to-sign/read")


@pytest.mark.parametrize("role", EVERYBODY)
def test_not_found_by_name_nor_by_reference(role, two, cast, browser_of):
    case, other = two("concluded")
    browser = browser_of(role)
    kept, shown = (reference_of(cast.database, one) for one in (case, other))
    assert kept in browser.get(f"/search?q={kept}").text
    recused(cast, role, case)
    nothing = text_of(browser.get("/search?q=Nobody+At+All")).replace("Nobody At All", "")
    for words in (NAME, kept):
        found = text_of(browser.get(f"/search?q={words}"))
        assert found.replace(words, "").split() == nothing.split(), words
    assert shown in browser.get(f"/search?q={shown}").text


def test_not_before_the_authority(two, cast, browser_of):
    case, _ = two("concluded")
    browser = browser_of(Role.SECRETARY)
    page = next(
        one
        for one in links_of(browser.get("/submitted"))
        if NAME in browser.get(one).text and one.startswith("/submitted")
    )
    recused(cast, Role.SECRETARY, case)
    gone(browser, page)


def test_not_among_signed_opinions(two, cast, browser_of):
    case, other = two()
    for one in (case, other):
        cast.sign(one, BODY)
    browser = browser_of(Role.BODY_OFFICER)
    assert NAME in browser.get("/signed").text
    recused(cast, Role.BODY_OFFICER, case)
    gone(browser, "/signed")


def test_not_in_the_overview_nor_in_its_numbers(two, cast, browser_of):
    case, _ = two()
    browser = browser_of(Role.SUPERVISOR)
    assert "Office thanh-tra 2" in text_of(browser.get("/oversight"))
    recused(cast, Role.SUPERVISOR, case)
    assert "Office thanh-tra 1" in gone(browser, "/oversight")


def test_not_in_a_round_nor_in_its_numbers(cast, browser_of):
    covering = open_round(cast.board, sent(), CaseType.PLANNING, "Đợt 1", "Round 1", "2026-01-01")[
        "round"
    ]
    case = cast.consulting(name=NAME, round=covering)
    cast.consulting(name=OTHER, round=covering)
    browser = browser_of(Role.SUPERVISOR)
    before = text_of(browser.get("/rounds"))
    recused(cast, Role.SUPERVISOR, case)
    after = text_of(browser.get("/rounds"))
    assert before != after
    page = text_of(browser.get(f"/rounds/{covering}"))
    assert "Office so-y-te 1" in page
    assert "Office so-y-te 2" not in page


def test_not_in_a_letter_that_covers_many_cases(cast, browser_of):
    case, other = (cast.accepted(name=name) for name in (NAME, OTHER))
    issue_consultations(cast.board, sent(), [case, other])
    for role in (Role.BODY_OFFICER, Role.BOARD_OFFICER):
        browser = browser_of(role)
        index = browser.get("/letters")
        letters = [link for link in links_of(index) if link.startswith("/letters/")]
        letter = next(one for one in letters if "Office thanh-tra" in text_of(browser.get(one)))
        assert "Answered 0 of 2" in text_of(browser.get(letter))
        assert "Office thanh-tra 2 0 2" in text_of(index)
        recused(cast, role, case)
        assert "Answered 0 of 1" in gone(browser, letter)
        assert "Office thanh-tra 1 0 1" in text_of(browser.get("/letters"))
    asked = cast.asked(other)[BODY]
    assert "covers 1 case" in text_of(browser_of(Role.BODY_OFFICER).get(f"/consultations/{asked}"))


def test_a_letter_of_which_nothing_is_left_is_not_there(two, cast, browser_of):
    case, _ = two()
    browser = browser_of(Role.BODY_OFFICER)
    letters = [link for link in links_of(browser.get("/letters")) if "/letters/" in link]
    [letter] = [one for one in letters if NAME in browser.get(one).text]
    recused(cast, Role.BODY_OFFICER, case)
    assert letter not in links_of(browser.get("/letters"))
    assert without_number(browser.get(letter)) == without_number(browser.get("/letters/none"))
    assert letter.rpartition("/")[2] not in browser.get("/inbox").text


def test_not_in_a_list_that_was_filed_nor_in_its_file(cast, browser_of):
    rows = [
        [1, NAME, "02/03/1975", "Kinh", "Phó Giám đốc"],
        [2, OTHER, "1980", "Kinh", "Trưởng phòng"],
    ]
    browser = browser_of(Role.CASE_OFFICER)
    preview = sent_list(browser, workbook(rows)).location
    filed = browser.send(preview, letter_number="").location
    with cast.database.reading() as connection:
        case = connection.scalar(select(cases.c.handle).where(cases.c.name == NAME))
    assert "Rows filed 2" in text_of(browser.get(filed))
    board = browser_of(Role.BOARD_OFFICER)
    for role, reader in ((Role.CASE_OFFICER, browser), (Role.BOARD_OFFICER, board)):
        recused(cast, role, case)
        assert "Rows filed 1" in gone(reader, filed)
        table = reader.get(f"{filed}.csv").text
        assert OTHER in table
        assert NAME not in table
        [row] = table.splitlines()[1:]
        # To others than the unit, whose sheet it is, no gap tells that a row is kept back.
        assert row.startswith("3," if role is Role.CASE_OFFICER else "1,")
    assert "2" not in _accepted_of(browser.get("/cases"))


def _accepted_of(page):
    return re.findall(r"Danh sách.*?(\d+)", text_of(page))


def test_not_in_results_of_what_they_did_before(cast, browser_of):
    names = (NAME, OTHER, "Lê Ba")
    handles = [cast.asked(cast.consulting(name=name))[BODY] for name in names]
    browser = browser_of(Role.BODY_OFFICER)
    browser.send(f"/consultations/{handles[2]}", to=f"/consultations/{handles[2]}/receive")
    answer = browser.send(
        "/inbox?tab=body", to="/inbox/receive", consultations=handles, officer=None
    )
    assert NAME in browser.get(answer.location).text
    with cast.database.reading() as connection:
        case = connection.scalar(select(cases.c.handle).where(cases.c.name == NAME))
    recused(cast, Role.BODY_OFFICER, case)
    assert "1 was done. 1 was not" in gone(browser, answer.location)
    assert NAME not in browser.get(f"{answer.location}/file").text


def test_not_in_the_boards_results_of_what_it_did_before(cast, browser_of):
    case, other = (cast.filed(name=name) for name in (NAME, OTHER))
    browser = browser_of(Role.BOARD_OFFICER)
    take_up_cases(cast.board, sent(key="taken-up-together"), [case, other])
    assert NAME in browser.get("/results/taken-up-together").text
    recused(cast, Role.BOARD_OFFICER, case)
    gone(browser, "/results/taken-up-together")
    assert NAME not in browser.get("/results/taken-up-together.csv").text


def test_not_when_the_same_candidate_is_filed_again(cast, browser_of):
    case = cast.filed(name=NAME)
    browser = browser_of(Role.CASE_OFFICER)
    reference = reference_of(cast.database, case)
    told = {"name": NAME, "born": "02/03/1975", "target": "Phó Giám đốc", "do": "file"}
    assert reference in browser.send("/cases/new/planning", **told).text
    recused(cast, Role.CASE_OFFICER, case)
    assert browser.send("/cases/new/planning", **told).status_code == 303


# --------------------------------------------------------------- addresses and acts by hand


ADDRESSES = {
    Role.CASE_OFFICER: ("", "/history", "/withdraw", "/recuse", "/edit", "/file", "/refile"),
    Role.BOARD_OFFICER: ("", "/history", "/matrix", "/propose", "/suspend", "/recuse", "/return"),
    Role.BOARD_HEAD: ("", "/history", "/matrix", "/submit", "/rework", "/notify", "/close"),
    Role.BODY_OFFICER: ("", "/history", "/recuse"),
    Role.SECRETARY: ("", "/history", "/matrix", "/conclude", "/return-proposal"),
    Role.SUPERVISOR: ("", "/history", "/matrix", "/recuse"),
}


@pytest.mark.parametrize("role", ADDRESSES)
def test_every_address_of_it_answers_as_one_that_never_was(role, two, cast, browser_of):
    case, _ = two("concluded")
    asked = row_of_case(cast.database, case)
    browser = browser_of(role)
    recused(cast, role, case)
    for ending in ADDRESSES[role]:
        known, never = (browser.get(f"/cases/{one}{ending}") for one in (case, "never-was"))
        assert known.status_code == 404, ending
        assert without_number(known) == without_number(never), ending
    if role is Role.BODY_OFFICER:
        for ending in ("", "/draft"):
            known, never = (
                browser.get(f"/consultations/{one}{ending}") for one in (asked, "never-was")
            )
            assert known.status_code == 404
            assert without_number(known) == without_number(never)
    if role is Role.SUPERVISOR:
        known, never = (
            browser.get(f"/oversight/cases/{one}/verify") for one in (case, "never-was")
        )
        assert without_number(known) == without_number(never)


def row_of_case(database, case):
    c = consultations.c
    with database.reading() as connection:
        return connection.scalar(select(c.handle).where(c.case_handle == case, c.body == BODY))


def test_an_act_from_a_page_that_was_open_is_refused_as_for_a_case_that_never_was(
    two, cast, browser_of, database
):
    case, _ = two()
    asked = cast.asked(case)[BODY]
    browser = browser_of(Role.BODY_OFFICER)
    page = browser.get(f"/consultations/{asked}/draft")
    form = the_form(page, {"verdict"}).filled
    told = {**form, "verdict": "no_objection", "reasons": "Không."}
    recused(cast, Role.BODY_OFFICER, case)
    before = verbs_of(database, case)
    known = browser.post(f"/consultations/{asked}/draft", data=told)
    never = browser.post("/consultations/never-was/draft", data=told)
    assert known.status_code == 404
    assert without_number(known) == without_number(never)
    assert verbs_of(database, case) == before


def test_ticked_by_hand_it_is_refused_as_a_question_that_never_was(two, cast, browser_of, database):
    case, other = two()
    asked = [cast.asked(one)[BODY] for one in (case, other)]
    browser = browser_of(Role.BODY_OFFICER)
    recused(cast, Role.BODY_OFFICER, case)
    form = the_form(browser.get("/inbox?tab=body"), {"consultations"}).filled
    known, never = (
        browser.post("/inbox/receive", data={**form, "consultations": [one, asked[1]], "key": key})
        for one, key in ((asked[0], "a" * 22), ("never-was", "b" * 22))
    )
    assert known.status_code == 404
    assert without_number(known) == without_number(never)
    assert row_of(database, asked[1])["state"] == "asked"


def test_ticked_by_hand_on_the_worklist_it_is_left_out(cast, browser_of, database):
    case, other = (cast.filed(name=name) for name in (NAME, OTHER))
    browser = browser_of(Role.BOARD_OFFICER)
    recused(cast, Role.BOARD_OFFICER, case)
    with pytest.raises(Unknown) as known:
        take_up_cases(cast.board, sent(), [case, other])
    with pytest.raises(Unknown) as never:
        take_up_cases(cast.board, sent(), ["never-was", other])
    assert known.value.sentence == never.value.sentence
    with database.reading() as connection:
        state = connection.scalar(select(cases.c.state).where(cases.c.handle == other))
    assert state == "filed"
    assert browser.get("/work").status_code == 200


def test_somebody_who_spoke_for_another_body_learns_nothing_from_what_they_tick(cast):
    """A part played before is no reason to be told that the case is there."""
    case = cast.consulting(name=NAME)
    other = cast.consulting(name=OTHER)
    officer = cast.drafter(BODY)
    draft_opinion(officer, sent(), cast.asked(case)[BODY], opinion())
    recuse_oneself(officer, sent(), case)
    elsewhere = replace(officer, principal=replace(officer.principal, organisation="thue"))
    asked = [cast.asked(one)["thue"] for one in (case, other)]
    for wanted in (asked, asked[:1]):
        with pytest.raises(Unknown):
            receive_consultations(elsewhere, sent(), wanted)


# --------------------------------------------------------------- pools of colleagues


def test_they_are_not_offered_as_somebody_to_give_it_to(two, cast, browser_of):
    case, other = two()
    officer = cast.drafter(BODY).principal.officer
    recused(cast, Role.BODY_OFFICER, case)
    browser = browser_of(Role.BODY_SIGNER)

    def offered(one):
        page = browser.get(f"/consultations/{cast.asked(one)[BODY]}")
        return f'value="{officer}"' in page.text

    assert offered(other)
    assert not offered(case)


def test_sent_by_hand_they_are_refused(two, cast, browser_of, database):
    case, other = two()
    officer = cast.drafter(BODY).principal.officer
    recused(cast, Role.BODY_OFFICER, case)
    browser = browser_of(Role.BODY_SIGNER)
    handles = [cast.asked(one)[BODY] for one in (case, other)]
    form = the_form(browser.get("/inbox?tab=body"), {"consultations"}).filled
    answer = browser.post(
        "/inbox/assign", data={**form, "consultations": handles, "officer": officer}
    )
    text = text_of(browser.get(answer.location))
    assert "1 was done. 1 was not" in text
    assert "This officer must not deal with the case; choose another." in text
    assert [row_of(database, one)["officer"] for one in handles] == [None, officer]


# --------------------------------------------------------------- sessions and history


def test_the_next_request_of_every_open_session_is_refused(two, browser_of):
    case, _ = two()
    browsers = [browser_of(Role.BODY_OFFICER) for _ in range(3)]
    assert [one.get(f"/cases/{case}").status_code for one in browsers] == [200] * 3
    browsers[0].send(f"/cases/{case}/recuse")
    assert [one.get(f"/cases/{case}").status_code for one in browsers] == [404] * 3


@pytest.mark.parametrize(
    ("reader", "knows"),
    [
        (Role.BODY_SIGNER, True),
        (Role.BOARD_OFFICER, True),
        (Role.SUPERVISOR, True),
        (Role.CASE_OFFICER, False),
    ],
)
def test_the_history_says_it_to_those_who_have_to_know(reader, knows, two, cast, browser_of):
    case, _ = two()
    recused(cast, Role.BODY_OFFICER, case)
    page = text_of(browser_of(reader).get(f"/cases/{case}/history"))
    assert ("declared that they must not deal with this case." in page) is knows


def test_another_body_does_not_learn_that_somebody_of_this_one_declared_it(two, cast, browser_of):
    case, _ = two()
    recused(cast, Role.BODY_OFFICER, case)
    page = text_of(browser_of(Role.BODY_OFFICER, "thue").get(f"/cases/{case}/history"))
    assert "declared that they must not deal with this case." not in page


def test_an_account_that_comes_later_is_not_recused_for_its_organisation(two, cast, browser_of):
    """It is the person who is recused, never the body."""
    case, _ = two()
    recused(cast, Role.BODY_OFFICER, case)
    with cast.database.writing() as connection:
        password = connection.scalar(select(officers.c.password_hash).limit(1))
        add_officer(connection, officer_of(BODY, Role.BODY_OFFICER, 3), BODY, Role.BODY_OFFICER)
        connection.execute(update(officers).values(password_hash=password, language="en"))
    assert browser_of(Role.BODY_OFFICER, nth=3).get(f"/cases/{case}").status_code == 200


def test_a_request_that_follows_the_case_by_hand_does_not_find_it(cast):
    """What is kept from somebody cannot be named in another request either."""
    case = cast.filed(name=NAME)
    recuse_oneself(cast.unit, sent(), case)
    wish = request(case_type=CaseType.FULL_MEMBERSHIP, admission=case)
    with pytest.raises(Unknown):
        draft_case(cast.unit, sent(), wish)
