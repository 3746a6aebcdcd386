"""Looking: a view that shows case data writes it down before it answers."""

from collections.abc import Iterable

from flask import request

from vetting.engine.policy import Action
from vetting.usecases.look import look
from vetting.web.desk import this_desk


def looked(
    action: Action,
    *,
    cases: Iterable[str | None] = (),
    texts: Iterable[tuple[str, str, str]] = (),
    asked: str | None = None,
) -> None:
    """Write down what is about to be shown: cases, or drafts opened, or the words asked for.

    A list that shows nothing is written down all the same: somebody asked. A draft counts as opened
    only where its text goes out to somebody who wanted to see it, so that it can be signed.
    """
    shown, texts = tuple(cases), tuple(texts)
    if texts and not _goes_to_a_reader():
        shown, texts = shown or tuple(dict.fromkeys(case for case, _, _ in texts)), ()
    look(this_desk(), action, cases=shown or (None,), texts=texts, asked=asked)


def _goes_to_a_reader() -> bool:
    """Tell whether somebody will see the page: not where a head alone, or a stock of it, goes."""
    return request.method != "HEAD" and "Sec-Purpose" not in request.headers
