"""Recognising what a column holds from the words at its head.

Headings are compared folded: lower case, no marks, no punctuation. Each rule is a pattern; the
first that fits decides, so the order below is part of the knowledge.
"""

# ruff: noqa: E501 - the words of a vocabulary stand together on their lines

import re
from enum import StrEnum

from vetting.lists.clean_text import fold


class Holds(StrEnum):
    """What a column holds."""

    NAME = "name"
    SURNAME = "surname"
    MIDDLE_NAME = "middle name"
    GIVEN_NAME = "given name"
    BIRTH = "birth"
    TARGET = "target"
    POSITION = "position"
    WORKPLACE = "workplace"
    TITLE = "title"  # “Chức danh” alone: the target if nothing else is, otherwise the position
    NUMBER = "number"
    ORDINARY = "ordinary"  # part of every such list, not needed: passed over
    WITHHELD = "withheld"  # known, and none of this house’s business: never kept, and named
    UNKNOWN = "unknown"  # anything else: never kept, and named


NAMES = frozenset({Holds.NAME, Holds.SURNAME, Holds.MIDDLE_NAME, Holds.GIVEN_NAME})

_PRESENT = r"hien (nay|tai|giu|dang|co)|dang (giu|dam nhiem|cong tac)|current|present"
_EARLIER = (
    r"(da|dang) (duoc )?(phe duyet )?quy hoach|quy hoach (cu|truoc|hien .*|giai doan truoc.*)"
)
_COUNTED = r"phieu|ty le|ket qua|thoi gian|thoi diem|(ngay|thang|nam|so|ly do|ngay thang nam) (de nghi|quy hoach|bo nhiem)"
_ASKED_FOR = (
    r"quy hoach|qh|du kien|de nghi|de xuat|gioi thieu|bo nhiem|ung cu|bau cu|de cu|bo tri|"
    r"(dieu dong|luan chuyen)( den)?|phe chuan|planned|planning|proposed|target|nominat\w+"
)
_ORGANISATION = r"don vi|co quan|to chuc|unit|agency"

