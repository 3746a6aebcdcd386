"""Print the policy as people can check it: who may do what, and to whom a case exists.

python -m tests.house.print_policy    writes docs/policy.md
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

from vetting.engine.facts import Fact
from vetting.engine.policy import (
    ASKS_AGAIN,
    PERMITTED,
    Action,
    Matter,
    Principal,
    Relation,
    relation,
    sees_entry,
)
from vetting.engine.vocabulary import Role
from vetting.records.history import ABOUT_A_BODY

FILE = Path(__file__).parents[2] / "docs" / "policy.md"
YES, NO = "yes", "–"

# What is said of a case, in words, and the matter that it makes for somebody of `mine`.
MATTERS = {  # (unit, filed, asked, authority, before the authority)
    "a draft of my unit": Matter("mine", False, (), None, False),  # noqa: FBT003
    "filed by my unit": Matter("mine", True, (), None, False),  # noqa: FBT003
    "a draft of another unit": Matter("other", False, (), None, False),  # noqa: FBT003
    "filed by another unit": Matter("other", True, (), None, False),  # noqa: FBT003
    "my body is asked": Matter("other", True, ("mine", "third"), None, False),  # noqa: FBT003
    "only other bodies are asked": Matter("other", True, ("third",), None, False),  # noqa: FBT003
    "bound to my authority, not yet submitted": Matter("other", True, (), "mine", False),  # noqa: FBT003
    "submitted to my authority": Matter("other", True, (), "mine", True),  # noqa: FBT003
    "submitted to another authority": Matter("other", True, (), "third", True),  # noqa: FBT003
    "filed by another unit, and the officer did something in it": Matter(
        "other",
        True,  # noqa: FBT003
        (),
        None,
        False,  # noqa: FBT003
        took_part=("o",),
    ),
}
# What keeps a case from somebody to whom it would be something, and who it is kept from.
ME, ELSE = "o", "somebody else"
KEPT = {
    "kept from nobody": {},
    "I must not deal with it": {"recused": (ME,)},
    "a colleague must not deal with it": {"recused": (ELSE,)},
    "restricted to a level above mine": {"level": 2},
    "restricted to my level": {"level": 1},
    "restricted to some by name, me among them": {"named": (ME, ELSE)},
    "restricted to others by name": {"named": (ELSE,)},
    "restricted to me by name, and to a level above mine": {"named": (ME,), "level": 2},
    "restricted, and open to me to be read for a few hours": {"level": 2, "handle": "open"},
    "open to me to be read, but I must not deal with it": {
        "level": 2,
        "handle": "open",
        "recused": (ME,),
    },
}
# A matter that is something to each role, by the role's name for it.
CONCERNS = Matter("mine", True, ("mine",), "mine", True)  # noqa: FBT003


def policy() -> str:
    """Return the policy as a page of tables."""
    return "\n".join(
        [
            "# Who may do what",
            "",
            "Printed by `python -m tests.house.print_policy` from `vetting/engine/policy.py`; a",
            "test compares this page with the program. Who may do an act at all is the first",
            "table. On which cases is the second: a case that is nothing to somebody does not",
            "exist for them. What the workflow lets somebody do there, and in which state, stands",
            "in the workflow.",
            "",
            "## Role and action",
            "",
            *table(
                ["Action", *(role.title for role in Role), "Asks again who it is"],
                (
                    [
                        action.value,
                        *(_sign(role in PERMITTED[action]) for role in Role),
                        _sign(action in ASKS_AGAIN),
                    ]
                    for action in Action
                ),
            ),
            "",
            "## Role and case",
            "",
            *table(
                ["A case that is", *(role.title for role in Role)],
                (
                    [words, *(_relation(role, matter) for role in Role)]
                    for words, matter in MATTERS.items()
                ),
            ),
            "",
            "## What keeps a case from somebody",
            "",
            "Of a case that would be something to somebody, for a reader of clearance 1. Who reads",
            "in an emergency is shown the case as their role would be shown it, and can do nothing",
            "with it.",
            "",
            *table(
                ["A case is", *(role.title for role in Role)],
                (
                    [words, *(_relation(role, replace(CONCERNS, **kept)) for role in Role)]
                    for words, kept in KEPT.items()
                ),
            ),
            "",
            "## What of the history is shown, by what the case is to the reader",
            "",
            *table(
                ["Entry", *(f"{one.value}{whose}" for one, whose in _readers())],
                ([verb, *_shown(verb, about_body)] for verb, about_body in sorted(set(_verbs()))),
            ),
            "",
        ]
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table."""
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _sign(yes: bool) -> str:  # noqa: FBT001
    return YES if yes else NO


def _relation(role: Role, matter: Matter) -> str:
    principal = Principal(ME, ME, role, "mine", "s", clearance=1, emergency=frozenset({"open"}))
    seen_as = relation(principal, matter)
    return NO if seen_as is Relation.NONE else seen_as.value


def _readers() -> Iterator[tuple[Relation, str]]:
    for one in Relation:
        if one is Relation.ASKED:
            yield from product([one], [", own body", ", another body"])
        elif one not in {Relation.NONE, Relation.EMERGENCY}:  # which is shown it as by their role
            yield one, ""


def _shown(verb: str, about_body: bool) -> Iterator[str]:  # noqa: FBT001
    for seen_as, whose in _readers():
        if seen_as is Relation.ASKED and not about_body and whose == ", another body":
            yield ""
        else:
            body = ("other" if "another" in whose else "mine") if about_body else None
            yield _sign(sees_entry(seen_as, "mine", verb, body))


def _verbs() -> Iterator[tuple[str, bool]]:
    waiting = [Fact]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if "verb" in vars(kind):
            yield kind.verb, issubclass(kind, ABOUT_A_BODY)


def main() -> None:
    """Write the page."""
    FILE.write_text(policy(), "utf-8")


if __name__ == "__main__":
    main()
