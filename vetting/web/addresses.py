"""Addresses: which ones are ours, and which names static files go by."""

import re
from functools import cache
from hashlib import sha256

from flask import url_for

from vetting.config import ROOT

OWN = re.compile(r"/(?![/\\])[!-\[\]-~]*")  # printable, no backslash, never another host


def own_address(wanted: str | None) -> str:
    """Return an address within this application, or its start where the wish leads elsewhere."""
    return wanted if wanted and OWN.fullmatch(wanted) else "/"


def static_url(name: str) -> str:
    """Return the address of a static file; it changes with the file, so browsers may keep it."""
    return url_for("static", filename=name, v=_version(name))


@cache
def _version(name: str) -> str:
    return sha256((ROOT / "static" / name).read_bytes()).hexdigest()[:12]
