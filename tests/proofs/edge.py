"""The edge: no form is taken that a page of this session did not make; headers are on everything.

Both are generated from the URL map: a route that is added is tried with the next run.
`python -m tests.proofs.edge` tries every forgery on every route as everybody who may act there, and
looks at the answer to every method on every route for every visitor; the matrix looks at the same
headers on every address.
"""

import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from urllib.parse import urlencode

from tests.house.province import VISITORS
from tests.house.site import NOBODY, Route, Site
from tests.proofs.running import Found, another_session, changed, contents, own_site, tell, token_of
from tests.web.browsing import the_form
from vetting.engine.policy import PERMITTED

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "FOO")
MIB = 1024 * 1024
FORM = "application/x-www-form-urlencoded"
GARBAGE = "0" * 64


# ------------------------------------------------------------------ forged forms


@dataclass(frozen=True)
class Ground:
    """Whose browser sends, and the tokens that an attacker may have got hold of."""

    site: Site
    visitor: str
    right: str
    strangers: str  # of another officer's session
    elsewhere: str  # of another session of the same officer
    former: str  # of a session of the same officer that has ended


def _post(ground: Ground, address: str, told: object, **more: object):
    return ground.site.browser(ground.visitor).post(address, data=told, **more)


def _tokens(*tokens: str) -> Callable:
    return lambda ground, address: _post(
        ground,
        address,
        urlencode([("csrf_token", getattr(ground, one, one)) for one in tokens]).encode(),
        content_type=FORM,
    )


def _from(**headers: str) -> Callable:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda ground, address: _post(
        ground, address, {"csrf_token": ground.right}, headers=told
    )


def _as_kind(kind: str, body: str) -> Callable:
    return lambda ground, address: _post(
        ground, address, body.replace("TOKEN", ground.right).encode(), content_type=kind
    )


def _in_address(ground: Ground, address: str):
    return _post(ground, f"{address}?csrf_token={ground.right}", {})


def _in_headers(ground: Ground, address: str):
    names = ("X-CSRFToken", "X-CSRF-Token", "X-XSRF-Token", "csrf_token")
    return _post(ground, address, {}, headers=dict.fromkeys(names, ground.right))


def _in_file(ground: Ground, address: str):
    return _post(ground, address, {"csrf_token": (BytesIO(ground.right.encode()), "csrf_token")})


def _in_two_ways(ground: Ground, address: str):
    return _post(ground, address, {"csrf_token": ground.right, "key": ["k" * 22, "l" * 22]})


FORGERIES: dict[str, Callable] = {
    "no token": lambda ground, address: _post(ground, address, {}),
    "an empty token": _tokens(""),
    "a made up token": _tokens(GARBAGE),
    "another officer's token": _tokens("strangers"),
    "a token of one's own other session": _tokens("elsewhere"),
    "a token of a session that ended": _tokens("former"),
    "two tokens, the right one first": _tokens("right", GARBAGE),
    "two tokens, the right one last": _tokens(GARBAGE, "right"),
    "the right token twice": _tokens("right", "right"),
    "the token in the address": _in_address,
    "the token in a header": _in_headers,
    "the token as a file": _in_file,
    "JSON": _as_kind("application/json", '{"csrf_token": "TOKEN"}'),
    "plain text": _as_kind("text/plain", "csrf_token=TOKEN"),
    "no content type": _as_kind("", "csrf_token=TOKEN"),
    "another site": _from(Sec_Fetch_Site="cross-site"),
    "a sister site": _from(Sec_Fetch_Site="same-site"),
    "no site at all": _from(Sec_Fetch_Site=""),
    "a strange site": _from(Sec_Fetch_Site="same-origin, cross-site"),
}
# A key twice is no forgery; it is refused, but not at the door.
POLLUTED = {"the key twice": _in_two_ways}
OVERRIDES = {
    "X-HTTP-Method-Override": "POST",
    "X-HTTP-Method": "POST",
    "X-Method-Override": "POST",
}


def prove_forms(site: Site, visitors: tuple[str, ...] = tuple(VISITORS)) -> Found:
    """Try every forgery on every route that does something, as each visitor who may use it."""
    found, before = Found(), contents(site)
    for visitor in visitors:
        ground, before = _ground(site, visitor)
        for route, address in _doors(site, visitor):
            for name, forge in FORGERIES.items():
                found.tried += 1
                status = forge(ground, address).status_code
                if status != 403:
                    found.wrong.append(f"{route.endpoint} of {visitor}, {name}: {status}")
            for name, pollute in POLLUTED.items():
                found.tried += 1
                status = pollute(ground, address).status_code
                if status != 422:
                    found.wrong.append(f"{route.endpoint} of {visitor}, {name}: {status}")
            _ask_by_get(ground, route, address, found)
        done = changed(before, contents(site))
        found.wrong += [f"{visitor}: a forged form changed {table}" for table in done]
        site.restore()
    return found


