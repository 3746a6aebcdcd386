"""What a candidate asks, on both databases: its package, its clock, and what keeps its record."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from tests.builders import ROOT, Cast, as_owner, definitions, sent
from tests.house.province import nothing_made
from tests.usecases.test_amend import BASIS, enter_basis
from tests.usecases.test_change_calendar import Clock, days
from vetting.engine.amend import Decision
from vetting.engine.calendar import Calendar
from vetting.engine.candidate_requests import (
    Handing,
    RequestRules,
    RequestStanding,
    Withholding,
    asked_of,
    derive_requests,
    title_of_clock,
)
from vetting.engine.casefile import CandidateRequest, CaseFile
from vetting.engine.deadlines import Standing
from vetting.engine.definition import Title
from vetting.engine.facts import RequestAnswered, read_fact
from vetting.engine.policy import Action
from vetting.engine.reading import hash_of
from vetting.engine.refusals import HeldBack, OutOfTurn, Stale, Unacceptable, Unknown
from vetting.engine.verify_offline import MANIFEST, manifest_of
from vetting.engine.vocabulary import AmendmentKind, CaseType, Ground, Role
from vetting.queries.calendar_page import what_moves
from vetting.queries.candidate_package import candidate_package
from vetting.queries.deadline_sweep import sweep
from vetting.queries.history_check import check_history
from vetting.queries.history_sentences import TITLES
from vetting.queries.receipt import seals_until
from vetting.queries.request_pages import late_requests, one_request, request_list
from vetting.records.cases import case_of, cases
from vetting.records.given_packages import package_given
from vetting.records.history import read_payload, with_payloads
from vetting.records.identity import Ids
from vetting.records.organisations import organisations
from vetting.records.reads import write_lines
from vetting.records.rebuild import compare
from vetting.usecases.amend import amend_conclusion
from vetting.usecases.answer_candidate import (
    Asked,
    Draft,
    HandedOver,
    acknowledge_request,
    give_answer,
    hand_over,
    prepare_answer,
    record_request,
    send_answer_back,
)
from vetting.usecases.change_calendar import change_calendar
from vetting.usecases.load_calendar import load_calendar

CAME = "2026-08-31"  # a Monday
EARLY = "2026-08-31T00:00:00.000000Z"


@pytest.fixture
def cast(database):
    cast = Cast(database, Ids(clock=Clock()))
    load_calendar(database, cast.ids)
    return cast


def asked(cast, case, kind="view", came_on=CAME, desk=None):
    told = Asked(kind, came_on, "Đơn số 1", "Văn thư", "Đề nghị được xem.")
    return int(record_request(desk or cast.unit, sent(), case, told)["number"])


def maker(cast, case, made):
    """Return what makes the package of a case, as two people of the Board see it."""

    def make(what, seals):
        for desk in (cast.head, cast.board):
            with cast.database.reading(desk.principal) as connection:
                package = candidate_package(connection, desk.principal, definitions(), case, what)
                lines = seals_until(connection, case, seals)
            made.append(package)
        assert len(lines) == seals
        files = {"package.txt": repr(package).encode()}
        return files | {MANIFEST: manifest_of(case, files, lines)}

    return make


def test_the_package_is_the_same_for_whoever_of_the_board_makes_it(cast):
    case = cast.concluded(name="Đặng Thị Gói")
    number = asked(cast, case)
    withheld = {"timeline": "Căn cứ thử nghiệm"}
    draft = Draft("answer", "Có.", withheld=withheld)
    made = []
    prepare_answer(cast.board, sent(), case, number, draft, maker(cast, case, made))
    acknowledge_request(cast.board, sent(), case, number, "2026-09-01", "3-CV/BTC")
    give_answer(cast.head, sent(), case, number, maker(cast, case, made))
    first = made[0]
    assert len(made) == 6
    assert all(one == first for one in made)
    assert {part.name for part in first.withheld} == {
        *("timeline", "outcome", "opinions", "proposal")
    }
    assert all(part.ground for part in first.withheld)
    with cast.database.reading() as connection:
        [answer] = [
            read_fact(row["verb"], read_payload(row["content"]))
            for row in with_payloads(connection, case)
            if row["verb"] == RequestAnswered.verb
        ]
        assert [str(one.sentence) for one in compare(connection)] == []
        kept = package_given(connection, case, number + 3, answer.manifest)
        assert check_history(connection).holds
    assert kept["package.txt"] == repr(first).encode()
    assert (answer.prepared, answer.prepared_by) == (number + 1, "ban-to-chuc/bo1")
    with pytest.raises(OutOfTurn, match="has been answered"):
        prepare_answer(cast.board, sent(), case, number, Draft("answer", "Nữa."), nothing_made)


def looked_late(cast, case, _):
    """Write a look down that was before the package was made."""
    with cast.database.writing() as connection:
        write_lines(connection, cast.secretary.principal, EARLY, Action.SEE_CASE, cases=[case])


def amended(cast, case, _):
    with as_owner(cast.database).writing() as connection:
        enter_basis(connection)
    day = cast.ids.today()
    what = Decision(AmendmentKind.ANNULMENT, Ground.OWN, "Sai thẩm quyền.", BASIS, day, day)
    amend_conclusion(cast.secretary, sent(), case, what)


def renamed(cast, _case, _):
    with as_owner(cast.database).writing() as connection:
        called = update(organisations).where(organisations.c.code == "so-y-te")
        connection.execute(called.values(name_en="Another name"))


def released(_cast, _case, edition):
    edition.append("another edition")


@pytest.mark.parametrize("change", [looked_late, amended, renamed, released])
def test_what_changed_since_it_was_prepared_is_not_agreed_to_but_prepared_anew(cast, change):
    case = cast.closed(name="Đặng Thị Gói")
    number = asked(cast, case)
    edition = []
    plain = maker(cast, case, [])

    def make(what, seals):
        files = {**plain(what, seals), "edition.txt": str(edition).encode()}
        del files[MANIFEST]
        with cast.database.reading() as connection:
            return files | {
                MANIFEST: manifest_of(case, files, seals_until(connection, case, seals))
            }

    prepare_answer(cast.board, sent(), case, number, Draft("answer", "Có."), make)
    change(cast, case, edition)
    with pytest.raises(HeldBack, match="has changed since it was prepared"):
        give_answer(cast.head, sent(), case, number, make)
    send_answer_back(cast.head, sent(), case, number, "Đã thay đổi.")
    prepare_answer(cast.board, sent(), case, number, Draft("answer", "Có."), make)
    give_answer(cast.head, sent(), case, number, make)
    with cast.database.reading() as connection:
        assert check_history(connection).holds


def test_what_is_handed_over_is_written_down_and_ends_the_time_on_that_day(cast):
    case = cast.filed()
    number = asked(cast, case)
    done = HandedOver("2026-09-01", "Nguyễn Văn Thư", "in_person", "Giấy giao nhận số 4")
    with pytest.raises(OutOfTurn, match="two people have not agreed"):
        hand_over(cast.board, sent(), case, number, done)
    make = maker(cast, case, [])
    prepare_answer(cast.board, sent(), case, number, Draft("answer", "Có."), make)
    give_answer(cast.head, sent(), case, number, make)
    with pytest.raises(HeldBack, match="has not been taken out"):
        hand_over(cast.board, sent(), case, number, done)

    def standing():
        with cast.database.reading(cast.board.principal) as connection:
            page = one_request(
                connection, cast.board.principal, definitions(), case, number, "2026-09-20"
            )
        by_name = {one.name.rsplit("-", 1)[1]: one for one in page.line.deadlines}
        return page.line.standing, by_name["answer"].standing, by_name["answer"].met_on

    assert standing() == (RequestStanding.AGREED, Standing.LATE, None)
    with cast.database.writing() as connection:
        write_lines(
            connection,
            cast.board.principal,
            cast.ids.now(),
            Action.EXPORT_REQUEST,
            cases=[case],
            asked=asked_of(number),
        )
    today = cast.ids.today()
    for changed, why in (
        ({"on": "2026-08-31"}, "had not been taken out yet"),
        ({"on": "2027-01-01"}, "has not come"),
        ({"manner": "pigeon"}, "how it was handed over"),
        ({"receipt": " "}, "the receipt or letter"),
    ):
        with pytest.raises(Unacceptable, match=why):
            hand_over(cast.board, sent(), case, number, replace(done, **{"on": today, **changed}))
    hand_over(cast.board, sent(), case, number, replace(done, on=today))
    assert standing() == (
        RequestStanding.ANSWERED,
        Standing.MET,
        datetime.fromisoformat(today).date(),
    )
    with pytest.raises(OutOfTurn, match="Nothing is left"):
        hand_over(cast.board, sent(), case, number, replace(done, on=today))
    with cast.database.reading() as connection:
        assert [str(one.sentence) for one in compare(connection)] == []
        assert connection.scalar(select(cases.c.open_requests)) == 0


def test_what_is_late_is_known_to_whom_the_case_is_and_a_calendar_moves_it_by_an_entry(cast):
    case, other = cast.filed(), cast.filed(name="Lê Văn Khác")
    number, silent = asked(cast, case), asked(cast, other, kind="complain")
    name = f"request-{number}-reply"
    overseer = cast.desk("uy-ban-kiem-tra", Role.SUPERVISOR).principal

    def listed(find, principal, today):
        with cast.database.reading(principal) as connection:
            return [
                (line.number, line.next_due and str(line.next_due.due_on))
                for line in find(connection, principal, definitions(), today)
            ]

    # Two days are closed for the national holiday, then come the two that count.
    assert listed(request_list, cast.board.principal, "2026-09-01") == [
        (number, "2026-09-04"),
        (silent, None),
    ]
    assert listed(late_requests, overseer, "2026-09-04") == []
    assert listed(late_requests, overseer, "2026-09-05") == [(number, "2026-09-04")]
    with cast.database.reading() as connection:
        found = sweep(connection, definitions(), today="2026-09-05", within=10)
        assert {(one.name, one.due_on, one.late) for one in found.due} == {
            (name, "2026-09-04", True),
            (f"request-{number}-answer", "2026-09-10", False),
        }
        before, after, *_ = days("2026-09-03").on(connection)
        shown = what_moves(connection, cast.head.principal, definitions(), before, after)
    assert {(one.name, one.before, one.after) for one in shown.moved} == {
        (name, "2026-09-04", "2026-09-07")
    }
    change_calendar(cast.head, sent(), days("2026-09-03"), "Bão", shown.hash)
    with cast.database.reading() as connection:
        verbs = [row["verb"] for row in with_payloads(connection, case)]
    assert verbs[-1] == "deadlines.moved"
    acknowledge_request(cast.board, sent(), case, number, "2026-09-01", "3-CV/BTC")
    assert listed(late_requests, overseer, "2026-09-08") == []


def test_what_cannot_be_is_refused_with_its_reason(cast):
    case = cast.filed()
    number = asked(cast, case, kind="erase")
    for wrong, why in (
        ({"kind": "nonsense"}, "Say what"),
        ({"came_on": "2027-01-01"}, "has not come"),
        ({"came_on": "31/08/2026"}, "dd/mm/yyyy"),
    ):
        with pytest.raises(Unacceptable, match=why):
            asked(cast, case, **wrong)
    with pytest.raises(Unacceptable, match="before the request came"):
        acknowledge_request(cast.board, sent(), case, number, "2026-08-30", "3-CV")
    with pytest.raises(Unknown):
        acknowledge_request(cast.board, sent(), case, number + 1, CAME, "3-CV")
    draft = Draft("answer", "Có.", withheld={"opinions": "Không"})
    with pytest.raises(Unacceptable, match="no such part"):
        prepare_answer(cast.board, sent(), case, number, draft, nothing_made)
    with pytest.raises(HeldBack, match="must be later"):
        prepare_answer(
            cast.board, sent(), case, number, Draft("extend", "Lâu.", until=CAME), nothing_made
        )
    with pytest.raises(Stale):
        acknowledge_request(cast.board, sent(1), case, number, CAME, "3-CV")
    with pytest.raises(OutOfTurn, match="Nothing has been prepared"):
        give_answer(cast.head, sent(), case, number, nothing_made)


def test_a_rule_that_withholds_a_part_is_its_ground_and_nobody_chooses(cast):
    case = cast.filed()
    number = asked(cast, case)
    known = definitions()
    rule = Withholding(
        part="readers", title=Title(vi="Theo quy định", en="By a rule"), basis="1-QĐ;2026;X"
    )
    rules: RequestRules = known.requests[1].model_copy(update={"withholdings": (rule,)})
    changed = replace(known, requests={1: rules})
    with cast.database.reading(cast.board.principal) as connection:
        page = one_request(connection, cast.board.principal, changed, case, number, "2026-09-01")
        assert page.line.standing is RequestStanding.RECORDED
        what = Handing(number, page.opened.case.entry_count, cast.ids.now(), {})
        package = candidate_package(connection, cast.board.principal, changed, case, what)
    [part] = [one for one in package.withheld if one.name == "readers"]
    assert (str(part.ground), part.by_rule) == ("By a rule (1-QĐ;2026;X)", True)


def test_what_is_kept_of_a_request_has_no_word_of_it(cast):
    case = cast.filed()
    asked(cast, case)
    with cast.database.reading() as connection:
        row = connection.execute(select(cases).where(cases.c.handle == case)).mappings().one()
    assert case_of(row).open_requests == row["open_requests"] == 1
    assert "Văn thư" not in row["requests"]
    assert "Đơn" not in row["requests"]


def test_the_rules_under_which_requests_were_recorded_are_what_they_were():
    """Another version is another file: a request keeps the one under which it began."""
    kept = ROOT / "workflows" / "candidate_requests" / "rules-v1.toml"
    assert hash_of(kept) == "e2b6827e8f4fb548e8668ad3dbc23b82cdf52889b7e1bb9774d705bef2588f64"


@pytest.mark.parametrize("kind", ["know", "withdraw", "object", "protect", "complain"])
def test_where_no_rule_was_found_there_is_no_deadline(kind):
    request = CandidateRequest(2, kind, CAME, 1)
    case = CaseFile("c", CaseType.PLANNING, 1, "filed", "u", requests=(request,))
    rules = definitions().requests
    assert derive_requests(rules, case, today=None, calendar=None) == ()


@pytest.mark.parametrize(
    ("kind", "days_"), [("view", 10), ("correct", 10), ("copy", 10), ("stop", 15), ("erase", 20)]
)
def test_the_days_are_those_of_the_decree(kind, days_):
    came = datetime(2026, 8, 31, tzinfo=UTC).date()
    case = CaseFile(
        "c",
        CaseType.PLANNING,
        1,
        "filed",
        "u",
        requests=(CandidateRequest(2, kind, came.isoformat(), 1),),
    )
    nothing: Calendar | None = None
    reply, answer = derive_requests(definitions().requests, case, today=came, calendar=nothing)
    assert (answer.due_on - came).days == days_
    assert answer.standing is Standing.RUNNING
    assert (reply.due_on, reply.standing) == (None, Standing.NO_DATE)
    assert title_of_clock(reply.name) == reply.title
    assert title_of_clock("decision") is None
    assert all(verb in TITLES for verb in ("request.recorded", "request.refused"))
