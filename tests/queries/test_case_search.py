"""Search: by reference or name, exact marks first, and never beyond what one may see."""

import pytest

from tests.builders import sent
from vetting.queries import case_search
from vetting.queries.case_search import search_cases
from vetting.usecases.issue_consultations import Asking, issue_consultations


def found(cast, desk, words):
    page = cast.asks(desk, search_cases, words)
    return [(one.name, one.same_marks) for one in page.found]


@pytest.fixture
def named(cast):
    for name in ("Nguyễn Văn An", "Nguyễn Văn Ân", "Trần Nguyễn Văn Ân", "Lê Thị Hoa"):
        cast.filed(name=name)
    return cast


def test_without_marks_every_spelling_is_found(named):
    assert found(named, named.unit, "nguyen van an") == [
        ("Nguyễn Văn An", False),
        ("Trần Nguyễn Văn Ân", False),  # by given name, then the names between
        ("Nguyễn Văn Ân", False),
    ]


def test_exact_marks_come_first_whatever_the_capitals(named):
    assert found(named, named.unit, "NGUYỄN văn ân") == [
        ("Nguyễn Văn Ân", True),
        ("Trần Nguyễn Văn Ân", True),
        ("Nguyễn Văn An", False),
    ]


@pytest.mark.parametrize("words", ["hoa", "Thị Hoa", "lê thị h", "  le   thi  "])
def test_a_part_of_a_name_is_enough_from_the_beginning_of_a_word(named, words):
    assert [name for name, _ in found(named, named.unit, words)] == ["Lê Thị Hoa"]


@pytest.mark.parametrize("words", ["oa", "%", "_e", "Lê%Hoa", "\\", "x" * 5000, "\x00oa", "𝕬𝖇"])
def test_what_is_no_part_of_a_name_finds_nothing_and_breaks_nothing(named, words):
    assert found(named, named.unit, words) == []


def test_a_reference_is_found_whole_or_by_its_beginning_and_in_small_letters(named):
    whole = named.asks(named.unit, search_cases, "qh-2026-soyte-0004-45")
    begun = named.asks(named.unit, search_cases, "QH-2026-SOYTE-000")

    assert [(one.reference, one.name) for one in whole.found] == [
        ("QH-2026-SOYTE-0004-45", "Lê Thị Hoa")
    ]
    assert (whole.slip, whole.as_reference, len(begun.found)) == (False, True, 4)


def test_a_reference_with_a_slip_is_told_as_such(named):
    swapped = named.asks(named.unit, search_cases, "QH-2026-SOYTE-0040-45")

    assert (swapped.slip, swapped.found) == (True, ())


def test_nobody_finds_what_they_may_not_see(named):
    asked = named.accepted(name="Đặng Văn Bảy")
    asking = Asking(left_out={"thue": "Không liên quan"})
    issue_consultations(named.board, sent(), [asked], asking)

    assert found(named, named.other_unit, "nguyen van an") == []
    assert found(named, named.secretary, "dang van bay") == []
    assert found(named, named.drafter("thue"), "dang van bay") == []
    assert found(named, named.drafter("cong-an"), "dang van bay") == [("Đặng Văn Bảy", False)]
    assert found(named, named.drafter("cong-an"), "nguyen van an") == []
    assert len(found(named, named.overseer, "nguyen van an")) == 3


def test_a_body_is_not_told_the_state_in_the_list(named):
    named.consulting(name="Đặng Văn Bảy")

    [theirs] = named.asks(named.drafter("cong-an"), search_cases, "dang van bay").found
    [boards] = named.asks(named.board, search_cases, "dang van bay").found

    assert (theirs.state, boards.state.en) == (None, "With the bodies")


def test_one_letter_is_too_short(named):
    page = named.asks(named.unit, search_cases, "â")

    assert (page.too_short, page.found) == (True, ())


def test_pages_follow_one_another_across_the_ranks(named, monkeypatch):
    monkeypatch.setattr(case_search, "PAGE", 1)
    names, after = [], None
    while True:
        page = named.asks(named.unit, search_cases, "nguyễn văn ân", after)
        names += [one.name for one in page.found]
        after = page.after
        if after is None:
            break

    assert names == ["Nguyễn Văn Ân", "Trần Nguyễn Văn Ân", "Nguyễn Văn An"]
