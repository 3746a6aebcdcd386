"""Filing a list: seen before it is filed, row by row after it, and never half."""

import csv
from io import BytesIO, StringIO

import pytest
from openpyxl import Workbook, load_workbook
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from tests.web.browsing import text_of, the_form
from vetting.engine.vocabulary import Role
from vetting.web.gate import ROOM

HEADINGS = ["STT", "Họ và tên", "Ngày sinh", "Dân tộc", "Chức danh quy hoạch"]
ROWS = [
    [1, "Nguyễn Thị Ân", "02/03/1975", "Kinh", "Phó Giám đốc Sở Y tế"],
    [2, "Trần Văn Bình", "1980", "Kinh", "Trưởng phòng"],
    [3, "", "01/01/1981", "Kinh", "Trưởng phòng"],
    [4, "Lê Văn Chi", "31/02/1981", "Kinh", "Trưởng phòng"],
]


def workbook(rows=ROWS, headings=HEADINGS):
    book = Workbook()
    for row in [headings, *rows]:
        book.active.append(row)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.fixture
def officer(browser_of):
    return browser_of(Role.CASE_OFFICER)


def sent_list(officer, content, name="Danh sách.xlsx", **answers):
    """Send a file by the form for it."""
    page = officer.get("/lists/new")
    form = the_form(page, {"file"})
    data = {
        **{name: values[0] for name, values in form.filled.items()},
        "case_type": "planning",
        **answers,
        "file": FileStorage(BytesIO(content), name),
    }
    boundary, body = encode_multipart(data)  # in memory: no file of the client's own is left over
    return officer.post(
        "/lists/new", data=body, content_type=f"multipart/form-data; boundary={boundary}"
    )


def kept(database, what="name, state"):
    with database.reading() as connection:
        rows = connection.exec_driver_sql(f"SELECT {what} FROM cases ORDER BY name")  # noqa: S608
        return [tuple(row) for row in rows]


def test_a_list_is_seen_row_by_row_before_anything_is_filed(officer, database):
    answer = sent_list(officer, workbook())
    assert answer.status_code == 303

    page = text_of(officer.get(answer.location))

    assert "Rows that become cases 2" in page
    assert "Rows refused 2" in page
    assert "never stored, because the act does not need them: Dân tộc" in page
    assert "has no date or year" in page or "no calendar has" in page or "31/02/1981" in page
    assert kept(database) == []


def test_the_accepted_rows_are_filed_under_their_letter(officer, database):
    preview = sent_list(officer, workbook()).location

    answer = officer.send(preview, letter_number="15-CV/SYT", letter_date="04/01/2026")

    assert kept(database) == [("Nguyễn Thị Ân", "filed"), ("Trần Văn Bình", "filed")]
    page = text_of(officer.get(answer.location))
    assert "2 cases are filed." in page
    assert "15-CV/SYT, 04/01/2026" in page
    assert "The row has no name." in page
    assert "QH-2026-SOYTE-0001-54" in page
    assert officer.get(preview).status_code == 404


def test_the_result_is_downloaded_as_a_workbook_and_as_text(officer):
    rows = [[1, "Nguyễn Thị Ân", "1975", "Kinh", "@SUM(1;1) Phó Giám đốc"], *ROWS[2:3]]
    preview = sent_list(officer, workbook(rows)).location
    answer = officer.send(preview, letter_number="")

    book = load_workbook(BytesIO(officer.get(f"{answer.location}.xlsx").data))
    read = list(book.active.iter_rows(values_only=True))
    text = officer.get(f"{answer.location}.csv").data.decode("utf-8-sig")
    lines = list(csv.reader(StringIO(text)))

    assert read[0] == (
        "Row",
        "Result",
        "Reference",
        "Full name",
        "Date or year of birth",
        "Title asked for",
        "Where it stands",
    )
    assert [row[1] for row in read[1:]] == ["Filed", "The row has no name."]
    assert [line[3:5] for line in lines[1:]] == [["Nguyễn Thị Ân", "1975"], ["", ""]]
    assert not any(cell.data_type == "f" for row in book.active.iter_rows() for cell in row)
    assert not any(cell[:1] in "=+-@" for line in lines for cell in line if cell)


def test_a_candidate_with_an_open_case_is_shown_and_never_merged(officer, cast, database):
    cast.filed()

    preview = sent_list(officer, workbook()).location
    page = text_of(officer.get(preview))
    assert "1 row is about a candidate with an open case for the same act." in page
    assert "Open already: QH-2026-SOYTE-0001-54" in page

    officer.send(preview, letter_number="")
    assert [name for name, _ in kept(database)] == [
        "Nguyễn Thị Ân",
        "Nguyễn Thị Ân",
        "Trần Văn Bình",
    ]


def test_a_list_can_be_let_go(officer, database):
    preview = sent_list(officer, workbook()).location

    answer = officer.send(preview, to=f"{preview}/drop")

    assert answer.location == "/lists/new"
    assert officer.get(preview).status_code == 404
    assert kept(database) == []


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00" * 1000, b"PK\x03\x04 broken", b"%PDF-1.7", "không phải danh sách".encode()],
)
def test_a_file_that_cannot_be_read_ends_in_one_sentence(officer, database, content):
    answer = sent_list(officer, content, "x.xlsx")

    assert answer.status_code == 422
    assert "Please look at this first" in text_of(answer)
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM waiting_lists").scalar() == 0


def test_a_file_that_is_too_large_is_told_so_on_its_form(officer):
    answer = sent_list(officer, b"x" * (12 * 1024 * 1024))

    assert answer.status_code == 422
    assert "The file is larger than 10 MB." in text_of(answer)


def test_what_is_far_too_large_is_not_even_taken_in(officer, monkeypatch):
    monkeypatch.setitem(ROOM, "lists.new", 50_000)

    assert sent_list(officer, b"x" * 60_000).status_code == 413


def test_a_second_click_files_nothing_twice(officer, database):
    preview = officer.get(sent_list(officer, workbook()).location)

    first, second = (officer.send_form(preview, letter_number="1") for _ in range(2))

    assert first.location == second.location
    assert len(kept(database)) == 2


def test_a_list_without_a_good_row_can_only_be_let_go(officer):
    page = officer.get(sent_list(officer, workbook(ROWS[2:])).location)

    assert "No row of this list can be filed." in text_of(page)


def test_nobody_else_sees_a_list_that_waits_or_what_became_of_it(officer, browser_of):
    preview = sent_list(officer, workbook()).location
    other = browser_of(Role.CASE_OFFICER, "so-noi-vu")
    assert other.get(preview).status_code == 404

    filed = officer.send(preview, letter_number="").location
    for kind in ("", ".xlsx", ".csv"):
        assert other.get(f"{filed}{kind}").status_code == 404
        assert browser_of(Role.BOARD_OFFICER).get(f"{filed}{kind}").status_code == 200
        assert browser_of(Role.BODY_SIGNER).get(f"{filed}{kind}").status_code == 403


@pytest.mark.parametrize(
    "wrong", [{"case_type": ""}, {"case_type": "marriage"}, {"case_type": "full_membership"}]
)
def test_an_act_has_to_be_chosen(officer, wrong):
    assert sent_list(officer, workbook(), **wrong).status_code == 422


def test_a_file_has_to_be_chosen(officer):
    assert officer.send("/lists/new", case_type="planning").status_code == 422
