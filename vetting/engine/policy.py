"""Policy: who may see and do what, as one table and pure functions over it.

`records/scope.py` is the twin of `relation`: the same rule as a clause that the database applies.
The two are compared with each other for every role and every kind of matter.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from vetting.engine.refusals import ProveAgain
from vetting.engine.sentences import say
from vetting.engine.substitutes import EVERY_TYPE, Form
from vetting.engine.vocabulary import CaseType, Role


class Relation(StrEnum):
    """What a case is to an officer. Without a relation the case does not exist for them."""

    NONE = "none"
    UNIT = "unit"  # my unit filed it
    BOARD = "board"  # my Board coordinates it
    ASKED = "asked"  # my body was asked about it
    AUTHORITY = "authority"  # it was put before my authority
    OVERSEER = "overseer"  # I supervise how it is handled
    EMERGENCY = "emergency"  # it is kept from me, and opened to me to read for a few hours


class Action(StrEnum):
    """Something a way in lets a person do. Every route and command declares one."""

    OPEN = "open"  # open to everybody, such as the sign-in page
    SIGNED_IN = "signed_in"  # open to every officer
    SEE_CASE = "see_case"
    SEE_HISTORY = "see_history"
    SEE_PAST = "see_past"
    SEE_READERS = "see_readers"
    EXPORT_CASE = "export_case"
    RECUSE = "recuse"
    CONFIRM_TAKEOVER = "confirm_takeover"
    SEE_READING = "see_reading"
    SEARCH = "search"
    SEARCH_HISTORY = "search_history"
    SEE_ROUNDS = "see_rounds"
    SEE_REPORTS = "see_reports"
    MAKE_REPORT = "make_report"
    EXPORT_REPORT = "export_report"
    OPEN_ROUND = "open_round"
    SEE_REGISTERS = "see_registers"
    SEE_OWN_CASES = "see_own_cases"
    FILE_CASE = "file_case"
    FILE_LIST = "file_list"
    REFILE_CASE = "refile_case"
    WITHDRAW_CASE = "withdraw_case"
    RECORD_FACT = "record_fact"
    SEE_WORKLIST = "see_worklist"
    SET_ASIDE = "set_aside"
    TAKE_UP_CASE = "take_up_case"
    RETURN_CASE = "return_case"
    ACCEPT_CASE = "accept_case"
    ISSUE_CONSULTATIONS = "issue_consultations"
    TAKE_BACK_CONSULTATION = "take_back_consultation"
    ADD_BODY = "add_body"
    SEE_MATRIX = "see_matrix"
    PROPOSE = "propose"
    SUBMIT_PROPOSAL = "submit_proposal"
    SUSPEND_CASE = "suspend_case"
    NOTIFY_UNIT = "notify_unit"
    CLOSE_CASE = "close_case"
    RESTRICT_CASE = "restrict_case"
    SEE_INBOX = "see_inbox"
    SEE_CONSULTATION = "see_consultation"
    SEE_SIGNED = "see_signed"
    RECEIVE_CONSULTATION = "receive_consultation"
    ASSIGN_CONSULTATION = "assign_consultation"
    DRAFT_OPINION = "draft_opinion"
    PASS_OPINION_ON = "pass_opinion_on"  # noqa: S105  # no password
    COUNTERSIGN_OPINION = "countersign_opinion"
    SEND_OPINION_BACK = "send_opinion_back"
    SIGN_OPINION = "sign_opinion"
    ASK_MORE_TIME = "ask_more_time"
    ANSWER_MORE_TIME = "answer_more_time"
    ASK_UNIT = "ask_unit"
    ANSWER_QUESTIONS = "answer_questions"
    ASK_CLARIFICATION = "ask_clarification"
    ANSWER_CLARIFICATION = "answer_clarification"
    SEE_SUBMITTED = "see_submitted"
    CONCLUDE = "conclude"
    RETURN_PROPOSAL = "return_proposal"
    AMEND_CONCLUSION = "amend_conclusion"
    DRAFT_AMENDMENT = "draft_amendment"
    COUNTERSIGN_AMENDMENT = "countersign_amendment"
    SIGN_AMENDMENT = "sign_amendment"
    SEE_OVERSIGHT = "see_oversight"
    SEE_CALENDAR = "see_calendar"
    SEE_LOAD = "see_load"
    SEE_LETTERS = "see_letters"
    KEEP_OFFICERS = "keep_officers"
    CONFIRM_ROLES = "confirm_roles"
    SEE_SUBMISSION = "see_submission"
    KEEP_OWN_FACTORS = "keep_own_factors"
    SEE_EMERGENCIES = "see_emergencies"
    ASK_EMERGENCY = "ask_emergency"
    ANSWER_EMERGENCY = "answer_emergency"
    END_EMERGENCY = "end_emergency"
    REVIEW_EMERGENCY = "review_emergency"
    SEE_NOTICES = "see_notices"
    SEE_DOCTOR = "see_doctor"
    REPAIR_CASE = "repair_case"
    KEEP_CALENDAR = "keep_calendar"
    SEE_RETENTION = "see_retention"
    HOLD_RECORD = "hold_record"
    CLASS_RECORD = "class_record"
    ASK_DISPOSAL = "ask_disposal"
    ANSWER_DISPOSAL = "answer_disposal"
    SEE_REQUESTS = "see_requests"
    RECORD_REQUEST = "record_request"
    ANSWER_REQUEST = "answer_request"
    REVIEW_REQUEST = "review_request"
    EXPORT_REQUEST = "export_request"


def has_two_proofs(method: str) -> bool:
    """Tell whether a session was begun or goes on with a second factor; its method names it."""
    return "+" in method


def begun_by_password(method: str) -> bool:
    """Tell whether a session was begun with a password that is kept here."""
    return method.partition("+")[0] == "password"


# Before these an officer proves once more who they are, unless they did a moment ago.
ASKS_AGAIN: frozenset[Action] = frozenset(
    {
        Action.COUNTERSIGN_OPINION,
        Action.SIGN_OPINION,
        Action.CONCLUDE,
        Action.AMEND_CONCLUSION,
        Action.COUNTERSIGN_AMENDMENT,
        Action.SIGN_AMENDMENT,
        Action.KEEP_OFFICERS,
        Action.CONFIRM_ROLES,
        Action.KEEP_OWN_FACTORS,
        Action.ANSWER_EMERGENCY,
        Action.EXPORT_CASE,
        Action.EXPORT_REPORT,
        Action.ASK_DISPOSAL,
        Action.ANSWER_DISPOSAL,
        Action.REVIEW_REQUEST,
        Action.EXPORT_REQUEST,
    }
)
PROVED_FOR = timedelta(minutes=5)

_UNIT = {Role.CASE_OFFICER}
_BOARD = {Role.BOARD_OFFICER, Role.BOARD_HEAD}
_BODY = {Role.BODY_OFFICER, Role.BODY_SIGNER}
_AUTHORITY = {Role.SECRETARY}
_OVERSEER = {Role.SUPERVISOR}
_ADMINISTRATOR = {Role.ADMINISTRATOR}
_EVERYBODY = set(Role)

PERMITTED: dict[Action, frozenset[Role]] = {
    action: frozenset(roles)
    for action, roles in {
        Action.OPEN: _EVERYBODY,
        Action.SIGNED_IN: _EVERYBODY,
        Action.SEE_CASE: _EVERYBODY - {Role.ADMINISTRATOR},
        Action.SEE_HISTORY: _EVERYBODY - {Role.ADMINISTRATOR},
        Action.SEE_PAST: _BOARD | _AUTHORITY | _OVERSEER,
        Action.SEE_READERS: _EVERYBODY - {Role.ADMINISTRATOR},
        Action.EXPORT_CASE: _OVERSEER | {Role.BOARD_HEAD},
        Action.RECUSE: _EVERYBODY - {Role.ADMINISTRATOR},
        Action.CONFIRM_TAKEOVER: {Role.BOARD_HEAD},
        Action.SEE_READING: _OVERSEER | {Role.BOARD_HEAD, Role.BODY_SIGNER},
        Action.SEARCH: _EVERYBODY - {Role.ADMINISTRATOR},
        Action.SEARCH_HISTORY: _OVERSEER | {Role.BOARD_HEAD},
        Action.SEE_ROUNDS: _BOARD | _OVERSEER,
        Action.SEE_REPORTS: _BOARD | _OVERSEER,
        Action.MAKE_REPORT: _OVERSEER | {Role.BOARD_HEAD},
        Action.EXPORT_REPORT: _OVERSEER | {Role.BOARD_HEAD},
        Action.OPEN_ROUND: _BOARD,
        Action.SEE_REGISTERS: _EVERYBODY,
        Action.SEE_OWN_CASES: _UNIT,
        Action.FILE_CASE: _UNIT,
        Action.FILE_LIST: _UNIT,
        Action.REFILE_CASE: _UNIT,
        Action.WITHDRAW_CASE: _UNIT,
        Action.RECORD_FACT: _UNIT | _BOARD,
        Action.SEE_WORKLIST: _BOARD,
        Action.SET_ASIDE: _BOARD | _BODY,
        Action.TAKE_UP_CASE: _BOARD,
        Action.RETURN_CASE: _BOARD,
        Action.ACCEPT_CASE: _BOARD,
        Action.ISSUE_CONSULTATIONS: _BOARD,
        Action.TAKE_BACK_CONSULTATION: _BOARD,
        Action.ADD_BODY: _BOARD,
        Action.SEE_MATRIX: _BOARD | _AUTHORITY | _OVERSEER,
        Action.PROPOSE: _BOARD,
        Action.SUBMIT_PROPOSAL: {Role.BOARD_HEAD},
        Action.SUSPEND_CASE: _BOARD,
        Action.NOTIFY_UNIT: _BOARD,
        Action.CLOSE_CASE: _BOARD,
        Action.RESTRICT_CASE: {Role.BOARD_HEAD},
        Action.SEE_INBOX: _BODY,
        Action.SEE_CONSULTATION: _BODY,
        Action.SEE_SIGNED: _BODY,
        Action.RECEIVE_CONSULTATION: _BODY,
        Action.ASSIGN_CONSULTATION: _BODY,
        Action.DRAFT_OPINION: _BODY,
        Action.PASS_OPINION_ON: _BODY,
        Action.COUNTERSIGN_OPINION: _BODY,
        Action.SEND_OPINION_BACK: _BODY,
        Action.SIGN_OPINION: {Role.BODY_SIGNER},
        Action.ASK_MORE_TIME: _BODY,
        Action.ANSWER_MORE_TIME: _BOARD,
        Action.ASK_UNIT: _BOARD,
        Action.ANSWER_QUESTIONS: _UNIT,
        Action.ASK_CLARIFICATION: _BODY,
        Action.ANSWER_CLARIFICATION: _BOARD,
        Action.SEE_SUBMITTED: _AUTHORITY,
        Action.CONCLUDE: _AUTHORITY,
        Action.RETURN_PROPOSAL: _AUTHORITY,
        Action.AMEND_CONCLUSION: _AUTHORITY,
        Action.DRAFT_AMENDMENT: _BODY,
        Action.COUNTERSIGN_AMENDMENT: _BODY,
        Action.SIGN_AMENDMENT: {Role.BODY_SIGNER},
        Action.SEE_OVERSIGHT: _OVERSEER,
        Action.SEE_CALENDAR: _EVERYBODY - {Role.ADMINISTRATOR},
        Action.SEE_LOAD: _BOARD | _BODY | _OVERSEER,
        Action.SEE_LETTERS: _BOARD | _BODY,
        Action.KEEP_OFFICERS: _ADMINISTRATOR,
        Action.CONFIRM_ROLES: _ADMINISTRATOR,
        Action.SEE_SUBMISSION: _UNIT | _BOARD | _OVERSEER,
        Action.KEEP_OWN_FACTORS: _EVERYBODY,
        Action.SEE_EMERGENCIES: _EVERYBODY - {Role.ADMINISTRATOR},
        Action.ASK_EMERGENCY: _EVERYBODY - {Role.ADMINISTRATOR},
        Action.ANSWER_EMERGENCY: _OVERSEER | {Role.BOARD_HEAD},
        Action.END_EMERGENCY: _EVERYBODY - {Role.ADMINISTRATOR},
        Action.REVIEW_EMERGENCY: _OVERSEER,
        Action.SEE_NOTICES: _EVERYBODY - {Role.ADMINISTRATOR},
        Action.SEE_DOCTOR: _OVERSEER | _ADMINISTRATOR | {Role.BOARD_HEAD},
        Action.REPAIR_CASE: {Role.BOARD_HEAD},
        Action.KEEP_CALENDAR: {Role.BOARD_HEAD},
        Action.SEE_RETENTION: _BOARD | _OVERSEER,
        Action.HOLD_RECORD: _OVERSEER | {Role.BOARD_HEAD},
        Action.CLASS_RECORD: {Role.BOARD_HEAD},
        Action.ASK_DISPOSAL: _BOARD,
        Action.ANSWER_DISPOSAL: _OVERSEER,
        Action.SEE_REQUESTS: _UNIT | _BOARD | _OVERSEER,
        Action.RECORD_REQUEST: _UNIT | _BOARD,
        Action.ANSWER_REQUEST: _BOARD,
        Action.REVIEW_REQUEST: {Role.BOARD_HEAD},
        Action.EXPORT_REQUEST: _BOARD,
    }.items()
}


# A robot brings in what a unit sent, and nothing else: it signs, answers, proposes, concludes and
# approves nothing, and says nothing in anybody's name.
ACTIONS_OF_ROBOTS = frozenset({Action.FILE_CASE, Action.FILE_LIST})


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: an officer in one capacity, that is in one role for one organisation."""

    officer: str  # handle
    name: str
    role: Role
    organisation: str  # code
    session: str  # the log-in session's public mark, kept with every act
    method: str = "password"  # how the officer proved who they are
    clearance: int = 0  # the highest level of restricted cases that the capacity may know of
    emergency: frozenset[str] = frozenset()  # cases opened to the officer to read for a few hours
    robot: bool = False  # a program, or whoever runs it at the command line
    proved_at: str | None = None  # when the officer last proved who they are
    proved_with: str | None = None  # and with what
    on_behalf_of: str | None = None  # handle of whoever is away, whose role and hand this is
    on_behalf_name: str | None = None
    form: Form | None = None  # in which form the officer signs for them
    between: tuple[str, ...] = ()  # along a chain: whoever was named, is away too, and passed it on
    case_types: frozenset[CaseType] = EVERY_TYPE  # beyond these there is no case in this capacity

    @property
    def at_work(self) -> "Principal":
        """The same as who does the work: what an emergency opens is read, and is nobody's work."""
        return replace(self, emergency=frozenset()) if self.emergency else self

    @property
    def persons(self) -> tuple[str, ...]:
        """Everybody by whose word something is done: none of them may be recused."""
        if self.on_behalf_of is None:
            return (self.officer,)
        return (self.officer, self.on_behalf_of, *self.between)


