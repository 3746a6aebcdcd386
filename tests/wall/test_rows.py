"""Whatever SQL it runs, the application gets the rows of whom its connection works for."""

# ruff: noqa: S608  (the tables are named right here)

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from threading import Thread
from uuid import uuid4

import pytest
from sqlalchemy import select

from tests import postgres
from tests.builders import Cast, as_owner, definitions, opinion, proved, sent
from tests.records.conftest import province
from tests.wall.test_start import own, spoil, told  # noqa: F401  # a fixture
from vetting.engine.load import Period
from vetting.engine.policy import BODYS_OWN, Action, Principal, may
from vetting.engine.vocabulary import CaseType, Role
from vetting.queries.case_history import case_history
from vetting.queries.case_page import case_page
from vetting.queries.case_readers import case_readers
from vetting.queries.consultation_page import consultation_page
from vetting.queries.due_calendar import due_calendar, read_span
from vetting.queries.inbox import Filter, Tab, inbox
from vetting.queries.load_page import load_page
from vetting.queries.notices_page import notices_page
from vetting.queries.to_sign import to_sign
from vetting.records.cases import cases
from vetting.records.consultations import consultations, opinions
from vetting.records.database import Database
from vetting.records.history import entries
from vetting.records.rights import RIGHTS
from vetting.records.rows import GUARDS, OPEN
from vetting.records.scope import addressed_to, visible_to
from vetting.records.standing import Purpose, Unsettable, on_purpose, settings_of
from vetting.records.withheld import named_readers, recusals, restrictions
from vetting.usecases.draft_opinion import draft_and_pass_on
from vetting.usecases.issue_consultations import Asking, issue_consultations
from vetting.usecases.open_in_emergency import answer_emergency, ask_in_emergency

pytestmark = pytest.mark.postgresql

DENIED = "42501"
# Whose a row is: to a body's people no other body's.
OF_BODIES = {
    "consultations": "body",
    "participations": "organisation",
    "outbox": "organisation",
    "reads": "organisation",
}
ALL = Filter(Tab.BODY)
BODY_ROLES = {Role.BODY_OFFICER, Role.BODY_SIGNER}
BY_CASE = ("participations", "consultations", "recusals", "restrictions", "named_readers")


def everybody() -> Iterator[Principal]:
    """Yield principals of every kind, also cleared ones, substitutes and one in an emergency."""
    for role, place in (
        (Role.CASE_OFFICER, "so-y-te"),
        (Role.CASE_OFFICER, "so-noi-vu"),
        (Role.BOARD_OFFICER, "ban-to-chuc"),
        (Role.BOARD_HEAD, "ban-to-chuc"),
        (Role.BODY_OFFICER, "thue"),
        (Role.BODY_SIGNER, "cong-an"),
        (Role.SECRETARY, "thuong-truc"),
        (Role.SUPERVISOR, "uy-ban-kiem-tra"),
        (Role.ADMINISTRATOR, "so-noi-vu"),
    ):
        officer = f"{place}/{''.join(part[0] for part in role.value.split('_'))}1"
        one = proved(Principal(officer, officer, role, place, "s"))
        yield one
        yield replace(one, clearance=3)
        yield replace(one, case_types=frozenset({CaseType.PROMOTION}))
        yield replace(one, officer="nobody", on_behalf_of=officer)
        yield replace(one, officer="nobody", on_behalf_of="nobody else", between=(officer,))


