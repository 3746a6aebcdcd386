"""A register file is taken whole, or refused whole with every line and reason."""

import unicodedata
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.registers.sheets import (
    AUTHORITY,
    AUTHORITY_LINE,
    BASIS,
    BODY,
    LEGAL_BASES,
    NAMED_BODY,
    OLD_BASIS,
    ORGANISATION,
    ORGANISATIONS,
    REPLACEMENT,
    SECOND_BODY,
    SUCCESSION,
    write_folder,
    write_sheet,
)
from vetting.engine.sentences import say
from vetting.engine.vocabulary import CaseType, Kind
from vetting.registers import (
    AuthorityRow,
    BadRegister,
    BasisKey,
    BodyOfRegulation,
    LegalBasisRow,
    ManagementLevel,
    OrganisationRow,
    Registers,
    RegulationRow,
    ReplacementRow,
    Subject,
    SuccessionRow,
    read_organisations,
    read_registers,
)

FILES = {
    "organisations": ORGANISATION,
    "successions": SUCCESSION,
    "legal_bases": BASIS,
    "replacements": REPLACEMENT,
    "coordination_regulation": NAMED_BODY,
    "authority_table": AUTHORITY_LINE,
}


def refusal(folder, **changed):
    """Return the faults of a folder with these files changed, as (file, line, English)."""
    with pytest.raises(BadRegister) as refused:
        read_registers(write_folder(folder, **changed))
    return [(fault.file, fault.line, str(fault.sentence)) for fault in refused.value.faults]


def refusal_of_bytes(folder, content):
    path = folder / "organisations.csv"
    path.write_bytes(content)
    with pytest.raises(BadRegister) as refused:
        read_organisations(path)
    return [(fault.line, str(fault.sentence)) for fault in refused.value.faults]


def test_a_good_folder_is_read_as_it_is_written(tmp_path):
    department = ORGANISATION | {
        "other_names": "Sở Y tế tỉnh; SYT",
        "valid_from": "1991-09-01",
        "valid_to": "2025-06-30",
        "note_vi": "ghi chú",
        "note_en": "note",
    }
    assert read_registers(
        write_folder(
            tmp_path,
            organisations=(department, BODY, SECOND_BODY, AUTHORITY),
            coordination_regulation=(
                NAMED_BODY | {"position": "2"},
                NAMED_BODY | {"position": "1", "body": "so-ngoai-vu"},
            ),
            authority_table=(
                AUTHORITY_LINE
                | {
                    "valid_from": "2018-06-01",
                    "basis_number": "680-QĐ/TU",
                    "basis_date": "2018-05",
                    "basis_issuer": "Tỉnh ủy",
                },
            ),
        )
    ) == Registers(
        organisations=(
            OrganisationRow(
                code="so-y-te",
                name_vi="Sở Y tế",
                name_en="Department of Health",
                other_names=("Sở Y tế tỉnh", "SYT"),
                kinds=(Kind.REQUESTING_UNIT,),
                valid_from=date(1991, 9, 1),
                valid_to=date(2025, 6, 30),
                note_vi="ghi chú",
                note_en="note",
                source="a test",
            ),
            OrganisationRow(
                code="thanh-tra-tinh",
                name_vi="Thanh tra tỉnh",
                name_en="Provincial Inspectorate",
                other_names=(),
                kinds=(Kind.CONSULTED_BODY, Kind.REQUESTING_UNIT),
                valid_from=None,
                valid_to=None,
                note_vi="",
                note_en="",
                source="a test",
            ),
            OrganisationRow(
                code="so-ngoai-vu",
                name_vi="Sở Ngoại vụ",
                name_en="Provincial Inspectorate",
                other_names=(),
                kinds=(Kind.CONSULTED_BODY, Kind.REQUESTING_UNIT),
                valid_from=None,
                valid_to=None,
                note_vi="",
                note_en="",
                source="a test",
            ),
            OrganisationRow(
                code="ban-thuong-vu-tinh-uy",
                name_vi="Ban Thường vụ Tỉnh ủy",
                name_en="Standing Committee",
                other_names=(),
                kinds=(Kind.AUTHORITY,),
                valid_from=None,
                valid_to=None,
                note_vi="",
                note_en="",
                source="a test",
            ),
        ),
        successions=(SuccessionRow("so-y-te", "thanh-tra-tinh", None, "", "", "a test"),),
        legal_bases=tuple(
            LegalBasisRow(
                number=number,
                date=dated,
                issuer="Tỉnh ủy",
                title_vi="",
                title_en="",
                subject=Subject.PROVINCIAL,
                valid_from=None,
                valid_to=None,
                source="a test",
            )
            for number, dated in (("680-QĐ/TU", "2018-05"), ("335-QĐ/TU", ""))
        ),
        replacements=(
            ReplacementRow(
                replacing=BasisKey("680-QĐ/TU", "2018-05", "Tỉnh ủy"),
                replaced=BasisKey("335-QĐ/TU", "", "Tỉnh ủy"),
                source="a test",
            ),
        ),
        regulations=(
            RegulationRow(
                code="r-2018",
                name_vi="Quy chế phối hợp",
                name_en="Coordination regulation",
                basis=None,
                valid_from=None,
                valid_to=None,
                bodies=(
                    BodyOfRegulation(1, "so-ngoai-vu", "a test"),
                    BodyOfRegulation(2, "thanh-tra-tinh", "a test"),
                ),
            ),
        ),
        authorities=(
            AuthorityRow(
                management_level=ManagementLevel.STANDING_COMMITTEE,
                case_type=CaseType.PLANNING,
                valid_from=date(2018, 6, 1),
                valid_to=None,
                authority="ban-thuong-vu-tinh-uy",
                basis=BasisKey("680-QĐ/TU", "2018-05", "Tỉnh ủy"),
                source="a test",
            ),
        ),
    )


