"""Both names: who did something, and in whose name, as it is written where a substitute acted."""

from collections.abc import Collection, Mapping
from typing import TypeAlias

from sqlalchemy import Connection, select

from vetting.engine.definition import Title
from vetting.engine.substitutes import SIGN_OF_FORM, Form
from vetting.records.emergencies import emergency_steps
from vetting.records.history import entries
from vetting.records.officers import login_sessions
from vetting.records.standing import Purpose, on_purpose

Forms: TypeAlias = Mapping[tuple[str, str], Form]  # by the substitute and whoever was away


def forms_in(connection: Connection, case: str) -> Forms:
    """Return in which forms substitutes acted in a case; one statement."""
    e, s = entries.c, login_sessions.c
    rows = connection.execute(
        select(e.officer, e.on_behalf_of, s.form)
        .join(login_sessions, s.mark == e.session)
        .where(e.case_handle == case, e.on_behalf_of.is_not(None), s.form.is_not(None))
        .distinct()
    )
    return {(row.officer, row.on_behalf_of): Form(row.form) for row in rows}


def forms_of_steps(connection: Connection, requests: Collection[str]) -> Forms:
    """Return in which forms substitutes answered these requests to read in an emergency.

    Whoever may know of a request need not see its case.
    """
    e, s = emergency_steps.c, login_sessions.c
    if not requests:
        return {}
    statement = (
        select(e.officer, e.on_behalf_of, s.form)
        .join(login_sessions, s.mark == e.session)
        .where(e.request.in_(sorted(requests)), e.on_behalf_of.is_not(None), s.form.is_not(None))
        .distinct()
    )
    with on_purpose(connection, Purpose.EMERGENCY):
        rows = connection.execute(statement).all()
    return {(row.officer, row.on_behalf_of): Form(row.form) for row in rows}


def forms_by_session(connection: Connection, marks: Collection[str]) -> dict[str, Form]:
    """Return in which form each of these sessions was for somebody else; one statement."""
    s = login_sessions.c
    rows = connection.execute(
        select(s.mark, s.form).where(s.mark.in_(sorted(marks)), s.form.is_not(None))
    )
    return {row.mark: Form(row.form) for row in rows}


def both_names(
    names: Mapping[str, str], officer: str, absent: str | None, forms: Forms
) -> str | Title:
    """Return who did something; “K/T” or “T/L” and both names where it was for somebody else."""
    who = names.get(officer, officer)
    if absent is None:
        return who
    for_whom = names.get(absent, absent)
    form = forms.get((officer, absent))
    sign = f"{SIGN_OF_FORM[form]} " if form else "Thay "
    return Title(
        vi=f"{sign}{for_whom} – {who}",
        en=f"{who}, for {for_whom}" + (f" ({sign.strip()})" if form else ""),
    )