def _ask_by_get(ground: Ground, route: Route, address: str, found: Found) -> None:
    """A form that is sent by GET shows a page at most; what it did would be seen afterwards."""
    pages = {one.rule.rule for one in ground.site.routes("GET")}
    told = urlencode({"csrf_token": ground.right, "key": "k" * 22, "cases": "x", "do": "file"})
    for headers in ({}, OVERRIDES):
        found.tried += 1
        answer = ground.site.browser(ground.visitor).get(f"{address}?{told}", headers=headers)
        if answer.status_code >= 500 or (
            route.rule.rule not in pages and answer.status_code not in {404, 405}
        ):
            found.wrong.append(f"{route.endpoint} of {ground.visitor}, GET: {answer.status_code}")


def _ground(site: Site, visitor: str) -> tuple[Ground, dict[str, str]]:
    """Open two more sessions of the officer and end one; then look what there is."""
    other = next(one for one in VISITORS if one != visitor)
    right, strangers = token_of(site, visitor), token_of(site, other)
    _, elsewhere = another_session(site, visitor)
    _, former = another_session(site, visitor)
    old = the_form(former.get("/help"), to="/sign-out").filled["csrf_token"][0]
    former.send("/help", to="/sign-out")
    new = the_form(elsewhere.get("/help"), to="/sign-out").filled["csrf_token"][0]
    return Ground(site, visitor, right, strangers, new, old), contents(site)


def _doors(site: Site, visitor: str) -> Iterator[tuple[Route, str]]:
    """Every route that does something, with the first address that concerns the visitor."""
    for route in site.routes():
        if route.method in {"GET", "HEAD", "OPTIONS"}:
            continue
        if site.role(visitor) not in PERMITTED[route.action]:
            continue
        filled = next(
            (
                filled
                for filled in route.filled(site.province)
                if all(
                    site.concerns(visitor, key, filled[key[1]], filled)
                    for key in route.arguments
                    if route.choices(key[1]) is None
                )
            ),
            None,
        )
        if filled is not None:
            yield route, route.address(filled)


# ------------------------------------------------------------------ headers

NEVER = re.compile(r"unsafe-|\*|https?:|blob:|'strict-dynamic'")
WANTED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
DIRECTIVES = {
    "default-src": ("'self'", "'none'"),
    "script-src": ("'self'", "'none'"),
    "style-src": ("'self'", "'none'"),
    "object-src": ("'none'",),
    "base-uri": ("'none'",),
    "frame-ancestors": ("'none'",),
    "form-action": ("'self'", "'none'"),
}
FALL_BACK = {"script-src", "style-src", "object-src"}  # to default-src, where they are not said
FILE = re.compile(r"/(bootstrap/)?static/")
A_YEAR = 365 * 24 * 3600


def header_faults(answer, *, tls: bool = False) -> Iterator[str]:
    """What is missing on an answer, or says too much, whatever the answer is."""
    headers = answer.headers
    once = {*WANTED, "Content-Security-Policy", "Cache-Control"}
    for name in sorted(once):
        if len(headers.getlist(name)) != 1:
            yield f"{len(headers.getlist(name))} times {name}"
    for name, value in WANTED.items():
        if headers.get(name) != value:
            yield f"{name} is {headers.get(name)!r}"
    yield from _policy_faults(headers.get("Content-Security-Policy", ""))
    yield from _keeping_faults(answer)
    yield from _tls_faults(headers.get("Strict-Transport-Security"), tls=tls)
    for cookie in headers.getlist("Set-Cookie"):
        yield from _cookie_faults(cookie, tls=tls)


def _keeping_faults(answer) -> Iterator[str]:
    """What a browser, or whoever sits at it next, could keep of an answer."""
    headers, path = answer.headers, answer.request.path
    is_file = FILE.match(path) and answer.status_code in {200, 206, 304}
    if not is_file and headers.get("Cache-Control") != "no-store":
        yield f"may be kept: {headers.get('Cache-Control')!r}"
    if is_file and "Set-Cookie" in headers:
        yield "a file that browsers share brings a cookie"
    if path == "/sign-out" and answer.status_code == 303:
        cleared = {one.strip() for one in headers.get("Clear-Site-Data", "").split(",")}
        if not {'"cache"', '"storage"'} <= cleared:
            yield f"leaves the browser full: {cleared}"


