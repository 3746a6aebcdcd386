"""The pages on which what was signed is corrected, annulled or revoked."""

import json
import re
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from tests.builders import add_officer, as_owner, sent
from tests.usecases.test_amend import BASIS, enter_basis
from tests.usecases.test_body_acts import with_countersigners
from tests.web.browsing import links_of, text_of
from vetting.engine.amend import Decision
from vetting.engine.policy import Principal
from vetting.engine.vocabulary import AmendmentKind, Ground, Role
from vetting.queries.to_sign import count_ready
from vetting.records.consultations import consultations
from vetting.records.officers import officers
from vetting.records.standing import Purpose
from vetting.usecases.amend import amend_conclusion
from vetting.web.desk import EXTENSION

TAX_OFFICE = "Office thue"
SAID = {
    "kind": "correction",
    "ground": "own",
    "reason": "Ghi nhầm số phiếu.",
    "basis": BASIS,
    "effective_on": "01/04/2027",
    "document": "9-KL/TU",
}


@pytest.fixture
def closed(cast, database, kept_password, clock):
    clock.go_on(days=60)
    case = cast.closed(name="Đặng Thị Đính Chính")
    with as_owner(database).writing() as connection:
        enter_basis(connection)
        add_officer(connection, "thue/bs2", "thue", Role.BODY_SIGNER)
        connection.execute(update(officers).values(password_hash=kept_password, language="en"))
    return case


@pytest.fixture
def said(ids):
    return SAID | {"decided_on": ids.today()}


@pytest.fixture
def question(closed, database):
    with database.reading() as connection:
        return connection.scalar(
            select(consultations.c.handle).where(
                consultations.c.case_handle == closed, consultations.c.body == "thue"
            )
        )


def test_a_conclusion_is_corrected_and_the_page_says_whom_it_has_reached(
    closed, browser_of, said, clock
):
    unit, board = browser_of(Role.CASE_OFFICER), browser_of(Role.BOARD_OFFICER)
    assert "Meets the political standard" in text_of(unit.get(f"/cases/{closed}"))
    clock.go_on(minutes=2)
    secretary = browser_of(Role.SECRETARY)
    assert "amend-conclusion" in secretary.get(f"/cases/{closed}").text
    page = secretary.get(f"/cases/{closed}/amend-conclusion")
    nothing = secretary.send_form(page, **said)
    assert nothing.status_code == 422
    assert "A correction says what stands in its place." in text_of(nothing)
    both = secretary.send_form(page, **said | {"kind": "annulment"}, outcome="not_concluded")
    assert both.status_code == 422
    assert "Only a correction says something in its place." in text_of(both)
    done = secretary.send_form(
        page, **said, outcome="not_concluded", reasons="Chờ kết luận.", votes_for="3"
    )
    assert done.status_code == 303, text_of(done)
    clock.go_on(minutes=2)
    told = text_of(board.get(f"/cases/{closed}"))
    for words in (
        "Correction: Not concluded",
        "Ghi nhầm số phiếu.",
        "As first signed; since corrected, annulled or revoked",
        "had the earlier version and ha",
        "It is not on record that the candidate was told of it.",
    ):
        assert words in told
    theirs = text_of(unit.get(f"/cases/{closed}"))
    assert "Correction: Not concluded" in theirs
    assert "Whom corrections" not in theirs
    assert "told the unit and the bodies the corrected conclusion" in text_of(
        unit.get(f"/cases/{closed}/history")
    )
    page = unit.get(f"/cases/{closed}/candidate-told-again")
    assert unit.send_form(page, told_on=said["decided_on"], how="Gặp trực tiếp").status_code == 303
    told = text_of(board.get(f"/cases/{closed}"))
    assert "The candidate was told of it on" in told
    assert "Correction: Not concluded" in text_of(
        browser_of(Role.BODY_OFFICER, "thue").get(f"/cases/{closed}")
    )