@dataclass(frozen=True, slots=True)
class Matter:
    """What decides whether a case concerns somebody."""

    unit: str
    filed: bool
    asked: Collection[str]  # codes of the bodies asked and not released
    authority: str | None
    before_authority: bool
    handle: str = ""
    recused: Collection[str] = ()  # officers who must not deal with it
    level: int = 0  # the clearance it takes to know of it
    named: Collection[str] = ()  # the only officers who may know of it; empty: not by name
    took_part: Collection[str] = ()  # officers who did something in it, but for supervising it
    case_type: CaseType | None = None
    erased: bool = False  # it was disposed of: what is left of it is in no list


def may(principal: Principal, action: Action) -> bool:
    """Tell whether the principal's role may do *action* at all; a robot may only file."""
    if principal.robot and action not in ACTIONS_OF_ROBOTS:
        return False
    return principal.role in PERMITTED[action]


def must_prove_again(principal: Principal, now: datetime, proved_for: timedelta) -> bool:
    """Tell whether it is too long ago that the principal proved who they are."""
    if principal.proved_at is None:
        return True
    return abs(now - datetime.fromisoformat(principal.proved_at)) > proved_for


def refuse_unproven(principal: Principal, now: datetime, proved_for: timedelta) -> None:
    """Ask the principal to prove who they are, unless they did a moment ago."""
    if must_prove_again(principal, now, proved_for):
        raise ProveAgain(say("Before this goes on, prove once more that it is you."))


