"""`vetting workflows`: what it says, where it writes, and with which code it ends."""

import json
import shutil
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from tests.workflows.shipped import FOLDER
from vetting.commands.workflows import workflows


@pytest.fixture(autouse=True)
def _in_english(monkeypatch):
    monkeypatch.setenv("VETTING_LANGUAGE", "en")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    copied = shutil.copytree(FOLDER, tmp_path / "workflows")
    monkeypatch.setenv("VETTING_WORKFLOWS", str(copied))
    return copied


def run(*arguments):
    return CliRunner().invoke(workflows, [str(each) for each in arguments])


def plant(folder, name="planning", version=1):
    """Let a file's conclusion pass by the hearing."""
    text = (folder / name / "v1.toml").read_text(encoding="utf-8")
    text = text.replace('guards = ["candidate_heard"]\n', "", 1)
    file = folder / name / f"v{version}.toml"
    file.write_text(text.replace("version = 1", f"version = {version}", 1), encoding="utf-8")
    return file


def test_the_shipped_workflows_hold():
    ended = run("check", "--json")
    told = json.loads(ended.output)
    assert (ended.exit_code, told["problems"], len(told["files"])) == (0, 0, 10)
    walked = {each["workflow"] for each in told["files"] if each["situations"] > 1_000}
    assert walked == {each["workflow"] for each in told["files"]} - {"consultation"}


def test_a_problem_is_told_with_file_place_and_remedy(folder):
    file = plant(folder)
    ended = run("check", file)
    assert (ended.exit_code, ended.output.splitlines()) == (
        1,
        [
            (
                f"{file}: moves.conclude.guards: The outcome “does_not_meet” can be concluded "
                "without hearing the candidate."
            ),
            "    Add the guard “candidate_heard”.",
        ],
    )


def test_a_problem_is_told_to_a_program_too(folder):
    ended = run("check", plant(folder), "--json")
    told = json.loads(ended.output)
    assert ended.exit_code == 1
    assert told["problems"] == 1
    assert told["files"][0]["problems"] == [
        {
            "file": str(folder / "planning" / "v1.toml"),
            "where": "moves.conclude.guards",
            "message": "The outcome “does_not_meet” can be concluded without hearing "
            "the candidate.",
            "remedy": "Add the guard “candidate_heard”.",
            "path": [],
        }
    ]


def test_a_folder_whose_seal_is_broken_does_not_hold(folder):
    with (folder / "rotation" / "v1.toml").open("a", encoding="utf-8") as file:
        file.write("# a late thought\n")
    ended = run("check", folder)
    assert ended.exit_code == 1
    assert "rotation/v1.toml: published.sha256: This workflow was changed" in ended.output


@pytest.mark.parametrize("what", ["missing.toml", "empty", "binary.toml"])
def test_what_cannot_be_read_is_wrong_use(tmp_path, what):
    (tmp_path / "empty").mkdir()
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    ended = run("check", tmp_path / what)
    assert ended.exit_code == 2
    assert what in ended.output


@pytest.mark.parametrize(
    "name", ["planning", "planning/v1", "re-appointment", "Party-Admission", "consultation"]
)
def test_a_workflow_is_drawn_by_any_of_its_names(tmp_path, name):
    file = tmp_path / "drawn.svg"
    ended = run("draw", name, "-o", file, "--language", "vi")
    assert (ended.exit_code, ended.output) == (0, "")
    assert ET.fromstring(file.read_text(encoding="utf-8")).tag.endswith("svg")  # noqa: S314


@pytest.mark.parametrize("name", ["nothing", "planning/v7", "../planning", "planning/../x", ""])
def test_a_name_there_is_not_is_wrong_use(tmp_path, name):
    ended = run("draw", name, "-o", tmp_path / "drawn.svg")
    assert ended.exit_code == 2
    assert "There is no workflow" in ended.output
    assert "party_admission" in ended.output


def test_a_new_version_is_published_once_and_old_seals_stay(folder):
    seals = folder / "published.sha256"
    before = seals.read_text(encoding="utf-8")
    text = (folder / "transfer" / "v1.toml").read_text(encoding="utf-8")
    file = folder / "transfer" / "v2.toml"
    file.write_text(text.replace("version = 1", "version = 2", 1), encoding="utf-8")

    first, again = run("publish", file), run("publish", file)

    assert (first.exit_code, first.output) == (0, "transfer/v2.toml is published.\n")
    assert (again.exit_code, again.output) == (0, "transfer/v2.toml is already published.\n")
    after = seals.read_text(encoding="utf-8")
    assert after.startswith(before)
    assert after.removeprefix(before).endswith("  transfer/v2.toml\n")
    assert len(after.splitlines()) == len(before.splitlines()) + 1


def test_what_does_not_hold_is_not_published(folder):
    before = (folder / "published.sha256").read_text(encoding="utf-8")
    ended = run("publish", plant(folder, version=2))
    assert ended.exit_code == 1
    assert ended.output.endswith("Nothing was published.\n")
    assert (folder / "published.sha256").read_text(encoding="utf-8") == before


def test_a_changed_file_is_not_sealed_anew(folder):
    before = (folder / "published.sha256").read_text(encoding="utf-8")
    file = folder / "transfer" / "v1.toml"
    file.write_text(file.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    ended = run("publish", file)
    assert ended.exit_code == 1
    assert "changed after it was published" in ended.output
    assert (folder / "published.sha256").read_text(encoding="utf-8") == before


def test_the_list_says_what_is_published(folder):
    plant(folder, version=2)
    told = json.loads(run("list", "--json").output)
    versions = {(each["workflow"], each["version"]): each["published"] for each in told}
    assert len(versions) == 11
    assert [name for name, published in versions.items() if not published] == [("planning", 2)]
