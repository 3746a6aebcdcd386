"""Filters: dates, moments and sentences as people read them, whatever the server's locale."""

import re
from collections.abc import Mapping
from datetime import datetime

from flask import Flask
from flask_babel import gettext, ngettext

from vetting.engine.definition import Title, Titles
from vetting.engine.sentences import Organisations, Sentence, Years, mark
from vetting.engine.vocabulary import Named
from vetting.queries.names_of import basis_written
from vetting.records.identity import ZONE
from vetting.web.languages import language
from vetting.web.names import name_of

_DAY = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")


def day(written: str | None) -> str:
    """Write an ISO date, or what is known of it, as dd/mm/yyyy, mm/yyyy or yyyy."""
    found = _DAY.fullmatch(written or "")
    if found is None:
        return written or ""
    return "/".join(part for part in reversed(found.groups()) if part)


def moment(written: str | None) -> str:
    """Write a moment as dd/mm/yyyy HH:MM where the officers are."""
    if not written:
        return ""
    return datetime.fromisoformat(written).astimezone(ZONE).strftime("%d/%m/%Y %H:%M")


def said(what: object) -> str:
    """Say a sentence, a title or a member of a closed list in the reader's language."""
    match what:
        case None:
            return ""
        case Title() | Titles():
            return what.said(language())
        case Named():
            return str(gettext(what.title))
        case Sentence():
            return str(gettext(what.msgid)) % {name: _gap(value) for name, value in what.params}
        case {"msgid": str(msgid), "params": Mapping() as params}:  # as an answer keeps it
            return str(gettext(msgid)) % {name: _gap(value) for name, value in params.items()}
        case _:
            return str(what)


# How it was proved who somebody is, by the names that histories and sessions keep.
_PROOFS = {
    "password": mark("password"),
    "totp": mark("authenticator"),
    "recovery": mark("recovery code"),
    "passkey": mark("passkey"),
    "oidc": mark("sign-in service"),
    "ldap": mark("directory"),
    "command": mark("a command on the server"),
    "command line": mark("a command on the server"),
}


def proofs(method: str) -> str:
    """Say how somebody proved who they are: at first, and once more where they were asked."""
    first, _, again = method.partition("/")
    if not again:
        return _proofs(first)
    return str(
        gettext(
            "%(proofs)s; proved again by %(again)s", proofs=_proofs(first), again=_proofs(again)
        )
    )


def _proofs(method: str) -> str:
    return " + ".join(str(gettext(_PROOFS.get(one, one))) for one in method.split("+"))


def _gap(value: object) -> object:
    match value:
        case Title() | Titles() | Named() | Sentence():
            return said(value)
        case Organisations(codes) | {"organisations": [*codes]}:
            return ", ".join(name_of(str(code)) for code in codes)
        case Years(count):
            return ngettext("%(num)s year", "%(num)s years", count)
        case {"vi": vi, "en": en}:
            return vi if language() == "vi" else en
        case _:
            return value


def register(app: Flask) -> None:
    """Give the filters to the templates."""
    app.jinja_env.filters.update(
        basis=basis_written, day=day, moment=moment, proofs=proofs, said=said
    )
