"""A case is kept to some, and opened again, to the end of what its tables say."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from tests.builders import Cast, as_owner, sent
from vetting.records.officers import role_assignments
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
