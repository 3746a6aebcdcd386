"""Each guard, passing and holding back, with what it says."""

from dataclasses import replace

import pytest

from tests.workflows.shipped import broken, definition
from vetting.engine.casefile import CaseFile, Consultation, Draft
from vetting.engine.guards import FACTS_OF_GUARD, GUARDS, Actor, Situation
from vetting.engine.vocabulary import CaseType, Need, Role, Verdict

CASE = CaseFile(
    "case", CaseType.PARTY_ADMISSION, 1, "checking", "unit", name="A", born="1990", target="T"
)
BOARD = Actor("board", Role.BOARD_OFFICER, "board")
SIGNER = Actor("signer", Role.BODY_SIGNER, "police")
ASKED = Consultation("c", "police", 1, Need.MUST, "ready")
DRAFT = Draft(Verdict.NO_OBJECTION, "r", (), (), by="drafter", hash="h")
ONE = [{"held_on": "2026-01-01"}]


def admission(move="accept", *, case=CASE, actor=BOARD, target="accepted", **more):
    it = definition("party_admission")
    return Situation(it, it, case, it.moves_by_name[move], actor, target, **more)


def recorded(**facts):
    return replace(CASE, recorded=facts)


def consulting(consultation, actor=SIGNER, rules=None):
    case = replace(CASE, state="consulting", turn=1, consultations=(consultation,))
    machine = definition("consultation")
    return Situation(
        machine,
        rules or definition("planning"),
        case,
        machine.moves_by_name["sign"],
        actor,
        "signed",
        consultation=consultation,
    )


def countersigned_once():
    return broken("planning", lambda told: told["consultation"][0].update(countersigners=1))


TABLE = [
    ("candidate_named", admission(), None),
    (
        "candidate_named",
        admission(case=replace(CASE, born="")),
        "The candidate’s name, birth and the title asked for must be filled in first.",
    ),
    (
        "every_must_body_signed",
        admission(case=replace(CASE, turn=1, consultations=(replace(ASKED, state="signed"),))),
        None,
    ),
    (
        "every_must_body_signed",
        admission(case=replace(CASE, turn=1, consultations=(ASKED,))),
        "Still waiting for police.",
    ),
    ("somebody_else_proposed", admission(case=replace(CASE, proposed_by="other")), None),
    (
        "somebody_else_proposed",
        admission(case=replace(CASE, proposed_by="board")),
        "You drew up this proposal; another person must submit it.",
    ),
    ("candidate_heard", admission(outcome="admit"), None),
    (
        "candidate_heard",
        admission(outcome="do_not_admit", case=recorded(hearing_absent=[{"reason": "r"}])),
        None,
    ),
    (
        "candidate_heard",
        admission(outcome="do_not_admit"),
        (
            "Before an adverse conclusion the candidate’s hearing must be recorded, "
            "or the reason why there was none."
        ),
    ),
    ("candidate_told", admission(case=recorded(candidate_told=ONE)), None),
    (
        "candidate_told",
        admission(),
        "Record first when and how the candidate was told the outcome.",
    ),
    ("stood_here_before", admission(case=replace(CASE, stood_in="accepted")), None),
    (
        "stood_here_before",
        admission(case=replace(CASE, stood_in="filed")),
        "The case did not stand there before it was suspended.",
    ),
    ("facts_recorded", admission(case=recorded(cell_resolution=ONE, certification=ONE)), None),
    (
        "facts_recorded",
        admission(),
        "Not yet recorded: Resolution of the cell on admission, The committee certified the CV.",
    ),
    (
        "verification_complete",
        admission(case=recorded(verification_asked=ONE * 2, verification_reply=ONE * 2)),
        None,
    ),
    (
        "verification_complete",
        admission(case=recorded(verification_asked=ONE * 3, verification_reply=ONE)),
        "2 requests to verify are still without a reply.",
    ),
    ("no_open_matter", admission(case=recorded(matter_raised=ONE, matter_concluded=ONE)), None),
    (
        "no_open_matter",
        admission(case=recorded(matter_raised=ONE * 2, matter_concluded=ONE)),
        "A political matter to consider is open; it must be concluded first.",
    ),
    (
        "required_papers_recorded",
        admission(case=recorded(application=ONE, applicant_cv=ONE)),
        None,
    ),
    (
        "required_papers_recorded",
        admission(case=recorded(application=ONE)),
        "Papers still missing: CV of the applicant.",
    ),
    ("follows_an_admission", admission(case=replace(CASE, admission="earlier")), None),
    (
        "follows_an_admission",
        admission(),
        "This case must be linked to the admission case it follows.",
    ),
    (
        "outcome_followed_up",
        admission("close", case=replace(recorded(), outcome="do_not_admit")),
        None,
    ),
    (
        "outcome_followed_up",
        admission("close", case=replace(recorded(decision_issued=ONE), outcome="admit")),
        "Not yet recorded: The admission ceremony was held.",
    ),
    ("opinion_is_drafted", consulting(replace(ASKED, draft=DRAFT)), None),
    ("opinion_is_drafted", consulting(ASKED), "There is no draft yet."),
    ("drafter_does_not_sign", consulting(replace(ASKED, draft=DRAFT)), None),
    (
        "drafter_does_not_sign",
        consulting(replace(ASKED, draft=replace(DRAFT, by="signer"))),
        "You drafted this opinion; another person must sign it.",
    ),
    ("one_name_once", consulting(replace(ASKED, countersigned_by=("other",))), None),
    (
        "one_name_once",
        consulting(replace(ASKED, countersigned_by=("signer",))),
        "You have already countersigned this draft.",
    ),
    (
        "enough_countersignatures",
        consulting(replace(ASKED, countersigned_by=("other",)), rules=countersigned_once()),
        None,
    ),
    (
        "enough_countersignatures",
        consulting(ASKED, rules=countersigned_once()),
        "1 more countersignatures are needed.",
    ),
]


@pytest.mark.parametrize(
    ("guard", "situation", "reason"),
    TABLE,
    ids=[f"{guard}-{'passes' if reason is None else 'holds'}" for guard, _, reason in TABLE],
)
def test_a_guard(guard, situation, reason):
    said = GUARDS[guard](situation)
    assert (str(said) if said else None) == reason


def test_every_guard_is_seen_passing_and_holding():
    seen = {(guard, reason is None) for guard, _, reason in TABLE}
    assert seen == {(guard, passes) for guard in GUARDS for passes in (True, False)}


def test_the_facts_a_guard_looks_for_are_named_for_guards_there_are():
    assert set(FACTS_OF_GUARD) <= set(GUARDS)


def test_what_is_missing_is_said_in_the_language_of_the_reader():
    said = GUARDS["facts_recorded"](admission())
    assert dict(said.params)["facts"].said("vi") == (
        "Nghị quyết của chi bộ đề nghị kết nạp, Cấp ủy đã chứng nhận lý lịch"
    )
