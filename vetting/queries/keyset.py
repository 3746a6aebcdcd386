"""Keyset paging: a page begins after the last row of the one before, however deep it lies."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, tuple_

from vetting.engine.refusals import Unacceptable
from vetting.engine.sentences import say

T = TypeVar("T")
PAGE = 50
BETWEEN = "~"  # stands in no handle, date or code
LONGEST_NUMBER = 9  # digits
_NO_PAGE = say("This link leads to no page of the list. Begin at its first page.")
_PART = re.compile(r"[\w.:-]{0,600}", re.ASCII)


@dataclass(frozen=True)
class Page(Generic[T]):
    """Rows of a list, and the mark after which the next page begins."""

    rows: tuple[T, ...]
    next: str | None = None
    after: str | None = None  # the mark that this page itself begins after


def read_mark(mark: str | None, parts: int) -> tuple[str, ...] | None:
    """Return the values that a mark is made of; one that was tampered with is refused."""
    if not mark:
        return None
    values = tuple(mark.split(BETWEEN))
    if len(values) != parts or not all(_PART.fullmatch(value) for value in values):
        raise Unacceptable(_NO_PAGE)
    return values


def read_number(value: str) -> int:
    """Return the number that is a part of a mark."""
    if not (value.isascii() and value.isdigit() and len(value) <= LONGEST_NUMBER):
        raise Unacceptable(_NO_PAGE)
    return int(value)


def beyond(
    columns: Sequence[ColumnElement[Any]], values: tuple[str | int, ...], *, backwards: bool = False
) -> ColumnElement[bool]:
    """Return the clause that keeps a query to the rows after a mark."""
    row = tuple_(*columns)
    return row < values if backwards else row > values


def paged(
    found: Sequence[Any],
    size: int,
    mark: str | None,
    key: Callable[[Any], Sequence[str]],
    make: Callable[[Any], T],
) -> Page[T]:
    """Cut the one row more that was asked for; it only tells that there is a next page."""
    shown = found[:size]
    further = BETWEEN.join(key(shown[-1])) if len(found) > size else None
    return Page(tuple(make(row) for row in shown), further, mark or None)
