"""What a list yields, whatever kind of file and layout it comes in."""

# ruff: noqa: E501 - a case stands on a line of its own

import json
import unicodedata
from datetime import date, datetime
from pathlib import Path

import pytest

from tests.lists.files import HEADINGS, TODAY, ods, text, xls, xlsx
from vetting.lists import GoodRow, Reason, UnreadableList, read_list

SAMPLES = Path(__file__).parents[3] / "shared" / "data" / "planning-2018"
ROWS = [
    ["UBND TỈNH HÀ TĨNH"],
    ["SỞ NỘI VỤ"],
    [],
    ["DANH SÁCH QUY HOẠCH"],
    HEADINGS,
    [1, "NGUYỄN VĂN ÂN", "02/4/1970", "Trưởng phòng, Sở Nội vụ", "Phó Giám đốc"],
    [2, "Trần Thị Bình", date(1980, 5, 6), "Chuyên viên", "Trưởng phòng"],
    [3, "Lê Cường", 1975, "", "Phó Giám đốc"],
    ["", "Tổng cộng: 3 đồng chí"],
    [],
    ["", "NGƯỜI LẬP", "", "", "GIÁM ĐỐC"],
    ["", "Lê Thị Lập", "", "", "Trần Văn Ký"],
]
READ = (
    GoodRow(6, "Nguyễn Văn Ân", "1970-04-02", "Phó Giám đốc", "Trưởng phòng, Sở Nội vụ"),
    GoodRow(7, "Trần Thị Bình", "1980-05-06", "Trưởng phòng", "Chuyên viên"),
    GoodRow(8, "Lê Cường", "1975", "Phó Giám đốc", None),
)


def read(content):
    return read_list(content, "danh-sach", today=TODAY)


def persons(content):
    """Return the accepted rows as (row, name, born, target)."""
    return [
        (row.row, row.name, row.born, row.target)
        for row in read(content).rows
        if isinstance(row, GoodRow)
    ]


def refusals(content):
    return [
        (row.row, str(row.reason)) for row in read(content).rows if not isinstance(row, GoodRow)
    ]


def one(name="Nguyễn Văn Ân", birth=1970, target="Bí thư"):
    return read(xlsx([HEADINGS, [1, name, birth, "", target]])).rows[0]


TEXTS = [
    pytest.param(text(ROWS, delimiter, encoding), id=f"csv {delimiter!r} {encoding}")
    for delimiter in ",;\t"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "windows-1258")
]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(xlsx(ROWS), id="xlsx"),
        pytest.param(xls(ROWS), id="xls"),
        pytest.param(ods([("Danh sách", ROWS, False)]), id="ods"),
        *TEXTS,
    ],
)
def test_every_kind_of_file_yields_the_same_rows(content):
    found = read(content)

    assert found.rows == READ
    assert found.unit == "Sở Nội vụ"
    assert found.not_kept == ()
    assert found.unused == ("STT",)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"the sample lists are not in {SAMPLES}")
def test_the_63_sample_lists_are_read_row_by_row():
    expected = json.loads((SAMPLES / "expected.json").read_text("utf-8"))
    found = {}
    for file in expected:
        read_one = read((SAMPLES / file).read_bytes())
        found[file] = {
            "unit": read_one.unit,
            "good": [
                {"row": row.row, "name": row.name, "target": row.target, "born": row.born}
                for row in read_one.rows
                if isinstance(row, GoodRow)
            ],
            "bad": [
                {"row": row.row, "reason": str(row.reason)}
                for row in read_one.rows
                if not isinstance(row, GoodRow)
            ],
            "not_to_be_kept": list(read_one.not_kept),
        }

    assert found == expected
    assert sum(len(one["good"]) for one in found.values()) == 2071
    assert sum(len(one["bad"]) for one in found.values()) == 108


