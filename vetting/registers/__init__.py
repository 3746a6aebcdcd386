"""The facts of the field, read from files that people keep in a spreadsheet.

Reading knows no database: a file is taken whole, as values that cannot change, or refused whole
with the line and the reason of everything that is wrong with it.
"""

from vetting.registers.find_unit import find_organisation, find_unit, fold_name
from vetting.registers.read_registers import (
    read_authority_table,
    read_coordination_regulation,
    read_legal_bases,
    read_organisations,
    read_registers,
    read_replacements,
    read_successions,
)
from vetting.registers.refusals import BadRegister, Fault
from vetting.registers.rows import (
    AuthorityRow,
    BasisKey,
    BodyOfRegulation,
    LegalBasisRow,
    OrganisationRow,
    Registers,
    RegulationRow,
    ReplacementRow,
    SuccessionRow,
)
from vetting.registers.vocabulary import ManagementLevel, Subject

__all__ = [
    "AuthorityRow",
    "BadRegister",
    "BasisKey",
    "BodyOfRegulation",
    "Fault",
    "LegalBasisRow",
    "ManagementLevel",
    "OrganisationRow",
    "Registers",
    "RegulationRow",
    "ReplacementRow",
    "Subject",
    "SuccessionRow",
    "find_organisation",
    "find_unit",
    "fold_name",
    "read_authority_table",
    "read_coordination_regulation",
    "read_legal_bases",
    "read_organisations",
    "read_registers",
    "read_replacements",
    "read_successions",
]