def test_files_without_rows_say_nothing_and_are_good(tmp_path):
    assert read_registers(write_folder(tmp_path, **dict.fromkeys(FILES, ()))) == Registers(
        (), (), (), (), (), ()
    )


def test_a_refusal_names_file_line_and_reason_of_every_fault(tmp_path):
    path = write_sheet(
        tmp_path,
        "organisations.csv",
        ORGANISATION | {"name_en": "", "source": ""},
        BODY | {"valid_from": "31/12/2020"},
    )
    with pytest.raises(BadRegister) as refused:
        read_organisations(path)
    bad = refused.value
    assert (bad.file, bad.line, bad.sentence) == (
        "organisations.csv",
        2,
        say("The column “%(heading)s” is empty.", heading="name_en"),
    )
    assert str(bad) == (
        "organisations.csv, line 2: The column “name_en” is empty.\n"
        "organisations.csv, line 2: The column “source” is empty.\n"
        "organisations.csv, line 3: “31/12/2020” in the column “valid_from” is not a date: write "
        "it as 2025-06-30."
    )


def test_faults_of_several_files_are_told_together(tmp_path):
    assert refusal(
        tmp_path,
        successions=(SUCCESSION | {"source": ""},),
        authority_table=(AUTHORITY_LINE | {"source": ""},),
    ) == [
        ("successions.csv", 2, "The column “source” is empty."),
        ("authority_table.csv", 2, "The column “source” is empty."),
    ]


def test_references_into_a_refused_file_are_not_called_unknown(tmp_path):
    assert refusal(tmp_path, organisations=(ORGANISATION | {"name_vi": ""},)) == [
        ("organisations.csv", 2, "The column “name_vi” is empty.")
    ]


def test_a_missing_folder_is_told_by_the_files_it_lacks(tmp_path):
    with pytest.raises(BadRegister) as refused:
        read_registers(tmp_path / "nowhere")
    assert str(refused.value) == (
        "organisations.csv: The file is missing.\nlegal_bases.csv: The file is missing."
    )


def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path):
    (tmp_path / "organisations.csv").mkdir()
    with pytest.raises(BadRegister) as refused:
        read_organisations(tmp_path / "organisations.csv")
    assert str(refused.value) == ("organisations.csv: The file cannot be read: Is a directory.")


# ------------------------------------------------------------------- the file as a table


@pytest.mark.parametrize("name", FILES)
def test_every_file_needs_exactly_its_columns(tmp_path, name):
    path = write_folder(tmp_path) / f"{name}.csv"
    head, *rest = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([head.replace("source", "remark"), *rest]), encoding="utf-8")
    with pytest.raises(BadRegister) as refused:
        read_registers(tmp_path)
    assert [(fault.line, str(fault.sentence)) for fault in refused.value.faults] == [
        (1, "The column “source” is missing."),
        (
            1,
            (
                "There is no column “remark”; the columns are, separated by commas: "
                f"{head.replace(',', ', ')}."
            ),
        ),
    ]


