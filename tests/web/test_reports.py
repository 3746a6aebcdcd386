"""Reports: who makes them, what they never tell, that they come out the same, how they go out."""

from io import BytesIO

import openpyxl
import pytest
from sqlalchemy import func, select, update

from tests.builders import as_owner, officer_of, sent, without_rules
from tests.usecases.test_amend import BASIS, enter_basis
from tests.web.browsing import errors_at, forms_of, text_of
from tests.web.conftest import PASSWORD
from vetting.engine.amend import Decision
from vetting.engine.vocabulary import AmendmentKind, Ground, Role
from vetting.records.organisations import organisations
from vetting.records.reads import reads
from vetting.records.reports import report_figures, report_runs, reports
from vetting.records.sealing_key import make_sealing_key, read_sealing_key
from vetting.usecases.amend import amend_conclusion
from vetting.usecases.issue_consultations import Asking, issue_consultations
from vetting.usecases.restrict_case import restrict_case
from vetting.usecases.seal_checkpoint import seal_checkpoint

YEAR = {"since": "01/01/2026", "until": "31/12/2026"}
BODIES = ("cong-an", "thanh-tra", "thue")


@pytest.fixture
def sealed(database, cast, ids, tmp_path):
    """A case in which one body answered late, one in time and one not; and the log has it."""
    case = cast.accepted(name="Lê Thị Ba")
    issue_consultations(cast.board, sent(), [case], Asking(due_on="2026-01-06"))
    make_sealing_key(tmp_path, "vetting/test")
    cast.sign(case, BODIES[0])
    seal_checkpoint(database, read_sealing_key(tmp_path), ids)
    ids.clock.go_on(days=2)
    cast.sign(case, BODIES[1])

    def seal():
        return seal_checkpoint(database, read_sealing_key(tmp_path), ids)

    seal()
    seal.case = case
    return seal


@pytest.fixture
def supervisor(sealed, browser_of):  # noqa: ARG001  # days go by before anybody signs in
    return browser_of(Role.SUPERVISOR)


@pytest.fixture
def report(supervisor):
    answer = supervisor.send("/reports/new", **YEAR)
    assert answer.status_code == 303, text_of(answer)
    return answer.location


def requests_in(answer):
    """The row of totals of the first table."""
    foot = answer.text.partition("<tfoot>")[2].partition("</tfoot>")[0]
    return [int(one.partition("<")[0]) for one in foot.split('<td class="number">')[1:]]


def test_requests_are_counted_by_what_became_of_them(supervisor, report):
    # sent, again, replied, in time, late, no date, taken back, unanswered, overdue, no date
    assert requests_in(supervisor.get(report)) == [3, 0, 2, 1, 1, 0, 0, 1, 1, 0]


@pytest.mark.behind_the_wall
def test_it_comes_out_the_same_whatever_happens_later(supervisor, report, sealed, cast, database):
    cast.sign(sealed.case, BODIES[2])
    cast.consulting(name="Trần Văn Sau")
    sealed()

    answer = supervisor.send(report)
    assert answer.status_code == 303, text_of(answer)
    shown = supervisor.get(report)
    assert "every number and every list is the same." in text_of(shown)
    assert requests_in(shown) == [3, 0, 2, 1, 1, 0, 0, 1, 1, 0]
    with database.reading() as connection:
        assert connection.scalar(select(report_runs.c.unlike)) == ""
    later = supervisor.send("/reports/new", **YEAR).location
    assert requests_in(supervisor.get(later))[0] == 6
    before = supervisor.send("/reports/new", **YEAR, as_of="05/01/2026").location
    assert requests_in(supervisor.get(before)) == [3, 0, 1, 1, 0, 0, 0, 2, 0, 0]


def test_a_report_that_was_changed_comes_out_otherwise(supervisor, report, database):
    with database.writing() as connection:
        without_rules(connection, report_figures)
        connection.execute(
            update(report_figures)
            .where(report_figures.c.name == "requests")
            .values(list_hash="0" * 64)
        )
    supervisor.send(report)
    shown = text_of(supervisor.get(report))
    assert "these came out otherwise: Requests and replies" in shown