@pytest.fixture(scope="module")
def database(postgresql_template) -> Iterator[Database]:
    """A small province with cases at every step; nothing that is tried here changes it."""
    # Of its own: tests of one file may be divided among workers.
    name = f"{postgresql_template.database}_rows_{uuid4().hex[:6]}"
    server = postgresql_template.set(database="postgres")
    url = postgres.create_database(server, name, str(postgresql_template.database))
    for kept in province(url.render_as_string(hide_password=False)):
        cast = Cast(kept)
        cast.filed()
        asked = cast.consulting()
        draft_and_pass_on(
            cast.drafter("thue"), sent(), cast.asked(asked)["thue"], opinion(reasons="Nháp.")
        )
        cast.sign(asked, "cong-an")
        cast.closed()
        recused, restricted, named = cast.consulting(), cast.consulting(), cast.concluded()
        with as_owner(kept).writing() as connection:
            for officer in sorted({one.officer for one in everybody() if one.role in _RECUSED}):
                if officer != "nobody":
                    row = {"case_handle": recused, "officer": officer}
                    connection.execute(recusals.insert(), row)
            for case, level, by_name in ((restricted, 2, 0), (named, 0, 1)):
                row = {"case_handle": case, "level": level, "named_only": by_name}
                connection.execute(restrictions.insert(), row)
            row = {"case_handle": named, "officer": "ban-to-chuc/bh1"}
            connection.execute(named_readers.insert(), row)
            reference = connection.scalar(
                select(cases.c.reference).where(cases.c.handle == restricted)
            )
        asked = ask_in_emergency(cast.board, sent(), str(reference), "Gấp.", 1)["request"]
        supervisor = cast.desk("uy-ban-kiem-tra", Role.SUPERVISOR)
        answer_emergency(supervisor, sent(), str(asked), agrees=True, sentence="Đồng ý.")
        ask_in_emergency(cast.board, sent(), "KHONG-CO", "Gấp.", 1)
        kept.purpose = None
        yield kept
    postgres.drop_database(server, name)


_RECUSED = {Role.BOARD_OFFICER, Role.BODY_OFFICER, Role.SUPERVISOR, Role.CASE_OFFICER}


def raw(connection, columns: str, table: str, more: str = "") -> set:
    """Return what SQL without any clause yields."""
    return set(connection.exec_driver_sql(f"SELECT {columns} FROM {table} {more}").scalars())


def known_to(database: Database, principal: Principal) -> set[str]:
    """Ask `scope.py` itself, as the owner, whom no policy holds back."""
    with as_owner(database).reading() as connection:
        return set(connection.scalars(select(cases.c.handle).where(visible_to(principal))))


def differences(database: Database) -> list[str]:
    """Return where raw SQL yields other cases than the scope says."""
    found = []
    for principal in everybody():
        wanted = known_to(database, principal)
        with database.reading(principal) as connection:
            got = {"cases": raw(connection, "handle", "cases")}
            got |= {table: raw(connection, "case_handle", table) for table in BY_CASE}
        with as_owner(database).reading() as connection:
            due = {"cases": wanted}
            due |= {table: raw(connection, "case_handle", table) & wanted for table in BY_CASE}
            if principal.role in BODY_ROLES:
                due["participations"] &= raw(
                    connection,
                    "case_handle",
                    "participations",
                    f"WHERE organisation = '{principal.organisation}'",
                )
        found += [f"{principal}: {table}" for table in due if due[table] != got[table]]
    return found


def test_every_table_is_guarded_or_says_why_not():
    assert {*GUARDS, *OPEN} == set(RIGHTS)
    assert not GUARDS.keys() & OPEN.keys()


def test_for_nobody_there_is_no_row(database):
    with as_owner(database).reading() as connection:
        there = {table for table in GUARDS if raw(connection, "1", table)}
    assert there >= {"cases", "entries", "payloads", "opinions", "acts", "reads", "outbox"}
    with database.reading() as connection:
        assert [table for table in GUARDS if raw(connection, "1", table)] == []


