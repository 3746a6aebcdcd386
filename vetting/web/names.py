"""Names: what organisations and officers are called, asked once a request."""

from collections.abc import Iterable

from flask import Flask, g
from sqlalchemy import bindparam, select

from vetting.records.database import Statement
from vetting.records.officers import officers
from vetting.records.organisations import organisations
from vetting.web.desk import reading
from vetting.web.languages import language

_ORGANISATIONS = Statement(
    select(organisations.c.code, organisations.c.name_vi, organisations.c.name_en)
)
_OFFICER = Statement(select(officers.c.name).where(officers.c.handle == bindparam("handle")))


def name_of(code: str | None) -> str:
    """Return what an organisation is called in the reader's language."""
    if code is None:
        return ""
    names: dict[str, tuple[str, str]] | None = g.get("organisation_names")
    if names is None:
        names = g.organisation_names = {
            row.code: (row.name_vi, row.name_en) for row in _ORGANISATIONS(reading(), {})
        }
    vi, en = names.get(code, (code, code))
    return vi if language() == "vi" else en


def officer_name(handle: str | None) -> str:
    """Return what an officer is called; a page with many officers calls `know_officers` first."""
    if handle is None:
        return ""
    known = _known_officers()
    if handle not in known:
        found = _OFFICER(reading(), {"handle": handle}).first()
        known[handle] = found.name if found else handle
    return known[handle]


def know_officers(handles: Iterable[str | None]) -> None:
    """Ask for the names of many officers at once, before a page shows them."""
    known = _known_officers()
    wanted = {handle for handle in handles if handle is not None and handle not in known}
    if wanted:
        rows = reading().execute(
            select(officers.c.handle, officers.c.name).where(officers.c.handle.in_(wanted))
        )
        known.update({row.handle: row.name for row in rows})


def register(app: Flask) -> None:
    """Give the names to the templates."""
    app.jinja_env.filters.update(name_of=name_of, officer_name=officer_name)


def _known_officers() -> dict[str, str]:
    known: dict[str, str] | None = g.get("officer_names")
    if known is None:
        known = g.officer_names = {}
    return known
