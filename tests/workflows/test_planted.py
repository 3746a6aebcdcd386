"""Definitions with one thing wrong: each gives exactly the problem that was planted."""

import pytest

from tests.workflows.shipped import broken, definition, named
from vetting.engine.prove import proof


def without_guard(told, move, guard):
    named(told, "moves", move)["guards"].remove(guard)


def drop(told, kind, name):
    told[kind].remove(named(told, kind, name))


def change(told, kind, which, **values):
    named(told, kind, which).update(values)


def ask_without_waiting(told):
    without_guard(told, "replies_complete", "every_must_body_signed")


def conclude_from_assembling(told):
    named(told, "moves", "conclude")["from"] = ["submitted", "assembling"]


def go_round(told):
    told["moves"].append(
        {
            "name": "take_up",
            "from": "assembling",
            "to": "consulting",
            "title": {"vi": "a", "en": "a"},
        }
    )
    drop(told, "moves", "take_up")
    named(told, "moves", "accept")["from"] = ["filed", "checking"]
    named(told, "moves", "file")["to"] = ["checking"]
    named(told, "moves", "refile")["to"] = ["checking"]


AHEAD = {"of": "term_end.ends_on", "unit": "months", "length": 6, "to": "unit"}
VALID = {"unit": "months", "length": 6, "basis": "R", "counted_from": "decided"}
STEP = {"unit": "working_days", "length": 5, "basis": "R"}


def owed(told, by, *rungs, deadline="decision"):
    which = named(told, "deadlines", deadline)
    which["reminders"] = list(rungs)
    if by:
        which["owed_by"] = by


