"""What every answer must be, whatever was asked; a line for each thing that is wrong with one."""

import re

from tests.web.browsing import text_of

NUMBER = re.compile(r"(?<![\w-])[\w-]{22}(?![\w-])")  # what an error page quotes
TOLD_TOO_MUCH = re.compile(
    r"Traceback \(most recent|File \"/|sqlalchemy|sqlite3\.|psycopg|werkzeug\.|jinja2\.|"
    r"SELECT .+ FROM |INSERT INTO"
)
LIVE = "<script>alert("  # as it is sent; on a page it has to be harmless text
WITHOUT_PAGE = {"text/csv", "image/svg+xml", "application/json", "text/x-python"}


def faults_of(answer, language: str = "vi") -> list[str]:
    """Return what is wrong with an answer, by what anybody could see of it."""
    wrong = []
    if answer.status_code >= 500:
        wrong.append(f"answered {answer.status_code}")
    if "Content-Security-Policy" not in answer.headers:
        wrong.append("has no policy for its content")
    if 300 <= answer.status_code < 400:
        if not re.fullmatch(r"/(?![/\\])[^\r\n]*", answer.location or ""):
            wrong.append(f"leads away to {answer.location!r}")
        return wrong
    if answer.request.method in {"HEAD", "OPTIONS"}:
        return wrong
    kind = answer.mimetype
    if kind == "text/html":
        wrong += _faults_of_page(answer, language)
    elif answer.status_code >= 400:
        wrong.append(f"is refused with {kind}, not with a page")
    elif kind.startswith("text/") and kind not in WITHOUT_PAGE:
        wrong.append(f"is {kind}")
    return wrong


def _faults_of_page(answer, language: str) -> list[str]:
    wrong, page = [], answer.text
    if f'<html lang="{language}">' not in page:
        wrong.append("is in no language, or in another")
    if len(re.findall(r"<h1[ >]", page)) != 1:
        wrong.append("has not exactly one heading")
    if found := TOLD_TOO_MUCH.search(page):
        wrong.append(f"tells what is inside: {found[0]!r}")
    if LIVE in page:
        wrong.append("lets what was typed run")
    wrong += [
        f"has a button of a form {name!r} that is not there"
        for name in sorted(set(re.findall(r'<button[^>]* form="([^"]+)"', page)))
        if len(re.findall(rf'<form[^>]* id="{name}"', page)) != 1
    ]
    if answer.status_code >= 400 and len(re.findall(r"<p[ >]|<li>", _main(page))) == 0:
        wrong.append("is refused without a sentence")
    return wrong


def _main(page: str) -> str:
    found = re.search(r"<main.*?</main>", page, re.DOTALL)
    return found[0] if found else ""


def without_names(answer, *names: str) -> tuple:
    """Return an answer as it would be for any other name, and without the number it quotes."""
    text = answer.text
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name not in {"Set-Cookie", "Content-Length", "Date"}
    }
    for name in names:
        text = text.replace(name, "…")
        headers = {key: value.replace(name, "…") for key, value in headers.items()}
    return answer.status_code, sorted(headers.items()), NUMBER.sub("№", text)


def differences(one, other, *names: str) -> list[str]:
    """Return how the answer about what one may not see differs from that about nothing."""
    (status, headers, text), (nothing, no_headers, no_text) = (
        without_names(one, *names),
        without_names(other, *names),
    )
    wrong = []
    if status != nothing:
        wrong.append(f"{status}, but {nothing} for what does not exist")
    elif headers != no_headers:
        wrong.append("other headers than for what does not exist")
    elif text != no_text:
        wrong.append("another page than for what does not exist")
    return wrong


def says(answer, words: str) -> bool:
    """Tell whether words stand on a page, as text or in a field."""
    return words in answer.text or words in text_of(answer)
