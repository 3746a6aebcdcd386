"""What a candidate asks: recorded, acknowledged, prepared, reviewed, answered with a package."""

import html
import re

import pytest
from sqlalchemy import select, update

from tests.builders import as_owner, opinion, sent
from tests.usecases.test_amend import BASIS, enter_basis
from tests.web.browsing import errors_at, links_of, text_of
from tests.web.conftest import PASSWORD
from tests.web.test_packages import Log, lines_of
from vetting.engine.amend import Decision
from vetting.engine.policy import Action
from vetting.engine.verify_offline import HISTORY, check_package, unpacked
from vetting.engine.vocabulary import AmendmentKind, Ground, Role, Verdict
from vetting.records.history import entries
from vetting.records.organisations import organisations
from vetting.records.outbox import outbox, recipients
from vetting.records.reads import write_lines
from vetting.records.rebuild import compare
from vetting.usecases.amend import Concluded, amend_conclusion
from vetting.usecases.conclude import Conclusion, conclude_cases
from vetting.usecases.load_calendar import load_calendar
from vetting.usecases.propose import propose, submit_proposals
from vetting.usecases.record_fact import record_fact
from vetting.usecases.tell_outcome import close_cases, notify_units

ASKED = {
    "kind": "copy",
    "letter": "Đơn ngày 04/01/2026",
    "came_on": "05/01/2026",
    "received_by": "Văn thư Sở Y tế",
    "asked_for": "Đề nghị cung cấp dữ liệu về tôi.",
}
HANDED_OVER = {
    "handed_on": "05/01/2026",
    "handed_by": "Nguyễn Văn Thư",
    "manner": "in_person",
    "receipt": "Giấy giao nhận số 4",
}
ANSWER = {"way": "answer", "reasons": "Cung cấp theo đề nghị."}
# What a candidate may have of a case, and what they may not: a word of its own in each.
RELEASABLE = {
    "name": "Đặng Thị Qkhoten",
    "position": "Trưởng phòng Qkhochucvu",
    "target": "Phó Giám đốc Qkhodenghi",
    "hearing": "Đã trình bày Qkhogiaitrinh",
    "outcome": "Đủ tiêu chuẩn Qkhoketqua",
    "asked": "Đề nghị cung cấp Qkhoyeucau",
    "letter": "Đơn Qkhovanban",
    "reasons": "Cung cấp Qkholydo",
    "ground": "Căn cứ Qkhocancu",
}
WITHHELD = {
    "told": "Thư Qkinbao",
    "opinion": "Không đồng ý Qkinykien",
    "condition": "Bổ sung Qkindieukien",
    "evidence": "Văn bản Qkinbangchung",
    "proposal": "Đề xuất Qkindexuat",
    "other": "Trần Văn Qkinnguoikhac",
    "received": "Văn thư Qkinvanthu",
}


@pytest.fixture
def log(database, settings, tmp_path):
    return Log(database, settings.folder, tmp_path / "witness")


@pytest.fixture
def calendar(database, cast):
    load_calendar(database, cast.ids)


def recorded(browser, case, **told):
    """Record a request; return the address of its page."""
    answer = browser.send(f"/cases/{case}/requests/new", **{**ASKED, **told})
    assert answer.status_code == 303, text_of(answer)
    return answer.location


def agreed(browser, page):
    answer = browser.send(f"{page}/review", answer="agree")
    assert answer.status_code == 303, text_of(answer)


def notices(database, on):
    with database.reading() as connection:
        return connection.execute(
            select(outbox.c.organisation, recipients.c.officer)
            .join(recipients, recipients.c.notice == outbox.c.key)
            .where(outbox.c.on_move == on)
        ).all()


def verbs(database, case):
    with database.reading() as connection:
        return list(
            connection.scalars(
                select(entries.c.verb)
                .where(entries.c.case_handle == case, entries.c.verb.startswith("request."))
                .order_by(entries.c.number)
            )
        )


