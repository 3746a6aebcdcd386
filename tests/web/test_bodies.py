"""What officers and signers of a consulted body do on their pages."""

import csv
import re
from html import unescape
from io import StringIO

import pytest
from sqlalchemy import select

from tests.builders import opinion, sent
from tests.web.browsing import forms_of, links_of, text_of, the_form
from vetting.engine.policy import Action
from vetting.engine.vocabulary import CaseType, Role, Verdict
from vetting.records.consultations import consultations
from vetting.records.reads import reads
from vetting.usecases.draft_opinion import draft_and_pass_on
from vetting.usecases.interrupt_case import suspend_case
from vetting.usecases.load_calendar import load_calendar

BODY = "thanh-tra"
OFFICER, SIGNER = f"{BODY}/bo1", f"{BODY}/bs1"


@pytest.fixture
def case(cast):
    return cast.consulting()


@pytest.fixture
def asked(cast, case):
    return cast.asked(case)[BODY]


@pytest.fixture
def officer(browser_of):
    return browser_of(Role.BODY_OFFICER)


@pytest.fixture
def signer(browser_of):
    return browser_of(Role.BODY_SIGNER)


def row_of(database, consultation):
    with database.reading() as connection:
        return (
            connection.execute(select(consultations).where(consultations.c.handle == consultation))
            .mappings()
            .one()
        )


def texts_read_by(database, officer):
    with database.reading() as connection:
        return [
            tuple(row)
            for row in connection.execute(
                select(reads.c.consultation, reads.c.text_hash).where(
                    reads.c.officer == officer, reads.c.text_hash.is_not(None)
                )
            )
        ]


def cases_read_by(database, officer):
    with database.reading() as connection:
        return connection.scalars(
            select(reads.c.case_handle).where(reads.c.officer == officer)
        ).all()


def test_the_inbox_says_whose_questions_wait_and_since_when(browser_of, asked, clock):
    clock.go_on(days=3, hours=-2)
    page = browser_of(Role.BODY_OFFICER).get("/inbox?tab=unassigned")

    text = text_of(page)
    assert page.status_code == 200
    assert "Mine 0 Nobody’s yet 1 The whole body’s 1" in text
    assert (
        "Nguyễn Thị Ân 02/03/1975 Planning Phó Giám đốc Sở Y tế Office so-y-te 05/01/2026 2/2026 "
        "Asked, not yet received not entered 3"
    ) in text
    assert f"/consultations/{asked}" in links_of(page)


def test_an_empty_inbox_says_what_will_appear_there(officer):
    assert "Nothing waits for you." in text_of(officer.get("/inbox"))


def test_ticked_questions_are_received_and_given_in_one_act_each(officer, cast, database):
    handles = [cast.asked(cast.consulting(name=name))[BODY] for name in ("Lê An", "Lê Bình")]

    received = officer.send(
        "/inbox?tab=body", to="/inbox/receive", consultations=handles, officer=None
    )
    page = officer.get(received.location)
    given = officer.post(
        "/inbox/assign",
        data={
            **the_form(page, {"consultations"}).filled,
            "consultations": handles[:1],
            "officer": OFFICER,
        },
    )

    assert received.status_code == given.status_code == 303
    assert received.location == "/inbox?tab=body"
    assert "2 questions received." in text_of(page)
    assert [row_of(database, one)["state"] for one in handles] == ["drafting", "received"]
    assert "Mine 1 Nobody’s yet 1 The whole body’s 2" in text_of(officer.get("/inbox"))