@pytest.mark.parametrize(
    ("written", "born"),
    [
        ("02/4/1970", "1970-04-02"), ("02-04-1970", "1970-04-02"), ("2.4.1970", "1970-04-02"),
        ("1970-04-02", "1970-04-02"), ("ngày 02 tháng 4 năm 1970", "1970-04-02"),
        ("sinh ngày 2/4/1970", "1970-04-02"), ("02 / 04 / 1970", "1970-04-02"),
        ("'02/04/1970", "1970-04-02"), ("02/04/1970 00:00:00", "1970-04-02"),
        ("02/IV/1970", "1970-04-02"), ("2-Apr-1970", "1970-04-02"), ("02041970", "1970-04-02"),
        (25660, "1970-04-02"), ("25660", "1970-04-02"), (date(1970, 4, 2), "1970-04-02"),
        (datetime(1970, 4, 2, 0, 0), "1970-04-02"),  # noqa: DTZ001 - a cell has no time zone
        (1970, "1970"), ("1970", "1970"), ("năm 1970", "1970"), (" 1970 ", "1970"),
        ("29/02/1972", "1972-02-29"), ("23/11/2026", "2026-11-23"),
    ],
)  # fmt: skip
def test_a_birth_is_read_however_it_is_written(written, born):
    assert one(birth=written) == GoodRow(2, "Nguyễn Văn Ân", born, "Bí thư")


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("4/1970", Reason.BIRTH_INVALID), ("02/04/70", Reason.BIRTH_INVALID),
        ("31/02/1980", Reason.BIRTH_INVALID), ("00/00/1970", Reason.BIRTH_INVALID),
        ("29/02/1971", Reason.BIRTH_INVALID), ("04/22/1970", Reason.BIRTH_INVALID),
        ("", Reason.BIRTH_INVALID), ("-", Reason.BIRTH_INVALID), ("48 tuổi", Reason.BIRTH_INVALID),
        (1850, Reason.BIRTH_INVALID), (48, Reason.BIRTH_INVALID), ("9" * 400, Reason.BIRTH_INVALID),
        (2027, Reason.BIRTH_FUTURE), ("24/11/2026", Reason.BIRTH_FUTURE),
        (date(2035, 5, 12), Reason.BIRTH_FUTURE),
    ],
)  # fmt: skip
def test_a_birth_that_is_none_is_refused(written, reason):
    assert one(birth=written).reason is reason


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("NGUYỄN VĂN ÂN", "Nguyễn Văn Ân"), ("nguyễn văn ân", "Nguyễn Văn Ân"),
        ("  Tô  Tiến Long ", "Tô Tiến Long"), ("Nguyễn\u00a0Văn\u200b Ân", "Nguyễn Văn Ân"),
        ("Nguyễn Văn\nÂn", "Nguyễn Văn Ân"), (unicodedata.normalize("NFD", "Thị Phượng"), "Thị Phượng"),
        ("H’HEN NIÊ", "H'Hen Niê"), ("H'Hen Niê", "H'Hen Niê"), ("Y Ê BAN", "Y Ê Ban"),
        ("K' Văn Bình", "K' Văn Bình"), ("JEAN-PAUL LÊ", "Jean-Paul Lê"), ("O'NEIL", "O'Neil"),
        ("ÐẶNG ÐỨC", "Đặng Đức"), ("đặng đức", "Đặng Đức"), ("Hoa", "Hoa"),
        ("Đ/c Nguyễn Văn Ân", "Nguyễn Văn Ân"), ("Ông Cao Thắng", "Ông Cao Thắng"),
        ("1. Trần Văn Dũng", "Trần Văn Dũng"), ("Lê Văn Em (*)", "Lê Văn Em"),
        ("Nguyễn Thị Hoa (Hằng)", "Nguyễn Thị Hoa (Hằng)"), ("Phó Đức Phương", "Phó Đức Phương"),
    ],
)  # fmt: skip
def test_a_name_is_written_as_names_are(written, name):
    assert one(name=written) == GoodRow(2, name, "1970", "Bí thư")


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", Reason.NAME_MISSING), (" \u200b ", Reason.NAME_MISSING), ("---", Reason.NAME_MISSING),
        ("Nguyễn Văn 1", Reason.NAME_INVALID), ("12345", Reason.NAME_INVALID),
        ("N@m", Reason.NAME_INVALID), ("?", Reason.NAME_INVALID), ("Иван Петров", Reason.NAME_INVALID),
        ("Nguyễn V\u0430n Ân", Reason.NAME_INVALID), ("NguyÔn V¨n An", Reason.NAME_INVALID),
        ("Nguyễn Văn An, Lê Bình", Reason.NAME_INVALID), ("<b>Ân</b>", Reason.NAME_INVALID),
        ("Ân " * 40, Reason.NAME_TOO_LONG),
    ],
)  # fmt: skip
def test_what_is_no_name_is_refused(written, reason):
    assert one(name=written).reason is reason


def test_a_row_without_a_title_is_refused_with_its_name():
    refused = one(target="")

    assert (refused.row, refused.reason, refused.name) == (
        2,
        Reason.TARGET_MISSING,
        "Nguyễn Văn Ân",
    )
    assert str(refused.message) == ("Row 2 names no title that Nguyễn Văn Ân is put forward for.")


