"""Whatever shows a case leaves exactly one line in the ledger of reads, before it goes out."""

import click
import pytest

from tests.house.canaries import canaries_of, lines_since, newest, typed_by, unseen, visits, without
from tests.web.browsing import text_of
from vetting import web
from vetting.commands import main
from vetting.commands.shown import NOT_IN_THE_LEDGER
from vetting.engine.looks import How, Showing
from vetting.web.gate import FILES
from vetting.web.shown import SHOWN, NoCase

SLICE = 2  # examples a route and visitor
# Forms that show nothing of a case yet: no other case before a candidate is typed in, and no file.
EMPTY_FORMS = {"absences.new", "own_cases.new", "reports.file"}


def test_every_view_is_classified_and_nothing_else(site):
    assert set(SHOWN) == set(site.app.view_functions) - FILES
    assert all(shows.because for shows in SHOWN.values() if isinstance(shows, NoCase))
    assert all(shows.groups for shows in SHOWN.values() if isinstance(shows, Showing))


def test_a_view_that_is_not_classified_stops_the_start(site, monkeypatch):
    monkeypatch.delitem(SHOWN, "letters.show")

    with pytest.raises(RuntimeError, match=r"say in vetting/web/shown\.py .*letters\.show"):
        web.create_app(site.app.extensions["vetting"].settings)


def test_every_command_is_classified_and_nothing_else():
    assert set(commands_of(main)) == set(NOT_IN_THE_LEDGER)
    assert all(NOT_IN_THE_LEDGER.values())


def commands_of(group, before=""):
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands_of(command, f"{before}{name} ")
        else:
            yield f"{before}{name}"


def test_every_answer_with_a_case_on_it_has_its_one_line(site):
    canaries, wrong, sung = canaries_of(site.database), [], 0
    for visitor, route, address in visits(site, SLICE):
        before = newest(site.database)
        answer = site.browser(visitor).get(address)
        lines = lines_since(site.database, before)
        heard = canaries
        if route.endpoint == "emergencies.index":
            heard = without(canaries, typed_by(site.database, site.principal(visitor).officer))
        wrong += [f"{address} of {visitor}: {it}" for it in unseen(heard, answer.data, lines)]
        sung += any(one.sings_in(answer.text) for one in canaries)
        shows = SHOWN[route.endpoint]
        if isinstance(shows, NoCase):
            wrong += [f"{address} of {visitor}: a line, but no case" for _ in lines]
        for line in lines:
            told = (line.officer, line.organisation, line.role, line.session)
            me = site.principal(visitor)
            if told != (me.officer, me.organisation, me.role, me.session):
                wrong.append(f"{address} of {visitor}: the line names {told}")
            if not (line.how in set(How) and line.purpose and line.fields):
                wrong.append(f"{address} of {visitor}: how, fields or purpose are missing")

    assert wrong == []
    assert sung > 100


def test_a_page_that_forgets_to_look_gives_no_answer(site, monkeypatch):
    """The planted defect: without its look the page does not leave, so nothing can be seen."""
    board = site.browser("board")
    handle = next(
        one for one in site.province.letters if board.get(f"/letters/{one}").status_code == 200
    )
    monkeypatch.setattr("vetting.web.letters.looked", lambda *_, **__: None)
    canaries = canaries_of(site.database)

    for address in (f"/letters/{handle}", "/letters"):
        answer = board.get(address)

        assert answer.status_code == 500
        assert not any(one.sings_in(answer.text) for one in canaries)


def test_the_harness_sees_a_page_whose_line_is_missing(site, monkeypatch):
    """The planted defect of the harness: a look that is said to be written and is not."""
    monkeypatch.setattr("vetting.web.looking.look", lambda *_, **__: None)
    case = site.province.cases["signed"]
    before = newest(site.database)

    answer = site.browser("board").get(f"/cases/{case}")

    assert answer.status_code == 200
    [fault] = unseen(
        [one for one in canaries_of(site.database) if one.case == case],
        answer.data,
        lines_since(site.database, before),
    )
    assert fault.endswith("went out with 0 lines")


