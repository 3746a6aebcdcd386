"""Retention schedules as a province enters them: every wrong row is named, nothing is guessed."""

import pytest

from vetting.engine.vocabulary import CaseType
from vetting.registers import BadRegister
from vetting.registers.read_schedules import HEADINGS, read_schedules

GOOD = {
    "code": "ho-so-quy-hoach",
    "name_vi": "Hồ sơ quy hoạch",
    "name_en": "Planning records",
    "case_types": "planning;rotation",
    "years": "20",
    "basis": "Quy định 01 của tỉnh",
    "source": "bản ký",
}
OTHER = GOOD | {"code": "ho-so-khac", "case_types": "promotion", "years": "", "basis": ""}


def written(*rows, headings=HEADINGS):
    lines = [",".join(headings)]
    lines += [",".join(row.get(heading, "") for heading in headings) for row in rows]
    return "\n".join(lines) + "\n"


@pytest.fixture
def read(tmp_path):
    def read(text, encoding="utf-8"):
        file = tmp_path / "lich.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return read_schedules(file)

    return read


def faults(read, text, encoding="utf-8"):
    with pytest.raises(BadRegister) as bad:
        read(text, encoding)
    return [(one.line, str(one.sentence)) for one in bad.value.faults]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_every_row_that_is_well_is_taken(read, encoding):
    found = read(written(GOOD, OTHER), encoding)
    assert [(one.code, one.years, one.basis, source) for one, source in found] == [
        ("ho-so-quy-hoach", 20, "Quy định 01 của tỉnh", "bản ký"),
        ("ho-so-khac", None, "", "bản ký"),
    ]
    assert found[0][0].case_types == {CaseType.PLANNING, CaseType.ROTATION}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"code": ""}, "The column “code” is empty."),
        ({"code": "Hồ sơ"}, "“Hồ sơ” in the column “code” is not a code"),
        ({"name_vi": " "}, "The column “name_vi” is empty."),
        ({"name_en": ""}, "The column “name_en” is empty."),
        ({"basis": ""}, "The column “basis” is empty."),
        ({"years": "0"}, "“0” is no number of years from 1 to 200."),
        ({"years": "201"}, "“201” is no number of years from 1 to 200."),
        ({"years": "9" * 40}, "is no number of years from 1 to 200."),
        ({"years": "-5"}, "“-5” is no number of years from 1 to 200."),
        ({"years": "20.5"}, "“20.5” is no number of years from 1 to 200."),
        ({"years": "２０"}, "is no number of years from 1 to 200."),
        ({"years": "hai mươi"}, "“hai mươi” is no number of years from 1 to 200."),
        ({"case_types": "planing"}, "“planing” in the column “case_types” is not one of: planning"),
        ({"case_types": "planning;planning"}, "“planning” is written twice in the column"),
        ({"source": "a\u200bb"}, "a line break or an invisible character"),
    ],
)
def test_a_row_that_cannot_be_is_named_with_what_is_wrong(read, wrong, said):
    found = faults(read, written(OTHER, GOOD | wrong))
    assert [line for line, _ in found] == [3]
    assert said in found[0][1]


def test_rows_in_are_rows_taken_and_rows_refused(read):
    rows = [
        GOOD,
        GOOD | {"case_types": "transfer"},  # the same code once more
        OTHER,
        OTHER | {"code": "ho-so-ba"},  # meant for the same case type
        GOOD | {"code": "ho-so-bon", "case_types": "", "years": "0"},
    ]
    refused = faults(read, written(*rows))
    assert refused == [
        (3, "The class “ho-so-quy-hoach” is written twice."),
        (5, "Two classes are meant for the case type “promotion”."),
        (6, "“0” is no number of years from 1 to 200."),
    ]
    lines = {line for line, _ in refused}
    taken = read(written(*(row for number, row in enumerate(rows, 2) if number not in lines)))
    assert len(taken) + len(lines) == len(rows)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 0, "The file has no heading row."),
        (written(GOOD).encode("utf-16"), 1, "The text is not UTF-8"),
        (written(GOOD).encode("cp1258", "replace"), 2, "The text is not UTF-8"),
        (written(GOOD, headings=HEADINGS[:-1]), 1, "The column “source” is missing."),
        (written(GOOD, headings=(*HEADINGS, "note")), 1, "There is no column “note”"),
        (written(GOOD, headings=(*HEADINGS, "code")), 1, "The column “code” is there twice."),
        (written(GOOD) + "mot,hai\n", 3, "The row has 2 cells instead of 7."),
        (written(GOOD) + '"mot,hai\n', 3, "a quotation mark is open or misplaced"),
        (written(GOOD).replace(",", ";"), 1, "is missing."),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_where_it_goes_wrong(read, text, line, said):
    found = faults(read, text)
    assert any(number == line and said in sentence for number, sentence in found), found


def test_empty_rows_are_passed_over(read):
    assert len(read(written(GOOD) + "\n,,,,,,\n\n")) == 1


def test_a_file_that_is_not_there_or_too_large_says_so(read, tmp_path):
    with pytest.raises(BadRegister, match="The file is missing"):
        read_schedules(tmp_path / "khong-co.csv")
    assert "has more than" in faults(read, written(GOOD) + " " * 5_000_001)[0][1]