@pytest.mark.behind_the_wall
@pytest.mark.usefixtures("calendar")
def test_a_request_goes_its_way_and_two_people_stand_behind_the_answer(
    cast, browser_of, database, clock
):
    case = cast.concluded()
    unit, board, head = (
        browser_of(role) for role in (Role.CASE_OFFICER, Role.BOARD_OFFICER, Role.BOARD_HEAD)
    )
    page = recorded(unit, case)
    assert {row.organisation for row in notices(database, "request_recorded")} == {"ban-to-chuc"}
    listed = text_of(board.get("/requests"))
    assert "To be given a copy of their data" in listed
    assert "07/01/2026" in listed  # two working days
    shown = text_of(unit.get(page))
    assert "Article 5: an answer within 2 working days." in shown
    assert "15/01/2026" in shown  # ten days

    clock.go_on(days=4)
    unit, board, head = (
        browser_of(role) for role in (Role.CASE_OFFICER, Role.BOARD_OFFICER, Role.BOARD_HEAD)
    )
    assert "late" in text_of(board.get("/requests"))
    late = text_of(browser_of(Role.SUPERVISOR).get("/oversight"))
    assert "Requests of candidates that are late (1)" in late
    told = board.send(f"{page}/acknowledge", told_on="06/01/2026", letter="12-CV/BTC")
    assert told.status_code == 303, text_of(told)
    assert "met 06/01/2026" in text_of(board.get(page))
    why = board.get(
        f"/cases/{case}/deadlines/{page.rsplit('/', 1)[1].join(['request-', '-reply'])}"
    )
    assert "356/2025/NĐ-CP" in text_of(why)
    assert "working day" in text_of(why)

    prepared = board.send(f"{page}/prepare", **ANSWER)
    assert prepared.status_code == 303, text_of(prepared)
    assert "prepared the answer" not in text_of(unit.get(page))
    assert board.get(f"{page}/review").status_code == 403
    agreed(head, page)
    assert "answered the request" in text_of(unit.get(page))
    assert {row.officer for row in notices(database, "request_answered")} == {"so-y-te/co1"}
    assert verbs(database, case) == [
        "request.recorded",
        "request.acknowledged",
        "request.prepared",
        "request.answered",
    ]
    assert "agreed to, not handed over yet" in text_of(board.get("/requests"))
    with database.reading() as connection:
        assert [str(one.sentence) for one in compare(connection)] == []
    again = head.get(f"{page}/review")
    assert "Nothing has been prepared" in text_of(again)


def test_who_prepared_it_does_not_agree_to_it_and_what_is_sent_back_is_prepared_anew(
    cast, browser_of
):
    case = cast.filed()
    board, head = browser_of(Role.BOARD_OFFICER), browser_of(Role.BOARD_HEAD)
    page = recorded(board, case, kind="erase")
    refused = head.send(f"{page}/prepare", way="refuse", reasons="Không có căn cứ để xóa.")
    assert refused.status_code == 422
    assert errors_at(refused, "ground") == ["A refusal names its ground in law."]
    ground = "Điều 14 khoản 2 Luật 91/2025/QH15"
    again = head.send_form(refused, way="refuse", reasons="Không xóa.", ground=ground)
    assert again.status_code == 303, text_of(again)
    for shown in (head.get(page), head.get(f"{page}/review")):
        assert "You prepared this yourself; a second person has to look at it." in text_of(shown)
        assert "/review" not in " ".join(links_of(shown))
        assert 'id="sheet"' not in shown.text
    assert (
        board.send(f"{page}/prepare", way="refuse", reasons="a", ground=ground).status_code == 303
    )
    without = head.send(f"{page}/review", answer="send_back")
    assert "Give a reason." in text_of(without)
    assert head.send_form(without, answer="send_back", reason="Viết rõ hơn.").status_code == 303
    assert "Viết rõ hơn." in text_of(board.get(page))
    assert (
        board.send(f"{page}/prepare", way="refuse", reasons="b", ground=ground).status_code == 303
    )
    agreed(head, page)
    for act, says in (
        ("prepare", "This request has been answered."),
        ("acknowledge", "This request has been answered."),
        ("handed-over", "There is no package to hand over: two people have not agreed."),
    ):
        ended = board.get(f"{page}/{act}")
        assert says in text_of(ended)
        assert 'id="sheet"' not in ended.text
    shown = text_of(browser_of(Role.CASE_OFFICER).get(page))
    assert "refused the request" in shown
    assert ground in shown
    assert "Viết rõ hơn." not in shown