def test_what_was_done_and_what_was_not_stands_row_by_row(officer, cast):
    first, second = (cast.asked(cast.consulting(name=n))[BODY] for n in ("Lê An", "Lê Bình"))
    officer.send(f"/consultations/{first}", to=f"/consultations/{first}/receive")

    answer = officer.send(
        "/inbox?tab=body", to="/inbox/receive", consultations=[first, second], officer=None
    )
    text = text_of(officer.get(answer.location))
    rows = list(csv.reader(StringIO(officer.get(f"{answer.location}/file").text)))

    assert "1 was done. 1 was not; the reason stands beside it." in text
    assert "Lê An Phó Giám đốc Sở Y tế Office so-y-te Not done" in text
    assert "Lê Bình Phó Giám đốc Sở Y tế Office so-y-te Done" in text
    assert [row[1] for row in rows] == ["Candidate", "Lê An", "Lê Bình"]
    assert rows[2][4] == "Done"


def test_somebody_elses_result_does_not_exist(officer, signer, cast):
    handles = [cast.asked(cast.consulting(name=name))[BODY] for name in ("Lê An", "Lê Bình")]
    officer.send(f"/consultations/{handles[0]}", to=f"/consultations/{handles[0]}/receive")
    answer = officer.send(
        "/inbox?tab=body", to="/inbox/receive", consultations=handles, officer=None
    )

    assert officer.get(answer.location).status_code == 200
    assert signer.get(answer.location).status_code == 404


def test_nothing_ticked_is_said_and_nothing_done(officer, asked, database):
    answer = officer.send("/inbox?tab=body", to="/inbox/receive", officer=None)

    assert answer.status_code == 422
    assert "Tick at least one row." in text_of(answer)
    assert row_of(database, asked)["state"] == "asked"


def test_the_inbox_is_narrowed_by_what_stands_in_its_address(officer, cast):
    cast.consulting(name="Lê An")
    cast.consulting(name="Lê Bình", case_type=CaseType.PROMOTION)

    page = text_of(officer.get("/inbox?tab=body&case_type=promotion"))

    assert "1 question fits." in page
    assert "Lê Bình" in page
    assert "Lê An" not in page


@pytest.mark.parametrize(
    "address",
    [
        "/inbox?tab=nobody",
        "/inbox?case_type=x",
        "/inbox?after=x",
        "/inbox?letter=%00",
        "/to-sign?show=x",
        "/to-sign?after=a~b~%00",
        "/signed?verdict=x",
        "/signed?after=1",
    ],
)
def test_an_address_that_asks_for_nonsense_is_refused_with_a_sentence(signer, address):
    answer = signer.get(address)

    assert answer.status_code == 422
    assert "This link" in text_of(answer)


def test_a_question_says_what_the_body_may_know_and_what_can_be_done(officer, asked):
    text = text_of(officer.get(f"/consultations/{asked}"))

    assert "Candidate Nguyễn Thị Ân Born 02/03/1975" in text
    assert "Your answer is needed" in text
    assert "Due not entered" in text
    assert "Asked under Regulation" in text
    assert "What you can do now" in text
    assert "Pass on for signing" not in text.split("What happened")[0]


def test_another_bodys_question_does_not_exist(officer, cast, case):
    others = cast.asked(case)["cong-an"]

    assert officer.get(f"/consultations/{others}").status_code == 404
    assert officer.get(f"/consultations/{others}/draft").status_code == 404
    assert officer.get("/consultations/%00").status_code == 404


