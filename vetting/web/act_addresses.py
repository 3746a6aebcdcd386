"""Where an act is done: the address of its page, where there is one."""

from flask import current_app
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from vetting.engine.policy import PERMITTED
from vetting.web.desk import this_principal
from vetting.web.gate import ACTION_OF


def address_of_act(act: str, case: str, consultation: str | None = None) -> str | None:
    """Return the page on which the reader does an act on a case, or on a consultation of it."""
    if consultation is None:
        root, pages = f"/cases/{case}", (act.replace("_", "-"), act)
        return next((f"{root}/{page}" for page in pages if _is_a_page(f"{root}/{page}")), None)
    root = f"/consultations/{consultation}"
    return root if _is_a_page(root) else None


def _is_a_page(address: str) -> bool:
    """Tell whether the reader's role may open a page at *address*."""
    try:
        endpoint, _ = current_app.url_map.bind("").match(address, method="GET")
    except (HTTPException, RequestRedirect):
        return False
    action = ACTION_OF[current_app.view_functions[endpoint]]
    return this_principal().role in PERMITTED[action]
