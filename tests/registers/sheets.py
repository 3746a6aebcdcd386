"""Small register files for tests: a good row of each, and a way to write rows down."""

import csv
from pathlib import Path

from vetting.registers.read_registers import HEADINGS

ORGANISATION = {
    "code": "so-y-te",
    "name_vi": "Sở Y tế",
    "name_en": "Department of Health",
    "kinds": "requesting_unit",
    "source": "a test",
}
BODY = {
    "code": "thanh-tra-tinh",
    "name_vi": "Thanh tra tỉnh",
    "name_en": "Provincial Inspectorate",
    "kinds": "consulted_body;requesting_unit",
    "source": "a test",
}
SECOND_BODY = BODY | {"code": "so-ngoai-vu", "name_vi": "Sở Ngoại vụ"}
AUTHORITY = {
    "code": "ban-thuong-vu-tinh-uy",
    "name_vi": "Ban Thường vụ Tỉnh ủy",
    "name_en": "Standing Committee",
    "kinds": "authority",
    "source": "a test",
}
ORGANISATIONS = (ORGANISATION, BODY, SECOND_BODY, AUTHORITY)

BASIS = {
    "number": "680-QĐ/TU",
    "date": "2018-05",
    "issuer": "Tỉnh ủy",
    "subject": "provincial",
    "source": "a test",
}
OLD_BASIS = BASIS | {"number": "335-QĐ/TU", "date": ""}
LEGAL_BASES = (BASIS, OLD_BASIS)

SUCCESSION = {"predecessor": "so-y-te", "successor": "thanh-tra-tinh", "source": "a test"}
REPLACEMENT = {
    "number": "680-QĐ/TU",
    "date": "2018-05",
    "issuer": "Tỉnh ủy",
    "replaced_number": "335-QĐ/TU",
    "replaced_issuer": "Tỉnh ủy",
    "source": "a test",
}
NAMED_BODY = {
    "regulation": "r-2018",
    "name_vi": "Quy chế phối hợp",
    "name_en": "Coordination regulation",
    "position": "1",
    "body": "thanh-tra-tinh",
    "source": "a test",
}
AUTHORITY_LINE = {
    "management_level": "standing_committee",
    "case_type": "planning",
    "authority": "ban-thuong-vu-tinh-uy",
    "source": "a test",
}

GOOD = {
    "organisations.csv": ORGANISATIONS,
    "successions.csv": (SUCCESSION,),
    "legal_bases.csv": LEGAL_BASES,
    "replacements.csv": (REPLACEMENT,),
    "coordination_regulation.csv": (NAMED_BODY,),
    "authority_table.csv": (AUTHORITY_LINE,),
}


def write_sheet(folder: Path, name: str, *rows: dict[str, str]) -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, HEADINGS[name], restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_folder(folder: Path, **changed: tuple[dict[str, str], ...]) -> Path:
    """Write a whole good folder, with some files changed (named without their ending)."""
    for name, rows in GOOD.items():
        write_sheet(folder, name, *changed.get(name.removesuffix(".csv"), rows))
    return folder