@pytest.mark.behind_the_wall
def test_an_opinion_is_drawn_up_by_one_and_signed_by_another(
    closed, question, browser_of, database, said, clock
):
    clock.go_on(minutes=2)
    drafter, signer = (browser_of(role, "thue") for role in (Role.BODY_OFFICER, Role.BODY_SIGNER))
    page = drafter.get(f"/consultations/{question}/amendment")
    done = drafter.send_form(page, **said, verdict="objection", reasons="Có vi phạm về thuế.")
    assert done.status_code == 303, text_of(done)
    shown = signer.get(f"/consultations/{question}")
    assert "waits to be signed" in text_of(shown)
    page = signer.get(f"/consultations/{question}/amendment/sign")
    assert "Có vi phạm về thuế." in text_of(page)
    assert signer.send_form(page, answer="refuse").status_code == 422
    assert signer.send_form(page, answer="sign").status_code == 303
    after = text_of(signer.get(f"/consultations/{question}"))
    assert "Correction: Objection" in after
    assert "No objection" in after
    assert "Correction" in text_of(signer.get("/signed"))
    head = browser_of(Role.BOARD_HEAD)
    assert "Có vi phạm về thuế." in text_of(head.get(f"/cases/{closed}/matrix"))
    case = text_of(head.get(f"/cases/{closed}"))
    assert "Whom corrections, annulments and revocations have reached" in case
    assert "not told" not in case  # no other body had it
    with database.reading() as connection:
        row = connection.execute(
            select(consultations.c.amended, consultations.c.amendment).where(
                consultations.c.handle == question
            )
        ).one()
    assert row == ("correction", None)


def test_whoever_drew_it_up_is_not_offered_to_sign_it(question, browser_of, database, said):
    signer = browser_of(Role.BODY_SIGNER, "thue")
    page = signer.get(f"/consultations/{question}/amendment")
    done = signer.send_form(page, **said | {"kind": "revocation"})
    assert done.status_code == 303, text_of(done)
    page = signer.get(f"/consultations/{question}/amendment/sign")
    assert "You drew this up yourself" in text_of(page)
    assert "I sign it" not in page.text
    with database.reading() as connection:
        kept = connection.scalar(
            select(consultations.c.amendment).where(consultations.c.handle == question)
        )
    assert json.loads(kept)["kind"] == "revocation"


@pytest.fixture
def assembling(cast, database, kept_password):
    """Return a case in which every opinion is there, and the question put to the tax office."""
    case = cast.assembling(name="Đặng Thị Hủy Bỏ")
    with as_owner(database).writing() as connection:
        enter_basis(connection)
        add_officer(connection, "thue/bs2", "thue", Role.BODY_SIGNER)
        connection.execute(update(officers).values(password_hash=kept_password, language="en"))
        asked = connection.scalar(
            select(consultations.c.handle).where(
                consultations.c.case_handle == case, consultations.c.body == "thue"
            )
        )
    return case, asked


def drawn_up(browser_of, asked, said, **told):
    drafter = browser_of(Role.BODY_OFFICER, "thue")
    page = drafter.get(f"/consultations/{asked}/amendment")
    done = drafter.send_form(page, **said | told)
    assert done.status_code == 303, text_of(done)


def signed(browser_of, asked):
    signer = browser_of(Role.BODY_SIGNER, "thue")
    page = signer.get(f"/consultations/{asked}/amendment/sign")
    assert signer.send_form(page, answer="sign").status_code == 303
    return signer


@pytest.mark.parametrize(
    ("kind", "gone"), [("annulment", "Annulled 05/01/2026"), ("revocation", "Revoked 05/01/2026")]
)
def test_where_an_opinion_stands_no_more_no_page_calls_the_answers_complete(
    assembling, browser_of, said, kind, gone
):
    case, asked = assembling
    again = "must be asked again: " + TAX_OFFICE
    board = browser_of(Role.BOARD_OFFICER)
    listed = "/work?wait=replies_complete"
    assert again not in text_of(board.get(listed))
    assert 'name="reasons"' in board.get(f"/cases/{case}/propose").text
    drawn_up(browser_of, asked, said, kind=kind)
    signer = signed(browser_of, asked)

    shown = board.get(f"/cases/{case}")
    [lanes] = re.findall(r'<div class="lanes".*?<details>', shown.text, re.DOTALL)
    [lane] = [one for one in lanes.split('class="lane-body"') if TAX_OFFICE in one]
    assert "Signed" not in lane
    assert gone in " ".join(re.sub(r"<[^>]+>", " ", lane).split())
    table = shown.text.split("The same as a table")[1].split("</table>")[0]
    assert gone in " ".join(re.sub(r"<[^>]+>", " ", table).split())
    for page in (shown, board.get(listed)):
        assert again in text_of(page)
    refused = board.get(f"/cases/{case}/propose")
    assert "stands no more; ask again." in text_of(refused)
    assert 'name="reasons"' not in refused.text
    theirs = signer.get(f"/consultations/{asked}")
    [badge] = re.findall(r'<p class="standing">\s*(<span.*?</span>)', theirs.text, re.DOTALL)
    assert gone in badge
    assert "state-good" not in badge
    assert "must be asked again" not in text_of(signer.get(f"/cases/{case}"))  # the Board's affair


