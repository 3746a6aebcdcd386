"""A list that waits to be filed: it becomes cases once, and only for the unit it was read for."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import func, select

from tests.builders import Cast, sent
from vetting.engine.refusals import Refusal, Unknown
from vetting.engine.vocabulary import CaseType
from vetting.records.cases import cases
from vetting.records.database import Database
from vetting.records.standing import Purpose
from vetting.records.submissions import submissions, waiting_lists
from vetting.usecases.file_list import Covering, drop_list, file_waiting_list, preview_list

LIST = (
    "TT,Họ và tên,Ngày sinh,Chức danh quy hoạch\n"
    "1,Nguyễn Văn An,02/03/1980,Giám đốc\n"
    "2,Trần Thị Bình,04/05/1982,Phó Giám đốc\n"
)


@pytest.fixture
def cast(province_url):
    database = Database(province_url, purpose=Purpose.COMMAND)
    yield Cast(database)
    database.close()


def waiting(cast):
    covering = Covering(CaseType.PLANNING, None, "standing_committee")
    answer = preview_list(cast.unit, sent(), LIST.encode(), "danh-sach.csv", covering)
    return str(answer["list"])


def counts(cast):
    with cast.database.reading() as connection:
        return [
            connection.scalar(select(func.count()).select_from(table))
            for table in (cases, submissions, waiting_lists)
        ]


def test_a_list_that_four_requests_file_at_once_is_filed_once(cast):
    handle = waiting(cast)
    together = Barrier(4)

    def file(_):
        together.wait()
        try:
            return file_waiting_list(cast.unit, sent(), handle)["filed"]
        except Refusal as refusal:
            return type(refusal)

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(file, range(4)))

    assert sorted(map(str, done)) == sorted(map(str, [2, Unknown, Unknown, Unknown]))
    assert counts(cast) == [2, 1, 0]


def test_a_list_that_is_filed_and_let_go_at_once_is_one_of_the_two(cast):
    handle = waiting(cast)
    together = Barrier(2)

    def do(act):
        together.wait()
        try:
            act(cast.unit, sent(), handle)
        except Unknown:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        filed, dropped = pool.map(do, (file_waiting_list, drop_list))

    assert filed != dropped
    assert counts(cast) == ([2, 1, 0] if filed else [0, 0, 0])


@pytest.mark.parametrize("act", [file_waiting_list, drop_list])
def test_a_list_read_for_one_unit_does_not_exist_in_another_capacity_of_its_officer(cast, act):
    handle = waiting(cast)
    here = cast.unit
    elsewhere = replace(here, principal=replace(here.principal, organisation="so-noi-vu"))

    with pytest.raises(Unknown):
        act(elsewhere, sent(), handle)

    assert counts(cast) == [0, 0, 1]
