"""Pages of the Board, the authority, the supervisor, the registers and the administrator."""

import csv
import io
import re

import pytest
from sqlalchemy import select

from tests.builders import (
    add_officer,
    add_organisation,
    as_owner,
    opinion,
    sent,
    without_rules,
)
from tests.web.browsing import links_of, text_of
from tests.web.conftest import confirm_all
from vetting.engine.refusals import Unacceptable
from vetting.engine.vocabulary import CaseType, Kind, Role, Verdict
from vetting.records.cases import cases
from vetting.records.conclusions import conclusions
from vetting.records.consultations import consultations
from vetting.records.history import entries
from vetting.records.reads import reads
from vetting.records.witnessed import gaps
from vetting.usecases.conclude import Conclusion, conclude_cases
from vetting.usecases.issue_consultations import Asking, issue_consultations
from vetting.usecases.load_calendar import load_calendar
from vetting.usecases.open_round import open_round
from vetting.usecases.propose import propose, submit_proposals
from vetting.usecases.tell_outcome import notify_units


@pytest.fixture
def officer(browser_of):
    return browser_of(Role.BOARD_OFFICER)


@pytest.fixture
def head(browser_of):
    return browser_of(Role.BOARD_HEAD)


@pytest.fixture
def secretary(browser_of):
    return browser_of(Role.SECRETARY)


@pytest.fixture
def supervisor(browser_of):
    return browser_of(Role.SUPERVISOR)


@pytest.fixture
def supervisor_later(browser_of):
    """Sign the supervisor in once the clock has gone on: sessions end by themselves."""
    return lambda: browser_of(Role.SUPERVISOR)


@pytest.fixture
def stands(database):
    """Tell in which state a case stands."""

    def state(case):
        with database.reading() as connection:
            return connection.scalar(select(cases.c.state).where(cases.c.handle == case))

    return state


def proposed(cast, **told):
    case = cast.assembling(**told)
    propose(cast.board, sent(), [case], "meets", "Các cơ quan không có ý kiến khác.")
    return case


def submitted(cast, outcome="meets", **told):
    case = cast.assembling(**told)
    propose(cast.board, sent(), [case], outcome, "Lý do của Ban.")
    submit_proposals(cast.head, sent(), [case])
    return case


def ticked(browser, page, *handles, **more):
    """Open the page that confirms an act on ticked cases."""
    return browser.get(page, query_string={"case": list(handles), **more})


# ------------------------------------------------------------------ the worklist


def test_the_worklist_counts_what_it_lists(officer, cast):
    cast.filed(name="Nguyễn Văn An")
    cast.filed(name="Trần Thị Bình")
    cast.consulting(name="Lê Văn Cường")

    to_check, with_bodies = officer.get("/work"), officer.get("/work?wait=with_bodies")

    assert "To be checked 2" in text_of(to_check)
    assert "With the bodies 1" in text_of(to_check)
    assert "To be checked (2)" in text_of(to_check)
    assert "3: Office cong-an; Office thanh-tra; Office thue" in text_of(with_bodies)
    assert "Lê Văn Cường" in text_of(with_bodies)
    assert "Nguyễn Văn An" not in text_of(with_bodies)


def test_the_worklist_is_narrowed_by_its_address(officer, cast):
    cast.filed(name="Nguyễn Văn An")
    cast.filed(name="Trần Thị Bình", case_type=CaseType.PROMOTION)

    page = officer.get("/work?case_type=promotion")

    assert "To be checked 1" in text_of(page)
    assert "Trần Thị Bình" in text_of(page)
    assert "Nguyễn Văn An" not in text_of(page)


@pytest.mark.parametrize("wish", ["wait=nothing", "case_type=x", "sort=y", "after=~~~", "after=x"])
def test_a_forged_filter_is_refused_with_a_sentence(officer, wish):
    assert officer.get(f"/work?{wish}").status_code == 422


def test_a_list_of_more_than_a_page_goes_on(officer, cast):
    for number in range(52):
        cast.filed(name=f"Nguyễn Văn Số {number}")

    for sort in ("longest", "name", "reference"):
        first = officer.get(f"/work?sort={sort}")
        further = next(link for link in links_of(first) if "after=" in link)
        second = officer.get(further)

        assert second.status_code == 200
        shown = [
            set(re.findall(r'name="case"\s+value="([^"]+)"', page.text)) for page in (first, second)
        ]
        assert (len(shown[0]), len(shown[1]), len(shown[0] | shown[1])) == (50, 2, 52)