def test_what_waits_to_be_signed_is_listed_and_counted_where_a_signer_looks(
    assembling, browser_of, database, said
):
    _, asked = assembling
    signer = browser_of(Role.BODY_SIGNER, "thue")
    address = f"/consultations/{asked}/amendment/sign"
    assert address not in signer.get("/to-sign").text
    drawn_up(browser_of, asked, said, kind="annulment")
    page = signer.get("/to-sign")
    assert address in page.text
    assert "Annulment" in text_of(page)
    assert 'To sign <span class="count">1</span>' in page.text
    other = browser_of(Role.BODY_SIGNER, "thanh-tra").get("/to-sign")
    assert address not in other.text
    assert 'To sign <span class="count">0</span>' in other.text
    with database.reading(Purpose.COUNTING) as connection:
        waits = {
            body: count_ready(connection, Principal(f"{body}/bs1", "", Role.BODY_SIGNER, body, ""))
            for body in ("thue", "thanh-tra")
        }
    assert waits == {"thue": 1, "thanh-tra": 0}
    signed(browser_of, asked)
    assert address not in signer.get("/to-sign").text


def test_the_pages_of_amendments_speak_the_words_of_the_field_and_write_days_as_everywhere(
    assembling, cast, browser_of, database, said, clock
):
    _, asked = assembling
    clock.go_on(days=60)
    concluded = cast.closed(name="Đặng Thị Kết Luận")
    with as_owner(database).writing() as connection:
        connection.execute(update(officers).values(language="vi"))
    drafter = browser_of(Role.BODY_OFFICER, "thue")
    form = text_of(drafter.get(f"/consultations/{asked}/amendment"))
    assert "Chỉ có hiệu lực khi một người khác có thẩm quyền ký đã ký." in form
    assert "cơ quan đã ký tự phát hiện" in form
    drawn_up(browser_of, asked, said, kind="annulment")
    told = text_of(drafter.get(f"/cases/{assembling[0]}/history"))
    assert "đã soạn văn bản hủy ý kiến đã ký" in told
    signer = browser_of(Role.BODY_SIGNER, "thue")
    to_sign = text_of(signer.get(f"/consultations/{asked}/amendment/sign"))
    secretary = browser_of(Role.SECRETARY)
    page = secretary.get(f"/cases/{concluded}/amend-conclusion")
    assert "cấp có thẩm quyền tự phát hiện" in text_of(page)
    assert "cơ quan đã ký tự phát hiện" not in text_of(page)
    for words in (form, text_of(page), to_sign):
        assert "Có hiệu lực từ ngày" in words
        assert "Tính từ ngày" not in words
        assert "Vì sao" not in words
    for words in (text_of(page), to_sign):
        assert "Đồng chí có thể được yêu cầu xác nhận lại danh tính." in words
    day = {"decided_on": "02/03/2026"}
    assert secretary.send_form(page, **said | day | {"kind": "annulment"}).status_code == 303
    case = text_of(secretary.get(f"/cases/{concluded}"))
    assert "Bản ký ban đầu, đã được đính chính, hủy hoặc thu hồi" in case
    assert "cấp có thẩm quyền tự phát hiện" in case
    history = text_of(secretary.get(f"/cases/{concluded}/history"))
    assert "cấp có thẩm quyền tự phát hiện" in history
    for words in (to_sign, told, case, history):
        assert "58-QĐ/TW, 08/02/2022, Bộ Chính trị" in words
        assert "2022-02-08" not in words


