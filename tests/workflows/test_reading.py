"""Reading a definition: strict, with the place of every mistake; published ones are frozen."""

import shutil
from datetime import date

import pytest

from tests.workflows.shipped import FOLDER, shipped
from vetting.engine.definition import Definition
from vetting.engine.problem import BadDefinition
from vetting.engine.reading import Definitions, read_definition, read_definitions

PLANNING = (FOLDER / "planning" / "v1.toml").read_text(encoding="utf-8")


def wrong_with(read, *arguments, **options):
    with pytest.raises(BadDefinition) as bad:
        read(*arguments, **options)
    return [(p.file, p.where, str(p.sentence)) for p in bad.value.problems]


@pytest.mark.parametrize(
    ("was", "becomes", "where", "said"),
    [
        (
            'case_type = "planning"',
            'case_type = "plan"',
            "case_type",
            "There is no such case type.",
        ),
        ("final = true", "finnal = true", "states.closed.finnal", "There is no such key here."),
        (
            'acts = ["case_officer"]',
            'acts = ["clerk"]',
            "states.draft.acts.#1",
            "“clerk” is not known here.",
        ),
        (', en = "Draft" }', " }", "states.draft.title.en", "One language is missing."),
        (', en = "Draft" }', ', en = "" }', "states.draft.title.en", "This is empty."),
        ('to = "checking"\n', "", "moves.take_up.to", "This is missing."),
        (
            'need = "must"',
            'need = "perhaps"',
            "consultation.#1.need",
            "“perhaps” is not known here.",
        ),
        (
            'need = "must"',
            'silence = "agrees"',
            "consultation.#1.silence",
            "“agrees” is not known here.",
        ),
        *(
            (
                'opens = "draft"',
                (
                    'opens = "draft"\nquestions = { unit = "working_days", length = '
                    f'{length}, basis = "R" }}'
                ),
                "questions.length",
                said,
            )
            for length, said in (
                (0, "A term is at least one day or one month long."),
                (-5, "A term is at least one day or one month long."),
                (10**30, "A term of more than 20000 days or months is not counted."),
            )
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(was, becomes, where, said):
    text = PLANNING.replace(was, becomes, 1)
    assert text != PLANNING
    assert wrong_with(read_definition, text, "planning/v1.toml") == [
        ("planning/v1.toml", where, said)
    ]


def test_a_mistyped_key_is_answered_with_the_keys_there_are():
    with pytest.raises(BadDefinition) as bad:
        read_definition(PLANNING.replace("final = true", "finnal = true", 1), "v1.toml")
    assert [str(problem.remedy) for problem in bad.value.problems] == [
        "Write one of name, title, acts, final, deadline."
    ]


def test_what_is_not_toml_is_told_with_its_line():
    [(file, where, said)] = wrong_with(read_definition, "version = 1\nopens draft\n", "x.toml")
    assert (file, where) == ("x.toml", "line 2, column 7")
    assert said.startswith("This is not TOML: ")


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(FOLDER, tmp_path / "workflows")


def test_a_published_file_that_was_changed_is_not_read(folder):
    file = folder / "planning" / "v1.toml"
    file.write_text(PLANNING + "# one more line\n", encoding="utf-8")
    assert wrong_with(read_definitions, folder) == [
        (
            "planning/v1.toml",
            "published.sha256",
            "This workflow was changed after it was published.",
        )
    ]


def test_a_published_file_that_is_gone_is_missed(folder):
    (folder / "rotation" / "v1.toml").unlink()
    assert wrong_with(read_definitions, folder) == [
        ("rotation/v1.toml", "published.sha256", "This workflow was published and is gone.")
    ]


def test_an_unpublished_file_is_read_only_where_drafts_are_welcome(folder):
    text = PLANNING.replace("version = 1", "version = 2", 1)
    (folder / "planning" / "v2.toml").write_text(text, encoding="utf-8")
    assert read_definitions(folder).of("planning", 2).version == 2
    assert wrong_with(read_definitions, folder, published_only=True) == [
        ("planning/v2.toml", "published.sha256", "This workflow is not published.")
    ]


def test_a_file_in_the_place_of_another_is_refused(folder):
    (folder / "planning" / "v2.toml").write_text(PLANNING, encoding="utf-8")
    assert wrong_with(read_definitions, folder) == [
        (
            "planning/v2.toml",
            "case_type, version",
            "The file’s path names another workflow or version than the file.",
        )
    ]


@pytest.mark.parametrize("line", ["nonsense", f"{'a' * 64} planning/v1.toml", f"{'A' * 64}  x"])
def test_a_line_that_is_no_seal_is_refused(folder, line):
    with (folder / "published.sha256").open("a", encoding="utf-8") as seals:
        seals.write(line + "\n")
    assert wrong_with(read_definitions, folder) == [
        ("published.sha256", "line 11", "This is not a seal, or the file has two.")
    ]


def test_a_case_begins_under_the_latest_version_that_is_valid_and_stays_with_its_own():
    first = shipped().of("planning", 1)

    def version(number, valid_from):
        return first.model_copy(update={"version": number, "valid_from": valid_from})

    known = Definitions(
        {
            ("planning", 1): first,
            ("planning", 2): version(2, date(2027, 1, 1)),
            ("planning", 3): version(3, date(2028, 1, 1)),
        }
    )
    on = [date(2026, 12, 31), date(2027, 1, 1), date(2030, 1, 1)]
    assert [known.current("planning", day).version for day in on] == [1, 2, 3]
    assert known.of("planning", 1) is first
    with pytest.raises(LookupError, match="there is no workflow planning/v4"):
        known.of("planning", 4)
    with pytest.raises(LookupError, match="no workflow rotation is valid on 2030-01-01"):
        known.current("rotation", date(2030, 1, 1))


def test_the_consultation_is_looked_up_by_its_version():
    consulting = shipped().consultation()
    assert isinstance(consulting, Definition)
    assert (consulting.case_type, consulting.version) == ("consultation", 1)