def test_no_number_and_no_list_hints_at_a_restricted_case(
    supervisor, browser_of, sealed, cast, report
):
    listed = supervisor.get(f"{report}/requests")
    assert "Lê Thị Ba" in listed.text
    everybody = [
        officer_of("so-y-te", Role.CASE_OFFICER),
        officer_of("ban-to-chuc", Role.BOARD_OFFICER),
        officer_of("ban-to-chuc", Role.BOARD_HEAD),
        officer_of("thuong-truc", Role.SECRETARY),
        *(
            officer_of(body, role)
            for body in BODIES
            for role in (Role.BODY_OFFICER, Role.BODY_SIGNER)
        ),
    ]
    restrict_case(cast.head, sent(), sealed.case, 0, everybody)
    sealed()

    for who in (supervisor, browser_of(Role.BOARD_HEAD)):  # who may know of it sees the same
        made = who.send("/reports/new", **YEAR).location
        assert "<tfoot>" not in who.get(made).text
    assert "Lê Thị Ba" not in supervisor.get(f"{report}/requests").text
    assert "Lê Thị Ba" in browser_of(Role.BOARD_HEAD).get(f"{report}/requests").text
    assert requests_in(supervisor.get(report))[0] == 3  # what was counted stays counted


def test_bad_days_get_a_sentence_and_stay(supervisor):
    for since, until in (("31/02/2026", "31/12/2026"), ("31/12/2026", "01/01/2026"), ("", "x")):
        answer = supervisor.send("/reports/new", since=since, until=until)
        assert answer.status_code == 422
        assert f'value="{since}"' in answer.text
        assert f'value="{until}"' in answer.text


@pytest.mark.parametrize(
    ("days", "field"),
    [
        ({"since": "01/01/2027", "until": "31/12/2027"}, "since"),
        ({"as_of": "01/01/2030"}, "as_of"),
    ],
)
def test_of_days_to_come_there_is_no_report(supervisor, database, days, field):
    answer = supervisor.send("/reports/new", **{**YEAR, **days})
    assert answer.status_code == 422
    assert errors_at(answer, field) == ["That day has not come yet."]
    for typed in days.values():
        assert f'value="{typed}"' in answer.text, "what was typed stays"
    with database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(reports)) == 0


def test_as_things_stood_before_the_period_began_there_is_no_report(supervisor, database):
    days = {"since": "05/01/2026", "until": "31/12/2026"}
    answer = supervisor.send("/reports/new", **days, as_of="04/01/2026")
    assert answer.status_code == 422
    assert errors_at(answer, "as_of") == ["On this day the period had not begun yet."]
    for typed in (*days.values(), "04/01/2026"):
        assert f'value="{typed}"' in answer.text, "what was typed stays"
    with database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(reports)) == 0
    assert supervisor.send("/reports/new", **days, as_of="05/01/2026").status_code == 303


def test_what_is_too_long_for_a_date_is_told_once(supervisor):
    answer = supervisor.send("/reports/new", **{**YEAR, "as_of": "ngày 31 tháng 12 năm 2026"})
    assert errors_at(answer, "as_of") == ["Write the date as dd/mm/yyyy."]


def test_an_empty_period_says_so(supervisor):
    made = supervisor.send("/reports/new", since="01/01/2020", until="31/12/2020").location
    shown = supervisor.get(made)
    assert shown.text.count("Nothing was counted in this period.") == 6


def test_where_the_log_has_nothing_there_is_nothing_to_count(browser_of):
    answer = browser_of(Role.SUPERVISOR).send("/reports/new", **YEAR)
    assert answer.status_code == 409
    assert "The log has signed nothing by then" in text_of(answer)


