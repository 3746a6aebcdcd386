"""One person, several roles: in whatever order they act, they do one of the seven duties in a case.

The acts go through the book and the ledger of reads, as every use case does. Disposing of a file
and keeping roles are no acts on a case yet: there the row of the part is written as such.
"""

import sqlite3
from collections.abc import Iterator
from itertools import combinations, product

import pytest
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from tests.builders import Cast, add_officer, as_owner, definitions, small_province
from vetting.engine.facts import FactRecorded
from vetting.engine.policy import Action, Principal
from vetting.engine.refusals import TwoHats, Unknown
from vetting.engine.vocabulary import HAT_OF_ROLE, Hat, Role
from vetting.queries.opened_case import open_case
from vetting.queries.overview import overview
from vetting.records import reads
from vetting.records.book import Book
from vetting.records.cases import participations
from vetting.records.database import Database
from vetting.records.officers import role_assignments
from vetting.records.sessions import capacities

ME, BOARD = "mai", "ban-to-chuc"
AT = "2026-03-02T02:00:00.000000Z"
CAPACITY = {
    Hat.FILE: (Role.CASE_OFFICER, "so-y-te"),
    Hat.COORDINATE: (Role.BOARD_OFFICER, "ban-to-chuc"),
    Hat.OPINE: (Role.BODY_OFFICER, "thue"),
    Hat.CONCLUDE: (Role.SECRETARY, "thuong-truc"),
    Hat.REVIEW: (Role.SUPERVISOR, "uy-ban-kiem-tra"),
    Hat.ADMINISTER: (Role.ADMINISTRATOR, "ban-to-chuc"),
}
REFUSED = (TwoHats, Unknown, IntegrityError, sqlite3.IntegrityError)


@pytest.fixture
def cast(sqlite_url):
    """A province with one person more, who has no role yet."""
    database = Database(sqlite_url)
    with as_owner(database).writing() as connection:
        small_province(connection)
        add_officer(connection, ME, "so-noi-vu", Role.CASE_OFFICER)
    yield Cast(database)
    database.close()


def me(duty: Hat, organisation: str | None = None) -> Principal:
    role, place = CAPACITY[duty]
    return Principal(ME, ME, role, organisation or place, "s")


def act(connection: Connection, cast: Cast, duty: Hat, case: str) -> None:
    """Do one of the duties in a case, or be refused."""
    if duty is Hat.REVIEW:
        open_case(connection, me(duty), definitions(), case)
        reads.write_lines(connection, me(duty), AT, Action.SEE_CASE, cases=[case])
    elif duty in {Hat.DISPOSE, Hat.ADMINISTER}:
        part = {"case_handle": case, "officer": ME, "hat": duty.value, "organisation": BOARD}
        if played(connection, case) != duty:
            connection.execute(insert(participations), part)
    else:
        speak(connection, cast, me(duty), case)


def played(connection: Connection, case: str) -> str | None:
    p = participations.c
    return connection.scalar(select(p.hat).where(p.case_handle == case, p.officer == ME))


def speak(connection: Connection, cast: Cast, principal: Principal, case: str) -> None:
    book = Book(connection, principal, definitions(), cast.ids, cast.ids.now())
    book.case(case)
    book.state(case, FactRecorded("hearing", {"held_on": "2026-01-02"}))
    book.write()


def walk(
    connection: Connection, cast: Cast, case: str, length: int, done: tuple[Hat, ...] = ()
) -> Iterator[tuple[tuple[Hat, ...], frozenset[Hat]]]:
    """Yield every order of so many acts, and the duties that were then done."""
    yield from _walk(connection, cast, case, length, (), frozenset(done))