def test_a_second_title_is_a_row_and_a_repetition_is_not():
    content = xlsx(
        [
            HEADINGS,
            [1, "Lê Thị Hòa", "2/4/1970", "", "Bí thư"],
            [2, "Lê Thị Hòa", "2/4/1970", "", "Chủ tịch"],
            [3, "LÊ THỊ HOÀ", "02-04-1970", "", "bí thư"],
            [4, "Lê Thị Hoa", "2/4/1970", "", "Bí thư"],
        ]
    )

    assert [row for row, *_ in persons(content)] == [2, 3, 5]
    assert refusals(content) == [(4, "duplicate_row")]


@pytest.mark.parametrize(
    ("headings", "cells"),
    [
        (["TT", "HỌ VÀ TÊN", "Năm sinh", "Chức danh quy hoạch"], [1, "Lê Văn Ân", 1970, "Bí thư"]),
        (["Quy hoạch chức danh", "NTN sinh", "Họ, tên"], ["Bí thư", 1970, "Lê Văn Ân"]),
        (["TT", "Họ, chữ đệm và tên khai sinh", "Sinh ngày", "Dự kiến chức danh"], [1, "Lê Văn Ân", 1970, "Bí thư"]),
        (["Họ đệm", "Tên", "Năm sinh", "Chức danh"], ["Lê Văn", "Ân", 1970, "Bí thư"]),
        (["Tên", "Họ", "Tên đệm", "Năm sinh", "Vị trí đề nghị"], ["Ân", "Lê", "Văn", 1970, "Bí thư"]),
        (["Họ và tên đệm", "Tên", "Năm sinh", "Chức danh"], ["Lê Văn", "Ân", 1970, "Bí thư"]),
        (["Họ và tên", "", "Năm sinh", "Chức danh"], ["Lê Văn", "Ân", 1970, "Bí thư"]),
        (["Họ tên", "Năm sinh", "Chức vụ", "Chức vụ dự kiến"], ["Lê Văn Ân", 1970, "x", "Bí thư"]),
        (["Họ tên", "Năm sinh", "Chức danh", "Chức danh đề nghị bổ nhiệm"], ["Lê Văn Ân", 1970, "x", "Bí thư"]),
        (["No.", "Full name", "Date of birth", "Current position", "Proposed position"], [1, "Lê Văn Ân", 1970, "x", "Bí thư"]),
        (["Họ tên", "Năm sinh", "Chức danh quy hoạch nhiệm kỳ 2020 - 2025", "Chức danh đã được quy hoạch"], ["Lê Văn Ân", 1970, "Bí thư", "x"]),
        (["Họ và tên", "Ngày sinh", "Năm sinh", "Chức danh"], ["Lê Văn Ân", "", 1970, "Bí thư"]),
    ],
)  # fmt: skip
def test_headings_are_known_in_many_wordings_and_orders(headings, cells):
    assert persons(xlsx([headings, cells])) == [(2, "Lê Văn Ân", "1970", "Bí thư")]


TWO_ROWS = [
    ["STT", "Họ và tên", "Ngày sinh", "", "Chức vụ", "", "Dân tộc"],
    ["", "", "Nam", "Nữ", "Hiện nay", "Quy hoạch", ""],
    [1, "Lê Văn Ân", "2/4/1970", "", "Trưởng phòng", "Giám đốc", "Kinh"],
    [2, "Lê Thị Bê", "", 1971, "Trưởng phòng", "Giám đốc", "Kinh"],
    [3, "Lê Văn Cam", 1970, 1971, "Trưởng phòng", "Giám đốc", "Kinh"],
]


@pytest.mark.parametrize(
    "content",
    [
        xlsx(TWO_ROWS, ["A1:A2", "B1:B2", "C1:D1", "E1:F1", "G1:G2"]),
        xlsx(TWO_ROWS),
        text(TWO_ROWS, ";"),
        ods([("Danh sách", TWO_ROWS, False)]),
    ],
)
def test_headings_may_stand_in_two_rows(content):
    assert persons(content) == [
        (3, "Lê Văn Ân", "1970-04-02", "Giám đốc"),
        (4, "Lê Thị Bê", "1971", "Giám đốc"),
    ]
    assert refusals(content) == [(5, "birth_invalid")]
    assert read(content).not_kept == ("Dân tộc",)


