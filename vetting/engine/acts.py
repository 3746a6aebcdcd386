"""Acts: the moves the program knows how to make, and the facts by which each is written down."""

from vetting.engine import facts
from vetting.engine.facts import Fact

OF_A_CASE: dict[str, type[Fact]] = {
    "file": facts.CaseFiled,
    "take_up": facts.CaseTakenUp,
    "return": facts.CaseReturned,
    "refile": facts.CaseRefiled,
    "accept": facts.CaseAccepted,
    "consult": facts.ConsultationsIssued,
    "replies_complete": facts.RepliesComplete,
    "propose": facts.CaseProposed,
    "rework": facts.ProposalReworked,
    "submit": facts.CaseSubmitted,
    "return_proposal": facts.ProposalReturned,
    "conclude": facts.CaseConcluded,
    "notify": facts.UnitNotified,
    "close": facts.CaseClosed,
    "withdraw": facts.CaseWithdrawn,
    "suspend": facts.CaseSuspended,
    "resume": facts.CaseResumed,
}

OF_A_CONSULTATION: dict[str, type[Fact]] = {
    "receive": facts.ConsultationReceived,
    "assign": facts.ConsultationAssigned,
    "draft": facts.OpinionDrafted,
    "pass_on": facts.OpinionPassedOn,
    "countersign": facts.OpinionCountersigned,
    "send_back": facts.OpinionSentBack,
    "sign": facts.OpinionSigned,
    "take_back": facts.ConsultationTakenBack,
}

# Without these nothing begins and nothing ends.
NEEDED_OF_A_CASE = ("file", "accept", "consult", "propose", "submit", "conclude", "notify", "close")
NEEDED_OF_A_CONSULTATION = ("draft", "sign", "take_back")

# The states that the engine itself knows by name.
STATES_OF_A_CASE = ("draft", "consulting")
STATES_OF_A_CONSULTATION = ("asked", "signed", "withdrawn")
