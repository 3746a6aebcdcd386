"""What may be written down about a case, by whom, when, and in which words."""

from dataclasses import replace
from datetime import date

import pytest

from tests.workflows.shipped import definition
from vetting.engine import facts
from vetting.engine.casefile import CaseFile
from vetting.engine.guards import Actor
from vetting.engine.record import (
    offers_of_facts,
    papers_too_old,
    record_fact,
    record_paper,
)
from vetting.engine.refusals import Forbidden, HeldBack, MoveNotOffered, Unacceptable
from vetting.engine.vocabulary import CaseType, Role

RULES = definition("party_admission")
CASE = CaseFile("case", CaseType.PARTY_ADMISSION, 1, "checking", "unit", name="A")
UNIT = Actor("unit", Role.CASE_OFFICER, "unit")
BOARD = Actor("board", Role.BOARD_OFFICER, "board")
SECRETARY = Actor("secretary", Role.SECRETARY, "authority")
TODAY = date(2026, 11, 23)
CERTIFIED = {"certified_on": "2026-11-20", "certified_by": "Đảng ủy xã"}
HELD = {"held_on": "2026-11-20"}


def record(name, details, *, case=CASE, actor=BOARD, rules=RULES):
    return record_fact(rules, case, name, details, actor, today=TODAY)


def test_a_fact_is_kept_in_clean_words():
    details = {
        "passed_on": "2026-11-01",
        "number": "  12-NQ/CB ",
        "votes_for": "9",
        "votes_against": 0,
        "official_members": 10,
    }
    assert record("cell_resolution", details, actor=UNIT) == facts.FactRecorded(
        "cell_resolution",
        {
            "passed_on": "2026-11-01",
            "number": "12-NQ/CB",
            "votes_for": 9,
            "votes_against": 0,
            "official_members": 10,
        },
    )


def test_what_may_lie_ahead_may_and_what_has_happened_may_not():
    rules, case = definition("reappointment"), replace(CASE, case_type=CaseType.REAPPOINTMENT)
    kept = record("term_end", {"ends_on": "2027-05-01"}, rules=rules, case=case)
    assert kept == facts.FactRecorded("term_end", {"ends_on": "2027-05-01"})
    with pytest.raises(Unacceptable, match=r"“Raised on” lies in the future."):
        record("matter_raised", {"raised_on": "2026-11-24", "document": "d"})


ASKED = {"verification_asked": [{}, {}]}
ANSWERED = {**ASKED, "verification_reply": [{}, {}]}


@pytest.mark.parametrize(
    ("name", "details", "before", "said"),
    [
        (
            "certification",
            CERTIFIED,
            {},
            (
                "Record first one of: Verification of the CV was asked for, "
                "No verification is needed under the rules."
            ),
        ),
        ("certification", CERTIFIED, ASKED, "Requests still without a reply: 2."),
        (
            "certification",
            CERTIFIED,
            {**ASKED, "verification_reply": [{}]},
            "Requests still without a reply: 1.",
        ),
        (
            "verification_reply",
            {"replied_on": "2026-11-01", "replied_by": "b"},
            ANSWERED,
            "There is nothing left to be answered.",
        ),
        (
            "verification_exempt",
            {"decided_on": "2026-11-01", "document": "d"},
            {"verification_exempt": [{}]},
            "This is already on record.",
        ),
    ],
)
def test_a_fact_waits_for_what_comes_before_it(name, details, before, said):
    with pytest.raises(HeldBack) as held:
        record(name, details, case=replace(CASE, recorded=before))
    assert str(held.value) == said


@pytest.mark.parametrize("before", [ANSWERED, {"verification_exempt": [{}]}])
def test_the_certification_comes_after_every_reply_or_where_none_is_needed(before):
    kept = record("certification", CERTIFIED, case=replace(CASE, recorded=before))
    assert kept == facts.FactRecorded("certification", CERTIFIED)


def test_a_ceremony_follows_only_an_admission():
    notified = replace(CASE, state="notified", recorded={"decision_issued": [{}]})
    with pytest.raises(HeldBack, match=r"Only after this outcome: Admit."):
        record("ceremony", HELD, case=replace(notified, outcome="do_not_admit"))
    with pytest.raises(HeldBack, match=r"Record first: The decision was issued."):
        record("ceremony", HELD, case=replace(notified, outcome="admit", recorded={}))
    assert record("ceremony", HELD, case=replace(notified, outcome="admit")).name == "ceremony"