def test_where_there_is_nothing_to_amend_the_page_says_so(cast, closed, browser_of):
    early = cast.consulting(name="Trần Văn Sớm")
    open_question = cast.asked(early)["thue"]
    secretary = browser_of(Role.SECRETARY)
    assert secretary.get(f"/cases/{early}/amend-conclusion").status_code == 404
    body = browser_of(Role.BODY_SIGNER, "thue")
    for address in ("amendment", "amendment/sign"):
        assert body.get(f"/consultations/{open_question}/{address}").status_code == 409
    board = browser_of(Role.BOARD_OFFICER)
    assert board.get(f"/cases/{closed}/candidate-told-again").status_code == 409


@pytest.fixture
def one_countersigns(app, cast):
    """Return what has the rule of every body ask for one countersignature."""

    def asked_for():
        asking = with_countersigners(cast.board, 1).definitions
        app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], definitions=asking)

    return asked_for


def test_where_the_rule_of_a_body_asks_for_it_another_countersigns_first(
    closed, question, one_countersigns, browser_of, said, clock
):
    clock.go_on(minutes=2)
    drafter, signer = (browser_of(role, "thue") for role in (Role.BODY_OFFICER, Role.BODY_SIGNER))
    page = drafter.get(f"/consultations/{question}/amendment")
    drawn = drafter.send_form(page, **said, verdict="objection", reasons="Có vi phạm về thuế.")
    assert drawn.status_code == 303, text_of(drawn)
    address = f"/consultations/{question}/amendment/countersign"
    assert "No more countersignatures are needed." in text_of(signer.get(address))
    assert address not in signer.get(f"/consultations/{question}").text
    one_countersigns()
    shown = signer.get(f"/consultations/{question}")
    assert "Countersigned by 0 of 1." in text_of(shown)
    assert address in shown.text
    assert "You drew this up yourself" in text_of(drafter.get(address))
    waits = signer.get(f"/consultations/{question}/amendment/sign")
    assert "1 more countersignature is needed before it can be signed." in text_of(waits)
    other = browser_of(Role.BODY_SIGNER, "thue", 2)
    page = other.get(address)
    assert "Có vi phạm về thuế." in text_of(page)
    done = other.send_form(page)
    assert done.status_code == 303, text_of(done)
    assert "Countersigned by 1 of 1." in text_of(other.get(f"/consultations/{question}"))
    held = other.get(f"/consultations/{question}/amendment/sign")
    refused = other.send_form(held, answer="sign")
    assert "You have already countersigned this draft." in text_of(refused)
    page = signer.get(f"/consultations/{question}/amendment/sign")
    assert "Countersigned by" in text_of(page)
    signed = signer.send_form(page, answer="sign")
    assert signed.status_code == 303, text_of(signed)
    history = text_of(signer.get(f"/cases/{closed}/history"))
    assert "countersigned what is to become of the signed opinion" in history


def test_a_letter_says_what_became_of_what_it_led_to(closed, question, browser_of, said, cast):
    amend_conclusion(
        cast.secretary,
        sent(),
        closed,
        Decision(
            AmendmentKind.ANNULMENT, Ground.OWN, "Sai.", BASIS, cast.ids.today(), cast.ids.today()
        ),
    )
    for role, place in ((Role.BOARD_OFFICER, None), (Role.BODY_OFFICER, "thue")):
        browser = browser_of(role, place) if place else browser_of(role)
        letters = [link for link in links_of(browser.get("/letters")) if "/letters/" in link]
        told = [text_of(browser.get(letter)) for letter in letters]
        assert told
        assert all("Conclusion annulled" in one for one in told)
    drafter, signer = (browser_of(role, "thue") for role in (Role.BODY_OFFICER, Role.BODY_SIGNER))
    page = drafter.get(f"/consultations/{question}/amendment")
    assert drafter.send_form(page, **said | {"kind": "annulment"}).status_code == 303
    page = signer.get(f"/consultations/{question}/amendment/sign")
    assert signer.send_form(page, answer="sign").status_code == 303
    [letter] = [link for link in links_of(signer.get("/letters")) if "/letters/" in link]
    shown = signer.get(letter).text
    assert "<del>" in shown
    assert "Annulment" in shown
