"""Looking: a view that shows case data writes it down before it answers."""

from collections.abc import Iterable

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

    A list that shows nothing is written down all the same: somebody asked.
    """
    look(this_desk(), action, cases=tuple(cases) or (None,), texts=tuple(texts), asked=asked)