def test_what_is_shown_is_written_down_before_it_is_shown(officer, cast, database):
    case = cast.filed()

    officer.get("/work")

    with database.reading() as connection:
        seen = connection.execute(select(reads.c.case_handle, reads.c.action)).all()
    assert (case, "see_worklist") in [tuple(row) for row in seen]


def test_many_are_taken_up_at_once_and_the_result_tells_case_by_case(officer, cast, stands):
    first, second = cast.filed(name="Nguyễn Văn An"), cast.filed(name="Trần Thị Bình")
    page = ticked(officer, "/work/take-up", first, second)
    officer.send(f"/cases/{second}/take-up")

    answer = officer.send_form(page)

    assert answer.status_code == 303
    result = officer.get(answer.location)
    assert "Done: 1 case." in text_of(result)
    assert "Not done: 1 case." in text_of(result)
    assert (stands(first), stands(second)) == ("checking", "checking")
    rows = list(
        csv.reader(io.StringIO(officer.get(f"{answer.location}.csv").text.lstrip("\ufeff")))
    )
    assert [(row[1], row[3]) for row in rows] == [
        ("Candidate", "Result"),
        ("Nguyễn Văn An", "Done"),
        ("Trần Thị Bình", "Not done"),
    ]


def test_a_second_click_leads_to_the_first_ones_result(officer, cast):
    page = ticked(officer, "/work/take-up", cast.filed(name="A B"), cast.filed(name="C D"))

    first, second = officer.send_form(page), officer.send_form(page)

    assert (first.status_code, first.location) == (second.status_code, second.location)
    assert "Done: 2 cases." in text_of(officer.get(second.location))


def test_all_of_a_filter_are_ticked_by_one_box(officer, cast, stands):
    filed = [cast.filed(name=f"Nguyễn Văn {letter}") for letter in "ABC"]
    page = officer.get("/work/take-up?all=1&wait=to_check")

    officer.send_form(page)

    assert {stands(case) for case in filed} == {"checking"}


def test_nothing_ticked_leads_back(officer):
    answer = officer.get("/work/take-up?wait=to_check")

    assert answer.status_code == 303
    assert "Tick at least one case first." in text_of(officer.get(answer.location))


@pytest.mark.parametrize("forged", ["x" * 40, "<script>", "a b/c"])
def test_forged_handles_are_nobodys_cases(officer, cast, forged):
    page = ticked(officer, "/work/take-up", cast.filed())
    answer = officer.send_form(page, cases=forged)

    assert answer.status_code in {303, 422, 404}


def test_a_result_is_its_officers_own(officer, head, cast):
    page = ticked(officer, "/work/take-up", cast.filed(name="A B"), cast.filed(name="C D"))
    result = officer.send_form(page).location

    assert head.get(result).status_code == 404


# ------------------------------------------------------------------ acts on one case


def test_a_case_goes_its_whole_road_by_pages(officer, head, secretary, cast, stands):
    case = cast.filed(name="Nguyễn Văn An")
    officer.send(f"/cases/{case}/take-up")
    assert stands(case) == "checking"
    answer = officer.send(
        f"/cases/{case}/accept", authority="thuong-truc", authority_reason="Theo phân cấp."
    )
    assert (answer.status_code, stands(case)) == (303, "accepted")
    officer.send(f"/cases/{case}/consult", symbol="472-CV/BTCTU")
    assert stands(case) == "consulting"
    for body in cast.bodies:
        cast.sign(case, body)
    assert stands(case) == "assembling"
    officer.send(f"/cases/{case}/propose", outcome="meets", reasons="Đủ.")
    assert stands(case) == "proposed"
    head.send(f"/cases/{case}/submit")
    assert stands(case) == "submitted"
    answer = secretary.send(
        f"/cases/{case}/conclude",
        outcome="meets",
        reasons="Đủ tiêu chuẩn.",
        decided_on="05/01/2026",
        votes_for="14",
    )
    assert (answer.status_code, stands(case)) == (303, "concluded")
    officer.send(f"/cases/{case}/notify")
    assert stands(case) == "notified"
    held = officer.send(f"/cases/{case}/close")
    assert held.status_code == 409
    assert "Record first when and how the candidate was told" in text_of(held)
    officer.send_form(
        ticked(officer, "/work/tell", case), field_told_on="05/01/2026", field_how="Trực tiếp."
    )
    officer.send(f"/cases/{case}/close")
    assert stands(case) == "closed"


