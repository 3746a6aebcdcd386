"""Asked again: how each act is called on the page that asks once more who somebody is.

Every act that may ask has its name here; a test finds those that have none. Nothing that was typed
is named, only what was about to be done.
"""

from collections.abc import Mapping

from vetting.engine.sentences import mark

CALLED: Mapping[str, str] = {
    # a body's names under its texts
    "consultations.countersign": mark("Countersign an opinion"),
    "consultations.sign": mark("Sign an opinion"),
    "to_sign.sign": mark("Sign the ticked opinions"),
    "amendments.countersign": mark("Countersign what is to become of a signed opinion"),
    "amendments.sign": mark("Sign what is to become of a signed opinion, or send it back"),
    # the authority
    "conclusions.conclude": mark("Record the conclusion on a case"),
    "conclusions.conclude_many": mark("Record the conclusion on the ticked cases"),
    "amendments.conclusion": mark("Correct, annul or revoke a conclusion"),
    # second persons
    "emergencies.answer": mark("Answer a request to read a case in an emergency"),
    "requests.review": mark("Agree to what was prepared for a candidate, or send it back"),
    "retention.ask": mark("Ask that a record be destroyed"),
    "retention.answer": mark("Agree that a record be destroyed, or refuse it"),
    # what leaves as a file
    "packages.ask": mark("Ask for the package of a case"),
    "packages.take": mark("Take out the package of the case"),
    "requests.take": mark("Take out the package for a candidate"),
    "reports.file": mark("Take out a report"),
    # who may do what, and who is away
    "officers.new": mark("Enter an officer"),
    "officers.entrust": mark("Give an officer a role"),
    "officers.disable": mark("Let an officer in no more"),
    "officers.dismiss": mark("End a role of an officer"),
    "officers.reset_factor": mark("Take off an officer’s second factors"),
    "officers.clear": mark("Say up to which level an officer is cleared"),
    "officers.let_in": mark("Let an officer in again"),
    "officers.password": mark("Give an officer a new password"),
    "officers.rename": mark("Change an officer’s name or log-in"),
    "officers.mail": mark("Change where mail for an officer goes"),
    "role_proposals.confirm": mark("Confirm roles that another administrator gave"),
    "role_proposals.refuse_ticked": mark("Refuse roles that another administrator gave"),
    "role_proposals.take_back": mark("Take back a role that you gave"),
    "absences.new": mark("Record an absence"),
    "absences.new_of": mark("Record an officer’s absence"),
    "absences.name": mark("Name a substitute"),
    "absences.revoke": mark("Have a substitute act no more"),
    "absences.end": mark("End an absence"),
    # one's own
    "own_factors.add": mark("Enter an authenticator"),
    "own_factors.add_passkey": mark("Enter a passkey"),
    "own_factors.remove": mark("Remove a second factor"),
    "own_factors.renew": mark("Make other recovery codes"),
}