def _tls_faults(told: str | None, *, tls: bool) -> Iterator[str]:
    force = re.fullmatch(r"max-age=(\d+)(; \w+)*", told or "")
    if tls and (force is None or int(force[1]) < A_YEAR):
        yield "does not keep the browser to TLS"
    if not tls and told is not None:
        yield "keeps a browser to TLS that there is not"


def _policy_faults(policy: str) -> Iterator[str]:
    said = {
        name: set(rest) for name, *rest in (one.split() for one in policy.split(";") if one.strip())
    }
    if NEVER.search(policy):
        yield f"a policy that lets in what it should not: {policy!r}"
    for name, values in DIRECTIVES.items():
        told = said.get(name, said.get("default-src") if name in FALL_BACK else None)
        if told is None or not told <= set(values):
            yield f"{name} is {told}"


def _cookie_faults(cookie: str, *, tls: bool) -> Iterator[str]:
    name = cookie.partition("=")[0]
    said = {one.strip().lower() for one in cookie.split(";")[1:]}
    wanted = {"httponly", "samesite=strict", "path=/"} | ({"secure"} if tls else set())
    for one in sorted(wanted - said):
        yield f"the cookie {name} is not {one}"
    if tls and not name.startswith("__Host-"):
        yield f"the cookie {name} may come from another host"
    if any(one.startswith("domain") for one in said):
        yield f"the cookie {name} is for other hosts too"


def prove_headers(
    site: Site, *, visitors: tuple[str, ...], methods: tuple[str, ...] = METHODS
) -> Found:
    """Look at the answers to every method on every route, and to what is on no route."""
    found, seen = Found(), set()
    for visitor in (*visitors, NOBODY):
        browser = site.browser(visitor)
        for address, method, more in _questions(site, visitor, methods):
            answer = browser.open(address, method=method, buffered=True, **more)
            found.tried += 1
            seen.add(answer.status_code)
            found.wrong += [
                f"{method} {address} of {visitor}: {fault}"
                for fault in header_faults(answer, tls=site.tls)
            ]
    # answers of each kind, or the look was not at everything
    missing = {200, 206, 303, 304, 401, 403, 404, 405, 413, 416} - seen
    missing |= {422} - seen if visitors else set()
    found.wrong += [f"no answer was {status}, so none was looked at" for status in sorted(missing)]
    return found


def _questions(
    site: Site, visitor: str, methods: tuple[str, ...]
) -> Iterator[tuple[str, str, dict]]:
    rules = {route.rule.rule: route for route in site.routes()}
    for route in rules.values():
        address = route.address(next(route.filled(site.province)))
        for method in methods:
            yield address, method, {}
    for address in ("/static/vetting.css", "/bootstrap/static/css/bootstrap.min.css"):
        etag = site.browser(visitor).get(address, buffered=True).headers["ETag"]
        for method in methods:
            yield address, method, {}
        yield address, "GET", {"headers": {"If-None-Match": etag}}
        yield address, "GET", {"headers": {"Range": "bytes=0-9"}}
        yield address, "GET", {"headers": {"Range": "bytes=999999999-"}}
    for address in ("/static/nothing", "/static/../app.py", "/nothing", "/no/where/at/all", "/%ff"):
        yield address, "GET", {}
    yield "/officers//x", "GET", {}
    yield "/sign-in", "POST", {"data": b"x", "content_type": "multipart/form-data"}
    yield "/sign-in", "POST", {"data": b"a=" + b"b" * 12 * MIB, "content_type": FORM}
    yield "/language", "POST", {"data": {"csrf_token": "x", "language": "vi"}}
    if visitor != NOBODY:
        token = token_of(site, visitor)
        yield "/capacity", "POST", {"data": {"csrf_token": token}}
    else:
        yield "/capacity", "POST", {}


def main() -> int:
    """Try and look at everything."""
    everybody, since = tuple(VISITORS), time.monotonic()
    with own_site() as site:
        good = tell("forged forms", prove_forms(site), at_least=4_000, since=since)
        since = time.monotonic()
        found = prove_headers(site, visitors=everybody)
        good &= tell("headers", found, at_least=12_000, since=since)
    since = time.monotonic()
    with own_site(tls=True) as site:
        found = prove_headers(site, visitors=("unit", "board"))
        good &= tell("headers behind TLS", found, at_least=2_000, since=since)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