def test_day_month_and_year_may_stand_apart():
    content = xlsx(
        [
            ["STT", "Họ và tên", "Ngày tháng năm sinh", "", "", "Chức danh"],
            ["", "", "Ngày", "Tháng", "Năm", ""],
            [1, "Lê Văn Ân", 2, 4, 1970, "Bí thư"],
            [2, "Lê Văn Bê", "", "", 1970, "Bí thư"],
        ],
        ["C1:E1", "A1:A2", "B1:B2", "F1:F2"],
    )

    assert [born for _, _, born, _ in persons(content)] == ["1970-04-02", "1970"]


def test_a_title_may_be_ticked_in_a_column_of_its_own():
    content = xlsx(
        [
            ["TT", "Họ và tên", "Năm sinh", "Chức danh quy hoạch", ""],
            ["", "", "", "Bí thư", "Phó Bí thư"],
            [1, "Lê Văn Ân", 1970, "x", ""],
            [2, "Lê Văn Bê", 1971, "", "X"],
        ],
        ["D1:E1", "A1:A2", "B1:B2", "C1:C2"],
    )

    assert [target for *_, target in persons(content)] == ["Bí thư", "Phó Bí thư"]


def test_sections_carry_the_title_to_the_rows_below():
    content = xlsx(
        [
            ["STT", "Họ và tên", "Năm sinh", "Đơn vị công tác"],
            ["A", "KHỐI ĐẢNG"],
            ["I", "PHÓ BÍ THƯ HUYỆN ỦY (02 đồng chí)"],
            [1, "Lê Văn Ân", 1970, "x"],
            ["", "1. Phòng Tổ chức"],
            ["", "Lê Văn Bê", 1971, "x"],
            ["B", "KHỐI CHÍNH QUYỀN"],
            [3, "Lê Văn Cam", 1971, "x"],
            ["II. Chức danh: Chủ tịch UBND"],
            [4, "Lê Văn Cam", 1971, "x"],
            ["", "Cộng: 4 người"],
        ]
    )

    assert persons(content) == [
        (4, "Lê Văn Ân", "1970", "Phó Bí thư Huyện ủy"),
        (6, "Lê Văn Bê", "1971", "Phó Bí thư Huyện ủy"),
        (10, "Lê Văn Cam", "1971", "Chủ tịch UBND"),
    ]
    assert refusals(content) == [(8, "target_missing")]


def test_the_headline_may_carry_the_one_title():
    content = xlsx(
        [
            ["Danh sách quy hoạch chức danh Phó Giám đốc Sở Y tế nhiệm kỳ 2020-2025"],
            ["TT", "Họ và tên", "Năm sinh", "Chức vụ hiện nay"],
            [1, "Lê Văn Ân", 1970, "Trưởng phòng"],
        ]
    )

    assert persons(content) == [(3, "Lê Văn Ân", "1970", "Phó Giám đốc Sở Y tế")]


MERGED = [
    HEADINGS,
    [1, "Lê Văn Ân", 1970, "", ("Bí thư", 3)],
    [2, "Lê Văn Bê", 1970, "", ""],
    [3, "Lê Văn Cam", 1970, "", ""],
    [4, "Lê Văn Dân", 1970, "", ""],
]


@pytest.mark.parametrize(
    "content",
    [
        xlsx([[c[0] if isinstance(c, tuple) else c for c in row] for row in MERGED], ["E2:E4"]),
        ods([("Danh sách", MERGED, False)]),
    ],
)
def test_one_merged_title_counts_for_each_person_beside_it(content):
    assert [row for row, *_ in persons(content)] == [2, 3, 4]
    assert refusals(content) == [(5, "target_missing")]


def test_a_person_merged_over_two_titles_gives_two_rows_and_over_one_title_one():
    content = xlsx(
        [
            HEADINGS,
            [1, "Lê Văn Ân", 1970, "x", "Bí thư"],
            ["", "", "", "", "Chủ tịch"],
            [2, "Lê Văn Bê", 1970, "x", "Bí thư"],
            ["", "", "", "(từ 2015)", ""],
        ],
        ["A2:A3", "B2:B3", "C2:C3", "A4:A5", "B4:B5", "C4:C5", "E4:E5"],
    )

    assert persons(content) == [
        (2, "Lê Văn Ân", "1970", "Bí thư"),
        (3, "Lê Văn Ân", "1970", "Chủ tịch"),
        (4, "Lê Văn Bê", "1970", "Bí thư"),
    ]
    assert refusals(content) == []