def test_a_return_says_what_is_missing_and_keeps_what_was_typed(officer, cast, stands):
    case = cast.filed()
    officer.send(f"/cases/{case}/take-up")

    answer = officer.send(f"/cases/{case}/return", reason="Chưa đủ giấy tờ.", missing="")

    assert answer.status_code == 422
    assert "Name at least one thing that is missing." in text_of(answer)
    assert "Chưa đủ giấy tờ." in answer.text
    officer.send_form(answer, missing="Bằng cấp\nMẫu 2C")
    assert stands(case) == "returned"


def test_where_the_table_is_silent_the_form_says_so_and_keeps_what_was_typed(officer, cast, stands):
    case = cast.filed()
    officer.send(f"/cases/{case}/take-up")

    answer = officer.send(f"/cases/{case}/accept", level="standing_committee")

    assert answer.status_code == 409
    assert "The authority table names nobody for this case" in text_of(answer)
    assert "name the authority and say why" in text_of(answer)
    assert stands(case) == "checking"


def test_a_stale_page_changes_nothing_and_keeps_what_was_typed(officer, head, cast, stands):
    case = cast.filed()
    officer.send(f"/cases/{case}/take-up")
    page = officer.get(f"/cases/{case}/return")
    head.send(f"/cases/{case}/suspend", reason="Chờ cấp trên.")

    answer = officer.send_form(page, reason="Thiếu bằng cấp.", missing="Bằng cấp")

    assert answer.status_code == 409
    assert "Thiếu bằng cấp." in answer.text
    assert stands(case) == "suspended"


def test_an_act_out_of_turn_is_said_before_anything_is_typed(officer, cast):
    answer = officer.get(f"/cases/{cast.filed()}/propose")

    assert answer.status_code == 409
    assert "The case stands at “Filed, waiting to be checked” now" in text_of(answer)


def test_a_body_is_left_out_with_a_reason_and_the_matrix_says_so(officer, cast, database):
    case = cast.accepted()
    page = officer.get(f"/cases/{case}/consult")
    assert "as every body of the regulation" in text_of(page)

    officer.send_form(page, left_out_0="Không liên quan.")

    with database.reading() as connection:
        asked = connection.scalars(
            select(consultations.c.body).where(consultations.c.case_handle == case)
        ).all()
    assert sorted(asked) == ["thanh-tra", "thue"]
    matrix = text_of(officer.get(f"/cases/{case}/matrix"))
    assert "Office cong-an (turn 1): Không liên quan." in matrix
    assert "Still owing an answer: Office thanh-tra; Office thue." in matrix


def test_the_second_turn_asks_for_a_reason_and_marks_the_earlier(officer, cast):
    case = cast.assembling()
    without = officer.send(f"/cases/{case}/consult")
    assert without.status_code == 422
    assert "Say why the bodies are asked again." in text_of(without)

    officer.send_form(without, reason="Có thông tin mới.")

    matrix = text_of(officer.get(f"/cases/{case}/matrix"))
    assert "Opinions, turn 2" in matrix
    assert matrix.count("turn 1, earlier") == 3


def test_one_body_is_taken_back(officer, cast, stands):
    case = cast.consulting()
    for body in cast.bodies[:-1]:
        cast.sign(case, body)
    last = cast.asked(case)[cast.bodies[-1]]

    answer = officer.send(f"/cases/{case}/take-back/{last}", reason="Đã giải thể.")

    assert (answer.status_code, stands(case)) == (303, "assembling")
    assert officer.get(f"/cases/{case}/take-back/{last}").status_code == 409
    assert officer.get(f"/cases/{case}/take-back/nothing").status_code == 404


def test_another_body_is_asked_instead_of_one(officer, cast, database):
    with as_owner(database).writing() as connection:
        add_organisation(connection, "cong-thuong", Kind.CONSULTED_BODY)
    case = cast.consulting()
    one = cast.asked(case)["thue"]
    assert officer.send(f"/cases/{case}/add-body", body="", reason="").status_code == 422
    address = f"/cases/{case}/add-body?instead={one}"
    assert "Office thue is no longer asked" in text_of(officer.get(address))
    answer = officer.send(address, body="cong-thuong", reason="Đã chuyển nhiệm vụ.")
    assert answer.location == f"/cases/{case}/matrix"
    assert "Office cong-thuong" in text_of(officer.get(answer.location))
    assert officer.get(address).status_code == 409