def test_the_order_of_the_columns_does_not_matter(tmp_path):
    path = tmp_path / "organisations.csv"
    path.write_text(
        "source,kinds,code,name_en,name_vi,other_names,valid_from,valid_to,note_en,note_vi\n"
        "a test,requesting_unit,so-y-te,Department of Health,Sở Y tế,,,,,\n",
        encoding="utf-8",
    )
    assert read_organisations(path) == read_organisations(
        write_sheet(tmp_path, "organisations.csv", ORGANISATION)
    )


def test_a_column_that_is_there_twice_is_refused(tmp_path):
    path = write_sheet(tmp_path, "organisations.csv")
    content = path.read_bytes().replace(b"code,", b"code,code,")
    assert refusal_of_bytes(tmp_path, content) == [(1, "The column “code” is there twice.")]


def test_what_a_spreadsheet_adds_does_no_harm(tmp_path):
    plain = write_sheet(tmp_path, "organisations.csv", ORGANISATION, BODY)
    expected = read_organisations(plain)
    content = plain.read_bytes().replace(b"\n", b"\r\n,,,,,,,,,\r\n")
    decomposed = unicodedata.normalize("NFD", content.decode()).encode()
    plain.write_bytes(b"\xef\xbb\xbf" + decomposed)
    assert read_organisations(plain) == expected


def test_an_empty_file_has_no_heading_row(tmp_path):
    assert refusal_of_bytes(tmp_path, b"") == [(0, "The file has no heading row.")]


def test_text_that_is_not_utf_8_is_refused_on_its_line(tmp_path):
    good = write_sheet(tmp_path, "organisations.csv", ORGANISATION).read_bytes()
    assert refusal_of_bytes(tmp_path, good + b"s\xf4-y-te\n") == [
        (3, "The text is not UTF-8: save the file as “CSV UTF-8”.")
    ]


def test_an_open_quotation_mark_is_refused_on_the_line_where_it_opens(tmp_path):
    good = write_sheet(tmp_path, "organisations.csv", ORGANISATION).read_bytes()
    assert refusal_of_bytes(tmp_path, good + b'so-tu-phap,"x\n\n\n') == [
        (3, "This is not comma-separated text: a quotation mark is open or misplaced.")
    ]


def test_a_row_of_another_length_is_refused(tmp_path):
    good = write_sheet(tmp_path, "organisations.csv", ORGANISATION).read_bytes()
    assert refusal_of_bytes(tmp_path, good + b"so-tu-phap,x\n") == [
        (3, "The row has 2 cells instead of 10.")
    ]


@pytest.mark.parametrize("sign", ["\u202e", "\u200b", "\n", "\x00", "\x07"])
def test_signs_that_nobody_can_see_are_refused(tmp_path, sign):
    path = write_sheet(tmp_path, "organisations.csv", ORGANISATION | {"note_vi": f"a{sign}b"})
    assert refusal_of_bytes(tmp_path, path.read_bytes()) == [
        (2, "The column “note_vi” holds a line break or an invisible character.")
    ]


def test_lines_are_counted_as_an_editor_counts_them(tmp_path):
    path = write_sheet(
        tmp_path, "organisations.csv", ORGANISATION | {"note_vi": "a\n\nb"}, BODY | {"source": ""}
    )
    assert refusal_of_bytes(tmp_path, path.read_bytes()) == [
        (2, "The column “note_vi” holds a line break or an invisible character."),
        (5, "The column “source” is empty."),
    ]


def test_a_cell_that_is_too_long_is_refused(tmp_path):
    path = write_sheet(tmp_path, "organisations.csv", ORGANISATION | {"note_vi": "a" * 2001})
    assert refusal_of_bytes(tmp_path, path.read_bytes()) == [
        (2, "The column “note_vi” holds more than 2000 characters.")
    ]