@pytest.mark.parametrize(
    ("told", "field", "says"),
    [
        ({"came_on": "06/01/2026"}, "came_on", "That day has not come yet."),
        ({"came_on": "31/02/2026"}, "came_on", "There is no such day"),
        ({"kind": ""}, "kind", "Say what the candidate asks for."),
        ({"letter": " "}, "letter", "Name the letter."),
        ({"asked_for": ""}, "asked_for", "Write what it asks."),
    ],
)
def test_what_is_wrong_with_a_request_stands_beside_its_field(cast, browser_of, told, field, says):
    case = cast.filed()
    answer = browser_of(Role.CASE_OFFICER).send(f"/cases/{case}/requests/new", **{**ASKED, **told})
    assert answer.status_code == 422
    [beside] = errors_at(answer, field)
    assert says in beside
    assert f'<a href="#{field}">' in answer.text


def test_an_answer_is_extended_once_where_the_rule_allows_it(cast, browser_of):
    case = cast.filed()
    board, head = browser_of(Role.BOARD_OFFICER), browser_of(Role.BOARD_HEAD)
    page = recorded(board, case, kind="restrict")
    early = board.send(f"{page}/prepare", way="extend", reasons="Phức tạp.", until="19/01/2026")
    assert early.status_code == 409
    assert "must be later than 20/01/2026" in errors_at(early, "until")[0]
    again = board.send_form(early, way="extend", reasons="Phức tạp.", until="30/01/2026")
    assert again.status_code == 303, text_of(again)
    agreed(head, page)
    assert "from 20/01/2026 to 30/01/2026" in text_of(board.get(page))
    number = page.rsplit("/", 1)[1]
    why = text_of(board.get(f"/cases/{case}/deadlines/request-{number}-answer"))
    assert "It was first due on 20/01/2026" in why
    assert "Due on 30/01/2026" in why
    assert 'value="extend"' not in board.get(f"{page}/prepare").text

    other = recorded(board, case, kind="object")
    assert "No deadline was found in the rules" in text_of(board.get(other))
    assert 'value="extend"' not in board.get(f"{other}/prepare").text


@pytest.mark.usefixtures("calendar")
def test_a_day_that_no_clock_could_count_from_is_refused_at_its_field(cast, browser_of):
    page = f"/cases/{cast.accepted()}/requests/new"
    unit = browser_of(Role.CASE_OFFICER)

    refused = unit.send(page, **{**ASKED, "came_on": "01/01/1900"})

    assert refused.status_code == 422
    [says] = errors_at(refused, "came_on")
    assert "That day lies before the calendar begins" in says
    for typed in ("01/01/1900", ASKED["letter"], ASKED["asked_for"]):
        assert typed in refused.text
    assert unit.send_form(refused, **ASKED).status_code == 303


@pytest.mark.usefixtures("calendar")
def test_an_answer_is_not_extended_beyond_the_calendar(cast, browser_of):
    page = recorded(browser_of(Role.CASE_OFFICER), cast.accepted())
    board = browser_of(Role.BOARD_OFFICER)
    for until, says in (
        ("31/12/9999", "A term of more than 20000 days or months is not counted."),
        ("05/01/2060", "on which the calendar ends"),
    ):
        refused = board.send(f"{page}/prepare", way="extend", reasons="Khó.", until=until)
        assert refused.status_code == 409
        assert says in errors_at(refused, "until")[0]
        assert until in refused.text


def full_of_words(cast):
    """A case with a word of its own in each text, against which a body spoke; it is closed."""
    told = {name: RELEASABLE[name] for name in ("name", "position", "target")}
    other = cast.consulting(name=WITHHELD["other"])
    case = cast.consulting(**told)
    said = opinion(
        Verdict.CONDITIONS,
        WITHHELD["opinion"],
        conditions=(WITHHELD["condition"],),
        evidence=(WITHHELD["evidence"],),
    )
    for body in cast.bodies:
        cast.sign(case, body, said)
    heard = {"held_on": "2026-01-02", "said": RELEASABLE["hearing"]}
    assert not record_fact(cast.board, sent(), [case], "hearing", heard).get("refused")
    propose(cast.board, sent(), [case], "does_not_meet", WITHHELD["proposal"])
    submit_proposals(cast.head, sent(), [case])
    decided = Conclusion("does_not_meet", RELEASABLE["outcome"], "2026-01-05")
    conclude_cases(cast.secretary, sent(), [case], decided)
    notify_units(cast.board, sent(), [case])
    by = {"told_on": "2026-01-05", "how": WITHHELD["told"]}
    record_fact(cast.board, sent(), [case], "candidate_told", by)
    close_cases(cast.board, sent(), [case])
    return case, other


