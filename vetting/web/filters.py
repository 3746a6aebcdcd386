"""Filters: dates, moments and sentences as people read them, whatever the server's locale."""

import re
from collections.abc import Mapping
from datetime import datetime

from flask import Flask
from flask_babel import gettext

from vetting.engine.definition import Title, Titles
from vetting.engine.sentences import Organisations, Sentence, mark
from vetting.engine.vocabulary import CaseType, Named
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


def _gap(value: object) -> object:
    match value:
        case Title() | Titles() | Named() | Sentence():
            return said(value)
        case Organisations(codes) | {"organisations": [*codes]}:
            return ", ".join(name_of(str(code)) for code in codes)
        case {"vi": vi, "en": en}:
            return vi if language() == "vi" else en
        case _:
            return value


def workflow(written: str) -> str:
    """Write the workflow that something is bound to, such as `planning/v1`, in words."""
    name, _, version = written.partition("/v")
    return str(
        gettext("%(workflow)s, version %(version)s")
        % {"workflow": said(CaseType(name)), "version": version}
    )


def way_in(method: str) -> str:
    """Say how somebody proved who they are; behind a stroke, how they did so again for an act."""
    first, _, again = method.partition("/")
    proofs = str(gettext(" and ")).join(_proof(one) for one in first.split("+"))
    if not again:
        return proofs
    return str(gettext("%(proofs)s; again by %(again)s", proofs=proofs, again=_proof(again)))


def _proof(name: str) -> str:
    return str(gettext(_PROOFS[name])) if name in _PROOFS else name


_PROOFS = {
    "password": mark("password"),
    "ldap": mark("password of the directory"),
    "oidc": mark("provider of identities"),
    "totp": mark("authenticator"),
    "recovery": mark("recovery code"),
    "passkey": mark("passkey"),
    "command line": mark("a command on the server"),
}


def register(app: Flask) -> None:
    """Give the filters to the templates."""
    app.jinja_env.filters.update(
        day=day, moment=moment, said=said, way_in=way_in, workflow=workflow
    )