def test_a_file_that_is_too_large_is_refused_unread(tmp_path):
    assert refusal_of_bytes(tmp_path, b"a" * 5_000_001) == [
        (0, "The file has more than 5000000 bytes.")
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(), st.text(alphabet='a,"\n\r;ở\x00-1').map(str.encode)))
def test_whatever_the_bytes_the_answer_is_rows_or_a_refusal(tmp_path, content):
    head = write_sheet(tmp_path, "organisations.csv").read_bytes()
    for whole in (content, head + content):
        path = tmp_path / "organisations.csv"
        path.write_bytes(whole)
        try:
            read_organisations(path)
        except BadRegister as bad:
            assert bad.faults  # noqa: PT017 - either answer is right, another exception is not


# ------------------------------------------------------------------- organisations


def test_a_code_leads_to_one_organisation(tmp_path):
    assert refusal(
        tmp_path, organisations=(*ORGANISATIONS, ORGANISATION | {"name_vi": "Sở Tư pháp"})
    ) == [("organisations.csv", 6, "The code “so-y-te” is already on line 2.")]


@pytest.mark.parametrize("code", ["Sở-y-tế", "SO-Y-TE", "so y te", "-so", "so--y", "a" * 65])
def test_a_code_is_plain_letters(tmp_path, code):
    assert refusal(
        tmp_path,
        organisations=(*ORGANISATIONS, ORGANISATION | {"code": code, "name_vi": "Sở Tư pháp"}),
    ) == [
        (
            "organisations.csv",
            6,
            (
                f"“{code}” in the column “code” is not a code: write small letters without "
                "marks and digits, joined by hyphens, at most 64 of them."
            ),
        )
    ]


def test_a_name_leads_to_one_organisation_at_a_time(tmp_path):
    again = ORGANISATION | {"code": "so-y-te-moi", "name_vi": "X", "other_names": "SỞ  Y-TẾ"}
    assert refusal(tmp_path, organisations=(*ORGANISATIONS, again)) == [
        ("organisations.csv", 6, "“SỞ  Y-TẾ” is also a name of “so-y-te” on line 2.")
    ]


def test_a_successor_may_bear_the_name_of_one_that_ended(tmp_path):
    old = ORGANISATION | {"valid_to": "2025-02-28"}
    new = ORGANISATION | {"code": "so-y-te-2025", "valid_from": "2025-03-01"}
    rows = read_organisations(write_sheet(tmp_path, "organisations.csv", old, new))
    assert [row.code for row in rows] == ["so-y-te", "so-y-te-2025"]


def test_an_organisation_needs_a_kind_out_of_the_closed_list(tmp_path):
    assert refusal(
        tmp_path,
        organisations=(
            ORGANISATION | {"kinds": "requesting_unit;judge"},
            BODY | {"kinds": ""},
            SECOND_BODY | {"kinds": "consulted_body;consulted_body"},
        ),
    ) == [
        (
            "organisations.csv",
            2,
            (
                "“judge” in the column “kinds” is not one of: requesting_unit, coordinator, "
                "consulted_body, authority, oversight."
            ),
        ),
        ("organisations.csv", 3, "The column “kinds” is empty."),
        ("organisations.csv", 4, "“consulted_body” is written twice in the column “kinds”."),
    ]


def test_who_supervises_is_nothing_else(tmp_path):
    assert refusal(tmp_path, organisations=(BODY | {"kinds": "consulted_body;oversight"},)) == [
        (
            "organisations.csv",
            2,
            (
                "An organisation that supervises can be nothing else: enter its other part as an "
                "organisation of its own."
            ),
        )
    ]


def test_nothing_ends_before_it_begins(tmp_path):
    dates = {"valid_from": "2025-07-01", "valid_to": "2025-06-30"}
    sentence = "It ends on 2025-06-30, before it begins on 2025-07-01."
    assert refusal(
        tmp_path, organisations=(ORGANISATION | dates,), legal_bases=(BASIS | dates,)
    ) == [("organisations.csv", 2, sentence), ("legal_bases.csv", 2, sentence)]
    assert refusal(
        tmp_path,
        coordination_regulation=(NAMED_BODY | dates,),
        authority_table=(AUTHORITY_LINE | dates,),
    ) == [("coordination_regulation.csv", 2, sentence), ("authority_table.csv", 2, sentence)]


@pytest.mark.parametrize("text", ["2025-02-29", "2025-6-3", "20250630", "2025-06", "soon"])
def test_a_day_is_a_day_of_the_calendar(tmp_path, text):
    assert refusal(tmp_path, successions=(SUCCESSION | {"from_date": text},)) == [
        (
            "successions.csv",
            2,
            f"“{text}” in the column “from_date” is not a date: write it as 2025-06-30.",
        )
    ]


