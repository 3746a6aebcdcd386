"""Telling what a row below the headings is, when it is not a person."""

# ruff: noqa: E501 - the words of a vocabulary stand together on their lines

import re

from vetting.lists.clean_text import clean, fold
from vetting.lists.write_titles import in_capitals, write_title

# with marks, because Tống and Công are people
_TOTAL = re.compile(
    r"(?:tổng(?: cộng| số| hợp)?|cộng(?: chung| lại)?|(?:grand )?total|sum)\s*(?:[:;(=\-–.\d].*)?|"
    r"(?:tổng cộng|tổng số|tong cong|tong so)\b.*|"
    r"(?:ấn định |tổng )?(?:danh sách|ds)(?: trên| này)?(?: này)? (?:có|gồm|ấn định)\b.*|"
    r"(?:total|this list) (?:of|has|contains) .*",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"(t m|tm|k t|kt|t l|tl|t u q|tuq)\.? [^\d]+|"
    r"(thu truong|thu truong don vi|nguoi lap( bieu| bang| danh sach)?.*|lap bieu|xac nhan( cua)? .*|noi nhan.*|"
    r"ky ten.*|da ky.*|ky ghi ro ho ten.*|ky va dong dau.*|dong dau.*|ky dong dau.*|nguoi tong hop|nguoi kiem tra|nguoi duyet)"
    r"|(.* )?ngay( \d+)? thang( \d+)? nam( \d+)?|signed.*|signature.*|prepared by.*|approved by.*"
)
_NOTE = re.compile(r"^\s*[(\[]?\s*\*|^\s*\((?!\w\))|^\s*\d+\s*\)?\s*[:=]")
_NOTE_WORDS = re.compile(
    r"(trang \d+|page \d+|tiep theo|ghi chu|chu thich|luu y|chu y|note|notes|nguon|source|trong do|vi du|kem theo)\b.*"
)
_COUNTER = re.compile(r"\(?[a-z]?\d{0,2}[a-z]?\)?(\s*[=+]\s*[\d+=\s]+)?", re.IGNORECASE)

_MARKER = re.compile(
    r"^\s*(?:(?:phần|mục|nhóm)\s+(?:thứ\s+)?)?"
    r"(?P<marker>[IVX]{1,5}(?:\.\d+)*(?:\s*[.)\-–:/]+|\s+(?=\w))|[A-Z](?:\s*[.)\-–:/]+|\s+-\s*)"
    r"|\d{1,3}(?:\.\d{1,3})*\s*[.)\-–:/]+|[a-zđ]\s*[.)]|[-–+•*●▪]+)\s*(?=\S)"
)
_ROMAN = re.compile(r"[IVXLC]+(\.\d+)?[.)\-–:/]*")
_LETTER = re.compile(r"[A-ZĐ][.)\-–:/]*")
_SMALL_LETTER = re.compile(r"[a-zđ][.)\-–:/]*")
_SERIAL = re.compile(r"\d{1,6}(\.0)?[.)]?|\d{1,3}(\.\d{1,3})+\.?|[IVX]+\.\d+")

_COUNT_AFTER = re.compile(
    r"\s*[:\-–]?\s*[(\[]?\s*(?:gồm|có)?\s*\d+\s*(?:đồng chí|đ/c|đ\.c|người|nhân sự|cán bộ|suất|people|persons)\s*[)\]]?\s*$|"
    r"\s*[(\[]\s*\d+\s*[)\]]\s*$",
    re.IGNORECASE,
)
_BEFORE_TITLE = re.compile(
    r"^(?:danh sách\s+)?(?:cán bộ\s+|nhân sự\s+)?(?:đề nghị\s+|được\s+|giới thiệu\s+)*"
    r"(?:(?:quy hoạch|bổ nhiệm|dự kiến|đề nghị)\s+)?(?:vào\s+|giữ\s+)?(?:các\s+)?(?:chức danh|chức vụ|vị trí)\s*"
    r"(?:quy hoạch|đề nghị(?: quy hoạch)?|dự kiến)?\s*[:\-–]?\s*|^(?:quy hoạch|title|position|target)\s*[:\-–]\s*|^quy hoạch\s+",
    re.IGNORECASE,
)

