"""Headers: what every answer tells the browser it may and may not do with it."""

from flask import Flask, Response, request

from vetting.web.desk import shared
from vetting.web.gate import FILES

POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
GIVEN_OUT = frozenset({200, 206, 304})
KEPT_BY_BROWSERS = "public, max-age=604800"
FORCE_TLS = "max-age=31536000; includeSubDomains"


def register(app: Flask) -> None:
    """Put the headers on every answer, errors and redirects too."""
    always = list(ALWAYS.items())
    if shared(app).settings.secure_cookies:
        always.append(("Strict-Transport-Security", FORCE_TLS))

    @app.after_request
    def add(answer: Response) -> Response:
        headers = answer.headers
        own = {name.lower() for name, _ in headers}  # a view may be stricter than we are
        headers.extend([header for header in always if header[0].lower() not in own])
        found = request.endpoint in FILES and answer.status_code in GIVEN_OUT
        headers["Cache-Control"] = KEPT_BY_BROWSERS if found else "no-store"
        return answer
