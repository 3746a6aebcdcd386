"""Paging: the addresses at which a list begins and goes on, with the same filter."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import request

from vetting.queries.keyset import Page


@dataclass(frozen=True)
class Ways:
    """Where a list begins, unless this is the beginning, and where it goes on."""

    first: str | None
    next: str | None


def ways(page: Page[Any]) -> Ways:
    """Return the ways from a page of a list to the others."""
    return Ways(
        first=address() if page.after else None,
        next=address(after=page.next) if page.next else None,
    )


def address(**changed: str | None) -> str:
    """Return this page's address with another filter, from the beginning of the list."""
    asked = {name: value for name, value in request.args.items() if value and name != "after"}
    asked |= {name: value or "" for name, value in changed.items()}
    asked = {name: value for name, value in asked.items() if value}
    return f"{request.path}?{urlencode(asked)}" if asked else request.path
