"""Mutants: the policy with one line of it taken away, or one added that should not be there.

They are made from the policy as it stands: a line that is added to it makes a mutant of its own.
A mutant is alive only inside a `with`; nothing is written to a file.
"""

import ast
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import _lru_cache_wrapper
from types import CodeType, FunctionType, ModuleType

from vetting.engine import policy
from vetting.engine.policy import PERMITTED, Action
from vetting.engine.vocabulary import Role
from vetting.records import scope

# Open to everybody, also to whom no role is given: no line of the table decides it.
UNDECIDED = {Action.OPEN}
# Lines behind others that say the same; no cell can tell that they are gone, with the reason.
SECOND_WALLS = {
    "addressed_to without “if principal.role not in {Role.BODY_OFFICER, Role.BODY_SIGNER}:”": (
        "every page that asks it is open to bodies alone"
    ),
    "INNER without body.left_out": "it is about a body, which is asked before",
    "entries_visible_to without “if principal.role not in SEE_EVERY_OPINION:”": (
        "the search that asks it is open to those alone"
    ),
}
# Lines that no cell tells of yet, because nobody in the province stands where they decide. Each
# is a gap of the matrix, not of the policy; whoever brings such a visitor takes the line out.
NOBODY_SO = "no visitor or case of the province is like that"
NO_ACT = "only a whole act comes so far, and the matrix sends none"
NOT_MET = {
    "may without “if principal.robot and action not in ACTIONS_OF_ROBOTS:”": NO_ACT,
    "must_prove_again without “if principal.proved_at is None:”": NO_ACT,
    "proven without “if action not in ASKS_AGAIN:”": NO_ACT,
    "refuse_unproven without “if must_prove_again(principal, now, proved_for):”": NO_ACT,
    "proven_again without “if principal.proved_with is None:”": NO_ACT,
    "relation without “if left_to_others or any((person in matter.recused for person in "
    "principal.persons)):”": NO_ACT,
    "relation without “if principal.role is Role.SUPERVISOR and any((person in matter.took_part "
    "for person in principal.persons)):”": NO_ACT,
    "not_withheld without “if principal.case_types == EVERY_TYPE:”": NOBODY_SO,
    "values_of without “if principal.case_types != EVERY_TYPE:”": NOBODY_SO,
    "relation without “if matter.erased:”": NOBODY_SO,
    "BODYS_OWN without consultation.released": NOBODY_SO,
    "BODYS_OWN without amendment.countersigned": NOBODY_SO,
    "BODYS_OWN without amendment.refused": NOBODY_SO,
    **{
        f"INNER without {verb}": NOBODY_SO
        for verb in (
            *("disposal.asked", "disposal.refused", "disposal.approved"),
            *(
                "body.replaced",
                "record.classed",
                "hold.lifted",
                "clock.went_back",
                *("conflict.declared_waiting", "conflict.taken_over"),
                "request.sent_back",
                "rows.rebuilt",
            ),
        )
    },
}


@dataclass(frozen=True)
class Mutant:
    """A line that is changed, and how to live with it for a while."""

    name: str
    live: Callable[[], AbstractContextManager[None]]
    action: Action | None = None  # the action and the role whose cells can tell
    role: Role | None = None


def every_mutant() -> list[Mutant]:
    """Every line of the table of roles, every arm of the rules, every member of their sets."""
    return [*_pairs(), *_arms(policy), *_arms(scope), *_members()]


def _pairs() -> Iterator[Mutant]:
    for action in Action:
        for role in Role:
            if action not in UNDECIDED:
                done = "without" if role in PERMITTED[action] else "with"
                name = f"{action.name} {done} {role.name}"
                yield Mutant(name, _other_pair(action, role), action, role)


def _other_pair(action: Action, role: Role) -> Callable[[], AbstractContextManager[None]]:
    @contextmanager
    def live() -> Iterator[None]:
        before = PERMITTED[action]
        PERMITTED[action] = before ^ {role}
        try:
            yield
        finally:
            PERMITTED[action] = before

    return live


def _arms(module: ModuleType) -> Iterator[Mutant]:
    """Every function that decides by cases, without each of its cases in turn."""
    for name, function in vars(module).items():
        if not isinstance(function, FunctionType) or function.__module__ != module.__name__:
            continue
        tree = ast.parse(inspect.getsource(function))
        for place, node in enumerate(_deletable(tree)):
            code = _without(function, place)
            yield Mutant(
                f"{name} without “{ast.unparse(node).splitlines()[0]}”", _coded(function, code)
            )


def _deletable(tree: ast.AST) -> list[ast.AST]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.If)
        or (
            isinstance(node, ast.match_case)
            and not (isinstance(node.pattern, ast.MatchAs) and node.pattern.pattern is None)
        )
    ]


def _without(function: FunctionType, place: int) -> CodeType:
    tree = ast.parse(inspect.getsource(function))
    doomed = _deletable(tree)[place]
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if isinstance(value, list) and doomed in value:
                value.remove(doomed)
                if not value and field != "orelse":
                    value.append(ast.Pass())
    made: dict[str, object] = {}
    source = compile(ast.fix_missing_locations(tree), inspect.getfile(function), "exec")
    exec(source, function.__globals__, made)  # noqa: S102  # the policy's own text, less one line
    [other] = made.values()
    return other.__code__


def _coded(function: FunctionType, code: CodeType) -> Callable[[], AbstractContextManager[None]]:
    @contextmanager
    def live() -> Iterator[None]:
        before = function.__code__
        function.__code__ = code  # whoever imported the function has the other one too
        forget_statements()
        try:
            yield
        finally:
            function.__code__ = before
            forget_statements()

    return live


def forget_statements() -> None:
    """Have statements that are built once built anew: they keep the clauses that they are of."""
    for name, module in list(sys.modules.items()):
        if name.startswith("vetting."):
            for one in vars(module).values():
                if isinstance(one, _lru_cache_wrapper) and one.__module__ == name:
                    one.cache_clear()


def _members() -> Iterator[Mutant]:
    """Every set that decides which entries are shown, without each of its members."""
    for name in policy.sees_entry.__code__.co_names:
        kept = vars(policy).get(name)
        if isinstance(kept, frozenset):
            for member in sorted(kept):
                yield Mutant(f"{name} without {member}", _smaller(name, member))


def _smaller(name: str, member: str) -> Callable[[], AbstractContextManager[None]]:
    @contextmanager
    def live() -> Iterator[None]:
        before = getattr(policy, name)
        setattr(policy, name, before - {member})
        try:
            yield
        finally:
            setattr(policy, name, before)

    return live