def test_suspended_and_resumed(officer, cast, stands):
    case = cast.accepted()
    assert officer.send(f"/cases/{case}/suspend", reason="").status_code == 422
    officer.send(f"/cases/{case}/suspend", reason="Chờ.")
    assert stands(case) == "suspended"
    officer.send(f"/cases/{case}/resume", reason="Xong.")
    assert stands(case) == "accepted"


# ------------------------------------------------------------------ the matrix


def test_the_matrix_tells_that_opinions_differ_and_shows_no_draft(officer, cast):
    case = cast.consulting()
    cast.sign(case, "cong-an", opinion(Verdict.OBJECTION, "Có đơn thư tố cáo."))
    cast.sign(case, "thanh-tra")
    cast.ready(case, cast.asked(case)["thue"], "thue", opinion(reasons="Bản nháp bí mật."))

    page = officer.get(f"/cases/{case}/matrix")

    assert "The opinions differ. Objection: Office cong-an. No objection: Office thanh-tra." in (
        text_of(page)
    )
    assert "Có đơn thư tố cáo." in page.text
    assert "Bản nháp bí mật." not in page.text
    assert "Ready to be signed" not in text_of(page)
    assert "Office thue Received owes an answer" in text_of(page)


def test_a_body_and_a_unit_see_no_matrix(browser_of, cast):
    case = cast.consulting()

    for role in (Role.BODY_OFFICER, Role.BODY_SIGNER, Role.CASE_OFFICER, Role.ADMINISTRATOR):
        assert browser_of(role).get(f"/cases/{case}/matrix").status_code == 403


# ------------------------------------------------------------------ before the authority


def test_the_secretary_sees_nothing_before_submission(secretary, cast):
    case = proposed(cast, name="Nguyễn Văn An")
    assert "Nguyễn Văn An" not in secretary.get("/submitted").text
    assert secretary.get(f"/cases/{case}/conclude").status_code == 404
    assert secretary.get(f"/cases/{case}/matrix").status_code == 404

    submit_proposals(cast.head, sent(), [case])

    page = text_of(secretary.get("/submitted"))
    assert "To be concluded 1" in page
    assert "Nguyễn Văn An" in page
    assert "No objection: 3" in page


def test_no_outcome_is_chosen_from_the_start(officer, secretary, cast):
    one, other = cast.assembling(name="A B"), submitted(cast, name="C D")

    assert "checked" not in officer.get(f"/cases/{one}/propose").text
    assert "checked" not in secretary.get(f"/cases/{other}/conclude").text


def test_an_adverse_conclusion_waits_for_the_hearing(secretary, cast, stands):
    case = submitted(cast, "does_not_meet")
    page = secretary.get(f"/cases/{case}/conclude")
    assert "this cannot be concluded: Does not meet the political standard." in text_of(page)

    answer = secretary.send_form(
        page, outcome="does_not_meet", reasons="Chưa đủ.", decided_on="05/01/2026"
    )

    assert answer.status_code == 409
    assert "hearing must be recorded" in text_of(answer)
    assert "Chưa đủ." in answer.text
    assert stands(case) == "submitted"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"decided_on": "06/01/2026"}, "cannot be dated in the future"),
        ({"decided_on": "31/02/2026"}, "There is no such day; write day/month/year"),
        ({"votes_for": "-1"}, "Votes for"),
        ({"votes_for": "nhiều"}, "Votes for"),
        ({"outcome": "admit"}, "What the authority concluded"),
        ({"reasons": ""}, "Give the reasons for the conclusion."),
        ({"reasons": " "}, "Give the reasons for the conclusion."),
        ({"reasons": "\u200b \u2060"}, "Give the reasons for the conclusion."),
        ({"reasons": "Đủ \u202eúđ"}, "turn the direction of reading"),
        ({"decided_on": " "}, "Say on which day it was decided."),
        ({"decided_on": "01/01/0001"}, "There is no such day; write day/month/year"),
    ],
)
def test_a_conclusion_is_refused_with_a_sentence(secretary, cast, stands, wrong, sentence):
    case = submitted(cast)
    told = {"outcome": "meets", "reasons": "Đủ.", "decided_on": "05/01/2026", **wrong}

    answer = secretary.send(f"/cases/{case}/conclude", **told)

    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert stands(case) == "submitted"