def proven(principal: Principal, action: Action, now: datetime, proved_for: timedelta) -> Principal:
    """Return the principal as the history names them for an act, or ask them to prove it again.

    For what asks again the history keeps both: how the session was begun, and what was proved last.
    """
    if action not in ASKS_AGAIN:
        return principal
    return proven_again(principal, now, proved_for)


def proven_again(principal: Principal, now: datetime, proved_for: timedelta) -> Principal:
    """Return the principal with what they proved last beside how their session was begun."""
    refuse_unproven(principal, now, proved_for)
    if principal.proved_with is None:
        return principal
    return replace(principal, method=f"{principal.method}/{principal.proved_with}")


def relation(principal: Principal, matter: Matter) -> Relation:
    """Return what the case is to the principal: by their role, unless it is kept from them."""
    if matter.erased:
        return Relation.NONE
    left_to_others = matter.case_type is not None and matter.case_type not in principal.case_types
    if left_to_others or any(person in matter.recused for person in principal.persons):
        return Relation.NONE
    if principal.role is Role.SUPERVISOR and any(
        person in matter.took_part for person in principal.persons
    ):
        return Relation.NONE  # nobody supervises what they did themselves
    by_role = relation_by_role(principal, matter)
    if by_role is Relation.NONE or is_cleared(principal.officer, principal.clearance, matter):
        return by_role
    if matter.handle in principal.emergency:
        return Relation.EMERGENCY
    return Relation.NONE


