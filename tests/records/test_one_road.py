"""One place commits, one place asks the clock: told from the code itself."""

import ast
from functools import cache
from pathlib import Path

import vetting

SOURCE = Path(vetting.__file__).parent
CLOCKS = {
    "now",
    "utcnow",
    "today",
    "time",
    "time_ns",
    "localtime",
    "gmtime",
    "fromtimestamp",
}
OF_CLOCKS = {"datetime", "date", "time"}


@cache
def calls():
    """Return each call of a method in the code: where, of what, and its name."""
    return [
        (file.relative_to(SOURCE).as_posix(), ast.unparse(node.func.value), node.func.attr)
        for file in sorted(SOURCE.rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]


def test_one_line_commits_acts_and_one_migrations():
    assert [(file, of) for file, of, name in calls() if name == "commit"] == [
        ("records/database.py", "connection"),
        ("records/migrate.py", "connection"),
    ]


def test_only_identity_asks_what_time_it_is():
    asked = {
        file for file, of, name in calls() if name in CLOCKS and of.rpartition(".")[2] in OF_CLOCKS
    }
    # The floor is the bare view that speed is measured against; it is no part of the product.
    assert asked - {"commands/floor.py"} == {"records/identity.py"}


def test_only_identity_and_the_makers_of_keys_ask_for_randomness():
    asked = {file for file, of, _ in calls() if of in {"secrets", "random", "uuid", "os.urandom"}}
    assert {file for file in asked if file.startswith(("engine/", "queries/"))} == set()
    assert "records/identity.py" in asked
