"""A unit is found by its name as it wrote it; another unit is not found in its place."""

import unicodedata
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.registers.sheets import AUTHORITY, BODY, ORGANISATION, write_sheet
from vetting.registers import find_organisation, find_unit, fold_name, read_organisations

HUONG_SON = ORGANISATION | {"code": "huyen-uy-huong-son", "name_vi": "Huyện ủy Hương Sơn"}
CITY = ORGANISATION | {
    "code": "thanh-uy-ha-tinh",
    "name_vi": "Thành ủy Hà Tĩnh",
    "other_names": "Thành ủy TP. Hà Tĩnh",
}
COURT = ORGANISATION | {"code": "toa-an", "name_vi": "Tòa án nhân dân tỉnh"}
LABOUR = ORGANISATION | {"code": "lao-dong", "name_vi": "Sở Lao động - Thương binh và Xã hội"}


@pytest.fixture
def organisations(tmp_path):
    rows = (ORGANISATION, BODY, AUTHORITY, HUONG_SON, CITY, COURT, LABOUR)
    return read_organisations(write_sheet(tmp_path, "organisations.csv", *rows))


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Huyện ủy Hương Sơn", "huyen-uy-huong-son"),
        ("HUYỆN ỦY HƯƠNG SƠN", "huyen-uy-huong-son"),
        ("  Huyện\u00a0uỷ   Hương Sơn. ", "huyen-uy-huong-son"),
        (unicodedata.normalize("NFD", "Huyện ủy Hương Sơn"), "huyen-uy-huong-son"),
        ("Thành ủy Hà Tĩnh:", "thanh-uy-ha-tinh"),
        ("THÀNH ỦY TP HÀ TĨNH", "thanh-uy-ha-tinh"),
        ("Toà án nhân dân tỉnh", "toa-an"),
        ("Sở Lao động – Thương binh và Xã hội", "lao-dong"),
        ("Sở Lao \u00d0ộng, Thương binh và Xã hội", "lao-dong"),
        ("Thanh tra\u200b tỉnh", "thanh-tra-tinh"),
    ],
)
def test_a_unit_is_found_however_its_name_is_written(organisations, written, code):
    found = find_unit(organisations, written)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    "written",
    [
        "",
        " . ",
        "Huyện ủy Hướng Sơn",
        "Huyen uy Huong Son",
        "Huyện ủy Hương",
        "Huyện ủy Hương Sơn và Sở Y tế",
        "Thành ủy TX. Hà Tĩnh",
        "Sở Lao dộng - Thương binh và Xã hội",
    ],
)
def test_a_name_with_other_marks_or_words_finds_nobody(organisations, written):
    assert find_unit(organisations, written) is None


def test_only_a_requesting_unit_is_found_as_unit(organisations):
    assert find_unit(organisations, "Ban Thường vụ Tỉnh ủy") is None
    found = find_organisation(organisations, "Ban Thường vụ Tỉnh ủy")
    assert found is not None
    assert found.code == "ban-thuong-vu-tinh-uy"


def test_of_two_that_bore_a_name_one_after_another_the_day_decides(tmp_path):
    organisations = read_organisations(
        write_sheet(
            tmp_path,
            "organisations.csv",
            ORGANISATION | {"code": "new", "valid_from": "2025-03-10"},
            ORGANISATION | {"code": "old", "valid_to": "2025-02-28"},
        )
    )
    days = (date(2018, 9, 1), date(2025, 3, 1), date(2025, 3, 10), None)
    found = [find_unit(organisations, "Sở Y tế", on=day) for day in days]
    assert [unit and unit.code for unit in found] == ["old", None, "new", "new"]


@example("𝕬")
@given(st.text())
def test_folding_a_folded_name_changes_nothing(written):
    assert fold_name(fold_name(written)) == fold_name(written)


@given(st.text())
def test_composed_and_decomposed_names_fold_alike(written):
    folded = {fold_name(unicodedata.normalize(form, written)) for form in ("NFC", "NFD")}
    assert folded == {fold_name(written)}
