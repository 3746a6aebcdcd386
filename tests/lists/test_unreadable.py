"""Files that must not be read end in one sentence, and take nothing with them."""

# ruff: noqa: E501 - a case stands on a line of its own

import io
import struct
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.lists.files import HEADINGS, TODAY, changed, ods, text, xls, xlsx, zipped
from vetting.lists import GoodRow, Limits, UnreadableList, read_list, read_list_safely

LIST = [HEADINGS, [1, "Lê Văn Ân", 1970, "", "Bí thư"]]
GOOD = xlsx(LIST)
SHEET = "xl/worksheets/sheet1.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"


def rows_of_xml(cells):
    return {SHEET: (b"</sheetData>", cells + b"</sheetData>")}


def a_bomb():
    return changed(GOOD, more={"xl/media/image1.png": b"\0" * (200 * 1024 * 1024)})


def a_bomb_that_lies():
    """Return a bomb whose directory claims that it unpacks to a hundred bytes."""
    bomb = bytearray(changed(GOOD, more={"xl/sharedStrings.xml": b" " * (200 * 1024 * 1024)}))
    size = struct.pack("<I", 200 * 1024 * 1024)
    return bytes(bomb.replace(size, struct.pack("<I", 100)))


def with_numbers(places, number):
    """Return the good list with a number put at places of its ZIP headers, named by their sign."""
    content = bytearray(GOOD)
    for sign, offset in places.items():
        at = content.find(sign)
        while at >= 0:
            content[at + offset : at + offset + 2] = struct.pack("<H", number)
            at = content.find(sign, at + 4)
    return bytes(content)


def too_many_rows():
    line = b"".join(
        b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (row, row) for row in range(3, 1_048_578)
    )
    return changed(GOOD, rows_of_xml(line))