def test_a_list_leaves_a_line_for_each_case_and_an_export_one_with_its_purpose(
    supervisor, report, sealed, database
):
    supervisor.get(f"{report}/requests?measure=late")
    taken(supervisor, report, "pdf")
    with database.reading() as connection:
        r = reads.c
        seen = connection.execute(
            select(r.action, r.case_handle, r.asked, r.purpose, r.how).order_by(r.number)
        ).all()
    handle = report.rpartition("/")[2]
    assert ("see_reports", sealed.case, f"{handle}/requests") in [one[:3] for one in seen]
    assert tuple(seen[-1]) == ("export_report", None, f"{handle}.pdf", "Họp tổng kết.", "export")


def taken(browser, report, kind):
    asked = browser.send(f"{report}/file", kind=kind, purpose="Họp tổng kết.")
    if asked.mimetype == "text/html":
        asked = browser.send_form(asked, proof_password=PASSWORD)
    assert asked.status_code == 200
    return asked.data


def test_a_file_asks_once_more_who_it_is(supervisor, report, ids):
    ids.clock.go_on(minutes=6)
    asked = supervisor.send(f"{report}/file", kind="pdf", purpose="Họp tổng kết.")
    assert asked.mimetype == "text/html"
    assert any("proof_password" in form.filled for form in forms_of(asked))
    assert supervisor.send_form(asked, proof_password=PASSWORD).data.startswith(b"%PDF-")


def test_no_cell_of_a_workbook_is_a_formula(supervisor, report, database):
    with database.writing() as connection:
        connection.execute(
            update(organisations)
            .where(organisations.c.code == BODIES[0])
            .values(name_en="=HYPERLINK(1)", name_vi="+1")
        )
    book = openpyxl.load_workbook(BytesIO(taken(supervisor, report, "xlsx")))
    assert len(book.sheetnames) == 6
    cells = [cell for sheet in book for row in sheet for cell in row if cell.value is not None]
    assert "=HYPERLINK(1)" in [cell.value for cell in cells if cell.data_type == "s"]
    assert {cell.data_type for cell in cells} <= {"s", "n"}


def test_the_same_report_is_the_same_pdf(supervisor, report):
    first = taken(supervisor, report, "pdf")
    assert first == taken(supervisor, report, "pdf")


def test_only_the_board_and_supervisors_see_reports_and_fewer_make_them(browser_of, report):
    officer = browser_of(Role.BOARD_OFFICER)
    assert officer.get(report).status_code == 200
    assert officer.get("/reports/new").status_code == 403
    assert officer.get(f"{report}/file").status_code == 403
    for role in (Role.CASE_OFFICER, Role.BODY_SIGNER, Role.SECRETARY, Role.ADMINISTRATOR):
        assert browser_of(role).get(report).status_code == 403


def test_the_same_form_sent_twice_makes_one_report(supervisor, database):
    page = supervisor.get("/reports/new")
    first = supervisor.send_form(page, **YEAR)
    assert supervisor.send_form(page, **YEAR).location == first.location
    with database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(reports)) == 1


def test_what_was_amended_is_counted_by_whom_and_each_can_be_opened(
    supervisor, sealed, cast, database, ids
):
    case = cast.concluded(name="Vũ Thị Hủy")
    with as_owner(database).writing() as connection:
        enter_basis(connection)
    day = ids.today()
    annulled = Decision(AmendmentKind.ANNULMENT, Ground.OWN, "Sai.", BASIS, day, day)
    amend_conclusion(cast.secretary, sent(), case, annulled)
    sealed()

    made = supervisor.send("/reports/new", **YEAR).location
    shown = supervisor.get(made)
    part = text_of(shown).partition("Opinions and conclusions corrected, annulled and revoked")[2]
    assert "Office thuong-truc Planning 0 0 0 0 1 0" in part
    assert "Left out: what was drawn up and not signed" in part
    listed = text_of(supervisor.get(f"{made}/amendments"))
    assert "Vũ Thị Hủy" in listed
    assert "Lê Thị Ba" not in listed
    row = supervisor.get(f"{made}/amendments?row=thuong-truc/planning")
    assert "Vũ Thị Hủy" in text_of(row)