def test_all_that_is_releasable_is_handed_over_and_nothing_that_is_withheld(
    cast, browser_of, database, log, clock
):
    case, _ = full_of_words(cast)
    board, head = browser_of(Role.BOARD_OFFICER), browser_of(Role.BOARD_HEAD)
    page = recorded(
        browser_of(Role.CASE_OFFICER),
        case,
        letter=RELEASABLE["letter"],
        asked_for=RELEASABLE["asked"],
        received_by=WITHHELD["received"],
    )
    board.get(f"/cases/{case}")
    clock.go_on(seconds=1)
    dry = text_of(board.get(f"{page}/package"))
    assert "Nothing is handed over before a second person has agreed" in dry
    prepared = board.send(
        f"{page}/prepare",
        way="answer",
        reasons=RELEASABLE["reasons"],
        ground_fact_candidate_told=RELEASABLE["ground"],
    )
    assert prepared.status_code == 303, text_of(prepared)
    assert "Take out the file" not in text_of(board.get(f"{page}/package"))
    reviewed = text_of(head.get(f"{page}/review"))
    assert RELEASABLE["ground"] in reviewed
    agreed(head, page)
    log.seal()
    clock.go_on(minutes=6)
    question = board.send(f"{page}/package")
    assert question.status_code == 401
    before = len(lines_of(database))
    taken = board.send_form(question, proof_password=PASSWORD)

    assert (taken.status_code, taken.mimetype) == (200, "application/zip"), text_of(taken)
    files = unpacked(taken.data)
    found = check_package(taken.data, *log.keys)
    assert found["moment"] == "Agreed to by the second person"  # it was taken out later
    assert found["hidden"] == found["entries"] - 1
    for name in ("tra-loi.html", "answer.html"):
        said = html.unescape(files[name].decode())
        assert [word for word in RELEASABLE.values() if word not in said] == []
    whole = "\n".join(html.unescape(one.decode()) for one in files.values())
    assert [word for word in RELEASABLE.values() if word not in whole] == []
    assert [word for word in WITHHELD.values() if word in whole] == []
    english = html.unescape(files["answer.html"].decode())
    assert "Officer of the Organisation Board" in english
    for officer in ("ban-to-chuc/bo1", "so-y-te/co1", "thanh-tra/bs1"):
        assert officer not in english
    assert HISTORY in files
    look = lines_of(database)[-1]
    assert len(lines_of(database)) == before + 1
    assert (look.how, look.action, look.case_handle) == ("export", "export_request", case)
    assert "readers" in look.fields


def test_before_the_outcome_is_announced_the_package_says_nothing_of_it(cast, browser_of):
    case = cast.concluded()
    board = browser_of(Role.BOARD_OFFICER)
    page = recorded(board, case)
    dry = text_of(board.get(f"{page}/package"))
    assert "The outcome has not been announced." in dry
    assert "Đủ tiêu chuẩn." not in dry


INSTEAD = Concluded("not_concluded", "Chờ kết luận Qkhothaythe.")
EARLIER = "Meets the political standard"
STANDS = {
    AmendmentKind.CORRECTION: ("Not concluded", "Corrected on", "Conclusion corrected"),
    AmendmentKind.ANNULMENT: ("The conclusion was annulled on", "Conclusion annulled"),
    AmendmentKind.REVOCATION: ("The conclusion was revoked on", "Conclusion revoked"),
}


def amended_to(cast, database, case, kind):
    with as_owner(database).writing() as connection:
        enter_basis(connection)
    what = Decision(kind, Ground.OWN, "Lý do Qkhosuadoi.", BASIS, "2026-01-05", "2026-02-01")
    instead = INSTEAD if kind is AmendmentKind.CORRECTION else None
    amend_conclusion(cast.secretary, sent(), case, what, instead)