def test_ditto_marks_take_the_title_above():
    content = xlsx(
        [
            HEADINGS,
            [1, "Lê Văn Ân", 1970, "x", "Bí thư"],
            [2, "Lê Văn Bê", 1970, "x", '"'],
            [3, "Lê Văn Cam", 1970, "x", "như trên"],
        ]
    )

    assert [target for *_, target in persons(content)] == ["Bí thư"] * 3


def test_headings_may_come_again_and_in_another_order():
    content = xlsx(
        [
            HEADINGS,
            ["(1)", "(2)", "(3)", "(4)", "(5)"],
            [1, "Lê Văn Ân", 1970, "x", "Bí thư"],
            HEADINGS,
            [2, "Lê Văn Bê", 1970, "x", "Bí thư"],
            [],
            ["STT", "Họ tên", "Chức danh quy hoạch", "Năm sinh", "Tôn giáo"],
            [1, "Lê Văn Cam", "Giám đốc", 1980, "Không"],
        ]
    )

    assert [(row, target) for row, _, _, target in persons(content)] == [
        (3, "Bí thư"), (5, "Bí thư"), (8, "Giám đốc"),
    ]  # fmt: skip
    assert refusals(content) == []
    assert read(content).not_kept == ("Tôn giáo",)


def test_what_stands_below_a_list_is_nobody():
    content = xlsx(
        [
            HEADINGS,
            [1, "Lê Văn Ân", 1970, "x", "Bí thư"],
            [],
            ["", "Lê Văn Bê", 1970, "x", "Bí thư"],
            [7, "", "", "", ""],
            ["(*) Đang học tập trung"],
            ["Ghi chú: xếp theo chức danh"],
            ["Danh sách này có 02 đồng chí./."],
            ["", "", "", "", "Hà Tĩnh, ngày 5 tháng 6 năm 2018"],
            ["", "", "", "", "TM. BAN THƯỜNG VỤ"],
            ["", "", "", "", "PHÓ BÍ THƯ"],
            ["", "", "", "", "Nguyễn Văn Ký"],
            ["", "Nơi nhận:"],
            ["", "- Như trên;"],
        ]
    )

    assert [row for row, *_ in persons(content)] == [2, 4]
    assert refusals(content) == []


def test_a_summary_below_a_list_is_nobody():
    content = xlsx(
        [
            HEADINGS,
            [1, "Lê Văn Ân", 1970, "x", "Bí thư"],
            ["", "Tổng cộng", 1],
            ["TT", "Chức danh", "Số lượng"],
            [1, "Bí thư", 3],
            ["", "CHỦ TỊCH CÔNG ĐOÀN", "", "", "GIÁM ĐỐC"],
            ["", "Lê Thị Lập", "", "", "Nguyễn Văn Ký"],
        ]
    )

    assert [row for row, *_ in persons(content)] == [2]
    assert refusals(content) == []


def test_people_whose_names_look_like_totals_or_titles_are_people():
    names = ["Tống Thị Cộng", "Tổng Văn Hợp", "Công Văn Kỷ", "Trương Văn Trưởng", "Quyền Thị Mai"]
    content = xlsx([HEADINGS, *(["", name, "", "x", "Bí thư"] for name in names)])

    assert [row.name for row in read(content).rows] == names
    assert [reason for _, reason in refusals(content)] == ["birth_invalid"] * len(names)


def test_a_section_repeated_in_every_cell_is_still_a_section():
    content = text([HEADINGS[:4], ["I. Bí thư"] * 4, ["1", "Lê Văn Ân", "1970", "x"]])

    assert persons(content) == [(3, "Lê Văn Ân", "1970", "Bí thư")]
    assert refusals(content) == []


def test_a_person_standing_alone_is_refused_and_not_passed_over():
    content = xlsx([HEADINGS, [1, "Lê Văn Ân", "", "", ""], ["", "Lê Thị Bê", "", "", ""]])

    assert refusals(content) == [(2, "birth_invalid"), (3, "birth_invalid")]


