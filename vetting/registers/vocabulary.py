"""The closed lists that only the registers need."""

from vetting.engine.sentences import mark
from vetting.engine.vocabulary import Named


class ManagementLevel(Named):
    """Whose cadre or applicant the candidate is; with the case type it fixes the authority."""

    STANDING_COMMITTEE = (
        "standing_committee",
        mark("Managed by the Standing Committee of the Provincial Party Committee"),
    )
    AUTHORISED_GRASSROOTS = (
        "authorised_grassroots",
        mark("Under an authorised grassroots Party committee"),
    )
    ABOVE_GRASSROOTS = (
        "above_grassroots",
        mark("Under a Party committee directly above the grassroots"),
    )
    PROVINCIAL_COMMITTEE = (
        "provincial_committee",
        mark("Directly under the Provincial Party Committee"),
    )


class Subject(Named):
    """What a legal basis is about."""

    INTERNAL_PROTECTION = "internal_protection", mark("Internal political protection")
    INTERNAL_PROTECTION_GUIDANCE = (
        "internal_protection_guidance",
        mark("Guidance on internal political protection"),
    )
    PARTY_CHARTER = "party_charter", mark("Implementation of the Party Charter")
    PARTY_CHARTER_GUIDANCE = "party_charter_guidance", mark("Guidance on the Party Charter")
    MEMBER_PROCEDURE = "member_procedure", mark("Party-member procedure and forms")
    CADRE_MANAGEMENT = "cadre_management", mark("Management of cadres")
    ROTATION = "rotation", mark("Rotation of cadres")
    INSPECTION_DISCIPLINE = "inspection_discipline", mark("Inspection and discipline")
    REDRESS = "redress", mark("Redress for wrong discipline")
    DOCUMENT_FORM = "document_form", mark("Form of documents")
    CIVIL_SERVICE = "civil_service", mark("Civil service")
    STATE_SECRETS = "state_secrets", mark("State secrets")
    PERSONAL_DATA = "personal_data", mark("Personal data")
    REORGANISATION = "reorganisation", mark("Reorganisation")
    PROVINCIAL = "provincial", mark("Rules of the province")