def test_of_requests_in_an_emergency_only_whom_they_concern_get_a_row(database):
    """Whoever asked gets theirs; who sees the case that of the case; no others get any."""
    found = {}
    for principal in everybody():
        with database.reading(principal) as connection:
            key = principal.officer, principal.clearance, principal.on_behalf_of
            requests = raw(connection, "reference", "emergency_requests")
            steps = raw(connection, "sentence", "emergency_steps")
            found[key] = len(requests), steps
    with database.reading(Purpose.SESSION) as connection:
        assert len(raw(connection, "reference", "emergency_requests")) == 2
        assert {table for table in GUARDS if raw(connection, "1", table)} == {
            "emergency_requests",
            "emergency_steps",
        }

    agreed = {"Đồng ý."}
    assert found["ban-to-chuc/bo1", 0, None] == (2, agreed)
    assert found["nobody", 0, "ban-to-chuc/bo1"] == (2, agreed)  # acts for the asker
    assert found["ban-to-chuc/bh1", 0, None] == (0, set())
    assert found["ban-to-chuc/bh1", 3, None] == (1, agreed)
    assert found["thue/bo1", 0, None] == (0, set())
    assert found["so-noi-vu/co1", 3, None] == (0, set())


def test_raw_sql_yields_the_cases_of_the_scope_to_everybody(database):
    assert differences(database) == []
    sizes = {len(known_to(database, one)) for one in everybody()}
    assert len(sizes) > 3  # they are not all told the same


def test_a_predicate_without_recusals_is_found_out(database):
    asked = "SELECT pg_get_functiondef('knows_case(text)'::regprocedure)"
    with as_owner(database).writing() as connection:
        before = connection.exec_driver_sql(asked).scalar_one()
        spoiled = before.replace("SELECT recusals.case_handle", "SELECT recusals.officer")
        assert spoiled != before
        connection.exec_driver_sql(spoiled)
    try:
        assert differences(database) != []
    finally:
        with as_owner(database).writing() as connection:
            connection.exec_driver_sql(before)
    assert differences(database) == []


def test_a_body_reads_its_own_opinion_and_no_draft_of_another_leaves_a_body(database):
    for principal in everybody():
        known = known_to(database, principal)
        with as_owner(database).reading() as connection:
            every = set(connection.execute(select(opinions.c.case_handle, opinions.c.body)))
        of_body = principal.role in {Role.BODY_OFFICER, Role.BODY_SIGNER}
        wanted = {
            tuple(row)
            for row in every
            if row.case_handle in known
            and principal.role is not Role.CASE_OFFICER
            and (not of_body or row.body == principal.organisation)
        }
        e = entries.c
        with database.reading(principal) as connection:
            got = set(
                map(tuple, connection.execute(select(opinions.c.case_handle, opinions.c.body)))
            )
            drafts = set(connection.scalars(select(e.body).where(e.verb.in_(sorted(BODYS_OWN)))))
            said = set(connection.execute(select(e.case_handle, e.number)))
            content = set(
                connection.exec_driver_sql("SELECT case_handle, number FROM payloads").all()
            )
        assert got == wanted, principal
        assert drafts <= ({principal.organisation} if of_body else set()), principal
        assert content == said, principal


def test_a_body_gets_no_question_to_another_and_nothing_that_hangs_on_it(database):
    """Nor does a body get to know whom else the Board asked."""
    elsewhere = dict.fromkeys(OF_BODIES, frozenset[str]())
    for principal in everybody():
        if principal.role not in BODY_ROLES:
            continue
        mine = {principal.organisation}
        known = known_to(database, principal)
        with as_owner(database).reading() as connection:
            there = {
                table: {
                    tuple(row)
                    for row in connection.exec_driver_sql(
                        f"SELECT case_handle, {whose} FROM {table} WHERE case_handle IS NOT NULL"
                    )
                    if row.case_handle in known
                }
                for table, whose in OF_BODIES.items()
            }
        with database.reading(principal) as connection:
            got = {table: raw(connection, whose, table) for table, whose in OF_BODIES.items()}
            drafts = raw(connection, "body", "consultations", "WHERE draft_reasons IS NOT NULL")
            signed = raw(connection, "organisation", "sign_offs")
        for table, bodies in got.items():
            assert bodies <= mine, (principal, table)
            elsewhere[table] |= {body for _, body in there[table]} - mine
        assert got["consultations"] == (mine if known else set()), principal
        assert drafts | signed <= mine, principal
    assert all(elsewhere.values())  # of the cases that they know others have rows there


