"""The search of all histories finds what fits and may be known, all of it, and nothing else."""

import json
import shutil
from dataclasses import replace
from itertools import product

import pytest
from sqlalchemy import select

from tests.builders import Cast, add_officer, definitions, officer_of, opinion, sent
from tests.databases import BOTH, _copy
from tests.records.conftest import province
from vetting.engine.facts import FACTS
from vetting.engine.names import folded
from vetting.engine.policy import BODYS_OWN, Principal, Relation, relation, sees_entry
from vetting.engine.refusals import Unacceptable
from vetting.engine.vocabulary import Role, Verdict
from vetting.queries import history_search
from vetting.queries.history_search import Wanted, search_history
from vetting.queries.history_sentences import SENTENCES, TITLES
from vetting.records.book import matter_of
from vetting.records.cases import case_of, cases
from vetting.records.consultations import consultation_of, consultations
from vetting.records.history import entries, payloads
from vetting.records.identity import Ids
from vetting.records.officers import officers
from vetting.records.scope import entries_visible_to, visible_to
from vetting.usecases.recuse import recuse_oneself
from vetting.usecases.restrict_case import restrict_case


@pytest.fixture(scope="module", params=BOTH)
def url(request, tmp_path_factory):
    """A migrated database for all tests of this file, on each kind in turn."""
    template = request.getfixturevalue(f"{request.param}_template")
    if request.param == "postgresql":
        yield from _copy(template, str(template.database))
    else:
        file = shutil.copyfile(template, tmp_path_factory.mktemp("search") / "vetting.sqlite")
        yield f"sqlite:///{file}"


@pytest.fixture(scope="module")
def cast(url):
    """Three cases: one concluded, one kept to all but the supervisors, one under way."""
    for database in province(url):
        cast = Cast(database)
        with database.writing() as connection:
            people = connection.scalars(select(officers.c.handle)).all()
            second = officer_of("uy-ban-kiem-tra", Role.SUPERVISOR, 2)
            add_officer(connection, second, "uy-ban-kiem-tra", Role.SUPERVISOR)
        cast.concluded(name="Nguyễn Văn Một")
        cast.kept = cast.consulting(name="Trần Văn Kín")
        cast.sign(cast.kept, "thue", opinion(Verdict.OBJECTION, "Còn nợ thuế, chưa rõ lý do."))
        known = [one for one in people if not one.startswith("uy-ban-kiem-tra")]
        restrict_case(cast.head, sent(), cast.kept, 0, known)
        cast.open = cast.consulting(name="Lê Thị Ba")
        cast.sign(cast.open, "thanh-tra", opinion(reasons="Chưa phát hiện vi phạm."))
        yield cast


def supervisor(cast, nth=1) -> Principal:
    return cast.desk("uy-ban-kiem-tra", Role.SUPERVISOR, nth).principal


def search(cast, principal, after=None, **wanted):
    with cast.database.reading() as connection:
        return search_history(connection, principal, definitions(), Wanted(**wanted), after)


def found(cast, principal, **wanted):
    """Everything that fits, page by page."""
    rows, after = [], None
    while True:
        page = search(cast, principal, after, **wanted).page
        rows += [(row.handle, row.line.number) for row in page.rows]
        after = page.next
        if after is None:
            return rows


def known_to(cast, principal):
    """Every entry that the policy alone lets somebody know of, newest first."""
    with cast.database.reading() as connection:
        rows = connection.execute(
            select(entries, payloads.c.content, cases.c.reference)
            .join(payloads)
            .join(cases, cases.c.handle == entries.c.case_handle)
        ).mappings()
        by_case, known = {}, []
        for row in rows:
            case = row["case_handle"]
            if case not in by_case:
                by_case[case] = relation(principal, matter(connection, case))
            seen_as = by_case[case]
            shown = sees_entry(seen_as, principal.organisation, row["verb"], row["body"])
            if seen_as is not Relation.NONE and shown:
                known.append(row)
    return sorted(known, key=lambda row: (row["at"], row["case_handle"], row["number"]))[::-1]


def matter(connection, handle):
    row = connection.execute(select(cases).where(cases.c.handle == handle)).mappings().one()
    asked = connection.execute(
        select(consultations).where(consultations.c.case_handle == handle)
    ).mappings()
    took = select(entries.c.officer, entries.c.on_behalf_of).where(
        entries.c.case_handle == handle, entries.c.role != Role.SUPERVISOR.value
    )
    names = {name for row in connection.execute(took) for name in row}
    case = case_of(row, [consultation_of(one) for one in asked])
    return replace(matter_of(case), took_part=frozenset(names - {None}))


def test_every_filter_finds_what_the_policy_and_the_eye_find(cast, monkeypatch):
    monkeypatch.setattr(history_search, "PAGE", 11)
    monkeypatch.setattr(history_search, "AT_ONCE", 17)
    monkeypatch.setattr(history_search, "MOST_READ", 30)
    with cast.database.reading() as connection:
        reference = connection.scalar(select(cases.c.reference).where(cases.c.handle == cast.open))
    known = {
        principal: known_to(cast, principal)
        for principal in (supervisor(cast), cast.head.principal)
    }
    tried, fitting = 0, 0
    for (principal, rows), officer, organisation, verb, case, reason in product(
        known.items(),
        ("", "thue/bs"),
        ("", "thue"),
        ("", "opinion.signed"),
        ("", reference.lower()),
        ("", "chua ro ly do", "PHÁT hiện"),
    ):
        right = [
            (row["case_handle"], row["number"])
            for row in rows
            if officer in row["officer"]
            and organisation in {"", row["organisation"], row["body"]}
            and verb in {"", row["verb"]}
            and case.upper() in {"", row["reference"]}
            and all(word in reasons_of(row) for word in folded(reason).split())
        ]
        told = {
            "officer": officer,
            "organisation": organisation,
            "verb": verb,
            "case": case,
            "reason": reason,
        }
        tried, fitting = tried + 1, fitting + len(right)

        assert found(cast, principal, **told) == right, told
    assert tried == 2 * 2 * 2 * 2 * 2 * 3
    assert fitting > 100


