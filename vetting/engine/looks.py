"""Looks: what a reader of case data was shown, how, and what for. Pure; the ledger keeps it."""

from collections.abc import Iterable
from dataclasses import dataclass

from vetting.engine.sentences import mark
from vetting.engine.vocabulary import Named, Role


class How(Named):
    """In what form case data went out."""

    VIEW = "view", mark("opened a page")
    SEARCH = "search", mark("searched")
    PRINT = "print", mark("printed")
    EXPORT = "export", mark("took out as a file")


class Group(Named):
    """A group of a case's fields, as a page shows them together."""

    CANDIDATE = "candidate", mark("the candidate")  # name, birth, post, title asked for
    STANDING = "standing", mark("where it stands")  # reference, state, dates
    RECORD = "record", mark("facts and papers on record")
    OPINIONS = "opinions", mark("signed opinions")
    DRAFT = "draft", mark("a draft opinion")
    DECISION = "decision", mark("proposal and conclusion")
    HISTORY = "history", mark("the history")
    READERS = "readers", mark("who can see and has seen it")


class Purpose(Named):
    """What a look was for, where the capacity or an access in force says it."""

    OWN_TASK = "own_task", mark("own task")
    OVERSIGHT = "oversight", mark("oversight")
    EMERGENCY = "emergency", mark("opened in an emergency")


# Whose work lies in the cases themselves looks for that; whoever oversees the work, for this.
_OVERSEE = frozenset({Role.SUPERVISOR})
# What no page shows to a role, whatever it shows to others.
_NEVER_SHOWN: dict[Role, frozenset[Group]] = {
    Role.CASE_OFFICER: frozenset({Group.OPINIONS, Group.DRAFT}),
    Role.BOARD_OFFICER: frozenset({Group.DRAFT}),
    Role.BOARD_HEAD: frozenset({Group.DRAFT}),
    Role.SECRETARY: frozenset({Group.DRAFT}),
    Role.SUPERVISOR: frozenset({Group.DRAFT}),
}


@dataclass(frozen=True, slots=True)
class Showing:
    """What a page or file shows of the cases on it, and in what form."""

    how: How
    groups: frozenset[Group]

    def to(self, role: Role) -> str:
        """Return the groups that go out to a role, as the ledger keeps them."""
        return written(self.groups - _NEVER_SHOWN.get(role, frozenset()))


def showing(*groups: Group, how: How = How.VIEW) -> Showing:
    """Return what a page shows; a file or a search says so."""
    return Showing(how, frozenset(groups))


def purpose_of(role: Role) -> Purpose:
    """Return what a look is for when nothing else was stated."""
    return Purpose.OVERSIGHT if role in _OVERSEE else Purpose.OWN_TASK


def written(groups: Iterable[Group]) -> str:
    """Return groups of fields as one word after the other, always in the same order."""
    chosen = set(groups)
    return " ".join(group.value for group in Group if group in chosen)
