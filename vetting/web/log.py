"""The log: one line of JSON an event, with the fields listed here and no others.

What an error says may quote a case; so a line tells its kind and place, never its words.
"""

import json
import logging
import traceback
from http import HTTPStatus

from flask import g, request

from vetting.config import ROOT
from vetting.directories.known import DirectoryDown, NotProven
from vetting.web.desk import ids
from vetting.web.gate import NotVouchedFor

LOG = logging.getLogger("vetting.web")
MOST_FRAMES = 12


def write(number: str, status: int, error: BaseException) -> None:
    """Write down that a request was refused or failed."""
    broken = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    who = g.get("_login_user")  # whoever was known by then; nobody is asked for a log line
    line: dict[str, object] = {
        "at": ids().now(),
        "number": number,
        "status": status,
        "kind": type(error).__name__,
        "method": request.method,
        "endpoint": request.endpoint,
        "session": who.get_id() if who is not None and who.is_authenticated else None,
    }
    if isinstance(error, NotProven):
        line["because"] = error.reason
    if isinstance(error, NotVouchedFor):
        line["because"] = str(error.fault)
    if isinstance(error, DirectoryDown) and error.__cause__ is not None:
        error = error.__cause__
        line["because"] = type(error).__name__
    if broken:
        line["where"] = _where(error)
    LOG.log(logging.ERROR if broken else logging.INFO, json.dumps(line))


def _where(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith(str(ROOT / "vetting"))]
    return [
        f"{frame.filename.removeprefix(f'{ROOT}/')}:{frame.lineno} {frame.name}"
        for frame in (own or frames)[-MOST_FRAMES:]
    ]