def test_columns_that_are_none_of_our_business_are_named_and_their_cells_are_nowhere():
    private = [
        "Dân tộc", "TÔN GIÁO", "Số CCCD", "Trình độ chuyên môn", "Thành phần gia đình",
        "Họ tên vợ (chồng)", "Năm sinh vợ/chồng", "Điện thoại", "Sở thích",
    ]  # fmt: skip
    ordinary = ["Quê quán", "Ngày vào Đảng", "Giới tính", "Ghi chú"]
    secrets = [f"canary{place}" for place in range(len(private) + len(ordinary))]
    found = read(
        xlsx([HEADINGS + private + ordinary, [1, "Lê Văn Ân", 1970, "x", "Bí thư", *secrets]])
    )

    assert found.not_kept == tuple(private)
    assert found.unused == ("STT", *ordinary)
    assert found.rows == (GoodRow(2, "Lê Văn Ân", "1970", "Bí thư", "x"),)
    assert "canary" not in repr(found)


def test_relatives_under_a_group_heading_are_not_taken_for_the_candidate():
    content = xlsx(
        [
            ["TT", "Bản thân", "", "Quan hệ gia đình", "", "Quy hoạch"],
            ["", "Họ và tên", "Ngày sinh", "Họ và tên", "Năm sinh", "Chức danh"],
            [1, "Lê Văn Ân", 1970, "Lê Thị Vợ", 1972, "Bí thư"],
        ],
        ["B1:C1", "D1:E1", "A1:A2"],
    )

    assert persons(content) == [(3, "Lê Văn Ân", "1970", "Bí thư")]
    assert read(content).not_kept == (
        "Quan hệ gia đình / Họ và tên", "Quan hệ gia đình / Năm sinh",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("head", "unit"),
    [
        ([["TỈNH ỦY HÀ TĨNH"], ["THÀNH ỦY HÀ TĨNH"]], "Thành ủy Hà Tĩnh"),
        ([["TỈNH ỦY HÀ TĨNH", "", "", "ĐẢNG CỘNG SẢN VIỆT NAM"], ["BAN TUYÊN GIÁO"]], "Ban Tuyên giáo"),
        ([["UBND TỈNH\nSỞ VĂN HÓA, THỂ THAO VÀ DU LỊCH"]], "Sở Văn hóa, Thể thao và Du lịch"),
        ([["Đơn vị: Sở Nội vụ tỉnh Hà Tĩnh"]], "Sở Nội vụ tỉnh Hà Tĩnh"),
        ([["DANH SÁCH CÁN BỘ"], ["SỞ KHOA HỌC VÀ CÔNG NGHỆ"]], "Sở Khoa học và Công nghệ"),
        ([["DANH SÁCH"]], None),
    ],
)  # fmt: skip
def test_the_unit_is_read_from_the_head_of_the_list(head, unit):
    assert read(xlsx([*head, HEADINGS, [1, "Lê Văn Ân", 1970, "", "Bí thư"]])).unit == unit


def test_only_the_visible_sheet_with_a_list_is_read():
    row = [1, "Lê Văn Ân", 1970, "", "Bí thư"]
    content = xlsx(
        [["Hướng dẫn điền biểu"]],
        name="Hướng dẫn",
        more=[("DS", [HEADINGS, row])],
        hidden=[("Nháp", [HEADINGS, [1, "Không Được Nhập", 1970, "", "Bí thư"]])],
    )

    assert read(content).sheet == "DS"
    assert [name for _, name, _, _ in persons(content)] == ["Lê Văn Ân"]


def test_a_hidden_sheet_of_an_opendocument_file_is_not_read():
    content = ods(
        [
            ("Nháp", [HEADINGS, [1, "Không Được Nhập", 1970, "", "Bí thư"]], True),
            ("DS", [HEADINGS, [1, "Lê Văn Ân", 1970, "", "Bí thư"]], False),
        ]
    )

    assert [name for _, name, _, _ in persons(content)] == ["Lê Văn Ân"]


def test_lists_on_two_sheets_are_not_read_by_half():
    content = xlsx(
        [HEADINGS, [1, "Lê Văn Ân", 1970, "", "Bí thư"]],
        name="A",
        more=[("B", [HEADINGS, [1, "Lê Văn Bê", 1970, "", "Bí thư"]])],
    )

    with pytest.raises(UnreadableList, match=r"several sheets \(A, B\)"):
        read(content)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (xlsx([["TT", "Họ và tên", "Chức danh"], [1, "Lê Văn Ân", "Bí thư"]]), "no column for the date"),
        (xlsx([[1, "Lê Văn Ân", 1970, "Bí thư"]]), "No row of headings"),
        (xlsx([HEADINGS]), "no person below"),
        (xlsx([]), "no visible sheet"),
    ],
)  # fmt: skip
def test_a_file_without_a_list_says_what_is_missing(content, sentence):
    with pytest.raises(UnreadableList, match=sentence):
        read(content)