def test_the_line_is_committed_before_the_page_is_made(site, monkeypatch):
    """The planted defect: were the page made first, the line would not be there yet."""
    case, seen = site.province.cases["signed"], []
    before = newest(site.database)
    render = web.cases.render_template

    def rendering(*args, **told):
        seen.append(len(lines_since(site.database, before)))
        return render(*args, **told)

    monkeypatch.setattr("vetting.web.cases.render_template", rendering)
    site.browser("board").get(f"/cases/{case}")

    assert seen == [1]


@pytest.fixture
def ledger_that_is_full(site):
    """A ledger in which nothing can be written."""
    on = site.database.engine.dialect.name
    with site.database.writing() as connection:
        for statement in FULL[on]:
            connection.exec_driver_sql(statement)
    yield
    with site.database.writing() as connection:
        connection.exec_driver_sql(
            f"DROP TRIGGER full_disk{' ON reads' if on == 'postgresql' else ''}"
        )


FULL = {
    "sqlite": [
        """CREATE TRIGGER full_disk BEFORE INSERT ON reads
        BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"""
    ],
    "postgresql": [
        """CREATE OR REPLACE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE 'no space left on device' USING ERRCODE = 'disk_full'; END $$""",
        """CREATE TRIGGER full_disk BEFORE INSERT ON reads
        FOR EACH ROW EXECUTE FUNCTION full_disk()""",
    ],
}


@pytest.mark.usefixtures("ledger_that_is_full")
def test_what_cannot_be_written_down_is_not_shown(site):
    """Every kind of page: none goes out, with a sentence and not as a fault of the program."""
    canaries, wrong, refused = canaries_of(site.database), [], 0
    for visitor, route, address in visits(site, 1):
        answer = site.browser(visitor).get(address)
        text = answer.get_data(as_text=True)
        wrong += [f"{address}: {one.words[0]}" for one in canaries if one.sings_in(text)]
        shows = isinstance(SHOWN[route.endpoint], Showing) and route.endpoint not in EMPTY_FORMS
        if shows and answer.status_code == 200:
            wrong.append(f"{address} of {visitor} was shown")
        if route.endpoint == "health.ready":  # a ledger that refuses has a trigger too many
            assert (answer.status_code, answer.json) == (503, {"ready": False})
        elif answer.status_code >= 500:
            refused += 1
            if "Hiện không thể ghi lại ai xem" not in text_of(answer):
                wrong.append(f"{address} of {visitor}: {text_of(answer)}")

    assert wrong == []
    assert refused > 50


def test_a_refusal_that_tells_how_a_case_stands_leaves_a_line(site):
    case = site.province.cases["concluded"]
    before = newest(site.database)

    answer = site.browser("board").get(f"/cases/{case}/accept")

    assert answer.status_code == 409
    [line] = lines_since(site.database, before)
    assert (line.case_handle, line.fields, line.asked) == (case, "standing", "refused")


def test_what_is_not_there_leaves_no_line(site):
    before = newest(site.database)

    assert (
        site.browser("other unit").get(f"/cases/{site.province.cases['signed']}").status_code == 404
    )

    assert lines_since(site.database, before) == []


@pytest.mark.parametrize(
    ("visitor", "told"),
    [
        ("unit", ("view", "candidate standing record decision", "own_task")),
        ("board", ("view", "candidate standing record opinions decision", "own_task")),
        ("supervisor", ("view", "candidate standing record opinions decision", "oversight")),
    ],
)
def test_a_line_says_what_was_shown_and_what_for(site, visitor, told):
    handle = site.province.cases["concluded"]
    before = newest(site.database)

    site.browser(visitor).get(f"/cases/{handle}")

    [line] = [one for one in lines_since(site.database, before) if one.case_handle == handle]
    assert (line.how, line.fields, line.purpose) == told
