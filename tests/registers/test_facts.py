"""The facts that the project brings along: whole, consistent, and empty where not known."""

import json
import tomllib
from datetime import date
from pathlib import Path

import pytest

from vetting.engine.vocabulary import CaseType, Kind
from vetting.registers import BasisKey, ManagementLevel, find_unit, read_registers

PROJECT = Path(__file__).parents[2]
LISTS = PROJECT.parent / "shared" / "data" / "planning-2018" / "expected.json"
PROVINCE = "Tỉnh ủy Hà Tĩnh"


@pytest.fixture(scope="module")
def registers():
    return read_registers(PROJECT / "registers")


def test_the_regulation_names_eight_bodies_in_their_order(registers):
    names = {row.code: row.name_vi for row in registers.organisations}
    (regulation,) = registers.regulations
    assert [names[body.body] for body in regulation.bodies] == [
        "Ủy ban Kiểm tra Tỉnh ủy",
        "Ban Tuyên giáo Tỉnh ủy",
        "Ban Nội chính Tỉnh ủy",
        "Đảng ủy Quân sự tỉnh",
        "Đảng ủy Công an tỉnh",
        "Đảng ủy Bộ đội Biên phòng tỉnh",
        "Sở Ngoại vụ",
        "Thanh tra tỉnh",
    ]


def test_there_is_one_coordinator_and_it_also_requests(registers):
    assert [
        (row.name_vi, row.kinds) for row in registers.organisations if Kind.COORDINATOR in row.kinds
    ] == [("Ban Tổ chức Tỉnh ủy", (Kind.COORDINATOR, Kind.REQUESTING_UNIT))]


def test_sixty_three_units_and_one_successor_may_request(registers):
    successors = {row.successor for row in registers.successions}
    units = [row for row in registers.organisations if Kind.REQUESTING_UNIT in row.kinds]
    assert len([unit for unit in units if unit.code not in successors]) == 63
    assert {unit.name_vi for unit in units if unit.code in successors} == {
        "Ban Tuyên giáo và Dân vận Tỉnh ủy"
    }


def test_thirteen_committees_ended_with_the_district_level(registers):
    ended = {
        row.name_vi: row.valid_to for row in registers.organisations if row.valid_to is not None
    }
    assert ended == dict.fromkeys(
        (
            "Thành ủy Hà Tĩnh",
            "Thị ủy Hồng Lĩnh",
            "Thị ủy Kỳ Anh",
            "Huyện ủy Hương Sơn",
            "Huyện ủy Đức Thọ",
            "Huyện ủy Vũ Quang",
            "Huyện ủy Nghi Xuân",
            "Huyện ủy Can Lộc",
            "Huyện ủy Hương Khê",
            "Huyện ủy Thạch Hà",
            "Huyện ủy Cẩm Xuyên",
            "Huyện ủy Kỳ Anh",
            "Huyện ủy Lộc Hà",
        ),
        date(2025, 6, 30),
    )


def test_every_unit_is_found_by_its_name_in_capitals(registers):
    units = [row for row in registers.organisations if Kind.REQUESTING_UNIT in row.kinds]
    assert [find_unit(units, unit.name_vi.upper()) for unit in units] == units


@pytest.mark.skipif(
    not LISTS.exists(),
    reason="the lists of the 2018 round are not in shared/data/planning-2018 beside the repository",
)
def test_every_unit_of_the_round_is_found_by_the_name_in_its_list(registers):
    written = [entry["unit"] for entry in json.loads(LISTS.read_text(encoding="utf-8")).values()]
    found = [find_unit(registers.organisations, name) for name in written]
    assert [unit and unit.name_vi for unit in found] == written


def test_who_supervises_is_entered_apart_from_who_is_consulted(registers):
    assert [row.name_vi for row in registers.organisations if Kind.OVERSIGHT in row.kinds] == [
        "Ủy ban Kiểm tra Tỉnh ủy (kiểm tra, giám sát)",
        "Tiểu ban Bảo vệ chính trị nội bộ Trung ương",
    ]


def test_the_rules_of_the_province_replace_one_another_pair_by_pair(registers):
    assert {
        row.replacing: row.replaced
        for row in registers.replacements
        if row.replacing.issuer == PROVINCE
    } == {
        BasisKey(f"{new}-QĐ/TU", "2018-05", PROVINCE): BasisKey(f"{old}-QĐ/TU", "", PROVINCE)
        for new, old in (("680", "335"), ("681", "336"), ("682", "668"))
    }


