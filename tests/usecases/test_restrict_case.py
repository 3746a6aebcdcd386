"""A case is kept to some, and opened again, to the end of what its tables say."""

from dataclasses import replace

import pytest
from alembic import command
from sqlalchemy import select, update

from tests.builders import Cast, as_owner, lose, sent
from vetting.engine.notices import RESTRICTED
from vetting.queries.untold import untold
from vetting.records.migrate import configuration
from vetting.records.officers import role_assignments
from vetting.records.outbox import outbox, recipients
from vetting.records.rebuild import compare
from vetting.records.withheld import named_readers, restrictions
from vetting.usecases.restrict_case import restrict_case

BOARD = "ban-to-chuc/bo1"


@pytest.fixture
def cast(database):
    with as_owner(database).writing() as connection:
        connection.execute(update(role_assignments).values(clearance=2))
    return Cast(database)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ((0, (BOARD,)), (0, ())),
        ((1, (BOARD,)), (0, ())),
        ((1, (BOARD,)), (2, ())),
        ((2, ()), (0, ())),
    ],
)
def test_what_a_restriction_said_is_gone_whole_once_another_is_said(cast, first, then):
    head = replace(cast.head, principal=replace(cast.head.principal, clearance=2))
    case = cast.accepted()
    restrict_case(head, sent(), case, *first)
    restrict_case(head, sent(), case, *then)

    with as_owner(cast.database).reading() as connection:
        left = [row.level for row in connection.execute(select(restrictions))]
        named = list(connection.scalars(select(named_readers.c.officer)))
        unlike = [str(one.sentence) for one in compare(connection)]
    assert (left, named, unlike) == ([then[0]] if then[0] else [], [], [])


def test_restrictions_from_before_are_told_when_the_database_is_brought_up_to_date(cast):
    head = replace(cast.head, principal=replace(cast.head.principal, clearance=2))
    kept, lifted = cast.accepted(), cast.accepted()
    for case in (kept, lifted):
        restrict_case(head, sent(), case, 1)
        restrict_case(head, sent(), case, 2)
    restrict_case(head, sent(), lifted, 0)
    lose(cast, outbox, outbox.c.on_move == RESTRICTED)

    with as_owner(cast.database).engine.connect() as connection:
        command.downgrade(configuration(connection), "0043")
        command.upgrade(configuration(connection), "head")
        command.downgrade(configuration(connection), "0043")
        command.upgrade(configuration(connection), "head")  # once more changes nothing

    with as_owner(cast.database).reading() as connection:
        told = connection.execute(
            select(outbox.c.case_handle, recipients.c.officer)
            .outerjoin(recipients, recipients.c.notice == outbox.c.key)
            .where(outbox.c.on_move == RESTRICTED)
        ).all()
        assert untold(connection, head.definitions).gaps == ()
    assert sorted(map(tuple, told), key=str) == sorted(
        [
            (kept, "uy-ban-kiem-tra/s1"),
            *[(case, None) for case in (kept, lifted, lifted, lifted)],
        ],
        key=str,
    )