_TITLE = re.compile(
    r"(?:các\s+)?(?:chức danh|cấp phó|cấp trưởng|bí thư|phó\s+(?:bí thư|chủ tịch|giám đốc|tổng|trưởng|chánh|cục|viện|hiệu|"
    r"ban|chủ nhiệm|chỉ huy|chính ủy|phòng|thủ trưởng|đội|khoa|vụ|chi cục)|chủ tịch|chủ nhiệm|giám đốc|tổng\s+(?:giám đốc|biên tập|cục)|"
    r"trưởng\s|trưởng$|ủy viên|uỷ viên|uv\s|uvbtv|btv|bch\b|chánh|cục trưởng|chi cục trưởng|viện trưởng|hiệu trưởng|vụ trưởng|đội trưởng|"
    r"tổ trưởng|trạm trưởng|hạt trưởng|kế toán|chính ủy|chính trị viên|chỉ huy|thư ký|thường trực|thường vụ|"
    r"ban thường vụ|ban chấp hành|ban thường trực|ban cán sự|đại biểu|kiểm sát viên|thẩm phán|chấp hành viên|"
    r"director|deputy|head of|chair|secretary|member|vice|chief)",
    re.IGNORECASE,
)
_ORGANISATION = re.compile(
    r"(?:các\s+)?(?:khối|phòng|sở|huyện|thị xã|thành phố|tỉnh|xã|phường|thị trấn|đơn vị|cơ quan|trung tâm|ban|chi cục|cục|"
    r"văn phòng|công ty|trường|đảng bộ|đảng ủy|chi bộ|quận|thị ủy|thành ủy|huyện ủy|diện|cán bộ|danh sách|nhân sự|"
    r"cấp|nam|nữ|lĩnh vực|nguồn|quy hoạch|nhóm|cụm|bệnh viện|hội|ngành|ubnd|hđnd|department|division|office)\b",
    re.IGNORECASE,
)


def is_total(text: str) -> bool:
    """Tell a line that adds up."""
    return _TOTAL.fullmatch(text) is not None


def is_signature(text: str) -> bool:
    """Tell a line of the block below a list: for whom, who signs, where and when."""
    return _SIGNATURE.fullmatch(fold(text)) is not None


def is_note(text: str) -> bool:
    """Tell a footnote."""
    return _NOTE.match(text) is not None or _NOTE_WORDS.fullmatch(fold(text)) is not None


def are_column_numbers(texts: list[str]) -> bool:
    """Tell the row that numbers the columns: 1, 2, 3 and so on, or A, B, 1, 2."""
    if len(texts) < 3 or not all(_COUNTER.fullmatch(text) for text in texts):  # noqa: PLR2004
        return False
    numbers = [int(found[0]) for text in texts if (found := re.search(r"\d+", text))]
    return numbers == sorted(set(numbers)) and len(numbers) < max(numbers, default=1) + 2


def is_serial(text: str) -> bool:
    """Tell the number of a row from the mark of a section."""
    return _SERIAL.fullmatch(text) is not None


def level_of(marker: str) -> int | None:
    """Return how deep a section's mark stands, 0 outermost; None if it is no mark."""
    marker = marker.strip()
    for level, pattern in ((1, _ROMAN), (0, _LETTER), (2, _SERIAL), (3, _SMALL_LETTER)):
        if pattern.fullmatch(marker):
            return level
    return 4 if marker and not any(letter.isalnum() for letter in marker) else None


def split_marker(text: str) -> tuple[int | None, str]:
    """Return the level of the mark that *text* begins with, if any, and the rest."""
    found = _MARKER.match(text)
    if not found:
        return None, text
    level = level_of(re.sub(r"[\s.)\-–:/]+$", "", found["marker"]) or found["marker"])
    return (4 if level is None else level), text[found.end() :]


def section_title(text: str) -> str:
    """Return the title that the heading of a section names, without count and introduction."""
    title = _COUNT_AFTER.sub("", clean(text)).rstrip(" :;,.-–")
    shorter = _BEFORE_TITLE.sub("", title).strip()
    return write_title(shorter or title)


def reads_as_title(text: str) -> bool:
    """Tell whether *text* begins as the title of a post does."""
    return _TITLE.match(_BEFORE_TITLE.sub("", clean(text))) is not None


def reads_as_organisation(text: str) -> bool:
    """Tell whether *text* begins as an organisation or a group does."""
    return _ORGANISATION.match(clean(text)) is not None


def is_signers_title(text: str) -> bool:
    """Tell a title in capitals standing alone, as above a signature."""
    return in_capitals(clean(text)) and reads_as_title(text)