def test_what_is_typed_into_a_statement_shows_nothing_more(database):
    principal = next(one for one in everybody() if one.role is Role.BODY_SIGNER)
    known = known_to(database, principal)
    for typed in (
        "x' OR 1=1 --",
        "x' UNION SELECT handle FROM cases --",
        "x' UNION SELECT case_handle FROM entries --",
        "x' UNION SELECT case_handle FROM consultations WHERE body <> 'thue' --",
    ):
        with database.reading(principal) as connection:
            sql = f"SELECT handle FROM cases WHERE reference = '{typed}'"
            assert set(connection.exec_driver_sql(sql.replace("%", "%%")).scalars()) <= known


def test_what_one_asked_for_never_reaches_the_next(database):
    principal = next(one for one in everybody() if one.role is Role.BOARD_OFFICER)
    with database.reading(principal) as connection:
        assert raw(connection, "handle", "cases")
    with pytest.raises(ZeroDivisionError), database.writing(standing=principal) as connection:
        raise ZeroDivisionError
    with database.engine.connect() as connection:
        assert raw(connection, "handle", "cases") == set()
    with database.reading(principal) as connection:
        tried = "SELECT 1/0"
        with pytest.raises(Exception, match="division by zero"):
            connection.exec_driver_sql(tried)
    with database.engine.connect() as connection:
        assert raw(connection, "handle", "cases") == set()