def a_compound_file(*names):
    """Return an OLE file with empty streams of these names."""
    listing = b"".join(
        name.encode("utf-16-le").ljust(64, b"\0")
        + struct.pack("<HBB", len(name) * 2 + 2, kind, 1)
        + struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF)
        + bytes(36)
        + struct.pack("<IQ", 0xFFFFFFFE, 0)
        for name, kind in [("Root Entry", 5), *((name, 2) for name in names)]
    ).ljust(512, b"\0")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(24, b"\0")
    head += struct.pack("<HHHHH", 62, 3, 0xFFFE, 9, 6).ljust(20, b"\0")
    head += struct.pack("<IIIIIIII", 1, 0, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += struct.pack("<I", 1)
    table = struct.pack("<II", 0xFFFFFFFE, 0xFFFFFFFD).ljust(512, b"\xff")
    return head.ljust(512, b"\xff") + listing[:512] + table


def test_the_compound_file_of_these_tests_is_laid_out_as_the_guard_expects():
    with pytest.raises(UnreadableList, match="is not a list"):
        read_list(a_compound_file("WordDocument"), "x", today=TODAY)


REFUSED = {
    "nothing": (b"", "is empty"),
    "blanks": (b" \r\n ", "is empty"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(90), "is not a list"),
    "a web page named .xls": (b"<html><table><tr><td>1</table>", "is not a list"),
    "a document": (zipped({"word/document.xml": "<a/>", "[Content_Types].xml": ""}), "is not a list"),
    "a binary workbook": (zipped({"xl/workbook.bin": "x"}), "is not a list"),
    "bytes": (bytes(range(256)) * 8, "letters of the text file"),
    "half a file": (GOOD[: len(GOOD) // 2], "is damaged"),
    "packed in a way that nobody knows": (
        with_numbers({b"PK\3\4": 8, b"PK\1\2": 10}, 77), "is damaged"
    ),
    "of a version that is to come": (with_numbers({b"PK\1\2": 6}, 99), "is damaged"),
    "a broken part": (changed(GOOD, {SHEET: (b"</sheetData>", b"<sheetData")}), "is damaged"),
    "macros": (changed(GOOD, more={"xl/vbaProject.bin": b"x"}), "contains macros"),
    "a macro sheet": (changed(GOOD, more={"xl/macrosheets/sheet1.xml": b"<a/>"}), "contains macros"),
    "macros in the old format": (a_compound_file("Workbook", "_VBA_PROJECT_CUR"), "contains macros"),
    "macros in OpenDocument": (changed(ods([("A", LIST, False)]), more={"Basic/a.xml": b"<a/>"}), "contains macros"),
    "a password": (a_compound_file("EncryptedPackage", "EncryptionInfo"), "with a password"),
    "a password on OpenDocument": (
        changed(ods([("A", LIST, False)]), more={"META-INF/manifest.xml": b"<m:encryption-data/>"}),
        "with a password",
    ),
    "links": (changed(GOOD, more={"xl/externalLinks/externalLink1.xml": b"<a/>"}), "draws on other files"),
    "a relation outside": (
        changed(GOOD, {RELATIONS: (b"</Relationships>", b'<Relationship Type="http://a/relationships/externalLink"/></Relationships>')}),
        "draws on other files",
    ),
    "entities": (
        changed(GOOD, {SHEET: (b"<worksheet", b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet')}),
        "XML entities",
    ),
    "entities in OpenDocument": (
        changed(ods([("A", LIST, False)]), {"content.xml": (b"<office:document-content", b'<!DOCTYPE a SYSTEM "b"><office:document-content')}),
        "XML entities",
    ),
    "a bomb": (a_bomb(), "unpacks to more"),
    "a bomb that lies": (a_bomb_that_lies(), "unpacks to more|is damaged"),
    "1,048,577 rows": (too_many_rows(), "more than 60000 rows"),
    "1,048,577 rows of text": (b"a,b\n" * 1_048_577, "more than 60000 rows"),
    "1,048,576 rows of OpenDocument": (
        changed(ods([("A", LIST, False)]), {"content.xml": (b"<table:table-row>", b'<table:table-row table:number-rows-repeated="1048576">')}),
        "more than 60000 rows",
    ),
    "a cell far outside": (
        changed(GOOD, rows_of_xml(b'<row r="50000"><c r="XFD50000"><v>1</v></c></row>')),
        "stands far from the list",
    ),
    "a cell that is nowhere": (
        changed(GOOD, rows_of_xml(b'<row r="5"><c r="J19999999990"><v>1</v></c></row>')), "is damaged"
    ),
    "a row that is nowhere": (
        changed(GOOD, rows_of_xml(b'<row r="4000000000"><c><v>1</v></c></row>')), "more than 60000 rows"
    ),
    "a sign inside a value": (
        changed(GOOD, rows_of_xml(b'<row r="5"><c s=">" r="XFD900000"><v>1</v></c></row>')), "is damaged"
    ),
    "200 merged pages": (xlsx(LIST, merged=["A3:E10000"]), "merged cells over too many rows"),
    "merges by the thousand": (
        changed(
            GOOD,
            {SHEET: (b"</sheetData>", b"</sheetData><mergeCells>" + b'<mergeCell ref="A3:B3"/>' * 6000 + b"</mergeCells>")},
        ),
        "merged cells over too many rows",
    ),
    "too many parts": (zipped({f"xl/{number}": "" for number in range(2001)}), "too many parts"),
    "two parts of one name": (
        changed(GOOD, more={"XL/Workbook.xml": b"<a/>"}),
        "is damaged",
    ),
    "a way out of the archive": (changed(GOOD, more={"../../etc/x": b"x"}), "is damaged"),
    "more than ten megabytes": (b"a" * (10 * 1024 * 1024 + 1), "larger than 10 MB"),
}  # fmt: skip


@pytest.mark.parametrize("reader", [read_list, read_list_safely])
@pytest.mark.parametrize(("content", "sentence"), REFUSED.values(), ids=REFUSED)
def test_it_ends_in_one_sentence(content, sentence, reader):
    with pytest.raises(UnreadableList, match=sentence) as refused:
        reader(content, "list.xlsx", today=TODAY)

    assert str(refused.value.sentence) == str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_list_is_known_by_its_content_and_not_by_its_name():
    for content in (GOOD, xls(LIST), ods([("A", LIST, False)]), text(LIST)):
        found = read_list(content, "photo.png", today=TODAY)

        assert found.rows == (GoodRow(2, "Lê Văn Ân", "1970", "Bí thư"),)


def test_formatting_down_to_the_last_row_is_no_reason_to_refuse_a_list():
    styled = changed(GOOD, rows_of_xml(b'<row r="1048576"><c r="A1048576" s="0"/></row>'))

    assert len(read_list(styled, "x", today=TODAY).rows) == 1


def test_a_sheet_that_boasts_of_its_size_is_read_for_what_it_holds():
    boasting = changed(GOOD, {SHEET: (b'ref="A1:E2"', b'ref="A1:XFD1048576"')})

    assert len(read_list(boasting, "x", today=TODAY).rows) == 1


def test_the_child_answers_what_the_parent_would():
    content = xlsx(
        [
            ["SỞ NỘI VỤ"],
            [*HEADINGS, "Dân tộc"],
            [1, "LÊ VĂN ÂN", "2/4/1970", "x", "Bí thư", "Kinh"],
            [2, "Lê Bê", "31/02/1970", "x", "Bí thư", "Kinh"],
            [3, "", "1970", "x", "Bí thư", "Kinh"],
        ]
    )

    assert read_list_safely(content, "x", today=TODAY) == read_list(content, "x", today=TODAY)


def test_a_child_that_wants_too_much_memory_is_stopped_with_a_sentence():
    rows = [[number, "Lê Văn Ân", 1970, f"chỗ {number}" * 20, "Bí thư"] for number in range(9000)]

    with pytest.raises(UnreadableList, match="more memory"):
        read_list_safely(
            text([HEADINGS, *rows]), "x", today=TODAY, limits=Limits(memory_bytes=40 * 1024 * 1024)
        )


def test_many_threads_may_read_at_once():
    contents = [xlsx([HEADINGS, [1, name, 1970, "", "Bí thư"]]) for name in ("Lê Ân", "Lê Bê")] * 4

    with ThreadPoolExecutor(len(contents)) as threads:
        found = threads.map(lambda content: read_list_safely(content, "x", today=TODAY), contents)

    assert [one.rows[0].name for one in found] == ["Lê Ân", "Lê Bê"] * 4


def test_a_child_that_takes_too_long_is_stopped_with_a_sentence():
    with pytest.raises(UnreadableList, match="took too long"):
        read_list_safely(GOOD, "x", today=TODAY, limits=Limits(wall_seconds=0.001))


def test_an_answer_too_long_is_not_taken():
    with pytest.raises(UnreadableList, match="more memory"):
        read_list_safely(GOOD, "x", today=TODAY, limits=Limits(answer_bytes=20))


def test_a_child_can_open_no_file_no_socket_and_no_program():
    tries = """
import sys, socket, os
sys.path.insert(0, sys.argv[1])
from vetting.lists.child import _give_up_rights
from vetting.lists.limits import Limits
import _socket
_give_up_rights(Limits())
def refused(act):
    try:
        act()
    except (OSError, PermissionError) as error:
        return True
    return False
print([refused(act) for act in (
    lambda: open("/etc/hostname"),
    lambda: open("/tmp/written-by-a-list", "w"),
    lambda: socket.socket(),
    lambda: _socket.socket(),
    lambda: os.system("true"),
    lambda: os.posix_spawn("/bin/true", ["true"], {}),
    lambda: os.execv("/bin/true", ["true"]),
)])
"""
    said = subprocess.run(
        [sys.executable, "-c", tries, "."], capture_output=True, text=True, check=False
    )

    assert (said.stdout, said.stderr) == (f"{[True] * 7}\n", "")


def test_the_workbook_of_these_tests_is_sound_before_it_is_spoiled():
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        assert {SHEET, RELATIONS} <= set(archive.namelist())
    assert read_list_safely(GOOD, "x", today=TODAY).rows == (
        GoodRow(2, "Lê Văn Ân", "1970", "Bí thư"),
    )
