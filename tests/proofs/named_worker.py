"""The application as it is served, with each answer naming the process that gave it."""

import os
from functools import cache

from app import app as shipped
from vetting.records import sessions


def app(environ, start_response):
    """Answer as the shipped application does."""

    def named(status, headers, *rest):
        return start_response(status, [*headers, ("X-Worker", str(os.getpid()))], *rest)

    return shipped.wsgi_app(environ, named)


@cache
def _remembered(token, day):
    with shipped.extensions["vetting"].database.reading() as connection:
        return _find(connection, token, day, _MOMENT)


_find = sessions.find
_MOMENT = "9999-12-31T00:00:00.000000Z"  # nothing is open in an emergency by then


def forgetful_app(environ, start_response):
    """Answer from what this process remembers of a session: the defect that must be seen."""
    sessions.find = lambda _connection, token, day, _now: _remembered(token, day)
    return app(environ, start_response)