def test_a_draft_begins_empty_and_is_kept_as_it_was_written(officer, asked, database):
    page = officer.get(f"/consultations/{asked}/draft")
    assert "verdict" not in the_form(page, {"verdict"}).filled

    answer = officer.send_form(
        page,
        verdict="conditions",
        reasons="Thiếu một văn bằng.",
        conditions="Bổ sung bằng.\n\n Nộp trước khi trình. ",
        evidence="Hồ sơ 12, ngày 01/01/2026",
        then="stay",
    )

    kept = row_of(database, asked)
    assert answer.status_code == 303
    assert kept["state"] == "drafting"
    assert kept["officer"] == OFFICER
    assert kept["draft_conditions"] == '["Bổ sung bằng.", "Nộp trước khi trình."]'
    again = the_form(officer.get(f"/consultations/{asked}/draft"), {"verdict"}).filled
    assert again["verdict"] == ["conditions"]
    assert again["reasons"] == ["Thiếu một văn bằng."]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"reasons": "Vì …"}, "Opinion: Choose one of the four opinions."),
        ({"verdict": "no_objection"}, "Reasons: Write the reasons."),
        (
            {"verdict": "conditions", "reasons": "Vì …"},
            "Conditions: Write at least one condition, each on a line of its own.",
        ),
        (
            {"verdict": "objection", "reasons": "Vì …", "conditions": "Một"},
            "Conditions belong to the verdict “meets, with conditions”, and only to it.",
        ),
        (
            {"verdict": "objection", "reasons": "Vì …", "evidence": "x" * 501},
            "Evidence: Write at most 500 characters on a line.",
        ),
    ],
)
def test_a_draft_that_cannot_be_taken_stays_as_typed(officer, asked, database, typed, told):
    answer = officer.send(f"/consultations/{asked}/draft", **typed)

    assert answer.status_code == 422
    assert told in text_of(answer)
    again = the_form(answer, {"verdict"}).filled
    assert {name: again[name] for name in typed} == {name: [told] for name, told in typed.items()}
    assert row_of(database, asked)["state"] == "asked"


def test_a_draft_that_somebody_else_changed_keeps_what_was_typed(officer, signer, asked, database):
    page = officer.get(f"/consultations/{asked}/draft")
    signer.send(f"/consultations/{asked}/draft", verdict="objection", reasons="Của người khác.")

    answer = officer.send_form(page, verdict="no_objection", reasons="Của tôi.")

    text = text_of(answer)
    assert answer.status_code == 409
    assert "What you had typed, for copying No objection Reasons Của tôi." in text
    assert "As it stands now Being drafted Objection Reasons Của người khác." in text
    assert row_of(database, asked)["draft_reasons"] == "Của người khác."


def test_what_was_read_on_the_page_can_be_signed_there(officer, signer, asked, database):
    officer.send(
        f"/consultations/{asked}/draft", verdict="no_objection", reasons="Không.", then="pass_on"
    )

    page = signer.get(f"/consultations/{asked}")
    text = row_of(database, asked)["draft_hash"]
    assert texts_read_by(database, SIGNER) == [(asked, text)]
    assert text in text_of(page)
    answer = signer.send_form(page, to=f"/consultations/{asked}/sign")

    assert answer.status_code == 303
    assert row_of(database, asked)["state"] == "signed"
    assert "The opinion is signed." in text_of(signer.get(answer.location))


def test_what_cannot_be_done_is_said_with_the_reason(signer, asked):
    signer.send(
        f"/consultations/{asked}/draft", verdict="no_objection", reasons="Không.", then="pass_on"
    )

    page = signer.get(f"/consultations/{asked}")

    assert ("Sign the opinion: You drafted this opinion; another person must sign it.") in text_of(
        page
    )
    assert f"/consultations/{asked}/sign" not in [form.action for form in forms_of(page)]


def test_a_text_that_changed_since_it_was_shown_is_shown_again_before_it_is_signed(
    officer, signer, asked, database
):
    officer.send(
        f"/consultations/{asked}/draft", verdict="no_objection", reasons="Không.", then="pass_on"
    )
    page = signer.get(f"/consultations/{asked}")
    signer.send(
        f"/consultations/{asked}", to=f"/consultations/{asked}/send-back", reason="Nêu rõ hơn."
    )
    officer.send(
        f"/consultations/{asked}/draft", verdict="objection", reasons="Có.", then="pass_on"
    )

    answer = signer.send_form(page, to=f"/consultations/{asked}/sign")

    assert answer.status_code == 409
    assert "This opinion has changed since you opened the page." in text_of(answer)
    assert "The text to be signed Objection Reasons Có." in text_of(answer)
    assert row_of(database, asked)["state"] == "ready"
    assert signer.send_form(answer, to=f"/consultations/{asked}/sign").status_code == 303
    assert row_of(database, asked)["verdict"] == "objection"


