"""Writing titles and the names of units that a list gives in capitals.

Capitals lose what a Vietnamese title capitalises. Words known to be written with a capital are
put back; whoever compares such names should fold them first.
"""

# ruff: noqa: E501 - the words of a vocabulary stand together on their lines

import re

from vetting.lists.clean_text import clean

_ACRONYMS = [
    "HĐND",
    "UBND",
    "UBMTTQ",
    "MTTQ",
    "UBKT",
    "TAND",
    "VKSND",
    "LĐLĐ",
    "BTV",
    "BCH",
    "BCHQS",
    "BCĐ",
    "BTC",
    "TCCB",
    "UVBTV",
    "UVBCH",
    "UV",
    "CT",
    "PCT",
    "TP",
    "TX",
    "BQL",
    "KKT",
    "HTX",
    "TNCS",
    "HCM",
    "NN",
    "PTNT",
    "GD",
    "ĐT",
    "KH",
    "CN",
    "TT",
    "TTTT",
    "LĐTBXH",
    "VHTTDL",
    "TNMT",
    "GTVT",
    "KHĐT",
    "BHXH",
    "KBNN",
    "THADS",
    "PTTH",
    "THPT",
    "THCS",
    "TH",
    "CLB",
    "CBCC",
    "TNHH",
    "MTV",
    "CP",
    "QL",
    "DN",
    "XD",
    "VP",
    "BQP",
    "CA",
    "CAND",
    "QĐND",
    "QS",
    "BĐBP",
]
# Phrases as they are written; the longest that fits wins.
_PHRASES = sorted(
    """Tỉnh ủy|Thành ủy|Thị ủy|Huyện ủy|Quận ủy|Đảng ủy|Đảng bộ|Đảng|Ban Thường vụ|Ban Chấp hành|Thường trực|Thường vụ|
Bí thư|Phó Bí thư|Chủ tịch|Phó Chủ tịch|Giám đốc|Phó Giám đốc|Trưởng ban|Phó Trưởng ban|Trưởng phòng|
Phó Trưởng phòng|Chánh Văn phòng|Phó Chánh Văn phòng|Chánh Thanh tra|Phó Chánh Thanh tra|Ủy viên|Ủy viên Ban Thường vụ|
Cục trưởng|Phó Cục trưởng|Chi cục trưởng|Viện trưởng|Phó Viện trưởng|Hiệu trưởng|Phó Hiệu trưởng|Chánh án|
Phó Chánh án|Tổng Biên tập|Phó Tổng Biên tập|Chủ nhiệm|Phó Chủ nhiệm|Chỉ huy trưởng|Phó Chỉ huy trưởng|Chính ủy|
Ủy ban nhân dân|Hội đồng nhân dân|Ủy ban Mặt trận Tổ quốc|Mặt trận Tổ quốc|Việt Nam|Hà Tĩnh|Nhà nước|
Văn phòng|Ban Tổ chức|Ban Tuyên giáo|Ban Dân vận|Ban Nội chính|Ủy ban Kiểm tra|Ban Quản lý|Ban Cán sự|
Sở Nội vụ|Sở Tài chính|Sở Kế hoạch và Đầu tư|Sở Công Thương|Sở Xây dựng|Sở Giao thông vận tải|Sở Y tế|
Sở Giáo dục và Đào tạo|Sở Tư pháp|Sở Khoa học và Công nghệ|Sở Thông tin và Truyền thông|Sở Ngoại vụ|
Sở Nông nghiệp và Phát triển nông thôn|Sở Nông nghiệp và Môi trường|Sở Tài nguyên và Môi trường|
Sở Lao động - Thương binh và Xã hội|Sở Văn hóa, Thể thao và Du lịch|Sở Dân tộc và Tôn giáo|Thanh tra|
Khối các cơ quan|Khối doanh nghiệp|Hội Nông dân|Hội Liên hiệp Phụ nữ|Hội Cựu chiến binh|Tỉnh đoàn|
Liên đoàn Lao động|Tòa án nhân dân|Viện Kiểm sát nhân dân|Cục Thi hành án dân sự|Cục Thuế|Cục Hải quan|
Cục Thống kê|Kho bạc Nhà nước|Bảo hiểm xã hội|Báo|Đài Phát thanh và Truyền hình|Trường Chính trị|Trường Đại học|
Trường Cao đẳng|Khu kinh tế|Liên minh Hợp tác xã|Hội Liên hiệp Văn học nghệ thuật|Hội Chữ thập đỏ|
Liên hiệp các Hội Khoa học và Kỹ thuật|Đoàn Thanh niên|Bộ Chỉ huy Quân sự|Công an|Bộ đội Biên phòng""".replace("\n", "").split("|"),
    key=len,
    reverse=True,
)  # fmt: skip
_CANONICAL = {phrase.casefold(): phrase for phrase in _PHRASES}
_PHRASE = re.compile(rf"(?<!\w)({'|'.join(re.escape(p) for p in _CANONICAL)})(?!\w)", re.IGNORECASE)
_PLACE = re.compile(
    r"(?P<head>^(?:Thành ủy|Thị ủy|Huyện ủy|Quận ủy|Tỉnh ủy)|\b(?:huyện|thị xã|thành phố|quận|xã|phường|thị trấn|tỉnh))"
    r"(?P<place>(?: \w+){2,3})$"
)


def in_capitals(text: str) -> bool:
    """Tell whether *text* is written in capitals throughout, and is more than one short word."""
    words = [word for word in re.split(r"[\W\d_]+", text) if word]
    return bool(words) and text.isupper() and any(word not in _ACRONYMS for word in words)


def write_title(text: str) -> str:
    """Return *text* as a title is written; only what stands in capitals throughout changes."""
    text = clean(text)
    if not in_capitals(text):
        return text
    lowered = " ".join(_word(word) for word in text.split())
    lowered = _PHRASE.sub(lambda found: _CANONICAL[found[1].casefold()], lowered)
    lowered = _PLACE.sub(lambda found: found["head"] + _each_capital(found["place"]), lowered)
    return lowered[:1].upper() + lowered[1:]


def _word(word: str) -> str:
    return word if word.strip("().,;:-/") in _ACRONYMS else word.lower()


def _each_capital(words: str) -> str:
    return re.sub(r"\w+", lambda found: found[0][:1].upper() + found[0][1:], words)
