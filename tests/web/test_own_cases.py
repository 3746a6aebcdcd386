"""A case officer's own pages: filing, completing, withdrawing, and where everything stands."""

import pytest

from tests.builders import request, sent
from tests.queries.test_own_cases import admitted
from tests.web.browsing import links_of, text_of, the_form
from vetting.engine.vocabulary import CaseType, Role
from vetting.usecases.check_completeness import return_case, take_up_cases
from vetting.usecases.file_case import draft_case
from vetting.usecases.record_fact import record_fact

CANDIDATE = {
    "name": "Nguyễn Thị Ân",
    "born": "02/03/1975",
    "target": "Phó Giám đốc Sở Y tế",
}


@pytest.fixture
def officer(browser_of):
    return browser_of(Role.CASE_OFFICER)


@pytest.fixture
def returned(cast):
    case = cast.filed()
    take_up_cases(cast.board, sent(), [case])
    return_case(cast.board, sent(), case, "Thiếu giấy tờ.", ["Bản 2C", "Giấy khai sinh"])
    return case


def kept(database):
    with database.reading() as connection:
        rows = connection.exec_driver_sql(
            "SELECT handle, state, name, born, target, position, reference FROM cases"
        )
        return [row._asdict() for row in rows]


def test_the_first_page_of_a_case_officer_is_their_own_cases(officer):
    answer = officer.get("/", follow_redirects=True)

    assert answer.request.path == "/cases"
    assert "Here you will see every case of your unit" in text_of(answer)


def test_one_case_is_filed_by_form(officer, database):
    answer = officer.send("/cases/new/planning", do="file", **CANDIDATE)

    [case] = kept(database)
    assert (answer.status_code, answer.location) == (303, f"/cases/{case['handle']}")
    assert case == {
        "handle": case["handle"],
        "state": "filed",
        "name": "Nguyễn Thị Ân",
        "born": "1975-03-02",
        "target": "Phó Giám đốc Sở Y tế",
        "position": None,
        "reference": "QH-2026-SOYTE-0001-54",
    }
    page = text_of(officer.get(answer.location))
    assert "The case is filed." in page
    assert "QH-2026-SOYTE-0001-54" in page
    assert "Filed, waiting to be checked" in page


def test_a_year_of_birth_is_enough(officer, database):
    officer.send("/cases/new/planning", do="file", **CANDIDATE | {"born": "1975"})

    assert kept(database)[0]["born"] == "1975"


