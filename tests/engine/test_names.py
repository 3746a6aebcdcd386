"""Names fold for search and sort as a Vietnamese reader looks for them."""

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vetting.engine.names import folded, sort_key, title_key

LETTERS = (
    "aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ"
)
NAMES = st.lists(
    st.text(st.sampled_from(LETTERS), min_size=1, max_size=6), min_size=1, max_size=4
).map(" ".join)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Đặng Thị Ân", "dang thi an"),
        ("NGUYỄN  VĂN\tĐỨC ", "nguyen van duc"),
        (normalize("NFD", "Hồ Quỳnh Thưởng"), "ho quynh thuong"),
        ("Trần Thị Ơn", "tran thi on"),
        ("H'Hen Niê", "h'hen nie"),
        ("Đỗ Đình Đường", "do dinh duong"),
        ("", ""),
    ],
)
def test_a_name_folds_to_what_is_typed_without_marks(name, plain):
    assert folded(name) == plain


IN_ORDER = [
    "Nguyễn An",
    "Nguyễn Văn An",
    "Phạm Văn An",
    "Lê Ánh",
    "Lê Thị Ân",
    "Trần Bình",
    "Trần Dung",
    "Trần Dũng",
    "Lê Đan",
    "Lê Đức",
    "Lê Hoa",
    "Lê Hòa",
    "Lê Hoà",
    "Lê Hóa",
    "Lê Hoan",
    "Lê Hồng",
    "Lê Long",
    "Lê Mai",
    "Lê Oanh",
    "Lê Ơn",
    "Lê Tu",
    "Lê Tú",
    "Lê Tư",
    "Lê Y",
]


def test_a_list_sorts_by_given_name_then_by_the_rest_as_the_dictionary_has_it():
    by_key = sorted(IN_ORDER, key=sort_key)
    assert [name.split()[-1] for name in by_key if name.split()[-1] not in {"Hòa", "Hoà"}] == [
        name.split()[-1] for name in IN_ORDER if name.split()[-1] not in {"Hòa", "Hoà"}
    ]
    assert by_key[0] == "Nguyễn An"
    assert {name.split()[-1] for name in by_key[11:13]} == {"Hòa", "Hoà"}


@given(NAMES)
def test_folding_twice_changes_nothing_and_leaves_plain_letters(name):
    assert folded(folded(name)) == folded(name)
    assert folded(name).isascii()


@given(NAMES)
def test_case_spelling_and_spaces_make_no_other_name(name):
    for other in (name.upper(), normalize("NFD", name), f"  {name.replace(' ', '   ')} "):
        assert folded(other) == folded(name)
        assert sort_key(other) == sort_key(name)


@given(NAMES, NAMES)
def test_two_names_sort_alike_only_when_they_are_the_same(one, other):
    same = normalize("NFC", one).split() == normalize("NFC", other).split()
    assert (sort_key(one) == sort_key(other)) is same


def test_organisations_are_sorted_by_the_alphabet_word_by_word():
    in_order = [
        "Ban Nội chính Tỉnh ủy",
        "Ban Tổ chức Tỉnh ủy",
        "Ban Tuyên giáo Tỉnh ủy",
        "Công an tỉnh",
        "Đài Phát thanh và Truyền hình",
        "Đảng ủy Công an tỉnh",
        "Huyện ủy Can Lộc",
        "Huyện ủy Đức Thọ",
        "Huyện ủy Vũ Quang",
    ]
    by_code_point = sorted(in_order)
    assert by_code_point != in_order
    assert sorted(by_code_point, key=title_key) == in_order
