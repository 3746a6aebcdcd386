"""Laws that hold for every order in which the bodies may sign."""

from hypothesis import given
from hypothesis import strategies as some

from tests.workflows.shipped import CASE_TYPES, definition
from vetting.engine import decide, facts
from vetting.engine.casefile import CaseFile
from vetting.engine.follow import follow
from vetting.engine.guards import Actor
from vetting.engine.vocabulary import Need, Role, Verdict

BODIES = ["inspection", "propaganda", "police", "military", "inspectorate"]


def asked_case(case_type, needs):
    case = CaseFile("case", case_type, 1, "consulting", "unit", turn=1)
    for body, need in needs.items():
        case = follow(case, facts.BodyAsked(body, body, 1, need, "letter"))
    return case


def signed(about, body, verdict):
    rules, consulting = definition(about.case_type), definition("consultation")
    drafter = Actor(f"drafter of {body}", Role.BODY_OFFICER, body)
    signer = Actor(f"signer of {body}", Role.BODY_SIGNER, body)
    for move, actor in (("draft", drafter), ("pass_on", drafter), ("sign", signer)):
        now = about.consultation(body)
        step = decide.step_of_consultation(consulting, rules, about, now, move, actor)
        ends = {
            "consultation": body,
            "body": body,
            "source": step.source,
            "target": step.target,
            "hash": "h",
        }
        said = {"verdict": verdict, "reasons": "r"}
        match move:
            case "draft":
                made = facts.OpinionDrafted(**ends, **said, by=drafter.officer)
            case "pass_on":
                made = facts.OpinionPassedOn(**ends)
            case "sign":
                made = facts.OpinionSigned(
                    **ends, **said, drafted_by=drafter.officer, body_name=body
                )
        about = follow(about, made)
    for fact in decide.settle(rules, about, signer):
        about = follow(about, fact)
    return about


@given(
    case_type=some.sampled_from(CASE_TYPES),
    order=some.permutations(BODIES),
    verdicts=some.lists(some.sampled_from(list(Verdict)), min_size=5, max_size=5),
)
def test_in_every_order_the_case_goes_on_with_the_last_signature_and_not_before(
    case_type, order, verdicts
):
    case = asked_case(case_type, dict.fromkeys(BODIES, Need.MUST))
    stood = []
    for body in order:
        case = signed(case, body, verdicts[BODIES.index(body)])
        stood.append(case.state)

    assert stood == ["consulting"] * 4 + ["assembling"]
    assert [asked.verdict for asked in case.consultations] == verdicts


@given(
    musts=some.sets(some.sampled_from(BODIES), min_size=1),
    order=some.permutations(BODIES),
    silent=some.sampled_from(BODIES),
)
def test_a_silent_body_holds_the_case_exactly_when_it_must_answer(musts, order, silent):
    needs = {body: Need.MUST if body in musts else Need.MAY for body in BODIES}
    case = asked_case("planning", needs)
    for body in order:
        if body != silent and case.state == "consulting":
            case = signed(case, body, Verdict.NO_OBJECTION)

    assert case.state == ("consulting" if silent in musts else "assembling")
    assert case.consultation(silent).verdict is None