@pytest.mark.parametrize("case_type", [one for one in CaseType if one != "full_membership"])
def test_a_case_of_every_type_is_filed_by_form(officer, database, case_type):
    officer.send(f"/cases/new/{case_type.value}", do="file", **CANDIDATE)

    assert [case["state"] for case in kept(database)] == ["filed"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "Write the candidate’s name."),
        ({"name": "12345"}, "This is no name."),
        ({"name": "x" * 101}, "Field cannot be longer than 100 characters."),
        ({"name": "An\x00"}, "There are signs in this text that cannot be shown."),
        ({"born": ""}, "Write the date or the year of birth."),
        ({"born": "31/02/1975"}, "There is no such day; write day/month/year"),
        ({"born": "1875"}, "The year of birth lies too far back."),
        ({"born": "06/01/2026"}, "The date of birth lies in the future."),
        ({"born": "2027"}, "The date of birth lies in the future."),
        ({"target": ""}, "Write the title that is asked for."),
        ({"management_level": "no-such-level"}, "Not a valid choice"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(officer, database, wrong, sentence):
    answer = officer.send("/cases/new/planning", do="file", **CANDIDATE | wrong)

    assert answer.status_code == 422
    assert sentence in text_of(answer)
    stays = the_form(answer, {"target"}).filled
    assert stays["position"] == [""]
    assert {name: stays[name][0] for name in CANDIDATE if name not in wrong} == {
        name: text for name, text in CANDIDATE.items() if name not in wrong
    }
    assert kept(database) == []


def test_there_is_no_form_for_an_act_that_does_not_exist(officer):
    assert officer.get("/cases/new/marriage").status_code == 404


def test_a_second_click_files_no_second_case(officer, database):
    page = officer.get("/cases/new/planning")
    first = officer.send_form(page, do="file", **CANDIDATE)
    second = officer.send_form(page, do="file", **CANDIDATE)

    assert first.location == second.location
    assert len(kept(database)) == 1


def test_an_open_case_about_the_same_candidate_is_shown_before_another_is_filed(
    officer, database, cast
):
    first = cast.filed()
    page = officer.get("/cases/new/planning")

    answer = officer.send_form(page, do="file", **CANDIDATE | {"name": "NGUYỄN THỊ ÂN"})

    assert answer.status_code == 422
    assert "An open case about the same candidate" in text_of(answer)
    assert f"/cases/{first}" in links_of(answer)
    assert len(kept(database)) == 1

    officer.send_form(answer, do="file", all_the_same="y")
    assert [case["name"] for case in kept(database)] == ["Nguyễn Thị Ân", "NGUYỄN THỊ ÂN"]


def test_a_draft_may_have_gaps_is_changed_and_then_filed(officer, database):
    drafted = officer.send("/cases/new/planning", do="draft", name="Trần Văn Bình")
    [case] = kept(database)
    assert (case["state"], case["born"], case["reference"]) == ("draft", "", None)
    page = text_of(officer.get(drafted.location))
    assert "must be filled in first" in page
    assert "Change the draft" in page

    changed = officer.send(
        f"/cases/{case['handle']}/edit", do="file", born="1980", target="Trưởng phòng"
    )
    assert changed.location == f"/cases/{case['handle']}/file"
    assert kept(database)[0]["state"] == "draft"

    officer.send(changed.location)
    assert [(case["state"], case["born"], case["target"]) for case in kept(database)] == [
        ("filed", "1980", "Trưởng phòng")
    ]


def test_a_filed_case_can_no_longer_be_edited(officer, cast):
    assert officer.get(f"/cases/{cast.filed()}/edit").status_code == 409


@pytest.mark.usefixtures("returned")
def test_a_returned_case_stands_on_top_and_says_what_was_missing(officer, cast):
    cast.filed(name="Trần Văn Bình")

    page = text_of(officer.get("/cases"))

    assert page.index("Waits for you: returned for completion, or asked") < page.index(
        "Trần Văn Bình"
    )
    assert "Bản 2C" in page
    assert "Giấy khai sinh" in page


def test_a_returned_case_is_completed_with_what_was_missing_beside(officer, database, returned):
    page = officer.get(f"/cases/{returned}/refile")
    assert "Giấy khai sinh" in text_of(page)
    form = the_form(page, {"completed"})
    assert form.filled["name"] == ["Nguyễn Thị Ân"]
    assert form.filled["completed"] == [""]

    assert officer.send_form(page, completed="").status_code == 422
    answer = officer.send_form(page, completed="Đã bổ sung.", target="Giám đốc Sở Y tế")

    assert answer.location == f"/cases/{returned}"
    assert [(case["state"], case["target"]) for case in kept(database)] == [
        ("filed", "Giám đốc Sở Y tế")
    ]


def test_a_case_that_was_not_returned_cannot_be_filed_again(officer, cast):
    assert officer.get(f"/cases/{cast.filed()}/refile").status_code == 409


def test_a_case_is_withdrawn_with_a_reason(officer, database, cast):
    case = cast.consulting()

    assert officer.send(f"/cases/{case}/withdraw", reason=" ").status_code == 422
    officer.send(f"/cases/{case}/withdraw", reason="Người được đề nghị đã chuyển công tác.")

    assert [case["state"] for case in kept(database)] == ["withdrawn"]


def test_a_page_that_has_been_overtaken_is_refused_and_what_was_typed_is_kept(
    officer, database, cast
):
    case = cast.filed()
    page = officer.get(f"/cases/{case}/withdraw")
    take_up_cases(cast.board, sent(), [case])

    answer = officer.send_form(page, reason="Lý do đã viết")

    assert answer.status_code == 409
    assert "Lý do đã viết" in answer.text
    assert [case["state"] for case in kept(database)] == ["checking"]


@pytest.mark.parametrize("page", ["", "/edit", "/file", "/refile", "/withdraw", "/history"])
def test_another_units_case_does_not_exist(browser_of, cast, page):
    draft = draft_case(cast.unit, sent(), request())["case"]
    other = browser_of(Role.CASE_OFFICER, "so-noi-vu")

    theirs = other.get(f"/cases/{draft}{page}")
    nobodys = other.get(f"/cases/{'x' * 22}{page}")

    assert theirs.status_code == nobodys.status_code == 404
    assert text_of(theirs).replace(_number(theirs), "") == text_of(nobodys).replace(
        _number(nobodys), ""
    )


def _number(answer):
    return text_of(answer).rpartition("Number of this message: ")[2].split(" ")[0]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CASE_OFFICER])
@pytest.mark.parametrize("page", ["/cases", "/cases/new", "/cases/new/planning", "/lists/new"])
def test_nobody_else_files_cases(browser_of, role, page):
    assert browser_of(role).get(page).status_code == 403


@pytest.mark.usefixtures("returned")
def test_counts_lead_to_lists_of_that_length(officer, cast):
    cast.filed(name="Trần Văn Bình")
    cast.filed(name="Lê Thị Chi", case_type=CaseType.ROTATION)

    assert "3 cases" in text_of(officer.get("/cases"))
    one = text_of(officer.get("/cases?state=returned"))
    assert "1 case" in one
    assert "Trần Văn Bình" not in one
    assert "No case of yours is like that." in text_of(officer.get("/cases?state=closed"))
    rotation = text_of(officer.get("/cases?case_type=rotation"))
    assert "Lê Thị Chi" in rotation
    assert "Nguyễn Thị Ân" not in rotation


def test_a_look_at_the_list_is_written_down(officer, cast, database):
    case = cast.filed()
    officer.get("/cases?state=filed")

    with database.reading() as connection:
        lines = connection.exec_driver_sql(
            "SELECT case_handle, asked FROM reads WHERE action = 'see_own_cases'"
        ).all()
    assert [tuple(line) for line in lines] == [(case, "state=filed")]


def test_where_a_probation_has_ended_the_list_leads_to_the_form_with_the_admission_chosen(
    officer, cast
):
    case = admitted(cast)
    record_fact(cast.board, sent(), [case], "ceremony", {"held_on": "2025-01-04"})

    page = officer.get("/cases")

    assert "To be filed: the probation has ended" in text_of(page)
    [way] = [one for one in links_of(page) if "admission=" in one]
    assert way == f"/cases/new/full_membership?admission={case}"
    answer = officer.send_form(officer.get(way), do="draft", target="Đảng viên chính thức")
    assert answer.status_code == 303
    assert "the probation has ended" not in text_of(officer.get("/cases"))
    assert {row["name"] for row in kept(cast.database)} == {"Nguyễn Thị Ân"}


def test_an_admission_in_the_address_that_is_not_there_to_be_followed_chooses_nothing(officer):
    page = officer.get("/cases/new/full_membership?admission=nobody")

    assert page.status_code == 200
    assert "Your unit has no admission that was decided favourably" in text_of(page)