def test_a_draft_goes_back_only_with_a_reason_and_its_drafter_reads_it(officer, signer, asked):
    officer.send(
        f"/consultations/{asked}/draft", verdict="no_objection", reasons="Không.", then="pass_on"
    )

    silent = signer.send(
        f"/consultations/{asked}", to=f"/consultations/{asked}/send-back", reason=""
    )
    back = signer.send(
        f"/consultations/{asked}", to=f"/consultations/{asked}/send-back", reason="Nêu rõ hơn."
    )

    assert silent.status_code == 422
    assert "Say why the draft goes back." in text_of(silent)
    assert back.status_code == 303
    assert "The draft came back for rework. Nêu rõ hơn." in text_of(
        officer.get(f"/consultations/{asked}/draft")
    )


def test_a_suspended_case_can_be_looked_at_and_nothing_else(officer, cast, case, asked):
    suspend_case(cast.board, sent(), case, "Chờ xác minh")

    assert "The Board has suspended this case." in text_of(officer.get("/inbox?tab=body"))
    page = officer.get(f"/consultations/{asked}")
    assert "The Board has suspended this case." in text_of(page)
    assert [form.action for form in forms_of(page) if form.in_main] == []


def test_only_what_was_read_can_be_ticked(officer, signer, cast):
    asked = [cast.asked(cast.consulting(name=name))[BODY] for name in ("Lê An", "Lê Bình")]
    for one in asked:
        officer.send(
            f"/consultations/{one}/draft", verdict="no_objection", reasons="Không.", then="pass_on"
        )
    signer.get(f"/consultations/{asked[0]}")

    page = signer.get("/to-sign")

    assert page.text.count('name="texts"') == 1
    assert "To sign 2" in text_of(page)
    read = signer.get("/to-sign/read?show=unread")
    assert "This page shows 1 whole text." in text_of(read)
    assert signer.get("/to-sign?show=read").text.count('name="texts"') == 2
    assert "You have read every draft" in text_of(signer.get("/to-sign/read?show=unread"))


@pytest.mark.parametrize("page", ["/to-sign/read", "/consultations/{asked}"])
@pytest.mark.parametrize(
    "way", [{"method": "HEAD"}, {"method": "GET", "headers": {"Sec-Purpose": "prefetch"}}]
)
def test_a_text_that_nobody_saw_was_not_opened(signer, cast, case, asked, page, way):
    draft_and_pass_on(cast.drafter(BODY), sent(), asked, opinion())

    answer = signer.open(page.format(asked=asked), **way)

    assert answer.status_code == 200
    assert texts_read_by(cast.database, SIGNER) == []
    assert cases_read_by(cast.database, SIGNER) == [case]


def test_many_that_were_read_are_signed_in_one_act(officer, signer, cast, database):
    asked = [cast.asked(cast.consulting(name=f"Lê An {n}"))[BODY] for n in range(3)]
    for one in asked:
        officer.send(
            f"/consultations/{one}/draft", verdict="no_objection", reasons="Không.", then="pass_on"
        )
    signer.get("/to-sign/read")
    page = signer.get("/to-sign?show=read&tick=all")
    ticked = the_form(page, {"texts"}).filled["texts"]
    signer.send(
        f"/consultations/{asked[2]}", to=f"/consultations/{asked[2]}/send-back", reason="Sửa."
    )

    answer = signer.send_form(page, texts=ticked)

    text = text_of(signer.get(answer.location))
    assert "2 opinions signed. 1 was not; the reason stands beside it." in text
    assert sorted(row_of(database, one)["state"] for one in asked) == [
        "drafting",
        "signed",
        "signed",
    ]