def test_the_charter_rules_and_their_guidance_stand_in_one_chain_each(registers):
    replaced_by = {row.replaced: row.replacing for row in registers.replacements}

    def chain(key):
        found = [key]
        while found[-1] in replaced_by:
            found.append(replaced_by[found[-1]])
        return [(key.number, key.date) for key in found]

    assert chain(BasisKey("29-QĐ/TW", "2016-07-25", "Trung ương Đảng")) == [
        ("29-QĐ/TW", "2016-07-25"),
        ("24-QĐ/TW", "2021-07-30"),
        ("232-QĐ/TW", "2025-01-20"),
        ("294-QĐ/TW", "2025-05-26"),
        ("20-QĐ/TW", "2026-04-08"),
        ("208-QĐ/TW", "2026-07-26"),
    ]
    assert chain(BasisKey("01-HD/TW", "2021-09-28", "Ban Bí thư")) == [
        ("01-HD/TW", "2021-09-28"),
        ("06-HD/TW", "2025-06-09"),
        ("01-HD/TW", "2026-05-19"),
    ]


def test_what_is_not_known_is_not_entered(registers):
    (regulation,) = registers.regulations
    assert (regulation.basis, regulation.valid_from, regulation.valid_to) == (None, None, None)
    assert {row.from_date for row in registers.successions} == {None}
    assert {
        (row.title_vi, row.title_en) for row in registers.legal_bases if row.issuer == PROVINCE
    } == {("", "")}
    guard = "dang-uy-bo-doi-bien-phong-tinh"
    assert guard not in {row.predecessor for row in registers.successions}


def test_every_text_that_a_workflow_rests_on_is_in_the_register(registers):
    known = {row.key.joined for row in registers.legal_bases}
    definitions = sorted((PROJECT / "workflows").glob("*/v*.toml"))
    cited = {
        (path.parent.name, text)
        for path in definitions
        for text in tomllib.loads(path.read_text(encoding="utf-8")).get("legal_bases", ())
    }
    assert len(definitions) >= len(CaseType)
    assert sorted(pair for pair in cited if pair[1] not in known) == []


def authority_on(registers, level, case_type, day):
    found = [
        row.authority
        for row in registers.authorities
        if (row.management_level, row.case_type) == (level, case_type)
        and (row.valid_from or date.min) <= day <= (row.valid_to or date.max)
    ]
    return found[0] if found else None


@pytest.mark.parametrize(
    "case_type",
    [kind for kind in CaseType if kind not in {CaseType.PARTY_ADMISSION, CaseType.FULL_MEMBERSHIP}],
)
def test_the_standing_committee_concludes_on_those_it_manages(registers, case_type):
    assert (
        authority_on(registers, ManagementLevel.STANDING_COMMITTEE, case_type, date(2018, 9, 1))
        == "ban-thuong-vu-tinh-uy"
    )


@pytest.mark.parametrize("case_type", [CaseType.PARTY_ADMISSION, CaseType.FULL_MEMBERSHIP])
@pytest.mark.parametrize(
    ("day", "authority"),
    [
        (date(2016, 7, 24), None),
        (date(2016, 7, 25), "dang-uy-co-so-duoc-uy-quyen"),
        (date(2026, 4, 7), "dang-uy-co-so-duoc-uy-quyen"),
        (date(2026, 4, 8), None),
        (date(2026, 7, 25), None),
        (date(2026, 7, 26), "ban-thuong-vu-dang-uy-co-so-duoc-uy-quyen"),
    ],
)
def test_the_deciding_body_of_the_grassroots_changed_with_the_rules(
    registers, case_type, day, authority
):
    level = ManagementLevel.AUTHORISED_GRASSROOTS
    assert authority_on(registers, level, case_type, day) == authority


def test_every_row_says_where_it_is_from_in_words_a_reader_can_follow(registers):
    sources = [
        row.source
        for rows in (
            registers.organisations,
            registers.successions,
            registers.legal_bases,
            registers.replacements,
            registers.authorities,
            registers.regulations[0].bodies,
        )
        for row in rows
    ]
    assert [source for source in sources if "/work" in source or "[" in source] == []