@pytest.mark.parametrize("day", ["", "0001-01-01", "20260105", "2026-02-30"])
def test_no_conclusion_is_written_down_without_a_day(cast, day):
    case = submitted(cast)
    conclusion = Conclusion("meets", "Đủ.", day)

    with pytest.raises(Unacceptable, match="There is no such day"):
        conclude_cases(cast.secretary, sent(), [case], conclusion)


def test_what_nobody_can_see_is_left_out_and_vietnamese_stays(secretary, cast):
    case = submitted(cast)
    secretary.send(
        f"/cases/{case}/conclude",
        outcome="meets",
        reasons="Đu\u0309 tiêu\u200b chuẩn\ufeff, đồng chí Nguyễn Thị Ân.",
        decided_on="05/01/2026",
    )

    with cast.database.reading() as connection:
        kept = connection.scalar(select(conclusions.c.reasons))
    assert kept == "Đủ tiêu chuẩn, đồng chí Nguyễn Thị Ân."


def test_one_decision_concludes_many(secretary, cast, stands):
    first, second = submitted(cast, name="A B"), submitted(cast, name="C D")

    answer = secretary.send_form(
        ticked(secretary, "/submitted/conclude", first, second),
        outcome="meets",
        reasons="Đủ.",
        decided_on="05/01/2026",
        document="15-KL/TU",
    )

    assert "Done: 2 cases." in text_of(secretary.get(answer.location))
    assert (stands(first), stands(second)) == ("concluded", "concluded")
    assert "Concluded 2" in text_of(secretary.get("/submitted?stands=concluded"))


def test_a_proposal_goes_back_to_the_board(secretary, cast, stands):
    case = submitted(cast)

    secretary.send(f"/cases/{case}/return-proposal", reason="Làm rõ.")

    assert stands(case) == "assembling"
    assert "Back with the Board 1" in text_of(secretary.get("/submitted"))


# ------------------------------------------------------------------ rounds and oversight


@pytest.mark.parametrize("part", ["", "/states.svg", "/days.svg"])
def test_every_look_at_a_round_leaves_a_line(supervisor, cast, part):
    names = "Quy hoạch 2026", "Planning 2026"
    opened = open_round(cast.board, sent(), CaseType.PLANNING, *names, "2026-01-01")

    supervisor.get(f"/rounds/{opened['round']}{part}")

    with cast.database.reading() as connection:
        lines = connection.execute(select(reads.c.action, reads.c.asked)).all()
    assert [tuple(line) for line in lines] == [("see_rounds", opened["round"])]


def test_a_round_is_opened_and_seen_in_one_view(officer, supervisor_later, cast, clock):
    answer = officer.send(
        "/rounds/new",
        name_vi="Quy hoạch 2026",
        name_en="Planning 2026",
        case_type="planning",
        opened_on="01/01/2026",
    )
    handle = answer.location.rsplit("/", 1)[1]
    cast.filed(name="A B", round=handle)
    case = cast.consulting(name="C D", round=handle)
    clock.go_on(days=3)
    cast.sign(case, "cong-an")

    supervisor = supervisor_later()
    page = text_of(supervisor.get(f"/rounds/{handle}"))

    assert "Planning 2026" in page
    assert "Office so-y-te 1 1 2" in page
    assert "Office cong-an 1 1 3 3 0 – 0" in page
    assert "The days count 1 signed opinions" in page
    assert "2 open questions have no date" in page
    for picture in ("states.svg", "days.svg"):
        drawn = supervisor.get(f"/rounds/{handle}/{picture}")
        assert drawn.content_type.startswith("image/svg+xml")
        assert drawn.text.startswith("<svg")
        assert "style" not in drawn.text
        assert "script" not in drawn.text
    assert supervisor.get("/rounds/nothing").status_code == 404


def test_what_is_past_its_date_is_late(officer, supervisor_later, cast, clock):
    planning = open_round(cast.head, sent(), CaseType.PLANNING, "Đợt", "Round", "2026-01-01")[
        "round"
    ]
    case = cast.accepted(round=planning)
    issue_consultations(cast.board, sent(), [case], Asking(due_on="2026-01-06"))
    assert "Late 0" in text_of(officer.get(f"/rounds/{planning}"))

    clock.go_on(days=2)

    assert "Late 3" in text_of(supervisor_later().get(f"/rounds/{planning}"))