# ------------------------------------------------------------------- successions


def test_a_succession_is_between_known_organisations(tmp_path):
    assert refusal(
        tmp_path, successions=(SUCCESSION | {"predecessor": "a", "successor": "b"},)
    ) == [
        (
            "successions.csv",
            2,
            f"“{code}” in the column “{heading}” is not the code of an organisation.",
        )
        for code, heading in (("a", "predecessor"), ("b", "successor"))
    ]


def test_a_succession_is_entered_once(tmp_path):
    assert refusal(tmp_path, successions=(SUCCESSION, SUCCESSION)) == [
        ("successions.csv", 3, "This succession is already on line 2.")
    ]


def test_several_may_merge_into_one_and_one_split_into_several(tmp_path):
    rows = read_registers(
        write_folder(
            tmp_path,
            successions=(
                SUCCESSION,
                SUCCESSION | {"successor": "so-ngoai-vu"},
                SUCCESSION | {"predecessor": "so-ngoai-vu"},
            ),
        )
    ).successions
    assert [(row.predecessor, row.successor) for row in rows] == [
        ("so-y-te", "thanh-tra-tinh"),
        ("so-y-te", "so-ngoai-vu"),
        ("so-ngoai-vu", "thanh-tra-tinh"),
    ]


def test_successions_do_not_run_in_a_circle(tmp_path):
    assert refusal(
        tmp_path,
        successions=(
            SUCCESSION,
            SUCCESSION | {"predecessor": "thanh-tra-tinh", "successor": "so-ngoai-vu"},
            SUCCESSION | {"predecessor": "so-ngoai-vu", "successor": "so-y-te"},
            SUCCESSION | {"predecessor": "so-y-te", "successor": "so-y-te"},
        ),
    ) == [
        (
            "successions.csv",
            line,
            f"“{code}” would come to succeed itself: successions must not run in a circle.",
        )
        for line, code in ((4, "so-ngoai-vu"), (5, "so-y-te"))
    ]


def test_a_successor_is_in_being_when_it_takes_over(tmp_path):
    assert refusal(
        tmp_path,
        organisations=(ORGANISATION, BODY | {"valid_from": "2025-03-01"}, SECOND_BODY, AUTHORITY),
        successions=(SUCCESSION | {"from_date": "2025-02-28"},),
    ) == [("successions.csv", 2, "“thanh-tra-tinh” is not in being on 2025-02-28.")]


# ------------------------------------------------------------------- legal bases


def test_the_same_number_from_another_day_or_issuer_is_another_text(tmp_path):
    bases = (
        BASIS | {"number": "01-HD/TW", "date": "2021-09-28", "issuer": "Ban Bí thư"},
        BASIS | {"number": "01-HD/TW", "date": "2026-05-19", "issuer": "Ban Bí thư"},
        BASIS | {"number": "01-HD/TW", "date": "2026-05-19", "issuer": "Another"},
    )
    rows = read_registers(write_folder(tmp_path, legal_bases=bases, replacements=())).legal_bases
    assert [row.key for row in rows] == [
        BasisKey("01-HD/TW", "2021-09-28", "Ban Bí thư"),
        BasisKey("01-HD/TW", "2026-05-19", "Ban Bí thư"),
        BasisKey("01-HD/TW", "2026-05-19", "Another"),
    ]


def test_the_same_text_twice_is_refused(tmp_path):
    assert refusal(tmp_path, legal_bases=(*LEGAL_BASES, BASIS)) == [
        (
            "legal_bases.csv",
            4,
            "The legal basis 680-QĐ/TU (2018-05), Tỉnh ủy is already on line 2.",
        )
    ]


@pytest.mark.parametrize("known", ["", "2018", "2018-05", "2018-05-31"])
def test_of_a_date_what_is_known_may_stand_alone(tmp_path, known):
    rows = read_registers(
        write_folder(tmp_path, legal_bases=(BASIS | {"date": known},), replacements=())
    ).legal_bases
    assert [row.date for row in rows] == [known]