@pytest.mark.parametrize(
    ("kind", "name", "details", "actor", "state"),
    [
        (MoveNotOffered, "no_such_fact", {}, BOARD, "checking"),
        (Forbidden, "certification", CERTIFIED, SECRETARY, "checking"),
        (MoveNotOffered, "ceremony", HELD, BOARD, "checking"),
        (Unacceptable, "matter_raised", {"raised_on": "2026-11-01"}, BOARD, "checking"),
        (
            Unacceptable,
            "matter_raised",
            {"raised_on": "2026-11-01", "document": " "},
            BOARD,
            "filed",
        ),
        (Unacceptable, "matter_raised", {"raised_on": "x", "document": "d"}, BOARD, "filed"),
        (Unacceptable, "matter_raised", {"raised_on": 5, "document": "d"}, BOARD, "filed"),
        (Unacceptable, "matter_raised", {"raised_on": "20261101", "document": "d"}, BOARD, "filed"),
        (
            Unacceptable,
            "matter_raised",
            {"raised_on": "2026-W47-1", "document": "d"},
            BOARD,
            "filed",
        ),
        (
            Unacceptable,
            "matter_raised",
            {"raised_on": "2026-11-01", "document": "a\x00b"},
            BOARD,
            "filed",
        ),
        (
            Unacceptable,
            "matter_raised",
            {"raised_on": "2026-11-01", "document": "\ud800"},
            BOARD,
            "filed",
        ),
        (
            Unacceptable,
            "matter_raised",
            {"raised_on": "2026-11-01", "document": "d" * 4001},
            BOARD,
            "filed",
        ),
        (
            Unacceptable,
            "matter_raised",
            {"raised_on": "2026-11-01", "document": "d", "relatives": "x"},
            BOARD,
            "filed",
        ),
    ],
)
def test_what_does_not_fit_is_refused(kind, name, details, actor, state):
    with pytest.raises(kind):
        record(name, details, actor=actor, case=replace(CASE, state=state))


@pytest.mark.parametrize("votes", ["-1", "1.5", "½", "٣", True, 1.5, -1, "9" * 5000, [1]])
def test_votes_are_whole_numbers(votes):
    details = {
        "passed_on": "2026-11-01",
        "number": "12",
        "votes_for": votes,
        "votes_against": 0,
        "official_members": 10,
    }
    with pytest.raises(Unacceptable, match=r"“Votes for” must be a whole number, 0 or more."):
        record("cell_resolution", details)


def test_offers_say_what_can_be_recorded_from_here_and_what_holds_it_back():
    offers = {
        offer.fact.name: str(offer.held_back) if offer.held_back else None
        for offer in offers_of_facts(RULES, replace(CASE, state="returned"), UNIT)
    }
    assert offers == {
        "verification_asked": None,
        "verification_reply": "There is nothing left to be answered.",
        "verification_exempt": None,
        "certification": "Record first one of: Verification of the CV was asked for, "
        "No verification is needed under the rules.",
        "cell_resolution": None,
        "committee_resolution": None,
    }


PAPER = {"number": "7", "dated_on": "2026-05-20", "custodian": "Ban Tổ chức", "pages": "3"}


def test_a_paper_is_a_reference_added_by_whoever_has_the_case():
    kept = record_paper(RULES, CASE, "application", PAPER, BOARD, today=TODAY)
    assert kept == facts.PaperRecorded("application", {**PAPER, "pages": 3})
    with pytest.raises(MoveNotOffered):
        record_paper(RULES, CASE, "application", PAPER, UNIT, today=TODAY)
    with pytest.raises(Forbidden):
        record_paper(RULES, CASE, "application", PAPER, SECRETARY, today=TODAY)
    with pytest.raises(MoveNotOffered):
        record_paper(RULES, CASE, "diary", PAPER, BOARD, today=TODAY)


@pytest.mark.parametrize(
    ("dated_on", "too_old"), [("2026-05-22", ["health_certificate"]), ("2026-05-23", [])]
)
def test_a_health_certificate_older_than_six_months_is_warned_of(dated_on, too_old):
    case = replace(CASE, recorded={"health_certificate": [{"dated_on": dated_on}]})
    found = papers_too_old(definition("rotation"), case, TODAY)
    assert [paper.name for paper in found] == too_old