_RULES: tuple[tuple[Holds, str], ...] = (
    (Holds.NUMBER, r"(so )?(tt|stt|s t t|thu tu)( .{1,6})?|so stt|no|number|ordinal|order"),
    # relatives, first of all: their names and births are not the candidate’s
    (
        Holds.WITHHELD,
        (
            r".*\b(vo chong|chong vo|(ten|sinh) (cua )?(vo|chong|cha|bo|me|con|anh|chi|em)|than nhan|gia dinh|"
            r"nguoi than|bo me|cha me|father\w*|mother\w*|spouse\w*|wife|husband|children|relatives?|anh chi em|"
            r"ong ba|quan he|nguoi gioi thieu)\b.*"
        ),
    ),
    (Holds.WITHHELD, r".*\b(dan toc|ton giao|ethnic\w*|religio\w*|thanh phan|tin nguong)\b.*"),
    (Holds.ORDINARY, r".*\b(vao dang|vao dcsvn|party (date|admission|member\w*))\b.*"),
    (Holds.ORDINARY, r"(ngay )?(ket nap|chinh thuc|du bi)( dang)?|joined .*party.*|date joined.*"),
    (
        Holds.ORDINARY,
        r"(?!.*\b(ngay|nam) sinh\b).*\b(que quan|nguyen quan|noi sinh|sinh quan|home ?town|native place|place of birth)\b.*",
    ),
    (
        Holds.ORDINARY,
        r"que|gioi( tinh)?( (nam|nu|nam nu))?|(nam )?nu|nam|phai|nu gioi|nam gioi|gender|sex|male|female|m f",
    ),
    (Holds.ORDINARY, r"ghi chu.*|chu thich|luu y|notes?|remarks?|comments?"),
    (
        Holds.NAME,
        (
            rf"(?!.*\b({_ORGANISATION}|khac|thuong goi|bi danh)\b)"
            r"(.*\bho (va |chu dem va |chu dem |dem va |dem |lot va |chu lot va |dem chu lot va )?ten\b(?! dem$).*"
            r"|.*\b(hoten|hovaten)\b.*|ten (can bo|nhan su|dong chi|nguoi|ung vien|khai sinh).*"
            r"|(full |candidate )?name( .*)?|candidates?|persons?|fullname"
            r"|(cac )?(nhan su|dong chi|can bo|ung vien)( (duoc )?(de nghi|gioi thieu|quy hoach|du kien).*)?"
            r"|danh sach (can bo|nhan su)|ho va ten dem)"
        ),
    ),
    (
        Holds.TARGET,
        (
            rf"(?!.*\b({_PRESENT}|{_EARLIER}|{_COUNTED})\b)(?=.*\b(chuc|vi tri|position|post|title)\b)"
            rf".*\b({_ASKED_FOR})\b.*"
        ),
    ),
    (
        Holds.WITHHELD,
        (
            rf".*\b({_EARLIER}|{_COUNTED}|tin nhiem|danh gia|xep loai|trinh do|chuyen mon|ly luan|ngoai ngu|"
            r"tin hoc|hoc vi|hoc ham|bang cap|luong|ngach|dien thoai|sdt|dia chi|cccd|cmnd|cmt|can cuoc|"
            r"chung minh|dinh danh|email|ten khac|thuong goi|bi danh|khen thuong|ky luat|suc khoe|tuoi|age|"
            r"phone|address|qualifications?|education|passport|ho chieu)\b.*|(nhiem ky|giai doan).*"
        ),
    ),
    (Holds.BIRTH, r"(?!.*\b(noi|sinh hoat|sinh vien|khai sinh)\b(?!.*\bngay sinh)).*\bsinh\b.*"),
    (
        Holds.BIRTH,
        r".*\b(ntns|ntn|dob|d o b|birth\w*|born|ngaysinh|namsinh)\b.*|yob|ngay thang nam",
    ),
    (Holds.SURNAME, r"ho|ho (va )?(chu )?(ten )?(dem|lot)|surname|last name|family name"),
    (Holds.MIDDLE_NAME, r"(ten |chu )?(dem|lot)|middle names?"),
    (Holds.GIVEN_NAME, r"ten|ten goi|given names?|first name"),
    (
        Holds.TARGET,
        (
            rf"(?!.*\b({_PRESENT})\b)(?!({_ORGANISATION}|nguoi|cap|so|ngay|nam|ly do)\b)"
            rf".*\b({_ASKED_FOR})\b.*"
        ),
    ),
    (
        Holds.WORKPLACE,
        (
            rf"(?!.*\b(chuc vu|chuc danh|cv|position|post|job)\b)(?!.*\b({_ASKED_FOR})\b)"
            rf".*\b({_ORGANISATION}|noi cong tac|noi lam viec|workplace|employer|organi[sz]ation|phong ban)\b.*"
        ),
    ),
    (
        Holds.POSITION,
        rf".*\b({_PRESENT}|chuc vu|cong tac|cong viec|position|post|job|occupation|chuc danh don vi)\b.*",
    ),
    (Holds.TITLE, r".*\b(chuc danh|vi tri|title)\b.*"),
)
_COMPILED = tuple((holds, re.compile(pattern)) for holds, pattern in _RULES)
_LONGEST_HEADING = 120

_UNDER_A_HEADING = re.compile(
    r"(nam|nu|nam gioi|nu gioi|ngay|thang|nam sinh|ngay sinh|ngay thang nam( sinh)?|thang nam|ho|ten|ho dem|dem|ho (va )?(chu )?(ten )?dem|chinh quyen|dang|"
    r"doan the|du bi|chinh thuc|chuc vu|chuc danh|don vi( cong tac)?|co quan|hien nay|hien tai|"
    r"quy hoach|chuyen mon|ly luan( chinh tri)?|ngoai ngu|tin hoc|xa|huyen|tinh|male|female|day|month|"
    r"year|first|last|moi|cu|bo sung|lan dau|de nghi|nhiem ky.*|giai doan.*|ngay vao.*|que quan|nguyen quan|"
    r"van hoa|hoc vi|hoc ham|trinh do.*|chuc .*|noi .*|vi tri.*|so phieu|ty le|(so luong|ket qua).*)"
)


def recognise(heading: str) -> Holds:
    """Return what the column under *heading* holds."""
    folded = fold(heading)
    if not folded or len(folded) > _LONGEST_HEADING:
        return Holds.UNKNOWN
    for holds, pattern in _COMPILED:
        if pattern.fullmatch(folded):
            return holds
    return Holds.UNKNOWN


def may_stand_below(heading: str) -> bool:
    """Tell whether *heading* is one of the words that stand in a second row of headings."""
    return _UNDER_A_HEADING.fullmatch(fold(heading)) is not None