def test_a_forged_text_is_refused_by_itself(officer, signer, cast, database):
    asked = [cast.asked(cast.consulting(name=f"Lê An {n}"))[BODY] for n in range(2)]
    for one in asked:
        officer.send(
            f"/consultations/{one}/draft", verdict="no_objection", reasons="Không.", then="pass_on"
        )
    signer.get(f"/consultations/{asked[0]}")
    page = signer.get("/to-sign")
    texts = [f"{one}:{row_of(database, one)['draft_hash']}" for one in asked]

    answer = signer.send_form(page, texts=texts)

    assert "You have not opened this draft as it stands now." in text_of(
        signer.get(answer.location)
    )
    assert [row_of(database, one)["state"] for one in asked] == ["signed", "ready"]


def test_many_go_back_with_one_reason(officer, signer, cast, database):
    asked = [cast.asked(cast.consulting(name=f"Lê An {n}"))[BODY] for n in range(2)]
    for one in asked:
        officer.send(
            f"/consultations/{one}/draft", verdict="no_objection", reasons="Không.", then="pass_on"
        )
    page = signer.get("/to-sign/read")
    form = the_form(page, {"texts"})
    texts = [f"{one}:{row_of(database, one)['draft_hash']}" for one in asked]

    silent = signer.post("/to-sign/send-back", data={**form.filled, "texts": texts})
    answer = signer.post(
        "/to-sign/send-back", data={**form.filled, "texts": texts, "reason": "Nêu rõ hơn."}
    )

    assert silent.status_code == 422
    assert "Say why the drafts go back." in text_of(silent)
    assert "2 were done." in text_of(signer.get(answer.location))
    assert {row_of(database, one)["state"] for one in asked} == {"drafting"}


def test_an_officer_who_does_not_sign_has_no_such_page(officer):
    assert officer.get("/to-sign").status_code == 403
    assert officer.get("/to-sign/read").status_code == 403


def test_letters_say_how_much_of_them_is_answered(officer, browser_of, cast, case):
    cast.sign(case, BODY)

    index = officer.get("/letters")
    [letter] = [link for link in links_of(index) if link.startswith("/letters/")]
    page = text_of(officer.get(letter))

    assert "2/2026 not entered not entered 05/01/2026 09:00 Office ban-to-chuc" in text_of(index)
    assert "Office thanh-tra 1 1 0" in text_of(index)
    assert "Answered 1 of 1" in page
    assert "Opinion signed not entered No objection 05/01/2026" in page
    board = browser_of(Role.BOARD_OFFICER)
    assert len([link for link in links_of(board.get("/letters")) if "/letters/" in link]) == 3
    assert board.get(letter).status_code == 200
    assert browser_of(Role.BODY_OFFICER, "cong-an").get(letter).status_code == 404


def test_the_board_does_not_see_what_happens_inside_a_body(browser_of, officer, asked):
    officer.send(f"/consultations/{asked}/draft", verdict="objection", reasons="Kín.")
    [letter] = [link for link in links_of(officer.get("/letters")) if "/letters/" in link]

    page = text_of(browser_of(Role.BOARD_OFFICER).get(letter))

    assert "Received" in page
    assert "Being drafted" not in page
    assert "Objection" not in page


def test_what_became_of_a_signed_opinion_is_said_once_the_unit_was_told(browser_of, cast, clock):
    cast.concluded(name="Lê An")
    clock.go_on(days=2)
    cast.closed(name="Lê Bình")

    officer = browser_of(Role.BODY_OFFICER)
    text = text_of(officer.get("/signed"))

    assert "Lê An" in text
    assert text.count("Not yet announced") == 1
    assert text.count("Closed: Meets the political standard") == 1
    mine = text_of(officer.get("/signed?mine=y&verdict=objection"))
    assert "No signed opinion of your body fits." in mine