@pytest.mark.parametrize("kind", list(AmendmentKind))
def test_the_package_says_what_stands_and_names_what_stood_before_as_earlier(
    cast, browser_of, database, log, clock, kind
):
    clock.go_on(days=60)
    case = cast.closed()
    amended_to(cast, database, case, kind)
    board, head = browser_of(Role.BOARD_OFFICER), browser_of(Role.BOARD_HEAD)
    page = recorded(board, case)
    pages = [text_of(board.get(f"{page}/package")), text_of(board.get(f"{page}/prepare"))]
    assert board.send(f"{page}/prepare", **ANSWER).status_code == 303
    pages.append(text_of(head.get(f"{page}/review")))
    agreed(head, page)
    log.seal()
    taken = board.send(f"{page}/package")
    files = unpacked(taken.data)
    english = " ".join(
        re.sub(r"<[^>]+>", " ", html.unescape(files["answer.html"].decode())).split()
    )
    for said in (*pages, english):
        for words in (*STANDS[kind], "Lý do Qkhosuadoi.", "58-QĐ/TW, 08/02/2022, Bộ Chính trị"):
            assert words in said
        assert said.count(EARLIER) == said.count(f"earlier: {EARLIER}") + said.count(
            f"{EARLIER}; no longer stands"
        )
        assert said.count("Đủ tiêu chuẩn.") == said.count(
            "Reasons of the earlier version Đủ tiêu chuẩn."
        )
    vietnamese = html.unescape(files["tra-loi.html"].decode())
    for why in (
        "nội dung thuộc cơ quan đã được hỏi ý kiến.",
        "nội dung thuộc cấp có thẩm quyền được đề xuất.",
    ):
        assert f"Không cung cấp: chưa có quy định cho phép; {why}" in vietnamese
    readme = files["README.txt"].decode()
    assert "người mà Ông/Bà tin cậy" in readme  # a candidate is no comrade of the office
    assert "đồng chí" not in (readme + vietnamese).lower()
    if kind is AmendmentKind.ANNULMENT:
        assert "Kết luận đã bị hủy ngày 05/01/2026; bản trước: " in vietnamese


def test_the_package_says_until_when_the_conclusion_holds_and_by_which_rule(
    cast, browser_of, database, clock, with_validity
):
    clock.go_on(days=60)
    case = cast.closed()
    with_validity()
    board = browser_of(Role.BOARD_OFFICER)
    page = recorded(board, case)
    until = "Valid until 05/04/2026: 3 months from the day on which the authority decided (R)"
    assert until in " ".join(text_of(board.get(f"{page}/package")).split())
    amended_to(cast, database, case, AmendmentKind.ANNULMENT)
    assert "Valid until" not in text_of(board.get(f"{page}/package"))


def test_what_was_answered_before_a_conclusion_was_annulled_says_that_it_was(
    cast, browser_of, database, clock
):
    clock.go_on(days=60)
    case = cast.closed()
    board, head = browser_of(Role.BOARD_OFFICER), browser_of(Role.BOARD_HEAD)
    page = recorded(board, case)
    assert board.send(f"{page}/prepare", **ANSWER).status_code == 303
    agreed(head, page)
    since = "After this answer was given, what the authority had concluded was amended"
    assert since not in text_of(board.get(f"{page}/package"))
    amended_to(cast, database, case, AmendmentKind.ANNULMENT)
    for address in (page, f"{page}/package"):
        told = text_of(board.get(address))
        assert since in told
        assert "Annulment, 05/01/2026" in told


