"""Passkeys in the browser: for which site they are, and what a form brings back from a device."""

from flask import request

from vetting.usecases.prove_passkey import Answer, Site
from vetting.web.desk import shared


def this_site() -> Site | None:
    """Return the site that passkeys are for.

    It is what the settings say, and never what a request says of itself: only where people work on
    this very machine, which no other can pretend to be to them, its own address is taken.
    """
    address = shared().settings.address
    if address is not None:
        return Site(address)
    if request.host.partition(":")[0] == "localhost":
        return Site(f"{request.scheme}://{request.host}")
    return None


def answer_of(text: str | None) -> Answer | None:
    """Return what a device answered, if a form brings an answer along."""
    return Answer(this_site(), text) if text else None