def test_threads_that_share_a_pool_get_each_their_own(database):
    people = [one for one in everybody() if one.officer != "nobody"]
    wanted = {one: known_to(database, one) for one in people}
    wrong: list[Principal] = []

    def ask(turn: int) -> None:
        for one in people[turn:] + people[:turn]:
            with database.reading(one) as connection:
                if raw(connection, "handle", "cases") != wanted[one]:
                    wrong.append(one)

    threads = [Thread(target=ask, args=(turn * 3,)) for turn in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_purpose_ends_with_its_block_also_when_the_transaction_fails(database):
    principal = next(one for one in everybody() if one.role is Role.CASE_OFFICER)
    known = known_to(database, principal)
    with database.reading(principal) as connection:
        with on_purpose(connection, Purpose.EMERGENCY):
            assert raw(connection, "handle", "cases") > known
        assert raw(connection, "handle", "cases") == known
        with on_purpose(connection, Purpose.WHOLE_HISTORY):
            assert raw(connection, "case_handle", "entries") == known
        with (
            pytest.raises(Exception, match="division by zero"),
            database.writing(connection),
            on_purpose(connection, Purpose.STAFFING),
        ):
            connection.exec_driver_sql("SELECT 1/0")
        assert raw(connection, "handle", "cases") == known


def test_nobody_writes_in_the_name_of_somebody_else(database):
    principal = next(one for one in everybody() if one.role is Role.BODY_OFFICER)
    forged = (
        "INSERT INTO acts SELECT 'forged', 'ban-to-chuc/bh1', 'x', 'x', 'x', 'x', ''",
        (
            "INSERT INTO reads (at, officer, organisation, role, session, action) "
            "VALUES ('x', 'ban-to-chuc/bh1', 'ban-to-chuc', 'board_head', 'x', 'x')"
        ),
        (
            "INSERT INTO entries SELECT case_handle, number + 100, verb, 'ban-to-chuc/bo1', "
            "'ban-to-chuc', 'board_officer', on_behalf_of, session, method, at, body, definition, "
            "payload_hash, algorithm, seal FROM entries LIMIT 1"
        ),
    )
    for standing in (principal, None):
        for sql in forged if standing else forged[:2]:
            with database.reading(standing) as connection:
                with pytest.raises(Exception) as refused:  # noqa: PT011  # the driver's
                    connection.exec_driver_sql(sql)
                assert refused.value.orig.sqlstate == DENIED, sql


def test_a_name_with_the_mark_between_names_is_set_for_nobody():
    with pytest.raises(Unsettable):
        settings_of(Principal("a,b", "x", Role.SUPERVISOR, "x", "s"))


SPOILT = {
    "a policy is missing": (
        "DROP POLICY application_see ON cases",
        "The table cases lacks the policy application_see. Run `vetting db roles`.",
    ),
    "a policy says something else": (
        "ALTER POLICY application_see ON entries USING (true)",
        (
            "The policy application_see of the table entries is not as it must be. "
            "Run `vetting db roles`."
        ),
    ),
    "a policy too many": (
        "CREATE POLICY extra ON opinions FOR SELECT TO {application} USING (true)",
        "The table opinions has the policy extra, and must not.",
    ),
    "the owner is let off": (
        "ALTER TABLE reads NO FORCE ROW LEVEL SECURITY",
        "The rows of the table reads are not guarded. Run `vetting db roles`.",
    ),
    "no policy is asked": (
        "ALTER TABLE cases DISABLE ROW LEVEL SECURITY",
        "The rows of the table cases are not guarded. Run `vetting db roles`.",
    ),
    "a table too many": (
        "ALTER TABLE officers ENABLE ROW LEVEL SECURITY",
        "The rows of the table officers are guarded, and must not be.",
    ),
    "the function lets everybody know": (
        "ALTER FUNCTION knows_case(text) SECURITY INVOKER",
        "The function knows_case is not there, or not as it must be. Run `vetting db roles`.",
    ),
}


def test_the_start_names_each_guard_that_is_not_as_it_must_be(own):  # noqa: F811
    for statement, _ in SPOILT.values():
        spoil(own, statement)
    assert sorted(told(own)) == sorted(said for _, said in SPOILT.values())


def test_a_bodys_pages_say_the_same_behind_the_wall_as_before_it(database):
    """What the database keeps back from a body no page of theirs has asked for."""
    ids = Cast(database).ids
    shown = 0
    for principal in everybody():
        if principal.role not in BODY_ROLES:
            continue
        with as_owner(database).reading() as connection:
            asked = connection.execute(
                select(consultations.c.handle, consultations.c.case_handle).where(
                    addressed_to(principal)
                )
            ).all()

        def pages(connection, principal=principal, asked=asked):
            given = connection, principal, definitions()
            yield inbox(*given, ALL, after=None, ids=ids)
            yield to_sign(*given, ids)
            yield notices_page(*given)
            for one in asked:
                yield consultation_page(*given, one.handle, ids)
                yield case_page(*given, one.case_handle, today=ids.today())
                yield case_history(*given, one.case_handle)
                yield case_readers(*given, one.case_handle, ids)

        with database.reading(principal) as connection:
            behind = list(pages(connection))
        with database.reading(Purpose.COMMAND) as connection:
            assert list(pages(connection)) == behind, principal
        shown += len(asked)
    assert shown


def test_what_falls_due_and_who_has_how_much_are_the_same_behind_the_wall(database):
    cast = Cast(database)
    ids, today = cast.ids, cast.ids.today()
    case = cast.accepted(name="Lê Có Hạn")
    issue_consultations(cast.board, sent(), [case], Asking(due_on=today))
    period = Period(*map(date.fromisoformat, ("2026-01-01", "2026-12-31", today)))
    due, told = 0, 0
    for principal in everybody():

        def pages(connection, principal=principal):
            given = connection, principal, definitions()
            yield due_calendar(*given, read_span(None, None, None, today), None, today=today)
            if may(principal, Action.SEE_LOAD):
                yield replace(load_page(*given, period, ids=ids), as_of="")

        with database.reading(principal) as connection:
            behind = list(pages(connection))
        with database.reading(Purpose.COMMAND) as connection:
            assert list(pages(connection)) == behind, principal
        due += behind[0].due
        told += sum(len(page.bodies) for page in behind[1:])
    assert due
    assert told