def is_of_body(principal: Principal) -> bool:
    """Tell whether the principal speaks for a consulted body, which gets no other body's part."""
    return principal.role in _BODY


def is_cleared(officer: str, clearance: int, matter: Matter) -> bool:
    """Tell whether a case is not restricted for an officer of this clearance."""
    return matter.level <= clearance and (not matter.named or officer in matter.named)


def may_be_told(officer: str, clearance: int, matter: Matter) -> bool:
    """Tell whether a case that is an officer's work is kept from them by nothing."""
    return officer not in matter.recused and is_cleared(officer, clearance, matter)


def relation_by_role(principal: Principal, matter: Matter) -> Relation:
    """Return what the case would be to the principal if it were kept from nobody.

    Who reads in an emergency is shown the case as this, and can do nothing with it.
    """
    match principal.role:
        case Role.CASE_OFFICER if matter.unit == principal.organisation:
            return Relation.UNIT
        case Role.BOARD_OFFICER | Role.BOARD_HEAD if matter.filed:
            return Relation.BOARD
        case Role.BODY_OFFICER | Role.BODY_SIGNER if principal.organisation in matter.asked:
            return Relation.ASKED
        case Role.SECRETARY if (
            matter.before_authority and matter.authority == principal.organisation
        ):
            return Relation.AUTHORITY
        case Role.SUPERVISOR if matter.filed:
            return Relation.OVERSEER
        case _:
            return Relation.NONE


