"""Search: cases by reference or by name, with and without marks, within what one may see."""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, or_, select
from sqlalchemy.sql.elements import KeyedColumnElement

from vetting.engine.definition import Title
from vetting.engine.names import folded, sort_key
from vetting.engine.policy import Principal
from vetting.engine.reading import Definitions
from vetting.engine.references import is_reference
from vetting.engine.vocabulary import REFERENCE_PREFIX, CaseType, Role
from vetting.queries.names_of import names_of_organisations
from vetting.records.cases import cases
from vetting.records.scope import visible_to

PAGE = 50
SHORTEST = 2
LONGEST = 200
_LAST = "\U0010ffff"
_WHOLE, _SAME_MARKS, _WITHOUT_MARKS = range(3)
_PREFIXES = "|".join(REFERENCE_PREFIX.values())
# A whole reference as it is written, and the beginning of one.
_WRITTEN_OUT = re.compile(rf"(?:{_PREFIXES})-\d{{4}}-[A-Z0-9]+-\d{{4,}}-\d{{2}}")
_BEGUN = re.compile(rf"(?:{_PREFIXES})-\d{{1,4}}(?:-[A-Z0-9-]*)?")
_BODIES = frozenset({Role.BODY_OFFICER, Role.BODY_SIGNER})


@dataclass(frozen=True)
class Found:
    """One case that was found."""

    handle: str
    reference: str | None
    name: str
    born: str
    target: str
    case_type: CaseType
    unit: Title
    state: Title | None  # None for whom the state is not told in a list
    same_marks: bool


@dataclass(frozen=True)
class SearchPage:
    """What was found, one page of it."""

    words: str
    found: tuple[Found, ...]
    as_reference: bool
    slip: bool  # it is written like a reference, but its check digits do not fit
    too_short: bool
    after: str | None


def search_cases(
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    words: str,
    after: str | None = None,
) -> SearchPage:
    """Return the cases that *words* name, exact ones first."""
    words = " ".join(_visible(words[:LONGEST]).split())
    written = words.upper().replace(" ", "")
    as_reference = bool(_BEGUN.fullmatch(written))
    slip = bool(_WRITTEN_OUT.fullmatch(written)) and not is_reference(written)
    if len(folded(words)) < SHORTEST:
        return SearchPage(words, (), as_reference=False, slip=False, too_short=True, after=None)
    if as_reference:
        matches: ColumnElement[bool] = _begins(cases.c.reference, written)
        rank: ColumnElement[int] = case((cases.c.reference == written, _WHOLE), else_=_SAME_MARKS)
    else:
        matches, rank = _named(words)
    order = cases.c.reference if as_reference else cases.c.name_sort
    statement = (
        select(
            cases.c.handle,
            cases.c.reference,
            cases.c.name,
            cases.c.born,
            cases.c.target,
            cases.c.case_type,
            cases.c.unit,
            cases.c.state,
            cases.c.definition_version,
            rank.label("rank"),
            order.label("place"),
        )
        .where(matches, visible_to(principal))
        .order_by(rank, order, cases.c.handle)
        .limit(PAGE + 1)
    )
    if (place := _place(after)) is not None:
        first, second, third = place
        statement = statement.where(
            or_(
                rank > first,
                and_(rank == first, order > second),
                and_(rank == first, order == second, cases.c.handle > third),
            )
        )
    rows = connection.execute(statement).mappings().all()
    shown = rows[:PAGE]
    units = names_of_organisations(connection, {row["unit"] for row in shown})
    last = shown[-1] if len(rows) > PAGE else None
    return SearchPage(
        words,
        tuple(
            Found(
                row["handle"],
                row["reference"],
                row["name"],
                row["born"],
                row["target"],
                CaseType(row["case_type"]),
                units[row["unit"]],
                None
                if principal.role in _BODIES
                else definitions.of(row["case_type"], row["definition_version"])
                .state_by_name[row["state"]]
                .title,
                row["rank"] < _WITHOUT_MARKS,
            )
            for row in shown
        ),
        as_reference=as_reference,
        slip=slip,
        too_short=False,
        after=f"{last['rank']}~{last['place']}~{last['handle']}" if last else None,
    )


def _named(words: str) -> tuple[ColumnElement[bool], ColumnElement[int]]:
    """Match names that have the words in them, from the beginning of a word on.

    A name's sort key spells every word with its marks, whatever its capitals, so it tells whether
    the marks are those that were typed.
    """
    plain = folded(words)
    matches = or_(
        _begins(cases.c.name_folded, plain),
        cases.c.name_folded.like(f"% {_literally(plain)}%", escape="\\"),
    )
    with_marks = and_(
        *((" " + cases.c.name_sort + " ").like(f"% {sort_key(word)} %") for word in words.split())
    )
    rank = case(
        (cases.c.name_sort == sort_key(words), _WHOLE),
        (with_marks, _SAME_MARKS),
        else_=_WITHOUT_MARKS,
    )
    return matches, rank


def _begins(column: KeyedColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Match what begins with *text*; written so that an index can find it."""
    return and_(column >= text, column < text + _LAST)


def _visible(text: str) -> str:
    """Put a space where a sign cannot be seen: it stands in no name, and some databases balk."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _literally(text: str) -> str:
    """Take the wildcards in *text* for what they are."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _place(after: str | None) -> tuple[int, str, str] | None:
    words = _visible(after or "").split("~")
    if len(words) != len(("rank", "place", "handle")) or words[0] not in {"0", "1", "2"}:
        return None
    return int(words[0]), words[1], words[2]