CASES = [
    (
        "planning",
        lambda t: t.update(questions={**STEP, "length": 251}),
        "questions.length",
        "This is more than a year; nobody has so long for an answer.",
    ),
    (
        "planning",
        lambda t: t.update(questions={**STEP, "stops_in": "suspended"}),
        "questions",
        "The day of an answer is frozen: nothing extends it, and its clock never stops.",
    ),
    (
        "planning",
        lambda t: t.update(questions={**STEP, "reminders": [{"days": 1, "to": "head"}]}),
        "questions.reminders.head.to",
        "Of a unit and of an authority the program knows no head.",
    ),
    (
        "planning",
        lambda t: named(t, "moves", "file").update(to="nowhere"),
        "moves.file.to",
        "There is no state “nowhere”.",
    ),
    (
        "planning",
        lambda t: named(t, "moves", "file").update(guards=["is_nice"]),
        "moves.file.guards",
        "There is no guard “is_nice”.",
    ),
    (
        "planning",
        lambda t: without_guard(t, "conclude", "candidate_heard"),
        "moves.conclude.guards",
        "The outcome “does_not_meet” can be concluded without hearing the candidate.",
    ),
    ("planning", lambda t: drop(t, "moves", "close"), "moves", "The move “close” is missing."),
    (
        "planning",
        lambda t: t["states"].append(
            {"name": "limbo", "title": {"vi": "a", "en": "a"}, "final": True}
        ),
        "states.limbo",
        "No way leads to this state.",
    ),
    (
        "planning",
        lambda t: change(t, "states", "filed", acts=["secretary"]),
        "states.filed.acts",
        "Whoever is said to have the case here has nothing to do here.",
    ),
    (
        "planning",
        lambda t: change(t, "states", "filed", acts=[]),
        "states.filed.acts",
        "Whoever is said to have the case here has nothing to do here.",
    ),
    (
        "planning",
        lambda t: named(t, "moves", "resume")["to"].remove("filed"),
        "moves.resume.to",
        "A case is not taken up again just where it was suspended: filed.",
    ),
    (
        "planning",
        lambda t: without_guard(t, "resume", "stood_here_before"),
        "moves.resume.to",
        "Nothing decides where this move leads.",
    ),
    (
        "planning",
        lambda t: t["states"].append(dict(named(t, "states", "filed"))),
        "states.filed",
        "The name “filed” is used twice.",
    ),
    (
        "planning",
        lambda t: change(t, "moves", "take_up", name="pick_up"),
        "moves.pick_up",
        "The program knows no act called “pick_up”.",
    ),
    (
        "planning",
        lambda t: t["notices"][0].update(on="rejoice"),
        "notices.rejoice.on",
        "There is no move “rejoice”.",
    ),
    (
        "planning",
        lambda t: t["notices"][0].update(on="take_up"),
        "notices.take_up.to",
        "No notice about “take_up” is written for “board”.",
    ),
    (
        "planning",
        lambda t: change(t, "facts", "hearing", states=["nowhere"]),
        "facts.hearing.states",
        "There is no state “nowhere”.",
    ),
    (
        "planning",
        lambda t: change(t, "facts", "hearing", after=["dawn"]),
        "facts.hearing",
        "There is no fact “dawn”.",
    ),
    (
        "planning",
        lambda t: drop(t, "facts", "hearing_absent"),
        "moves.conclude.guards",
        "The guard “candidate_heard” looks for facts that cannot be recorded: hearing_absent.",
    ),
    (
        "planning",
        lambda t: t["consultation"].append({"body": "so-nowhere"}),
        "consultation.so-nowhere",
        "There is no body called “so-nowhere”.",
    ),
    (
        "planning",
        lambda t: change(t, "states", "concluded", final=True),
        "states.concluded",
        "A final state has a way out: “notify”.",
    ),
    ("planning", lambda t: t.update(opens="filed"), "opens", "It must open in “draft”."),
    (
        "planning",
        go_round,
        "states.consulting",
        "The engine’s own moves go round: consulting → assembling → consulting.",
    ),
    (
        "reappointment",
        lambda t: without_guard(t, "accept", "facts_recorded"),
        "moves.accept.needs",
        "“needs” and the guard “facts_recorded” go together; one is missing.",
    ),
    (
        "party_admission",
        lambda t: t["deadlines"][0].update(stops_in="submitted"),
        "deadlines.decision.stops_in",
        "The clock cannot stand still in “submitted”.",
    ),
    (
        "reappointment",
        lambda t: t["deadlines"][0].update(start="term_end.said"),
        "deadlines.notice_before_term_end.start",
        "There is no such start: “term_end.said”.",
    ),
    (
        "full_membership",
        lambda t: t.pop("follows"),
        "follows",
        "A move waits for the case this one follows, but none is named.",
    ),
    (
        "full_membership",
        lambda t: t["deadlines"][0].update(start="cell_considers"),
        "deadlines.probation.start",
        "These deadlines start from one another: probation → cell_considers → probation.",
    ),
    (
        "full_membership",
        lambda t: t["deadlines"][0].update(start="admission.ceremony.place"),
        "deadlines.probation.start",
        "There is no such start: “admission.ceremony.place”.",
    ),
    (
        "full_membership",
        lambda t: t["deadlines"][0].update(unit="working_days"),
        "outcomes.recognise.effective",
        "The outcome counts from the end of a probation that has no length in months.",
    ),
    (
        "party_admission",
        lambda t: without_guard(t, "close", "outcome_followed_up"),
        "moves.close.guards",
        "The outcome “admit” asks for facts that nothing waits for.",
    ),
    (
        "party_admission",
        lambda t: change(t, "facts", "verification_asked", repeats=False),
        "facts.verification_reply.answers",
        "An answer and what it answers must both be repeatable.",
    ),
    (
        "party_admission",
        lambda t: change(t, "facts", "decision_issued", after=["ceremony"]),
        "facts.decision_issued.after",
        "These facts wait for one another: decision_issued → ceremony → decision_issued.",
    ),
    (
        "planning",
        lambda t: t["consultation"][0].update(stops_in="suspended"),
        "consultation.*.stops_in",
        "The clock cannot stand still in “suspended”.",
    ),
    (
        "planning",
        lambda t: t["consultation"][0].update(more_time={"basis": "R"}),
        "consultation.*.more_time",
        "This limits nothing.",
    ),
    (
        "planning",
        lambda t: t.update(reminders=[{"days": 0, "to": "head"}]),
        "reminders.head.days",
        "Somebody is told the same twice, or is told of what is not late yet.",
    ),
    (
        "party_admission",
        lambda t: owed(t, "authority", {"days": 1, "to": "owing"}, {"days": 1, "to": "owing"}),
        "deadlines.decision.reminders.owing.days",
        "Somebody is told the same twice, or is told of what is not late yet.",
    ),
    (
        "party_admission",
        lambda t: owed(t, None, {"days": 1, "to": "owing"}),
        "deadlines.decision.owed_by",
        "Nobody is said to owe this, so nobody can be reminded of it.",
    ),
    (
        "party_admission",
        lambda t: owed(t, "unit", {"days": 1, "to": "owing"}, deadline="probation"),
        "deadlines.probation.reminders",
        "Nothing meets this deadline, so nothing is ever owed by it.",
    ),
    (
        "party_admission",
        lambda t: owed(t, "authority", {"days": 1, "to": "head"}),
        "deadlines.decision.reminders.head.to",
        "Of a unit and of an authority the program knows no head.",
    ),
    (
        "planning",
        lambda t: named(t, "states", "checking").update(
            deadline=STEP | {"reminders": [{"days": 1, "to": "coordinator"}]}
        ),
        "states.checking.deadline.reminders.coordinator.to",
        "The Board owes this itself: there is no coordinator above it.",
    ),
    (
        "party_admission",
        lambda t: named(t, "deadlines", "decision").update(frozen=True),
        "deadlines.decision.frozen",
        "A frozen date cannot be extended, and its clock cannot stand still.",
    ),
    (
        "planning",
        lambda t: t.update(ahead=[AHEAD | {"of": "conclusion"}]),
        "ahead.conclusion.of",
        "Nothing called “conclusion” ends on a day that a rule gives.",
    ),
    (
        "planning",
        lambda t: t.update(ahead=[AHEAD | {"of": "diplomas"}]),
        "ahead.diplomas.of",
        "Nothing called “diplomas” ends on a day that a rule gives.",
    ),
    (
        "reappointment",
        lambda t: t.update(ahead=[AHEAD | {"of": "reappointment_notice.given_on"}]),
        "ahead.reappointment_notice.given_on.of",
        "Nothing called “reappointment_notice.given_on” ends on a day that a rule gives.",
    ),
    (
        "reappointment",
        lambda t: t.update(ahead=[AHEAD, AHEAD]),
        "ahead.term_end.ends_on",
        "Somebody is told the same twice ahead of one day.",
    ),
    (
        "reappointment",
        lambda t: t.update(ahead=[AHEAD | {"outcomes": "glory"}]),
        "ahead.term_end.ends_on.outcomes",
        "There is no outcome “glory”.",
    ),
    (
        "planning",
        lambda t: t.update(validity=VALID | {"outcomes": "glory"}),
        "validity.outcomes",
        "There is no outcome “glory”.",
    ),
    # what only the walk can see
    (
        "planning",
        lambda t: without_guard(t, "submit", "somebody_else_proposed"),
        "moves.submit",
        "Whoever drew up the proposal can submit it.",
    ),
    (
        "planning",
        conclude_from_assembling,
        "moves.conclude",
        "The authority can conclude without a proposal before it.",
    ),
    (
        "planning",
        lambda t: without_guard(t, "close", "candidate_told"),
        "moves.close",
        "The case can close before the candidate was told.",
    ),
    (
        "planning",
        ask_without_waiting,
        "moves.replies_complete",
        "The case goes on while a body that must answer is silent.",
    ),
    (
        "planning",
        lambda t: change(t, "facts", "candidate_told", states=["closed"]),
        "states.notified",
        "A case can come here from where no end can be reached.",
    ),
    (
        "party_admission",
        lambda t: without_guard(t, "conclude", "no_open_matter"),
        "moves.conclude",
        "The case goes on while a political matter is open.",
    ),
    (
        "party_admission",
        lambda t: without_guard(t, "accept", "verification_complete"),
        "moves.accept",
        "A case can be accepted while a request to verify has no reply.",
    ),
    (
        "party_admission",
        lambda t: change(t, "facts", "certification", states=["closed"]),
        "moves.accept",
        "Nobody can ever make this move.",
    ),
    (
        "party_admission",
        lambda t: change(t, "facts", "ceremony", outcomes=["do_not_admit"]),
        "states.notified",
        "A case can come here from where no end can be reached.",
    ),
]
CONSULTING = [
    ("sign", "drafter_does_not_sign", "Whoever drafted an opinion can sign it."),
    ("countersign", "drafter_does_not_sign", "Whoever drafted an opinion can sign it."),
    ("sign", "one_name_once", "One person can put a name to an opinion twice."),
    ("sign", "enough_countersignatures", "An opinion can be signed before it is countersigned."),
]