# A body's inner work, up to the signature, is the body's own affair; others see that it happened.
BODYS_OWN = frozenset(
    {
        "consultation.assigned",
        "consultation.released",
        "opinion.drafted",
        "opinion.passed_on",
        "opinion.countersigned",
        "opinion.sent_back",
        "amendment.drafted",
        "amendment.countersigned",
        "amendment.refused",
    }
)
SEES_EVERY_OPINION = frozenset({Relation.BOARD, Relation.AUTHORITY, Relation.OVERSEER})
# What the Board proposes and the authority decides reaches the unit as a notice, not before.
INNER = frozenset(
    {
        "case.proposed",
        "proposal.reworked",
        "case.submitted",
        "proposal.returned",
        "case.concluded",
        "conclusion.amended",
        "case.replies_complete",
        "body.left_out",
        "body.replaced",
        "officer.recused",
        "conflict.declared_waiting",
        "conflict.taken_over",
        "case.restricted",
        "case.exported",
        "clock.went_back",
        "rows.rebuilt",
        "record.classed",
        "record.held",
        "hold.lifted",
        "disposal.asked",
        "disposal.refused",
        "disposal.approved",
        "request.prepared",
        "request.sent_back",
    }
)
# What leaves the case as it was: no form about it is outdated by this.
CHANGES_NOTHING = frozenset({"case.exported", "clock.went_back"})


def sees_entry(seen_as: Relation, own_body: str, verb: str, about_body: str | None) -> bool:
    """Tell whether somebody to whom the case is *seen_as* may know of an entry at all."""
    if about_body is not None:
        if seen_as is Relation.ASKED:
            return about_body == own_body
        return seen_as in SEES_EVERY_OPINION and verb not in BODYS_OWN
    if seen_as in SEES_EVERY_OPINION:
        return True
    return verb not in INNER and (seen_as is Relation.UNIT or verb in KNOWN_TO_ASKED)


KNOWN_TO_ASKED = frozenset(
    {
        "case.filed",
        "case.accepted",
        "case.consulted",
        "case.withdrawn",
        "case.suspended",
        "case.resumed",
        "case.closed",
        "amendment.announced",
        # What the unit is asked while the case runs, and what it says, is put to all bodies.
        "questions.put",
        "questions.answered",
        "questions.closed",
    }
)
