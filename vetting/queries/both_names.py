"""Both names: who did something, and in whose name, as it is written where a substitute acted."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TypeAlias

from sqlalchemy import Connection, select

from vetting.engine.definition import Title
from vetting.engine.substitutes import SIGN_OF_FORM, Form
from vetting.records.absences import session_links, substitutions
from vetting.records.emergencies import emergency_steps
from vetting.records.history import entries
from vetting.records.officers import login_sessions
from vetting.records.standing import Purpose, on_purpose

CHUNK = 500  # as many handles as go into one statement
Forms: TypeAlias = Mapping[tuple[str, str], Form]  # by the substitute and whoever was away
Chains: TypeAlias = Mapping[str, tuple[str, ...]]  # by the session


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


def passed_on_in(connection: Connection, cases: Collection[str]) -> Chains:
    """Return through whom, along a chain, substitutes came to act in these cases; one statement.

    An entry keeps the two ends; who stood between them is told by the links of its session.
    """
    e, l, n = entries.c, session_links.c, substitutions.c  # noqa: E741  # a link
    links: dict[str, dict[str, str]] = defaultdict(dict)
    ends: dict[str, tuple[str, str]] = {}
    for start in range(0, len(wanted := sorted(set(cases))), CHUNK):
        for row in connection.execute(
            select(e.session, e.officer, e.on_behalf_of, n.absent, n.substitute)
            .join(session_links, l.session == e.session)
            .join(substitutions, n.handle == l.substitution)
            .where(e.case_handle.in_(wanted[start : start + CHUNK]), e.on_behalf_of.is_not(None))
            .distinct()
        ):
            links[row.session][row.absent] = row.substitute
            ends[row.session] = row.on_behalf_of, row.officer
    return {
        session: between
        for session, (absent, officer) in ends.items()
        if (between := tuple(_from(links[session], absent, officer)))
    }


def _from(links: Mapping[str, str], absent: str, officer: str) -> Iterator[str]:
    """Yield who stands between whoever is away and whoever acts, in that order."""
    after, met = links.get(absent), {absent}
    while after is not None and after != officer and after not in met:
        yield after
        met.add(after)
        after = links.get(after)


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
    names: Mapping[str, str],
    officer: str,
    absent: str | None,
    forms: Forms,
    between: Sequence[str] = (),
) -> str | Title:
    """Return who did something; “K/T” or “T/L” and both names where it was for somebody else.

    Those *between* passed it on, along a chain of substitutes.
    """
    who = names.get(officer, officer)
    if absent is None:
        return who
    for_whom = names.get(absent, absent)
    form = forms.get((officer, absent))
    sign = f"{SIGN_OF_FORM[form]} " if form else "Thay "
    through = ", ".join(names.get(one, one) for one in between)
    return Title(
        vi=f"{sign}{for_whom} – {who}" + (f" (qua {through})" if through else ""),
        en=f"{who}, for {for_whom}"
        + (f" ({sign.strip()})" if form else "")
        + (f", through {through}" if through else ""),
    )