def test_every_look_leaves_a_line(officer, case, database):
    officer.get("/inbox?tab=body")

    with database.reading() as connection:
        lines = connection.execute(
            select(reads.c.action, reads.c.case_handle, reads.c.asked).where(
                reads.c.officer == OFFICER, reads.c.case_handle == case
            )
        ).all()
    assert [tuple(line) for line in lines] == [(Action.SEE_INBOX.value, case, "tab=body")]


def test_a_second_click_signs_nothing_twice(signer, cast, case, asked, database):
    cast.ready(case, asked, BODY, opinion(Verdict.OBJECTION, "Vì …"))
    page = signer.get(f"/consultations/{asked}")

    first = signer.send_form(page, to=f"/consultations/{asked}/sign")
    second = signer.send_form(page, to=f"/consultations/{asked}/sign")

    assert (first.status_code, second.status_code) == (303, 303)
    assert row_of(database, asked)["state"] == "signed"


def test_a_reason_is_kept_where_what_is_read_changes_its_language(signer, cast):
    """The very texts come back, though they count as read by now, and nothing is done."""
    asked = [cast.asked(cast.consulting(name=name))[BODY] for name in ("Lê An", "Lê Bình")]
    for one in asked:
        draft_and_pass_on(cast.drafter(BODY), sent(), one, opinion())
    page = signer.get("/to-sign/read?show=unread")
    [address] = re.findall(r'formaction="(/to-sign/send-back\?of=[^"]*)"', page.text)
    filled = the_form(page, {"texts"}).filled
    [one, _] = re.findall(r'name="texts"\s+value="([^"]*)"', page.text)
    filled |= {"texts": [one], "reason": "Chưa rõ nguồn.", "read_in": "vi"}
    again = signer.post(unescape(address), data=filled)
    assert again.status_code == 200
    assert '<html lang="vi">' in again.text
    assert ("Lê An" in again.text, "Lê Bình" in again.text) == (True, True)
    assert again.text.count(" checked") == 1
    assert "Chưa rõ nguồn." in again.text
    assert 'formaction="/to-sign/send-back?of=' in again.text
    assert "/to-sign/read?" not in again.text  # no address of a page that only a form has
    listed = signer.get("/to-sign?show=read")
    [address] = re.findall(r'formaction="(/to-sign/send-back\?show=read)"', listed.text)
    kept = signer.post(address, data={**filled, "reason": "Sửa lại.", "read_in": "en"})
    assert (kept.status_code, kept.text.count(" checked")) == (200, 1)
    assert "Sửa lại." in kept.text


@pytest.mark.behind_the_wall
def test_a_question_is_set_aside_in_ones_own_inbox_and_still_counted(
    officer, signer, cast, case, asked
):
    load_calendar(cast.database, cast.ids)
    way = f"/cases/{case}/set-aside"
    assert way in links_of(officer.get(f"/consultations/{asked}"))
    refused = officer.send(way, until="05/01/2026")
    assert refused.status_code == 422
    assert "Name a day that is still to come." in text_of(refused)

    done = officer.send(way, until="10/01/2026")
    assert (done.status_code, done.location) == (303, f"/consultations/{asked}")
    again = officer.send(way, until="10/01/2026")  # a second click is the same wish
    assert again.status_code == 303
    page = officer.get("/inbox?tab=body&state=asked&lang=en")
    said = "you have set aside 1 question; it comes back on 12/01/2026 08:00."
    assert said in text_of(page)
    assert "The whole body’s 1" in text_of(page)  # it is owed as before
    assert f"/consultations/{asked}" not in links_of(page)
    apart = next(link for link in links_of(page) if "aside=y" in link)
    assert "state=asked" in apart
    listed = officer.get(apart)
    assert "set aside until 12/01/2026 08:00" in text_of(listed)
    assert way in links_of(listed)
    assert f"/consultations/{asked}" in links_of(signer.get("/inbox?tab=body"))

    assert officer.send(way, do="back").status_code == 303
    assert f"/consultations/{asked}" in links_of(officer.get("/inbox?tab=body"))
