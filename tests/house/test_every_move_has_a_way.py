"""From a definition to its use case, to its page, to its words: nothing stands for itself alone."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.builders import definitions
from vetting.directories.known import DirectoryDown
from vetting.engine import facts
from vetting.engine.definition import CONSULTATION, Title
from vetting.engine.facts import AboutConsultation, Fact, Moved
from vetting.engine.policy import PERMITTED
from vetting.engine.refusals import NotWrittenDown, Refusal
from vetting.queries.history_sentences import SENTENCES
from vetting.web.errors import STATUS, WORDS, status_of
from vetting.web.gate import ACTION_OF, NotVouchedFor

ROOT = Path(__file__).parents[2]
CODE = ROOT / "vetting"
USE_CASES = sorted((CODE / "usecases").glob("*.py"))
WAYS_IN = [
    file for part in ("web", "worker", "commands") for file in sorted((CODE / part).rglob("*.py"))
]
DOWN = {NotWrittenDown, NotVouchedFor, DirectoryDown}  # what is no fault of whoever asked
# What use cases are made of: no way in enters here, use cases do.
NO_USE_CASE = {"__init__", "moves"}

DEFINITIONS = list(definitions())
EVERY_DEFINITION = pytest.mark.parametrize(
    "definition", DEFINITIONS, ids=[f"{one.case_type}-v{one.version}" for one in DEFINITIONS]
)


def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


def words_in(files) -> set[str]:
    """Every text that stands in the code."""
    return {
        node.value
        for file in files
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


@cache
def moves_made() -> set[str]:
    """The moves that use cases make, as they name them to the engine."""
    return {
        argument.value
        for file in USE_CASES
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"step", "step_of_consultation"}
        for argument in node.args
        if isinstance(argument, ast.Constant)
    }


# ------------------------------------------------------------------ moves


@EVERY_DEFINITION
def test_every_move_is_made_by_a_use_case(definition):
    by_people = {move.name for move in definition.moves if move.by}

    # a full case is filed with its list; the move stands there by its name as well
    assert by_people - moves_made() == set()


def test_no_use_case_makes_a_move_that_no_definition_has():
    known = {move.name for one in DEFINITIONS for move in one.moves}

    assert moves_made() - known == set()


@EVERY_DEFINITION
def test_every_move_has_a_page_for_everybody_who_may_make_it(site, definition):
    without = []
    for move in definition.moves:
        for role in move.by:
            actions = actions_at(site, definition, move.name)
            if not any(role in PERMITTED[action] for action in actions):
                without.append((move.name, role.value))

    assert without == []


def actions_at(site, definition, move):
    """The actions of the routes on which a move is made."""
    router = site.app.url_map.bind("")
    pages = [
        f"{root}/{name}{rest}"
        for root, rest in (
            [("/consultations/x", ""), ("/cases/x", "/y")]
            if definition.case_type == CONSULTATION
            else [("/cases/x", "")]
        )
        for name in (move.replace("_", "-"), move)
    ]
    for page in pages:
        if router.test(page, method="POST"):
            endpoint, _ = router.match(page, method="POST")
            yield ACTION_OF[site.app.view_functions[endpoint]]


@EVERY_DEFINITION
def test_every_fact_and_paper_can_be_recorded_by_those_who_are_to(site, definition):
    router = site.app.url_map.bind("")
    for kind, things in (("facts", definition.facts), ("papers", definition.papers)):
        for thing in things:
            endpoint, _ = router.match(f"/cases/x/{kind}/{thing.name}", method="POST")
            permitted = PERMITTED[ACTION_OF[site.app.view_functions[endpoint]]]
            assert set(getattr(thing, "by", ())) <= permitted


# ------------------------------------------------------------------ words


def kinds_of_facts() -> set[type[Fact]]:
    return {
        kind
        for kind in vars(facts).values()
        if isinstance(kind, type)
        and issubclass(kind, Fact)
        and kind not in {Fact, Moved, AboutConsultation}
    }


def test_everything_that_can_happen_is_told_in_a_sentence():
    """Its sentence is in both languages, as `test_translations.py` shows of every sentence."""
    assert SENTENCES.keys() == kinds_of_facts()


def test_no_two_things_that_happen_have_one_verb():
    verbs = [kind.verb for kind in kinds_of_facts()]

    assert len(set(verbs)) == len(verbs)


def titles_in(part, place="") -> list[tuple[str, Title]]:
    """Every title in a definition, with its place."""
    if isinstance(part, Title):
        return [(place, part)]
    if isinstance(part, tuple):
        return [
            it for number, one in enumerate(part) for it in titles_in(one, f"{place}[{number}]")
        ]
    if hasattr(type(part), "model_fields"):
        return [
            it
            for name in type(part).model_fields
            for it in titles_in(getattr(part, name), f"{place}.{name}")
        ]
    return []


@EVERY_DEFINITION
def test_every_title_stands_in_both_languages(definition):
    titles = titles_in(definition)
    unlike = [(place, it.vi) for place, it in titles if it.vi.strip() == it.en.strip()]
    empty = [place for place, it in titles if not it.vi.strip() or not it.en.strip()]

    assert (unlike, empty) == ([], [])
    named = [
        *definition.states,
        *definition.moves,
        *definition.facts,
        *definition.papers,
        *definition.outcomes,
        *definition.deadlines,
        *definition.notices,
    ]
    assert len(titles) >= len(named)


@EVERY_DEFINITION
def test_every_notice_follows_a_move_and_says_something(definition):
    moves = {move.name for move in definition.moves}

    assert [one.on for one in definition.notices if one.on not in moves] == []
    assert [one.on for one in definition.notices if not (one.title.vi and one.title.en)] == []


# ------------------------------------------------------------------ refusals


def every_refusal() -> set[type[Refusal]]:
    found, waiting = set(), [Refusal]
    while waiting:
        kinds = waiting.pop().__subclasses__()
        found |= set(kinds)
        waiting += kinds
    return {one for one in found if one.__module__.startswith("vetting.")}


def test_every_refusal_has_a_status_and_a_page(site):  # noqa: ARG001  # all of it is loaded
    assert len(every_refusal()) > 8
    wrong = {
        kind.__name__: status_of(kind)
        for kind in every_refusal()
        if not (400 <= status_of(kind) < 500 or kind in DOWN) or status_of(kind) not in WORDS
    }

    assert wrong == {}


def test_no_status_is_kept_for_a_refusal_that_is_not_there():
    assert STATUS.keys() <= every_refusal()


# ------------------------------------------------------------------ use cases


def imported_from_use_cases(files) -> set[tuple[str, str]]:
    """Which names of which use case are imported."""
    return {one for file in files for one in imported_in(file)}


@cache
def imported_in(file: Path) -> set[tuple[str, str]]:
    """The same for one file, which is read once."""
    return {
        (node.module.rpartition(".")[2], alias.name)
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.ImportFrom)
        and node.module is not None
        and node.module.startswith("vetting.usecases.")
        for alias in node.names
    }


def acts_in(file: Path) -> set[str]:
    """The functions of a use case that stand open to a way in."""
    return {
        node.name
        for node in parsed(file).body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and node.args.args
        and node.args.args[0].arg in {"desk", "door", "database", "keeper"}
    }


@pytest.mark.parametrize(
    "file", [file for file in USE_CASES if file.stem not in NO_USE_CASE], ids=lambda file: file.stem
)
def test_every_use_case_is_entered_by_a_way_in(file):
    others = [*WAYS_IN, *(one for one in USE_CASES if one != file)]
    entered = {name for module, name in imported_from_use_cases(others) if module == file.stem}

    assert acts_in(file) - entered == set()
    assert entered or file.stem == "desk"


def test_the_middle_of_use_cases_is_used_by_use_cases():
    used = {module for module, _ in imported_from_use_cases(USE_CASES)}

    assert used >= NO_USE_CASE - {"__init__"}
