"""The closed lists of the field: case types, roles, hats, verdicts, kinds of organisation."""

from enum import StrEnum
from typing import Self

from vetting.engine.sentences import mark


class Named(StrEnum):
    """A closed list whose members have a title that can be translated."""

    title: str  # type: ignore[assignment]  # a title, not the method of str

    def __new__(cls, value: str, title: str = "") -> Self:
        """Keep the title beside the value."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.title = title
        return member


class CaseType(Named):
    """The personnel act a candidate is vetted for."""

    PLANNING = "planning", mark("Planning")
    PROMOTION = "promotion", mark("Promotion")
    APPOINTMENT = "appointment", mark("Appointment")
    REAPPOINTMENT = "reappointment", mark("Re-appointment")
    ROTATION = "rotation", mark("Rotation")
    TRANSFER = "transfer", mark("Transfer")
    NOMINATION = "nomination", mark("Nomination")
    PARTY_ADMISSION = "party_admission", mark("Party admission")
    FULL_MEMBERSHIP = "full_membership", mark("Full membership")


# The letters a reference starts with: the initials of the Vietnamese name of the act.
REFERENCE_PREFIX = {
    CaseType.PLANNING: "QH",
    CaseType.PROMOTION: "DB",
    CaseType.APPOINTMENT: "BN",
    CaseType.REAPPOINTMENT: "BL",
    CaseType.ROTATION: "LC",
    CaseType.TRANSFER: "DD",
    CaseType.NOMINATION: "UC",
    CaseType.PARTY_ADMISSION: "KN",
    CaseType.FULL_MEMBERSHIP: "CT",
}


class Kind(Named):
    """What an organisation is to the system."""

    REQUESTING_UNIT = "requesting_unit", mark("Requesting unit")
    COORDINATOR = "coordinator", mark("Coordinator")
    CONSULTED_BODY = "consulted_body", mark("Consulted body")
    AUTHORITY = "authority", mark("Competent authority")
    OVERSIGHT = "oversight", mark("Oversight")


class Role(Named):
    """What an officer is entrusted with in an organisation."""

    CASE_OFFICER = "case_officer", mark("Case officer of a requesting unit")
    BOARD_OFFICER = "board_officer", mark("Officer of the Organisation Board")
    BOARD_HEAD = "board_head", mark("Head of the Organisation Board")
    BODY_OFFICER = "body_officer", mark("Officer of a consulted body")
    BODY_SIGNER = "body_signer", mark("Signer of a consulted body")
    SECRETARY = "secretary", mark("Secretary of the authority")
    SUPERVISOR = "supervisor", mark("Supervisor")
    ADMINISTRATOR = "administrator", mark("Administrator")


KIND_OF_ROLE = {
    Role.CASE_OFFICER: Kind.REQUESTING_UNIT,
    Role.BOARD_OFFICER: Kind.COORDINATOR,
    Role.BOARD_HEAD: Kind.COORDINATOR,
    Role.BODY_OFFICER: Kind.CONSULTED_BODY,
    Role.BODY_SIGNER: Kind.CONSULTED_BODY,
    Role.SECRETARY: Kind.AUTHORITY,
    Role.SUPERVISOR: Kind.OVERSIGHT,
    Role.ADMINISTRATOR: Kind.COORDINATOR,
}


class Hat(Named):
    """The one part that a person may play in a case: its seven duties are kept apart."""

    FILE = "file", mark("files")
    COORDINATE = "coordinate", mark("coordinates")
    OPINE = "opine", mark("gives an opinion")
    CONCLUDE = "conclude", mark("concludes")
    REVIEW = "review", mark("supervises")
    DISPOSE = "dispose", mark("disposes of the file")
    ADMINISTER = "administer", mark("administers roles")


HAT_OF_ROLE = {
    Role.CASE_OFFICER: Hat.FILE,
    Role.BOARD_OFFICER: Hat.COORDINATE,
    Role.BOARD_HEAD: Hat.COORDINATE,
    Role.BODY_OFFICER: Hat.OPINE,
    Role.BODY_SIGNER: Hat.OPINE,
    Role.SECRETARY: Hat.CONCLUDE,
    Role.SUPERVISOR: Hat.REVIEW,
    Role.ADMINISTRATOR: Hat.ADMINISTER,
}


class DateKind(Named):
    """What a date of a case is: laid down by law, or set by those who work as what they aim at."""

    STATUTORY = "statutory", mark("statutory date")
    TARGET = "target", mark("target date")


class Verdict(Named):
    """What a body says about a candidate. There is no default, and silence is none of these."""

    NO_OBJECTION = "no_objection", mark("No objection")
    CONDITIONS = "conditions", mark("Meets, with conditions")
    OBJECTION = "objection", mark("Objection")
    NO_INFORMATION = "no_information", mark("No information held")


class Need(Named):
    """How much the case waits for a body."""

    MUST = "must", mark("must answer")
    MAY = "may", mark("may answer")
    INFORM = "inform", mark("is informed")


class AmendmentKind(Named):
    """In what way something that was signed does not stand as it was signed."""

    CORRECTION = "correction", mark("Correction")
    ANNULMENT = "annulment", mark("Annulment")
    REVOCATION = "revocation", mark("Revocation")


class Ground(Named):
    """On whose word it was looked at again."""

    OWN = "own", mark("found by those who signed it")
    REVIEW = "review", mark("after a complaint or a review")