def _walk(connection, cast, case, length, order, done):
    if not length:
        yield order, done
        return
    for duty in Hat:
        connection.exec_driver_sql(f"SAVEPOINT at_{length}")
        try:
            act(connection, cast, duty, case)
        except REFUSED:
            connection.exec_driver_sql(f"ROLLBACK TO SAVEPOINT at_{length}")
            now = done
        else:
            now = done | {duty}
        yield from _walk(connection, cast, case, length - 1, (*order, duty), now)
        connection.exec_driver_sql(f"ROLLBACK TO SAVEPOINT at_{length}")


def role_sets() -> Iterator[frozenset[Hat]]:
    for size in range(len(Hat) + 1):
        yield from map(frozenset, combinations(Hat, size))


def test_with_any_roles_and_in_any_order_one_person_does_one_duty_in_a_case(cast):
    case = cast.concluded()  # where every duty would have something to do
    with cast.database.engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        done = dict(walk(connection, cast, case, 3))
        connection.exec_driver_sql("ROLLBACK")

    assert done == {order: frozenset({order[0]}) for order in product(Hat, repeat=3)}
    assert len(list(role_sets())) == 2**7
    # With fewer roles there are fewer orders, each of which is one of these.
    assert all(
        done[order] == {order[0]} for roles in role_sets() for order in product(roles, repeat=3)
    )


def test_the_walk_finds_what_the_rules_no_longer_hold(cast):
    """The planted defect: without the rule the walk meets somebody with two duties."""
    case = cast.concluded()
    with cast.database.engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        connection.exec_driver_sql("DROP TRIGGER participations_not_of_what_one_supervised")
        done = dict(walk(connection, cast, case, 2))
        connection.exec_driver_sql("ROLLBACK")
    assert {order for order, duties in done.items() if len(duties) > 1} == {
        (Hat.REVIEW, other) for other in Hat if other is not Hat.REVIEW
    }


def test_an_officer_works_in_the_roles_given_and_in_no_other(cast):
    given = [roles - {Hat.DISPOSE} for roles in role_sets() if Hat.DISPOSE not in roles]
    for roles in given:
        with cast.database.engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            for duty in roles:
                role, organisation = CAPACITY[duty]
                connection.execute(
                    insert(role_assignments),
                    {"officer": ME, "organisation": organisation, "role": role.value},
                )
            found = {
                HAT_OF_ROLE[one.role]
                for one in capacities(connection, ME, "2026-03-02")
                if one.organisation != "so-noi-vu"
            }
            connection.exec_driver_sql("ROLLBACK")
        assert found == roles


@pytest.mark.parametrize("own", [Hat.FILE, Hat.COORDINATE, Hat.OPINE, Hat.CONCLUDE])
def test_who_did_something_in_a_case_meets_it_nowhere_as_a_supervisor(cast, own):
    case, other = cast.concluded(), cast.concluded(name="Trần Văn Bình")
    with cast.database.writing() as connection:
        speak(connection, cast, me(own), case)
    with cast.database.reading() as connection:
        with pytest.raises(Unknown):
            open_case(connection, me(Hat.REVIEW), definitions(), case)
        seen = overview(connection, me(Hat.REVIEW), definitions(), "2026-03-02")
        assert open_case(connection, me(Hat.REVIEW), definitions(), other).case.handle == other
    assert set(seen.handles) == {other}
    assert sum(found.total for found in seen.types) == 1


def test_who_looked_into_a_case_as_a_supervisor_gives_no_opinion_on_it(cast):
    case = cast.concluded()
    with cast.database.writing() as connection:
        act(connection, cast, Hat.REVIEW, case)
    with (
        pytest.raises(TwoHats, match="looked into a case as a supervisor"),
        cast.database.writing() as connection,
    ):
        speak(connection, cast, me(Hat.OPINE), case)


def test_nobody_speaks_for_two_bodies_about_one_case(cast):
    case = cast.concluded()
    with cast.database.writing() as connection:
        speak(connection, cast, me(Hat.OPINE), case)
    with (
        pytest.raises(TwoHats, match="already spoken for another body"),
        cast.database.writing() as connection,
    ):
        speak(connection, cast, me(Hat.OPINE, "cong-an"), case)
