"""Two counts that were written apart agree on every figure, and a planted defect parts them."""

import json
import shutil

import pytest
from sqlalchemy import select

from tests.databases import BOTH, _copy
from tests.random_histories import random_history
from tests.records.conftest import province
from vetting.engine import figures
from vetting.engine.figures import FIGURES
from vetting.records import reports
from vetting.records.identity import Ids
from vetting.records.log import checkpoints
from vetting.records.rights import DatabaseRole
from vetting.records.second_count import _in_dialect, second_count
from vetting.usecases.make_report import counted

STEPS = 150
PERIODS = (("2026-01-01", "2026-12-31"), ("2026-01-08", "2026-01-20"), ("2030-01-01", "2030-12-31"))


@pytest.fixture(scope="module", params=BOTH)
def url(request, tmp_path_factory):
    """A migrated database for all tests of this file, on each kind in turn."""
    template = request.getfixturevalue(f"{request.param}_template")
    if request.param == "postgresql":
        yield from _copy(template, str(template.database))
    else:
        file = shutil.copyfile(template, tmp_path_factory.mktemp("count") / "vetting.sqlite")
        yield f"sqlite:///{file}"


@pytest.fixture(scope="module")
def cast(url, tmp_path_factory):
    for database in province(url):
        yield random_history(database, tmp_path_factory.mktemp("keys"), seed=7, steps=STEPS)


def first(cast, checkpoint, since, until):
    """Every figure as a report counts it, without rows in which nothing counts."""
    with cast.database.reading() as connection:
        found, erased = counted(connection, cast.ids, since, until, checkpoint)
    assert erased == 0
    return {
        name: {tuple(row["key"]): row["values"] for row in json.loads(json.dumps(one.told()))}
        for name, one in found.items()
    }


def second(cast, checkpoint, since, until):
    """The same by plain SQL, as the auditor."""
    with cast.database.acting_as(DatabaseRole.AUDITOR).reading() as connection:
        return second_count(
            connection,
            size=checkpoint["size"],
            as_of=checkpoint["at"],
            since=since,
            until=until,
        )


def sealed(cast):
    """Checkpoints of the log: in its midst, and the last."""
    with cast.database.reading() as connection:
        rows = connection.execute(
            select(checkpoints.c.size, checkpoints.c.root, checkpoints.c.at).order_by(
                checkpoints.c.size
            )
        ).mappings()
        return [dict(row) for row in rows]


def test_both_agree_on_every_figure_at_every_moment(cast):
    last = sealed(cast)[-1]
    midway = last | {"size": last["size"] // 2}
    seen = dict.fromkeys(FIGURES, 0)
    for checkpoint in (midway, last):
        for since, until in PERIODS:
            one = first(cast, checkpoint, since, until)
            assert one == second(cast, checkpoint, since, until)
            for name, rows in one.items():
                seen[name] += len(rows)
    assert all(seen.values()), seen


def without(verb):
    """A count that never reads the entries of one kind."""

    def plant(patch):
        patch.setattr(reports, "NEEDED", reports.NEEDED - {verb})

    return plant


def late_on_the_last_day(patch):
    patch.setattr(figures, "is_late", lambda due_on, day: day >= due_on)


def days_that_end_in_london(patch):
    patch.setattr(Ids, "legal_day", lambda _self, at: at[:10])


def beyond_the_moment(patch):
    told = reports._told  # noqa: SLF001
    patch.setattr(reports, "_told", lambda _size: told(1_000_000))


def own_time_from_the_request(patch):
    patch.setattr(figures, "_RECEIVED", frozenset())


DEFECTS = {
    "a withdrawn consultation counts as unanswered": without("consultation.taken_back"),
    "a restricted case counts": without("case.restricted"),
    "what was amended does not count": without("conclusion.amended"),
    "the clock never stands still": without("case.suspended"),
    "late on the last day": late_on_the_last_day,
    "a legal day ends at the wrong hour": days_that_end_in_london,
    "what came later counts": beyond_the_moment,
    "whose time it was is mistaken": own_time_from_the_request,
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_planted_defect_parts_them(cast, monkeypatch, defect):
    last = sealed(cast)[-1]
    midway = last | {"size": last["size"] // 2}
    DEFECTS[defect](monkeypatch)
    assert any(
        first(cast, checkpoint, *period) != second(cast, checkpoint, *period)
        for checkpoint in (midway, last)
        for period in PERIODS
    )


@pytest.mark.parametrize("seed", range(2))
def test_both_agree_on_other_histories(sqlite_url, tmp_path, seed):
    for database in province(sqlite_url):
        cast = random_history(database, tmp_path / "keys", seed=100 + seed, steps=120)
        last = sealed(cast)[-1]
        for period in PERIODS:
            assert first(cast, last, *period) == second(cast, last, *period)


def test_the_parts_of_a_time_add_up_to_the_whole(cast):
    rows = first(cast, sealed(cast)[-1], *PERIODS[0])
    for row in rows["body_times"].values():
        assert row["elapsed"] == row["clock_on"] + row["clock_off"]
        assert row["clock_on"] == row["on_the_way"] + row["own"]
    for row in rows["case_times"].values():
        whole = row["unit"] + row["board"] + row["bodies"] + row["authority"]
        assert row["clock_on"] == whole
        assert row["elapsed"] == whole + row["clock_off"]
    for row in rows["requests"].values():
        assert row["sent"] == row["replied"] + row["taken_back"] + row["unanswered"]
        assert row["replied"] == row["in_time"] + row["late"] + row["no_date"]


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-05-05T16:59:59.999999Z", "2026-05-05"),  # SQLite by itself rounds it up
        ("2026-05-05T17:00:00.000000Z", "2026-05-06"),
    ],
)
def test_a_legal_day_ends_where_the_first_count_ends_it(cast, at, day):
    statement = f"SELECT DAY_OF('{at}')"
    with cast.database.reading() as connection:
        said = connection.exec_driver_sql(_in_dialect(statement, connection.dialect.name)).scalar()
    assert said == Ids().legal_day(at) == day
