"""What was done in somebody's name while they were away, for them to read when they are back."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, and_, func, select

from vetting.engine.definition import Title
from vetting.engine.facts import Fact, read_fact
from vetting.engine.policy import Principal
from vetting.engine.reading import Definitions
from vetting.engine.sentences import Sentence
from vetting.queries.both_names import both_names, forms_by_session, passed_on_in
from vetting.queries.history_sentences import Names, told_of
from vetting.queries.keyset import PAGE, Page, beyond, paged, read_mark, read_number
from vetting.queries.names_of import names_of_officers, names_of_organisations
from vetting.records.absences import session_links, substitutions
from vetting.records.cases import cases
from vetting.records.history import entries, payloads, read_payload
from vetting.records.officers import login_sessions
from vetting.records.scope import visible_to
from vetting.records.standing import Purpose, on_purpose


@dataclass(frozen=True)
class Deed:
    """One thing that was done, in a case that the reader may know of."""

    at: str
    who: str | Title | None  # None where the engine did it, nobody
    did: Sentence | None  # None where what the entry says was lawfully erased
    case: str
    reference: str | None
    name: str


@dataclass(frozen=True)
class DoneInMyName:
    """A page of what was done."""

    page: Page[Deed]
    hidden: int  # in cases, or for an organisation, that the reader does not see in this capacity

    @property
    def handles(self) -> list[str]:
        """The cases shown."""
        return [deed.case for deed in self.page.rows]


def done_in_my_name(
    connection: Connection,
    principal: Principal,
    definitions: Definitions,
    absence: str,
    after: str | None = None,
) -> DoneInMyName:
    """Return what substitutes did in the reader's name during an absence, oldest first."""
    e, k, s, n, w = (
        entries.c,
        cases.c,
        session_links.c,
        substitutions.c,
        login_sessions.c,
    )
    marks = (
        select(s.session)
        .join(substitutions, n.handle == s.substitution)
        .where(n.absence == absence, n.absent == principal.officer)
    )
    acting = connection.scalars(
        select(w.officer).where(w.mark.in_(marks), w.on_behalf_of == principal.officer).distinct()
    ).all()
    mine = and_(e.officer.in_(acting), e.on_behalf_of == principal.officer, e.session.in_(marks))
    seen = and_(visible_to(principal), e.organisation == principal.organisation)
    joined = entries.join(cases, k.handle == e.case_handle)
    # What followed by itself, and what is in cases that the reader sees no more, is counted too;
    # the clause on cases says what of it is shown.
    with on_purpose(connection, Purpose.CHECKING):
        everything = connection.scalar(select(func.count()).select_from(entries).where(mine)) or 0
        known = connection.scalar(select(func.count()).select_from(joined).where(mine, seen)) or 0
        order = (e.at, e.case_handle, e.number)  # what follows from an act stands below it
        clauses = [mine, seen]
        if mark := read_mark(after, len(order)):
            at, case, number = mark
            clauses.append(beyond(order, (at, case, read_number(number))))
        rows = (
            connection.execute(
                select(
                    entries,
                    payloads.c.content,
                    k.reference,
                    k.name,
                    k.case_type,
                    k.definition_version,
                )
                .select_from(
                    joined.outerjoin(
                        payloads,
                        and_(
                            payloads.c.case_handle == e.case_handle, payloads.c.number == e.number
                        ),
                    )
                )
                .where(*clauses)
                .order_by(*order)
                .limit(PAGE + 1)
            )
            .mappings()
            .all()
        )
    facts = {(row["case_handle"], row["number"]): _fact_of(row) for row in rows}
    organisations = names_of_organisations(
        connection, _named_in(facts.values(), "body", "authority")
    )
    chains = passed_on_in(connection, {row["case_handle"] for row in rows})
    officers = names_of_officers(
        connection,
        {row["officer"] for row in rows}
        | {principal.officer}
        | _named_in(facts.values(), "officer")
        | {one for between in chains.values() for one in between},
    )
    forms = forms_by_session(connection, {row["session"] for row in rows})

    def deed(row: RowMapping) -> Deed:
        fact = facts[row["case_handle"], row["number"]]
        names = Names(
            definitions.of(row["case_type"], row["definition_version"]),
            organisations,
            officers,
            first=row["number"] == 1,
        )
        form = forms.get(row["session"])
        told = told_of(fact, names) if fact else None
        who = both_names(
            officers,
            row["officer"],
            principal.officer,
            {(row["officer"], principal.officer): form} if form else {},
            chains.get(row["session"], ()),
        )
        return Deed(
            row["at"],
            None if told and told.by_itself else who,
            told.did if told else None,
            row["case_handle"],
            row["reference"],
            row["name"],
        )

    page = paged(rows, PAGE, after, _place, deed)
    return DoneInMyName(page, everything - known)


def _place(row: RowMapping) -> tuple[str, str, str]:
    return row["at"], row["case_handle"], str(row["number"])


def _fact_of(row: RowMapping) -> Fact | None:
    if row["content"] is None:
        return None
    return read_fact(row["verb"], read_payload(row["content"]))


def _named_in(facts: Iterable[Fact | None], *fields: str) -> set[str]:
    """Return the codes or handles that facts name in these fields."""
    return {
        value
        for fact in facts
        for field in fields
        if isinstance(value := getattr(fact, field, None), str)
    }