def test_the_supervisor_sees_where_cases_stand_and_who_owes(supervisor, cast):
    cast.filed(name="Nguyễn Văn An")
    cast.consulting(name="Trần Thị Bình")

    page = text_of(supervisor.get("/oversight"))

    assert "Planning 1 1 2" in page
    assert "Office thue 1 05/01/2026" in page
    assert "Nguyễn Văn An" in page


@pytest.mark.leaves_it_unwell
def test_the_history_holds_until_somebody_changes_it(supervisor, cast, database):
    case = cast.accepted(name="Nguyễn Văn An")
    assert "The history holds" in text_of(supervisor.get(f"/oversight/cases/{case}/verify"))
    assert "Yes. Every entry stands as it was written" in text_of(
        supervisor.get("/oversight/history")
    )

    with database.writing() as connection:
        without_rules(connection, entries)
        connection.exec_driver_sql("UPDATE entries SET officer = 'somebody else' WHERE number = 2")

    assert "at entry 2" in text_of(supervisor.get(f"/oversight/cases/{case}/verify"))
    whole = text_of(supervisor.get("/oversight/history"))
    assert "Cases that you may know of 1 " in whole
    assert "No. The history has been changed" in whole
    assert "Nguyễn Văn An" in whole


def test_a_history_that_was_put_back_behind_what_a_witness_signed_is_named(
    supervisor, cast, settings
):
    cast.filed()
    witnessed = settings.folder / "witnessed"
    witnessed.write_text("no checkpoint", "utf-8")
    shown = text_of(supervisor.get("/oversight/history"))
    assert "witnessed is no checkpoint" in shown
    assert "Of what the database has, every entry stands as it was written" in shown
    assert "Yes." not in shown
    witnessed.unlink()
    (settings.folder / "witness_ahead").write_text("thanh-tra.tinh 885", "utf-8")
    shown = text_of(supervisor.get("/oversight/history"))
    assert "A witness has signed a history of 885 entries that this database does not" in shown


def test_what_two_people_declared_to_be_missing_stays_named(supervisor, cast, settings, database):
    cast.filed()
    with database.writing() as connection:
        add_officer(connection, "quan-tri", "ban-to-chuc", Role.ADMINISTRATOR)
        add_officer(connection, "giam-sat", "uy-ban-kiem-tra", Role.SUPERVISOR)
        connection.execute(
            gaps.insert().values(
                handle="x",
                witnessed_size=885,
                witnessed_root="",
                found_size=0,
                found_root="",
                reason="Đĩa hỏng.",
                declared_by="quan-tri",
                declared_at=cast.ids.now(),
            )
        )
    (settings.folder / "witness_ahead").write_text("thanh-tra.tinh 885", "utf-8")
    assert "Entries are missing" not in text_of(supervisor.get("/oversight/history"))
    assert "it waits for a second person, and is not in force" in text_of(supervisor.get("/log"))
    with database.writing() as connection:
        connection.execute(
            gaps.update().values(confirmed_by="giam-sat", confirmed_at=cast.ids.now())
        )
    shown = text_of(supervisor.get("/oversight/history"))
    assert "a witness has signed 885, and the log had 0 when two people declared the gap" in shown
    assert "Of what the database has, every entry stands as it was written" in shown
    assert "Yes." not in shown
    log = text_of(supervisor.get("/log"))
    assert "A witness had signed 885 entries; the log had 0. “Đĩa hỏng.” Declared by" in log


@pytest.mark.leaves_it_unwell
def test_a_database_that_refuses_no_more_is_named_although_every_entry_stands(
    supervisor, cast, database
):
    cast.filed()
    with database.writing() as connection:
        without_rules(connection, entries)
    shown = text_of(supervisor.get("/oversight/history"))
    assert "The trigger entries_no_delete is missing. Somebody worked on the database" in shown
    assert "Of what the database has, every entry stands as it was written" in shown
    assert "Yes." not in shown


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SUPERVISOR])
def test_oversight_is_the_supervisors(browser_of, cast, role):
    case = cast.filed()

    for page in ("/oversight", "/oversight/history", f"/oversight/cases/{case}/verify"):
        assert browser_of(role).get(page).status_code == 403


# ------------------------------------------------------------------ registers, workflows, officers


