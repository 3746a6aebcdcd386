"""What holds for every list, however it was made."""

import unicodedata
from datetime import date

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.lists.files import TODAY, xlsx
from vetting.lists import GoodRow, ReadList, UnreadableList, read_list
from vetting.lists.clean_text import clean, fold, same_spelling
from vetting.lists.grid import Grid
from vetting.lists.read_births import read_birth
from vetting.lists.read_list import read_grids
from vetting.lists.read_names import NAME_LIMIT, read_name, refuse_name

LETTERS = (
    "aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ"
)
WORDS = st.text(LETTERS, min_size=2, max_size=6).map(str.capitalize)
# A form of address before a name is left off, so nobody here is called like one.
NAMES = st.lists(WORDS.filter(lambda word: word != "Đc"), min_size=2, max_size=4).map(" ".join)
BIRTHS = st.dates(date(1930, 1, 1), date(2005, 12, 31))
TITLES = st.sampled_from(["Bí thư", "Phó Giám đốc", "Chủ tịch UBND", "Ủy viên Ban Thường vụ"])
PEOPLE = st.lists(st.tuples(NAMES, BIRTHS, TITLES), min_size=1, max_size=8, unique=True)
COLUMNS = ["STT", "Họ và tên", "Ngày sinh", "Dân tộc", "Chức danh quy hoạch", "Chức vụ hiện nay"]
SAID = [
    *("Họ và tên", "Ngày sinh", "Năm sinh", "Chức danh", "Quy hoạch", "STT", "Nam", "Nữ"),
    *("Lê Văn Ân", "1970", "2/4/1970", "Bí thư", "x", "như trên", "1", "I", "(1)"),
    *("Tổng cộng", "TM. BAN"),
]
CELLS = st.one_of(
    st.just(""),
    st.text(max_size=12),
    st.floats(),
    st.dates(),
    st.sampled_from(SAID),
)
SPELLINGS = [
    "{0:%d/%m/%Y}",
    "{0:%d-%m-%Y}",
    "{0.day}.{0.month}.{0.year}",
    "{0:%Y-%m-%d}",
    "ngày {0:%d} tháng {0.month} năm {0.year}",
]
QUICK = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read(rows):
    return read_grids((Grid("Danh sách", tuple(map(tuple, rows))),), today=TODAY)


def read_or_refused(content):
    """Return what is read, or the sentence that refuses it; anything else goes through."""
    try:
        return read_list(content, "list.xlsx", today=TODAY)
    except UnreadableList as unreadable:
        return str(unreadable.sentence)


def table(people):
    return [
        [str(number), name, born, "Kinh", title, "Trưởng phòng"]
        for number, (name, born, title) in enumerate(people, start=1)
    ]


@QUICK
@given(PEOPLE)
def test_every_person_is_accepted_once_in_order(people):
    found = read([COLUMNS, *table(people)])

    assert [(row.row, row.name, row.target) for row in found.rows] == [
        (row, name, title) for row, (name, _, title) in enumerate(people, start=2)
    ]
    assert all(isinstance(row, GoodRow) for row in found.rows)


@QUICK
@given(
    st.lists(
        st.tuples(
            st.text(max_size=20) | NAMES,
            st.sampled_from(["", "1970", "x/y", "31/02/1980", "2035", "1970-04-02"]),
            TITLES | st.just(""),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_rows_in_are_rows_accepted_and_rows_refused(people):
    rows = [
        [str(number), name, born, "Kinh", title, "Trưởng phòng"]
        for number, (name, born, title) in enumerate(people, start=1)
    ]
    found = read([COLUMNS, *rows])

    assert [row.row for row in found.rows] == list(range(2, len(people) + 2))


@QUICK
@given(PEOPLE, st.permutations(range(len(COLUMNS))))
def test_the_order_of_columns_changes_nothing(people, order):
    rows = [COLUMNS, *table(people)]

    assert read([[row[place] for place in order] for row in rows]).rows == read(rows).rows


@QUICK
@given(PEOPLE)
def test_composed_and_decomposed_letters_read_the_same(people):
    rows = [COLUMNS, *table(people)]
    apart = [
        [unicodedata.normalize("NFD", cell) if isinstance(cell, str) else cell for cell in row]
        for row in rows
    ]

    assert read(apart) == read(rows)


@QUICK
@given(BIRTHS, st.sampled_from(SPELLINGS))
def test_every_spelling_of_a_birth_is_the_same_birth(born, spelling):
    assert read_birth([spelling.format(born)], 1, TODAY) == read_birth([born], 1, TODAY)


@QUICK
@given(NAMES)
def test_capitals_read_as_the_name_they_were_written_from(name):
    assert read_name(name.upper()) == read_name(name) == name


@QUICK
@given(st.text())
def test_a_name_that_is_accepted_is_clean(text):
    name = read_name(text)

    if refuse_name(name, 1) is None:
        assert unicodedata.is_normalized("NFC", name)
        assert name.isprintable()
        assert name == " ".join(name.split())
        assert 1 < len(name) <= NAME_LIMIT
        assert read_name(name) == name


@given(st.text())
def test_cleaning_twice_changes_nothing(text):
    assert clean(clean(text)) == clean(text)
    assert fold(fold(text)) == fold(text)
    assert same_spelling(clean(text)) == same_spelling(text)


@QUICK
@given(st.lists(st.lists(CELLS, max_size=7), max_size=14))
@example([["Họ và tên", "Năm sinh"], ["Lê Ân", float("inf")]])
def test_no_grid_breaks_the_reading(rows):
    try:
        found = read(rows)
    except UnreadableList:
        return

    assert isinstance(found, ReadList)
    assert len({row.row for row in found.rows}) == len(found.rows)


@QUICK
@given(st.binary(max_size=2_000))
def test_no_bytes_break_the_reading(content):
    assert read_or_refused(content)


SOUND = xlsx([COLUMNS, *table([("Lê Văn Ân", date(1970, 4, 2), "Bí thư")])])


@QUICK
@given(
    st.lists(
        st.tuples(st.integers(0, len(SOUND) - 1), st.integers(0, 255)), min_size=1, max_size=20
    ),
    st.integers(1, len(SOUND)),
)
def test_no_damage_breaks_the_reading(changes, length):
    damaged = bytearray(SOUND)
    for place, byte in changes:
        damaged[place] = byte

    for content in (bytes(damaged), bytes(damaged[:length])):
        assert read_or_refused(content)