@pytest.mark.usefixtures("calendar")
def test_an_answered_request_says_what_was_done_of_it_and_no_more(cast, browser_of, log):
    case = cast.filed()
    board, head = browser_of(Role.BOARD_OFFICER), browser_of(Role.BOARD_HEAD)
    page = recorded(board, case)
    assert board.send(f"{page}/prepare", **ANSWER).status_code == 303
    agreed(head, page)
    told = text_of(board.get(page))
    assert "agreed to, not handed over yet" in told
    assert "not taken out yet" in told
    assert "(answered 05/01/2026)" not in told
    assert "met 05/01/2026" not in told
    early = board.get(f"{page}/handed-over")
    assert "The package has not been taken out yet." in text_of(early)
    assert 'id="sheet"' not in early.text
    log.seal()
    assert board.send(f"{page}/package").mimetype == "application/zip"
    for browser in (board, browser_of(Role.CASE_OFFICER)):
        shown = text_of(browser.get(page))
        assert "taken out on 05/01/2026" in shown
        assert "not taken out yet" not in shown
        assert "not handed over yet" in shown
    wrong = board.send(f"{page}/handed-over", **{**HANDED_OVER, "manner": ""})
    assert "Say how it was handed over." in text_of(wrong)
    handed = board.send_form(wrong, **HANDED_OVER)
    assert handed.status_code == 303, text_of(handed)
    told = text_of(board.get(page))
    for words in (
        "handed over on 05/01/2026",
        "Handed over by Nguyễn Văn Thư",
        "How In person, against a signature",
        "Receipt or letter Giấy giao nhận số 4",
    ):
        assert words in told
    reply = told.split("Reply that the request came")[1].split("Answer to the request")[0]
    assert "(answered 05/01/2026)" in reply  # nobody acknowledged it
    assert "met" not in reply
    assert "met 05/01/2026" in told.split("Answer to the request")[1]
    number = page.rsplit("/", 1)[1]
    why = text_of(board.get(f"/cases/{case}/deadlines/request-{number}-reply"))
    assert "met (05/01/2026)" not in why
    assert "answered (05/01/2026)" in why
    assert "No request waits" in text_of(board.get("/requests"))
    over = board.get(f"{page}/handed-over")
    assert "Nothing is left to be handed over for this request." in text_of(over)
    assert 'id="sheet"' not in over.text
    assert browser_of(Role.CASE_OFFICER).get(f"{page}/handed-over").status_code == 403


def test_what_was_agreed_is_handed_over_whatever_came_between(
    cast, browser_of, database, log, clock, monkeypatch
):
    clock.go_on(days=60)
    case = cast.closed()
    early = cast.ids.now()
    clock.go_on(seconds=1)
    board, head = browser_of(Role.BOARD_OFFICER), browser_of(Role.BOARD_HEAD)
    page = recorded(board, case)
    assert board.send(f"{page}/prepare", **ANSWER).status_code == 303
    agreed(head, page)
    log.seal()

    def taken():
        answer = board.send(f"{page}/package")
        assert answer.mimetype == "application/zip", text_of(answer)
        return answer.data

    first = taken()
    assert "as it was then" not in text_of(board.get(f"{page}/package"))
    with database.writing() as connection:  # a look that is written down late
        write_lines(connection, cast.secretary.principal, early, Action.SEE_CASE, cases=[case])
    assert taken() == first
    assert "as it was then" in text_of(board.get(f"{page}/package"))
    with as_owner(database).writing() as connection:
        called = update(organisations).where(organisations.c.code == "so-y-te")
        connection.execute(called.values(name_en="Another name"))
    monkeypatch.setattr("vetting.web.requests.LINES", ("Another edition of this program",))
    amended_to(cast, database, case, AmendmentKind.ANNULMENT)
    log.seal()
    assert taken() == first
    assert check_package(first, *log.keys)["case"] == case


def test_what_changed_since_it_was_prepared_is_shown_and_sent_back(
    cast, browser_of, database, clock
):
    clock.go_on(days=60)
    case = cast.closed()
    board, head = browser_of(Role.BOARD_OFFICER), browser_of(Role.BOARD_HEAD)
    page = recorded(board, case)
    assert board.send(f"{page}/prepare", **ANSWER).status_code == 303
    changed = "has changed since it was prepared"
    assert changed not in text_of(head.get(f"{page}/review"))
    amended_to(cast, database, case, AmendmentKind.ANNULMENT)
    shown = head.get(f"{page}/review")
    assert changed in text_of(shown)
    refused = head.send_form(shown, answer="agree")
    assert refused.status_code == 409
    assert changed in text_of(refused)
    back = head.send_form(refused, answer="send_back", reason="Kết luận đã bị hủy.")
    assert back.status_code == 303, text_of(back)
    assert board.send(f"{page}/prepare", **ANSWER).status_code == 303
    agreed(head, page)


def test_whom_the_case_does_not_concern_there_is_no_request(cast, browser_of):
    case = cast.consulting()
    page = recorded(browser_of(Role.BOARD_OFFICER), case)
    assert browser_of(Role.CASE_OFFICER, "so-noi-vu").get(page).status_code == 404
    body = browser_of(Role.BODY_OFFICER)
    assert body.get(page).status_code == 403
    assert "candidate asks" not in text_of(body.get(f"/cases/{case}/history"))