@pytest.mark.parametrize(
    "page",
    [
        "/registers/organisations",
        "/registers/organisations?kind=authority",
        "/registers/legal-bases",
        "/registers/regulation",
        "/registers/authorities",
        "/workflows",
        "/workflows/planning",
        "/workflows/party_admission/v1",
        "/workflows/consultation",
    ],
)
@pytest.mark.parametrize("role", [Role.CASE_OFFICER, Role.ADMINISTRATOR, Role.BODY_SIGNER])
def test_everybody_reads_the_registers_and_workflows(browser_of, page, role):
    assert browser_of(role).get(page).status_code == 200


def test_what_nobody_entered_is_said_to_be_not_entered(officer):
    page = text_of(officer.get("/registers/regulation"))

    assert "Legal basis not entered" in page
    assert "Office cong-an Office thanh-tra Office thue" in page


def test_a_workflow_is_told_in_words_and_drawn(officer, workflows):
    page = text_of(officer.get("/workflows/planning"))

    for definition in workflows:
        told = text_of(officer.get(f"/workflows/{definition.case_type}/v{definition.version}"))
        assert all(state.title.en in told for state in definition.states)
        assert all(move.title.en in told for move in definition.moves)
    assert "every body that must answer has signed; silence is no answer" in page
    drawn = officer.get("/workflows/planning/v1.svg")
    assert drawn.content_type.startswith("image/svg+xml")
    assert officer.get("/workflows/nothing").status_code == 404
    assert officer.get("/workflows/planning/v9").status_code == 404


def test_the_administrator_enters_an_officer_who_can_sign_in_until_let_in_no_more(
    browser_of, second, app
):
    administrator = browser_of(Role.ADMINISTRATOR)
    entered = administrator.send(
        "/officers/new",
        name="Nguyễn Thị Mới",
        login="moi",
        password="mot-mat-khau-khac",
        organisation="thanh-tra",
        role="body_officer",
    )
    assert entered.status_code == 303
    early = app.test_client().sign_in("moi", "mot-mat-khau-khac")
    assert (early.status_code, "Hôm nay đồng chí không có vai trò nào." in text_of(early)) == (
        422,
        True,
    )
    confirm_all(second)
    assert app.test_client().sign_in("moi", "mot-mat-khau-khac").status_code == 303
    wrong = administrator.send(
        f"{entered.location}/roles", organisation="so-y-te", role="secretary"
    )
    assert wrong.status_code == 422
    right = administrator.send(
        f"{entered.location}/roles",
        organisation="thanh-tra",
        role="body_signer",
        valid_to="01/02/2026",
    )
    assert right.status_code == 303
    assert "01/02/2026" in text_of(administrator.get(entered.location))
    assert "moi" in text_of(administrator.get("/officers?organisation=thanh-tra"))

    administrator.send(f"{entered.location}/disable")

    assert app.test_client().sign_in("moi", "mot-mat-khau-khac").status_code != 303


def test_the_officers_are_the_administrators(officer):
    assert officer.get("/officers").status_code == 403


def test_the_unit_learns_the_outcome_only_when_it_is_notified(browser_of, cast):
    unit, case = browser_of(Role.CASE_OFFICER), submitted(cast)
    conclude_cases(
        cast.secretary, sent(), [case], Conclusion("meets", "Đủ tiêu chuẩn rồi.", "2026-01-05")
    )
    before = unit.get(f"/cases/{case}").text
    notify_units(cast.board, sent(), [case])

    assert "Đủ tiêu chuẩn rồi." not in before
    assert "Các cơ quan không có ý kiến khác." not in before


def test_a_case_is_set_aside_and_taken_up_again_on_its_page(officer, cast):
    load_calendar(cast.database, cast.ids)
    case = cast.filed()
    way = f"/cases/{case}/set-aside"
    assert way in links_of(officer.get(f"/cases/{case}"))

    refused = officer.send(way, until="05/01/2026")
    assert refused.status_code == 422
    assert "Name a day that is still to come." in text_of(refused)

    answer = officer.send(way, until="10/01/2026")
    assert answer.status_code == 303
    assert "12/01/2026 08:00" in text_of(officer.get(f"/cases/{case}"))
    assert case not in officer.get("/work").text
    assert "set aside until 12/01/2026 08:00" in text_of(officer.get("/work?aside=y"))

    answer = officer.send(way, do="back")
    assert answer.status_code == 303
    assert case in officer.get("/work").text