def reasons_of(row):
    said = json.loads(row["content"])
    return folded(" ".join(str(said.get(one) or "") for one in ("reason", "reasons")))


def test_all_sign_offs_of_somebody_for_a_body_in_a_month(cast):
    day = Ids().legal_day("2026-03-02T01:00:00.000000Z")
    told = {"officer": "THANH-TRA/bs1", "organisation": "thanh-tra", "verb": "opinion.signed"}
    rows = search(cast, supervisor(cast), since=day, until=day, **told).page.rows

    assert [row.name for row in rows] == ["Lê Thị Ba", "Nguyễn Văn Một"]
    assert rows[0].line.told.words[1][1] == "Chưa phát hiện vi phạm."
    assert not search(cast, supervisor(cast), since="2026-03-03", **told).page.rows
    assert not search(cast, supervisor(cast), until="2026-03-01", **told).page.rows


def test_what_is_kept_from_somebody_is_found_by_nothing(cast):
    kept = supervisor(cast)
    for wanted in ({"verb": "case.filed"}, {"reason": "no thue"}, {"organisation": "thue"}):
        assert cast.kept not in {case for case, _ in found(cast, kept, **wanted)}
    assert found(cast, cast.head.principal, reason="no thue")

    second = supervisor(cast, 2)
    assert cast.open in {case for case, _ in found(cast, second, verb="case.filed")}
    recuse_oneself(cast.desk("uy-ban-kiem-tra", Role.SUPERVISOR, 2), sent(), cast.open)
    assert cast.open not in {case for case, _ in found(cast, second, verb="case.filed")}


def test_the_bodys_inner_work_is_shown_to_nobody_who_searches(cast):
    for principal in (supervisor(cast), cast.head.principal):
        for verb in BODYS_OWN:
            assert found(cast, principal, verb=verb) == []


def test_the_clause_on_entries_is_the_policys_twin(cast):
    """For every role, every verb and every kind of entry; roles that may not search find none."""
    by_role = {
        Role.BOARD_OFFICER: Relation.BOARD,
        Role.BOARD_HEAD: Relation.BOARD,
        Role.SECRETARY: Relation.AUTHORITY,
        Role.SUPERVISOR: Relation.OVERSEER,
    }
    e = entries.c
    with cast.database.reading() as connection:
        rows = connection.execute(select(e.case_handle, e.number, e.verb, e.body)).all()
        for role in Role:
            principal = replace(cast.board.principal, role=role)
            clause = entries_visible_to(principal)
            shown = set(connection.execute(select(e.case_handle, e.number).where(clause)).all())
            right = {
                (row.case_handle, row.number)
                for row in rows
                if role in by_role
                and sees_entry(by_role[role], principal.organisation, row.verb, row.body)
            }
            assert shown == right, role


def test_pages_go_on_without_a_gap_while_entries_come(cast, monkeypatch):
    monkeypatch.setattr(history_search, "PAGE", 5)
    whole = found(cast, supervisor(cast), organisation="ban-to-chuc")
    first = search(cast, supervisor(cast), organisation="ban-to-chuc").page
    cast.filed(name="Đến Sau")
    cast.consulting(name="Đến Sau Nữa")
    later = search(cast, supervisor(cast), first.next, organisation="ban-to-chuc").page

    assert [(row.handle, row.line.number) for row in later.rows] == whole[5:10]


@pytest.mark.parametrize("mark", ["x", "a~b", "a~b~c", "a~b~1~2", "a~b~" + "9" * 30, "~~"])
def test_a_link_that_leads_nowhere_is_refused(cast, mark):
    with pytest.raises(Unacceptable):
        search(cast, supervisor(cast), mark, verb="case.filed")


def test_too_common_a_name_is_refused_and_an_unknown_one_finds_nothing(cast, monkeypatch):
    assert found(cast, supervisor(cast), officer="nobody at all") == []
    monkeypatch.setattr(history_search, "MOST_OFFICERS", 2)
    with pytest.raises(Unacceptable):
        search(cast, supervisor(cast), officer="1")


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_an_index_is_used_where_there_is_one(cast):
    """On SQLite, whose plan does not depend on size: newest first without sorting."""
    seen = []
    with cast.database.reading() as connection:
        for clause in ([], [entries.c.verb == "case.filed"], [entries.c.officer == "thue/bs1"]):
            statement = (
                select(entries.c.number)
                .join(cases, cases.c.handle == entries.c.case_handle)
                .where(visible_to(supervisor(cast)), *clause)
                .order_by(entries.c.at.desc())
                .limit(5)
            )
            compiled = str(statement.compile(connection, compile_kwargs={"literal_binds": True}))
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}").all()
            seen.append(" ".join(str(row) for row in plan))
    assert "ix_entries_at" in seen[0]
    assert "ix_entries_verb_at" in seen[1]
    assert "ix_entries_officer_at" in seen[2]


def test_every_act_has_a_title():
    assert TITLES.keys() == FACTS.keys() == {kind.verb for kind in SENTENCES}