def countersigned(told):
    told["consultation"][0]["countersigners"] = 1


@pytest.mark.parametrize(("move", "guard", "said"), CONSULTING)
def test_a_planted_defect_of_the_consultation_is_found_with_the_way_there(move, guard, said):
    consulting = broken("consultation", lambda told: without_guard(told, move, guard))
    found = proof(broken("planning", countersigned), consulting)
    assert [(p.file, p.where, str(p.sentence), p.path[-1]) for p in found.problems] == [
        (
            "consultation/v1.toml",
            f"moves.{move}",
            said,
            f"{'body_officer' if move == 'countersign' else 'body_signer'} of body-1: {move}",
        )
    ]


def test_the_way_there_is_the_shortest_list_of_acts():
    told = broken("planning", lambda t: without_guard(t, "submit", "somebody_else_proposed"))
    found = proof(told, definition("consultation"))
    assert [problem.path for problem in found.problems] == [
        (
            "case_officer: file",
            "board_officer: take_up",
            "board_officer: accept",
            "board_officer: consult",
            "board_officer of body-1: take_back",
            "board_officer: propose",
            "board_head: submit",
        )
    ]


def test_a_body_that_is_asked_by_its_own_rule_is_walked_by_it():
    def named_rule(told):
        told["consultation"].insert(0, {"body": "police", "countersigners": 2})

    found = proof(
        broken("planning", named_rule), definition("consultation"), bodies_known=["police"]
    )
    assert found.problems == ()
    assert found.states > proof(definition("planning"), definition("consultation")).states


@pytest.mark.parametrize(
    ("name", "break_it", "where", "said"),
    CASES,
    ids=[f"{n}-{w}-{i}" for i, (n, _, w, _) in enumerate(CASES)],
)
def test_a_planted_defect_is_the_one_problem_that_is_found(name, break_it, where, said):
    found = proof(
        broken(name, break_it),
        definition("consultation"),
        bodies_known={"police"},
        followed=definition("party_admission"),
    )
    assert [(p.file, p.where, str(p.sentence)) for p in found.problems] == [
        (f"{name}/v1.toml", where, said)
    ]
