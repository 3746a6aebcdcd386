"""Shown: what every view shows of cases, group by group of fields, or why it shows no case.

One table, so that it can be read in one go and no view can be forgotten: the start refuses a view
that is not in it, and an answer that shows cases without a line in the ledger does not leave.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from vetting.engine.looks import Group, How, Showing, showing


@dataclass(frozen=True, slots=True)
class NoCase:
    """A view that shows nothing of any case, and why that is so."""

    because: str


_C, _S, _R = Group.CANDIDATE, Group.STANDING, Group.RECORD
_O, _T, _D, _H = Group.OPINIONS, Group.DRAFT, Group.DECISION, Group.HISTORY

_LINE = showing(_C, _S)  # as a list shows a case: who, for what, where it stands
_CASE = showing(_C, _S, _R, _O, _D)
_ACT = showing(_C, _S, _R, _O, _D)  # what an act rests on stands beside its form
_FILE = showing(_C, _S, how=How.EXPORT)
_QUESTION = showing(_C, _S, _O, _T)
_HANDED_OVER = showing(_C, _S, _R, _D, _H, Group.READERS)
_ACCESS = showing(_S, Group.READERS)  # by its reference, and who reads it in an emergency
_NUMBERS = showing(_S)  # counts and days over many cases, none of them named

_NOT_IN_YET = NoCase("it is open to whoever has not signed in, and knows of no case")
_ONESELF = NoCase("it is about the officer and their own log-in")
_REGISTERS = NoCase("registers, workflows and help are about the field, not about a case")
_OFFICERS = NoCase("it is about officers and roles; the administrator sees no case")
_ABSENCES = NoCase("it is about officers; of open steps it tells how many there are, never which")
_LOG = NoCase("it is about the log: sizes, hashes and keys, and nothing of any case")
_GOES_ON = NoCase("it only leads to another page")
_A_FORM = NoCase("it asks for what is to be filed, and shows what the reader typed")

SHOWN: Mapping[str, Showing | NoCase] = {
    "health.live": _NOT_IN_YET,
    "health.ready": _NOT_IN_YET,
    "languages.choose": _GOES_ON,
    "sign_in.enter": _NOT_IN_YET,
    "directories.go": _GOES_ON,
    "directories.back": _NOT_IN_YET,
    "directories.enter": _NOT_IN_YET,
    "sign_in.second": _NOT_IN_YET,
    "sign_in.leave": _GOES_ON,
    "sign_in.capacity": _ONESELF,
    "own_sessions.index": _ONESELF,
    "own_sessions.end": _ONESELF,
    "own_sessions.end_others": _ONESELF,
    "own_sessions.password": _ONESELF,
    "own_factors.index": _ONESELF,
    "own_factors.add": _ONESELF,
    "own_factors.add_passkey": _ONESELF,
    "own_factors.remove": _ONESELF,
    "own_factors.renew": _ONESELF,
    "home.start": _GOES_ON,
    "home.show_help": _REGISTERS,
    "log_page.show": _LOG,
    "log_page.verifier": _LOG,
    # one case
    "cases.show": _CASE,
    "cases.history": showing(_C, _S, _R, _O, _D, _H),
    "past.show": showing(_C, _S, _R, _O, _D, _H),
    "past.entry": showing(_C, _S, _R, _O, _D, _H),
    "cases.readers": showing(_C, _S, Group.READERS),
    "cases.deadline": _LINE,
    "calendars.change": _LINE,  # whose deadlines a change of a calendar moves
    "packages.ask": _LINE,
    "packages.show": _LINE,
    "packages.take": showing(_C, _S, _R, _O, _D, _H, Group.READERS, how=How.EXPORT),
    "matrices.show": showing(_C, _S, _O),
    "oversight.verify": _LINE,
    "absences.done": showing(_C, _S, _H),
    "absences.new": showing(_S),  # by its reference, what would be left to nobody
    # a unit's own
    "own_cases.show": _LINE,
    "own_cases.choose": _A_FORM,
    "own_cases.new": _LINE,  # other cases of the same candidate
    "own_cases.edit": _LINE,
    "own_cases.file": _LINE,
    "own_cases.refile": _LINE,
    "own_cases.withdraw": _LINE,
    "recusals.recuse": _LINE,
    "recusals.takeover": _LINE,
    "setting_aside.set_aside": _LINE,
    "restrictions.restrict": _LINE,
    **dict.fromkeys(
        (
            "retention.index",
            "retention.show",
            "retention.hold",
            "retention.lift",
            "retention.classify",
            "retention.ask",
            "retention.answer",
        ),
        _LINE,
    ),
    "requests.index": _LINE,
    **dict.fromkeys(
        ("requests.of_case", "requests.new", "requests.acknowledge", "requests.handed_over"),
        _LINE,
    ),
    # what a candidate asked and was told is of the history; what is handed over, all it has
    "requests.show": showing(_C, _S, _H),
    **dict.fromkeys(("requests.prepare", "requests.review", "requests.preview"), _HANDED_OVER),
    "requests.take": showing(_C, _S, _R, _D, _H, Group.READERS, how=How.EXPORT),
    "doctor.show": _NUMBERS,
    "doctor.repair": _LINE,
    "emergencies.index": _ACCESS,
    "emergencies.new": NoCase("it asks by a reference that the reader types, and tells nothing"),
    "emergencies.answer": _ACCESS,
    "emergencies.end": _ACCESS,
    "emergencies.review": _ACCESS,
    "notices.index": _LINE,
    "notices.open_all": _GOES_ON,
    "notices.show": _LINE,
    "notices.acknowledge": _GOES_ON,
    "notices.mail": _ONESELF,
    "recording.fact": showing(_C, _S, _R),
    "recording.paper": showing(_C, _S, _R),
    "lists.new": NoCase("it tells of the unit's lists by their numbers, and of no case in them"),
    "lists.preview": _LINE,  # other cases of the same candidates
    "lists.drop": _GOES_ON,
    "lists.show": _LINE,
    "lists.download": _FILE,
    # lists of many
    "due_calendar.show": _LINE,
    "load.show": _NUMBERS,
    "search.show": showing(_C, _S, how=How.SEARCH),
    "history_search.show": showing(_C, _S, _R, _O, _D, _H, how=How.SEARCH),
    "inbox.show": _LINE,
    "inbox.receive": _LINE,
    "inbox.assign": _LINE,
    "to_sign.show": showing(_C, _S, _T),
    "to_sign.read": showing(_C, _S, _T),
    "to_sign.sign": showing(_C, _S, _T),
    "to_sign.send_back": showing(_C, _S, _T),
    "inbox_results.show": _LINE,
    "inbox_results.file": _FILE,
    "letters.index": _NUMBERS,
    "letters.show": _LINE,
    "signed.show": showing(_C, _S, _O),
    "signed.receipt": showing(_O, how=How.EXPORT),
    "results.show": _LINE,
    "results.download": _FILE,
    "oversight.show": _LINE,
    "oversight.history": _LINE,
    "oversight.told": _LINE,
    "reading.show": NoCase("it counts the cases that officers have seen, and names none"),
    "reports.index": NoCase("it tells of reports by their periods, and of no case in them"),
    "reports.new": NoCase("it asks for a period, and shows what the reader typed"),
    "reports.show": _NUMBERS,
    "reports.again": _NUMBERS,
    "reports.picture": _NUMBERS,
    "reports.behind": _LINE,
    "reports.file": showing(_S, how=How.EXPORT),
    "rounds.index": _NUMBERS,
    "rounds.new": NoCase("a round that is only being opened has no case"),
    "rounds.show": _NUMBERS,
    "rounds.states": _NUMBERS,
    "rounds.days": _NUMBERS,
    # a body's
    "consultations.show": _QUESTION,
    "consultations.draft": _QUESTION,
    "consultations.receive": _QUESTION,
    "consultations.assign": _QUESTION,
    "consultations.pass_on": _QUESTION,
    "consultations.countersign": _QUESTION,
    "consultations.sign": _QUESTION,
    "consultations.send_back": _QUESTION,
    "amendments.opinion": _QUESTION,
    "amendments.countersign": _QUESTION,
    "amendments.sign": _QUESTION,
    "extending.ask": _LINE,
    "questions.clarify": _LINE,
    "questions.put": _LINE,
    "questions.answer": showing(_C, _S, _R),
    "questions.close": showing(_C, _S, _R),
    "questions.decline": _LINE,
    # the Board's and the authority's acts, each on a page of its own
    **dict.fromkeys(
        (
            "amendments.conclusion",
            "amendments.candidate",
            "asking.consult",
            "asking.add",
            "asking.take_back",
            "extending.answer",
            "checks.take_up",
            "checks.send_back",
            "checks.accept",
            "conclusions.conclude",
            "conclusions.send_back",
            "interruptions.suspend",
            "interruptions.resume",
            "proposals.propose",
            "proposals.rework",
            "proposals.submit",
            "telling.notify",
            "telling.close",
        ),
        _ACT,
    ),
    "worklist.show": showing(_C, _S, _D),
    "conclusions.show": showing(_C, _S, _D),
    **dict.fromkeys(
        (
            "worklist.take_up",
            "worklist.accept",
            "worklist.consult",
            "worklist.propose",
            "worklist.submit",
            "worklist.notify",
            "worklist.tell",
            "worklist.close",
            "conclusions.conclude_many",
        ),
        showing(_C, _S, _D),
    ),
    # the field's own
    **dict.fromkeys(
        (
            "registers.organisations",
            "registers.legal_bases",
            "registers.regulation",
            "registers.authorities",
            "registers.calendar",
            "workflows.index",
            "workflows.show",
            "workflows.show_version",
            "workflows.draw",
        ),
        _REGISTERS,
    ),
    **dict.fromkeys(
        (
            "officers.index",
            "officers.new",
            "officers.show",
            "officers.entrust",
            "officers.disable",
            "officers.reset_factor",
            "officers.mail",
            "officers.clear",
            "officers.let_in",
            "officers.password",
            "officers.rename",
            "officers.dismiss",
            "role_proposals.index",
            "role_proposals.confirm",
            "role_proposals.refuse_ticked",
            "role_proposals.take_back",
        ),
        _OFFICERS,
    ),
    **dict.fromkeys(
        (
            "absences.index",
            "absences.new_of",
            "absences.show",
            "absences.name",
            "absences.revoke",
            "absences.end",
        ),
        _ABSENCES,
    ),
}
