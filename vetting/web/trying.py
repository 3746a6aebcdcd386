"""Trying an act from a form: a refusal is said at the top of it, and nothing typed is lost."""

from collections.abc import Callable
from typing import TypeVar

from vetting.engine.refusals import OutOfTurn, Refusal, Stale, TwoHats, Unacceptable
from vetting.usecases.desk import Answer
from vetting.web.desk import ids
from vetting.web.forms.base import PageForm

F = TypeVar("F", bound=PageForm)


def tried(form: PageForm, act: Callable[[], Answer]) -> Answer | None:
    """Do an act; where it is refused, have the form say why and return nothing.

    It stands beside the field that it is about, where it is about one. A page that shows an
    outdated case cannot be sent again, so that refusal has its own page.
    """
    try:
        return act()
    except (Stale, TwoHats):
        raise
    except (OutOfTurn, Unacceptable) as refusal:
        refuse(form, refusal)
        return None


def refuse(form: PageForm, refusal: Refusal) -> None:
    """Show a refusal beside the field that it is about, or at the top of the form."""
    if refusal.about in form:
        form.refuse_at(form[refusal.about], refusal)
    else:
        form.refuse(refusal)


def anew(kind: type[F]) -> F:
    """Return a form that is shown for the first time, whatever brought its reader to the page."""
    form = kind(None)
    form.key.data = ids().handle()
    return form
