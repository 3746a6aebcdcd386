"""Finding which unit sent a list, as the list itself states it."""

# ruff: noqa: E501 - the words of a vocabulary stand together on their lines

import re

from vetting.lists.clean_text import clean, fold
from vetting.lists.grid import Grid
from vetting.lists.write_titles import in_capitals, write_title

_LABELLED = re.compile(
    r"^(?:tên\s+)?(?:đơn vị|cơ quan|unit|agency|requesting unit)(?:\s+(?:gửi|lập|đề nghị|báo cáo|trình))?\s*:\s*(?P<unit>\S.{2,})$",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"(tinh uy|thanh uy|thi uy|huyen uy|quan uy|dang uy|dang bo|chi bo|ban|so|cuc|chi cuc|kho bac|bao hiem|bao|dai|truong|"
    r"uy ban|ubnd|hdnd|hoi|hoi dong|lien minh|lien hiep|lien doan|tinh doan|thanh doan|huyen doan|doan|toa an|tand|vien|vksnd|"
    r"thanh tra|van phong|trung tam|benh vien|cong an|bo chi huy|bo tu lenh|bo doi|cong ty|tong cong ty|ngan hang|"
    r"chi nhanh|phong|vuon quoc gia|quy|hat kiem lam|cang|uy ban kiem tra|mat tran)\b.*"
)
_NO_UNIT = re.compile(
    r"(ban sao|ban nhap|ban hanh|bao cao|so \d.*|so (ttr|cv|bc|tb|qd|kh|ds)\b.*|ban thuong vu|thanh phan|quy hoach.*|truong hop.*|hoi nghi.*|"
    r"dang cong san viet nam|cong hoa xa hoi.*|doc lap.*)"
)
_SUPERIOR = re.compile(r"(tinh uy|ubnd tinh|uy ban nhan dan tinh|hdnd tinh|trung uong.*|bo )\b.*")
_WITHIN_TITLE = re.compile(
    r"(?:\bcủa|\bđơn vị|\btại|\bthuộc)\s*:?\s+(?P<unit>(?:Sở|Ban|Cục|Hội|Huyện ủy|Thành ủy|Thị ủy|Đảng ủy|Văn phòng|Trường|"
    r"Ủy ban|UBND|Đài|Báo|Liên|Tỉnh đoàn|Tòa án|Viện|Thanh tra|Kho bạc|Bảo hiểm)\b.{2,90}?)\s*(?:$|,?\s*nhiệm kỳ|,?\s*giai đoạn|\()",
    re.IGNORECASE,
)
_TITLES = ("danh sach", "bieu tong hop", "trich ngang")
_LONGEST = 150


def find_unit(grid: Grid, above: int) -> str | None:
    """Return the unit named in the lines above row *above*, or None."""
    lines = [
        text
        for row in grid.rows[:above]
        for cell in row
        if isinstance(cell, str)
        for piece in cell.split("\n")
        if (text := clean(piece)) and len(text) <= _LONGEST
    ]
    stated = _labelled(lines) or _letterhead(lines) or _in_headline(lines)
    return _as_written_below(grid, above, stated) if stated else None


def _labelled(lines: list[str]) -> str | None:
    for line in lines:
        if found := _LABELLED.match(line):
            return found["unit"].rstrip(" .;,")
    return None


def _letterhead(lines: list[str]) -> str | None:
    """Return the last name of a unit in the head; a superior body stands above it."""
    folded = [fold(line) for line in lines]
    title = next((at for at, line in enumerate(folded) if line.startswith(_TITLES)), len(lines))
    below = [line for line in lines[title:] if in_capitals(line)]
    for head in (lines[:title], below):
        units = [line for line in head if _names_a_unit(fold(line))]
        own = [unit for unit in units if not _SUPERIOR.fullmatch(fold(unit))]
        if units:
            return (own or units)[-1]
    return None


def _names_a_unit(folded: str) -> bool:
    return bool(_UNIT.fullmatch(folded)) and not _NO_UNIT.fullmatch(folded)


def _in_headline(lines: list[str]) -> str | None:
    for line in lines:
        if found := _WITHIN_TITLE.search(line):
            return found["unit"]
    return None


def _as_written_below(grid: Grid, above: int, stated: str) -> str:
    """Give *stated* its small letters back, from the cells below if they name the unit."""
    if not in_capitals(stated):
        return stated
    wanted = stated.casefold()
    for row in grid.rows[above:]:
        for cell in row:
            if isinstance(cell, str) and len(cell) >= len(wanted):
                text = clean(cell)
                start = text.casefold().find(wanted)
                written = text[start : start + len(wanted)]
                if start >= 0 and written.casefold() == wanted and not written.isupper():
                    return written
    return write_title(stated)