@pytest.mark.parametrize("text", ["18", "2018-13", "2018-5", "2018-02-30", "05/2018", "0000"])
def test_the_known_part_of_a_date_exists(tmp_path, text):
    assert refusal(tmp_path, legal_bases=(BASIS | {"date": text},)) == [
        (
            "legal_bases.csv",
            2,
            (
                f"“{text}” in the column “date” is not a date: write it as 2025-06-30, or as "
                "2025-06 or 2025 when the rest is not known."
            ),
        )
    ]


def test_a_text_without_number_needs_a_title_and_every_text_an_issuer_and_a_subject(tmp_path):
    assert refusal(
        tmp_path,
        legal_bases=(
            BASIS | {"number": "", "title_vi": "Luật"},
            BASIS | {"number": "", "date": "2025", "issuer": ""},
            BASIS | {"subject": "weather"},
        ),
    ) == [
        ("legal_bases.csv", 3, "A legal basis needs a number, or a title where it is not known."),
        ("legal_bases.csv", 3, "The column “issuer” is empty."),
        (
            "legal_bases.csv",
            4,
            "“weather” in the column “subject” is not one of: "
            + ", ".join(subject.value for subject in Subject)
            + ".",
        ),
    ]


def test_the_key_of_a_text_in_one_piece_can_be_taken_apart_again(tmp_path):
    assert BasisKey("01-HD/TW", "2026-05-19", "Ban Bí thư").joined == (
        "01-HD/TW;2026-05-19;Ban Bí thư"
    )
    assert refusal(tmp_path, legal_bases=(BASIS | {"number": "1;2", "issuer": "A;B"},)) == [
        ("legal_bases.csv", 2, "The column “number” holds a semicolon."),
        ("legal_bases.csv", 2, "The column “issuer” holds a semicolon."),
    ]


# ------------------------------------------------------------------- replacements


def test_a_replacement_names_two_known_texts(tmp_path):
    assert refusal(
        tmp_path,
        replacements=(
            REPLACEMENT | {"date": "2018-06"},
            {"source": "a test", "number": "680-QĐ/TU", "date": "2018-05", "issuer": "Tỉnh ủy"},
            REPLACEMENT | {"number": "", "date": "", "issuer": ""},
        ),
    ) == [
        ("replacements.csv", 2, "There is no legal basis 680-QĐ/TU (2018-06), Tỉnh ủy."),
        ("replacements.csv", 3, "The text that is replaced is not named."),
        ("replacements.csv", 4, "The text that replaces is not named."),
    ]


def test_a_replacement_is_entered_once(tmp_path):
    assert refusal(tmp_path, replacements=(REPLACEMENT, REPLACEMENT)) == [
        ("replacements.csv", 3, "This replacement is already on line 2.")
    ]


def test_replacements_do_not_run_in_a_circle(tmp_path):
    back = {
        "number": "335-QĐ/TU",
        "issuer": "Tỉnh ủy",
        "replaced_number": "680-QĐ/TU",
        "replaced_date": "2018-05",
        "replaced_issuer": "Tỉnh ủy",
        "source": "a test",
    }
    assert refusal(tmp_path, replacements=(REPLACEMENT, back)) == [
        (
            "replacements.csv",
            3,
            (
                "680-QĐ/TU (2018-05), Tỉnh ủy would come to replace itself: replacements must not "
                "run in a circle."
            ),
        )
    ]


@pytest.mark.parametrize(
    ("replaced", "holds"),
    [("2018-05-31", True), ("2018", True), ("2019", False), ("2018-06-01", False), ("", True)],
)
def test_a_text_does_not_replace_one_that_is_surely_later(tmp_path, replaced, holds):
    folder = write_folder(
        tmp_path,
        legal_bases=(BASIS, OLD_BASIS | {"date": replaced}),
        replacements=(REPLACEMENT | {"replaced_date": replaced},),
    )
    if holds:
        assert len(read_registers(folder).replacements) == 1
    else:
        with pytest.raises(BadRegister, match="is later than 680-QĐ/TU"):
            read_registers(folder)


# ------------------------------------------------------------------- coordination regulation


def test_a_regulation_names_consulted_bodies_each_once_and_in_its_own_place(tmp_path):
    assert refusal(
        tmp_path,
        coordination_regulation=(
            NAMED_BODY,
            NAMED_BODY | {"position": "1", "body": "so-ngoai-vu"},
            NAMED_BODY | {"position": "2"},
            NAMED_BODY | {"position": "3", "body": "so-y-te"},
            NAMED_BODY | {"position": "4", "body": "nobody"},
            NAMED_BODY | {"position": "zero", "body": "so-ngoai-vu", "regulation": "r-2018"},
        ),
    ) == [
        (
            "coordination_regulation.csv",
            3,
            "Position 1 of the regulation “r-2018” is already on line 2.",
        ),
        (
            "coordination_regulation.csv",
            4,
            "The regulation “r-2018” already names “thanh-tra-tinh” on line 2.",
        ),
        (
            "coordination_regulation.csv",
            5,
            "“so-y-te” in the column “body” is not entered as “consulted_body”.",
        ),
        (
            "coordination_regulation.csv",
            6,
            "“nobody” in the column “body” is not the code of an organisation.",
        ),
        (
            "coordination_regulation.csv",
            7,
            "“zero” in the column “position” is not a whole number from 1 to 100.",
        ),
        (
            "coordination_regulation.csv",
            7,
            "The regulation “r-2018” already names “so-ngoai-vu” on line 3.",
        ),
    ]


def test_the_lines_of_a_regulation_agree(tmp_path):
    assert refusal(
        tmp_path,
        coordination_regulation=(
            NAMED_BODY,
            NAMED_BODY | {"position": "2", "body": "so-ngoai-vu", "valid_to": "2025-06-30"},
        ),
    ) == [
        (
            "coordination_regulation.csv",
            3,
            "The name, legal basis or dates of the regulation “r-2018” are not those on line 2.",
        )
    ]


def test_a_regulation_rests_on_a_known_text(tmp_path):
    assert refusal(
        tmp_path, coordination_regulation=(NAMED_BODY | {"basis_number": "681-QĐ/TU"},)
    ) == [("coordination_regulation.csv", 2, "There is no legal basis 681-QĐ/TU.")]


def test_on_any_day_at_most_one_regulation_is_in_force(tmp_path):
    first = NAMED_BODY | {"valid_to": "2025-06-30"}
    second = NAMED_BODY | {"regulation": "r-2025", "valid_from": "2025-07-01"}
    rows = read_registers(
        write_folder(tmp_path, coordination_regulation=(first, second))
    ).regulations
    assert [row.code for row in rows] == ["r-2018", "r-2025"]
    assert refusal(
        tmp_path,
        coordination_regulation=(first, second | {"valid_from": "2025-06-30"}),
    ) == [
        (
            "coordination_regulation.csv",
            3,
            "The regulation is in force on the same days as the one on line 2.",
        )
    ]


# ------------------------------------------------------------------- authority table


def test_an_authority_is_entered_as_one(tmp_path):
    assert refusal(
        tmp_path, authority_table=(AUTHORITY_LINE | {"authority": "thanh-tra-tinh"},)
    ) == [
        (
            "authority_table.csv",
            2,
            "“thanh-tra-tinh” in the column “authority” is not entered as “authority”.",
        )
    ]


def test_level_and_case_type_come_from_closed_lists(tmp_path):
    assert refusal(
        tmp_path,
        authority_table=(AUTHORITY_LINE | {"management_level": "moon", "case_type": "dance"},),
    ) == [
        (
            "authority_table.csv",
            2,
            (
                "“moon” in the column “management_level” is not one of: standing_committee, "
                "authorised_grassroots, above_grassroots, provincial_committee."
            ),
        ),
        (
            "authority_table.csv",
            2,
            (
                "“dance” in the column “case_type” is not one of: planning, promotion, "
                "appointment, reappointment, rotation, transfer, nomination, party_admission, "
                "full_membership."
            ),
        ),
    ]


def test_on_any_day_one_authority_decides(tmp_path):
    until = AUTHORITY_LINE | {"valid_to": "2025-06-30"}
    since = AUTHORITY_LINE | {"valid_from": "2025-07-01"}
    rotation = AUTHORITY_LINE | {"case_type": "rotation"}
    assert len(
        read_registers(write_folder(tmp_path, authority_table=(until, since, rotation))).authorities
    ) == 3  # fmt: skip
    assert refusal(tmp_path, authority_table=(until, rotation, AUTHORITY_LINE)) == [
        (
            "authority_table.csv",
            4,
            "Line 2 already names the authority for this level, case type and time.",
        )
    ]
