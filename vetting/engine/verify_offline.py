#!/usr/bin/env python3
"""Check a receipt or a case package, without the program that made it and without a network.

    python3 verify_offline.py FILE [--log-key KEY] [--witness-key KEY ...] [--json]

Python's own library is all it needs. It recomputes every hash: of what an entry says, of the entry,
of the chain of entries, of the tree they stand in (RFC 9162), and checks who signed the tree's root
(Ed25519, RFC 8032; C2SP signed-note, tlog-checkpoint, tlog-cosignature). A package is a ZIP: the
hash of its files stands in the history's last entry, so that whoever signed the log signed them
too. Nothing is unpacked anywhere. The keys to trust come from you, not from the file: without them
the file can only be shown to agree with itself, and that is said. Of several witnesses one has to
have signed; each that has not is named. Every answer is in Vietnamese and in English. Ends with 0
if all holds, 1 if something does not, 2 if the file cannot be read.

Tệp này kiểm tra một biên nhận hoặc một gói hồ sơ, không cần chương trình đã lập ra tệp và không cần
mạng. Khóa công khai phải được giao bằng đường khác, không lấy từ chính tệp cần kiểm tra. Kết thúc
bằng 0 nếu khớp, 1 nếu không khớp, 2 nếu không đọc được.
"""

import argparse
import io
import json
import re
import sys
import zlib
from base64 import b64decode, b64encode
from codecs import register_error
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256, sha512
from pathlib import Path
from typing import Any, TextIO
from unicodedata import normalize
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

Point = tuple[int, int, int, int]
Key = tuple[str, bytes]  # a name, and the bytes of a public key
Told = dict[str, Any]  # as the file has it

FIRST = "0" * 64
RECEIPT, PACKAGE = "vetting receipt v1", "vetting case package v1"
FILES = "vetting files v1"
PARTS = {  # what each of them has, all of it and nothing else
    RECEIPT: {"format", "case", "previous", "entries", "checkpoint", "log_key"},
    PACKAGE: {"format", "case", "last_seal", "entries", "checkpoint", "log_key"},
}
LINE = {"number", "seal", "entry", "position", "proof"}
# What names the files of a package, and what its moment is: the file is taken out later.
EXPORTED = {
    "case.exported": ("Asked for", "Yêu cầu lấy ra"),
    "request.answered": ("Agreed to by the second person", "Người thứ hai đồng ý"),
}
HISTORY, MANIFEST = "history.json", "manifest.json"  # the two files that prove the others
MOST_FILES, MOST_BYTES = 64, 128 * 1024 * 1024  # of a package, unpacked
LOG, WITNESS = 1, 4  # what kind of signature a key makes
LAST_SECOND = 2**37  # far beyond any moment at which a witness signs
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # from which a witness counts its seconds


class Wrong(Exception):
    """Something does not hold; the words say what, in English and in Vietnamese."""

    def __init__(self, english: str, vietnamese: str) -> None:
        super().__init__(english)
        self.vietnamese = vietnamese


class Unreadable(Wrong):
    """The file is no receipt and no package, or only a part of one."""


# ------------------------------------------------------------------ hashes


def canonical(value: object) -> bytes:
    """Write a value down in the one way that is hashed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(domain: str, content: bytes) -> str:
    """Hash *content* within a domain."""
    return sha256(domain.encode() + b"\n" + content).hexdigest()


def leaf_hash(leaf: bytes) -> bytes:
    """Hash a leaf of the tree."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two neighbours in the tree."""
    return sha256(b"\x01" + left + right).digest()


def root_by(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Return the root to which a proof leads from a leaf (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        raise Wrong(
            "the entry's place is outside the log", "vị trí của mục nằm ngoài nhật ký chung"
        )
    found, last = leaf_hash(leaf), size - 1
    for step in proof:
        if last == 0:
            raise Wrong("the proof is too long", "chuỗi chứng minh dài quá mức")
        if index & 1 or index == last:
            found = node_hash(step, found)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            found = node_hash(found, step)
        index, last = index >> 1, last >> 1
    if last:
        raise Wrong("the proof is too short", "chuỗi chứng minh chưa đủ")
    return found


# ------------------------------------------------------------------ Ed25519 (RFC 8032, 5.1)

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def _x_of(y: int, sign: int) -> int | None:
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P:
        return None
    return P - x if x & 1 != sign else x


def _point(data: bytes) -> Point | None:
    y = int.from_bytes(data, "little")
    x = _x_of(y & (1 << 255) - 1, y >> 255)
    y &= (1 << 255) - 1
    return None if x is None else (x, y, 1, x * y % P)


def _add(a: Point, b: Point) -> Point:
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(number: int, point: Point) -> Point:
    result = (0, 1, 1, 0)
    while number:
        if number & 1:
            result = _add(result, point)
        point, number = _add(point, point), number >> 1
    return result


_BASE_Y = 4 * pow(5, P - 2, P) % P
_BASE_X = _x_of(_BASE_Y, 0) or 0
BASE = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % P)


def signed_by(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether an Ed25519 signature is of this key over this message."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, begin = _point(public), _point(signature[:32])
    number = int.from_bytes(signature[32:], "little")
    if key is None or begin is None or number >= ORDER:
        return False
    hashed = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % ORDER
    left, right = _times(number, BASE), _add(begin, _times(hashed, key))
    return (
        left[0] * right[2] % P == right[0] * left[2] % P
        and left[1] * right[2] % P == right[1] * left[2] % P
    )


# ------------------------------------------------------------------ notes


def _base64(text: str) -> bytes:
    try:
        content = b64decode(text, validate=True)
    except ValueError:
        raise Wrong(
            "something that should be base64 is not", "có chỗ lẽ ra là mã base64 nhưng không phải"
        ) from None
    if b64encode(content).decode() != text:
        raise Wrong(
            "something that should be base64 is spelled in another way",
            "có chỗ mã base64 được viết theo cách khác",
        )
    return content


def read_key(text: str, kind: int) -> Key:
    """Return the name and the bytes of a key written as NAME+MARK+BASE64."""
    parts = re.fullmatch(r"([^\s+]+)\+([0-9a-f]{8})\+(\S+)", text)
    if parts is None:
        raise Wrong("a key is not written as a key", "khóa không được viết đúng dạng")
    content = _base64(parts[3])
    if content[0:1] != bytes([kind]) or _mark(parts[1], content) != bytes.fromhex(parts[2]):
        raise Wrong(
            "a key is not of the kind that was asked for, or does not fit its mark",
            "khóa không đúng loại cần dùng, hoặc không khớp với dấu của khóa",
        )
    return parts[1], content[1:]


def _mark(name: str, content: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + content).digest()[:4]


def read_note(note: str) -> tuple[str, str, int, bytes, list[tuple[str, bytes, bytes]]]:
    """Return a checkpoint's text, origin, size, root and the signatures under it."""
    text, blank, below = note.rpartition("\n\n")
    lines = f"{text}\n".split("\n")
    if not blank or len(lines) < 4 or not re.fullmatch(r"0|[1-9][0-9]{0,17}", lines[1]):
        raise Wrong("the checkpoint is not a checkpoint", "mốc không đúng dạng")
    root = _base64(lines[2])
    if len(root) != 32 or not lines[0] or not below.endswith("\n"):
        raise Wrong("the checkpoint is not a checkpoint", "mốc không đúng dạng")
    signatures = []
    for line in below[:-1].split("\n"):
        parts = re.fullmatch(r"— ([^\s+]+) (\S+)", line)
        if parts is None:
            raise Wrong(
                "a line under the checkpoint is not a signature",
                "có dòng dưới mốc không phải là chữ ký",
            )
        content = _base64(parts[2])
        signatures.append((parts[1], content[:4], content[4:]))
    return f"{text}\n", lines[0], int(lines[1]), root, signatures


def log_signed(note: str, key: Key) -> bool:
    """Tell whether the log's key signed the note."""
    name, public = key
    text, origin, _, _, signatures = read_note(note)
    mark = _mark(name, bytes([LOG]) + public)
    return origin == name and any(
        (one, two) == (name, mark) and signed_by(public, text.encode(), signature)
        for one, two, signature in signatures
    )


def witness_signed(note: str, key: Key) -> int | None:
    """Return the second at which a witness saw the note, or None if it did not sign it."""
    name, public = key
    text, _, _, _, signatures = read_note(note)
    mark = _mark(name, bytes([WITNESS]) + public)
    for one, two, content in signatures:
        if (one, two) == (name, mark) and len(content) == 72:
            seconds = int.from_bytes(content[:8], "big")
            told = f"cosignature/v1\ntime {seconds}\n{text}".encode()
            if seconds < LAST_SECOND and signed_by(public, told, content[8:]):
                return seconds
    return None


# ------------------------------------------------------------------ receipts and packages


def _once(pairs: list[tuple[str, Any]]) -> Told:
    told = dict(pairs)
    if len(told) < len(pairs):
        raise Wrong(
            "a name stands in it twice, so that others could read another thing than was checked",
            "có tên được ghi hai lần, nên người đọc có thể thấy khác với nội dung được kiểm tra",
        )
    return told


def read_told(text: bytes | str) -> Told:
    """Read JSON in which no name stands twice."""
    told: Told = json.loads(text, object_pairs_hook=_once)
    return told


def check_form(told: Told) -> None:
    """Check that nothing is in it but what is checked, each thing in the one way it is written."""
    extra = told.keys() ^ PARTS[told["format"]]
    for line in told["entries"]:
        extra |= line.keys() ^ (LINE | (line.keys() & {"payload"}))
        extra |= line.get("payload", {}).keys() - {"salt", "content"}
        if line["entry"] is None and "payload" in line:
            raise Wrong("a hidden entry says something", "có mục được che mà lại kèm nội dung")
        for name in ("number", "position"):
            if type(line[name]) is not int:
                raise Wrong(
                    f"the {name} of an entry is no number: an entry that is not in the log is "
                    "proved by nothing",
                    f"có mục mà “{name}” không phải là số: mục không có trong nhật ký chung thì "
                    "không có gì chứng minh",
                )
        proof = line["proof"]
        if type(proof) is not list or not all(re.fullmatch(r"[0-9a-f]{64}", one) for one in proof):
            raise Wrong(
                "a step of a proof is not a hash", "có bước của chuỗi chứng minh không phải mã băm"
            )
        if told["format"] == RECEIPT and line["entry"] is None:
            raise Wrong("a receipt hides what it is for", "biên nhận che nội dung của chính nó")
    if extra:
        raise Wrong(
            f"something is missing, or was put in: {min(extra)}",
            f"có phần bị thiếu hoặc bị thêm vào: {min(extra)}",
        )


def check_entry(line: Told, previous: str, case: str) -> str:
    """Check one entry; returns its seal. A hidden one is its seal alone, which the log has."""
    seal: str = line["seal"]
    if not re.fullmatch(r"[0-9a-f]{64}", seal):
        raise Wrong("a seal is not a hash", "có dấu niêm không phải là mã băm")
    entry = line.get("entry")
    if entry is None:
        return seal
    if entry["case_handle"] != case or entry["number"] != line["number"]:
        raise Wrong(
            "the entry is of another case, or another place in it",
            "mục này thuộc hồ sơ khác, hoặc ở vị trí khác trong hồ sơ",
        )
    if normalize("NFC", canonical(entry).decode()).encode() != canonical(entry):
        raise Wrong(
            "the entry is not written in the one way that is hashed",
            "mục không được viết theo đúng một cách dùng để băm",
        )
    if digest("vetting entry v1", previous.encode() + b"\n" + canonical(entry)) != seal:
        raise Wrong("the entry was changed", "mục đã bị sửa đổi")
    payload = line.get("payload")
    if payload is not None:
        committed = payload["salt"].encode() + b"\n" + payload["content"].encode()
        if digest("vetting payload v1", committed) != entry["payload_hash"]:
            raise Wrong("what the entry says was changed", "nội dung của mục đã bị sửa đổi")
    return seal


def check_line(line: Told, previous: str, told: Told, size: int, root: bytes) -> str:
    """Check one entry and its place in the log; returns its seal."""
    seal = check_entry(line, previous, told["case"])
    proof = [bytes.fromhex(step) for step in line["proof"]]
    if root_by(bytes.fromhex(seal), line["position"], size, proof) != root:
        raise Wrong(
            "the log does not have the entry at its place",
            "nhật ký chung không có mục này ở vị trí đã ghi",
        )
    return seal


def check_lines(told: Told, size: int, root: bytes) -> None:
    """Check every entry, one after the other, and that none is missing."""
    previous = told.get("previous", FIRST)
    for number, line in enumerate(told["entries"], 1):
        if told["format"] == PACKAGE and line["number"] != number:
            raise Wrong(f"entry {number}: it is missing", f"mục {number}: bị thiếu")
        try:
            previous = check_line(line, previous, told, size, root)
        except Wrong as wrong:
            raise Wrong(
                f"entry {line['number']}: {wrong}", f"mục {line['number']}: {wrong.vietnamese}"
            ) from None
    if not told["entries"]:
        raise Wrong("there is no entry in it", "trong tệp không có mục nào")
    if told["format"] == PACKAGE and told["last_seal"] != previous:
        raise Wrong("the end of the history is missing", "phần cuối của nhật ký bị thiếu")


def packed(files: Mapping[str, bytes]) -> bytes:
    """Put files into a ZIP: the same files make the same bytes."""
    written = io.BytesIO()
    with ZipFile(written, "w", ZIP_STORED) as archive:
        for name in sorted(files):
            one = ZipInfo(name)  # of 1980, where every ZIP begins to count
            one.create_system, one.external_attr = 3, 0o644 << 16
            archive.writestr(one, files[name])
    return written.getvalue()


def unpacked(data: bytes) -> dict[str, bytes]:
    """Return the files of a ZIP by name. Nothing of it is written, or grows beyond its bounds."""
    files: dict[str, bytes] = {}
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            inside = archive.infolist()
            if len(inside) > MOST_FILES or sum(one.file_size for one in inside) > MOST_BYTES:
                raise Unreadable(
                    "it is larger than any package", "tệp lớn hơn mức của mọi gói hồ sơ"
                )
            for one in inside:
                if one.compress_type not in {ZIP_STORED, ZIP_DEFLATED} or one.flag_bits & 1:
                    raise Unreadable(
                        "it is packed or locked in a way that no package is",
                        "tệp được nén hoặc khóa theo cách mà gói hồ sơ không dùng",
                    )
                if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", one.filename):
                    raise Wrong(
                        "a file in it has a name that no file of a package has",
                        "trong gói có tệp mang tên mà không tệp nào của gói hồ sơ mang",
                    )
                if one.filename in files:
                    raise Wrong(
                        f"it has two files that are called {one.filename}",
                        f"trong gói có hai tệp cùng tên {one.filename}",
                    )
                files[one.filename] = archive.read(one)
    except (BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, KeyError) as error:
        raise Unreadable(
            f"it is damaged, or a part of it is missing ({error})",
            f"tệp bị hỏng hoặc thiếu một phần ({error})",
        ) from None
    return files


def manifest_of(case: str, files: Mapping[str, bytes], lines: Sequence[Told]) -> bytes:
    """Write down which files a package of a case has, their hashes, and what it tells of entries.

    So nobody can leave out of it what an entry says, and say that it was kept from the reader.
    """
    hashes = {name: sha256(content).hexdigest() for name, content in files.items()}
    told = [[line["seal"], line["entry"], line.get("payload")] for line in lines]
    history = sha256(canonical(told)).hexdigest()
    return canonical({"format": FILES, "case": case, "files": hashes, "history": history})


def check_files(files: Mapping[str, bytes], listed: Mapping[str, str]) -> None:
    """Check that files are those of a list, each as it was, and no others."""
    if extra := sorted(files.keys() - listed.keys()):
        raise Wrong(f"a file was put in: {extra[0]}", f"có tệp bị thêm vào: {extra[0]}")
    if missing := sorted(listed.keys() - files.keys()):
        raise Wrong(f"a file is missing: {missing[0]}", f"thiếu tệp: {missing[0]}")
    for name, content in sorted(files.items()):
        if sha256(content).hexdigest() != listed[name]:
            raise Wrong(f"a file was changed: {name}", f"tệp đã bị sửa đổi: {name}")


def check_package(data: bytes, log_key: Key | None, witness_keys: Sequence[Key]) -> Told:
    """Check a package: that its files are those, and only those, that its history's end names."""
    files = unpacked(data)
    if not {HISTORY, MANIFEST} <= files.keys():
        raise Unreadable(
            "it is no case package: it has no history, or no list of its files",
            "tệp không phải là gói hồ sơ: thiếu nhật ký hoặc thiếu danh sách các tệp",
        )
    manifest, history = files.pop(MANIFEST), files.pop(HISTORY)
    told, listed = read_told(history), read_told(manifest)
    if listed["format"] != FILES or told["format"] != PACKAGE:
        raise Wrong("this is not a case package", "tệp không phải là gói hồ sơ")
    if history != canonical(told):
        raise Wrong(
            "the history is not written in the one way that it is taken out",
            "nhật ký không được viết theo đúng một cách khi lấy ra",
        )
    check_files(files, listed["files"])
    *lines, last = told["entries"]
    if manifest != manifest_of(told["case"], files, lines):
        raise Wrong(
            "the history tells another thing than what was taken out",
            "nhật ký ghi khác với nội dung đã được lấy ra",
        )
    if last["entry"] is None or last["entry"]["verb"] not in EXPORTED:
        raise Wrong(
            "the history does not end with the entry that says what was taken out",
            "nhật ký không kết thúc bằng mục ghi việc lấy gói ra",
        )
    said = json.loads(last["payload"]["content"])
    if said["manifest"] != digest(FILES, manifest):
        raise Wrong(
            "the history's last entry is about other files",
            "mục cuối của nhật ký nói về các tệp khác",
        )
    found = check(told, log_key, witness_keys)
    if packed({**files, MANIFEST: manifest, HISTORY: history}) != data:
        raise Wrong(
            "the ZIP is not as it was taken out: another program could unpack another thing",
            "tệp ZIP không còn nguyên như khi lấy ra: chương trình khác có thể giải nén ra "
            "nội dung khác",
        )
    english, vietnamese = EXPORTED[last["entry"]["verb"]]
    return {
        **found,
        "files": sorted(files),
        "taken_out_at": last["entry"]["at"],
        "moment": english,
        "moment_vi": vietnamese,
    }


def check_receipt(data: bytes, log_key: Key | None, witness_keys: Sequence[Key]) -> Told:
    """Check a receipt; the history of a package proves nothing without the package's files."""
    told = read_told(data.decode())
    if told["format"] != RECEIPT:
        raise Wrong(
            "this is no receipt; a case package is a ZIP, and is checked as it was taken out",
            "tệp không phải là biên nhận; gói hồ sơ là tệp ZIP và phải được kiểm tra nguyên như "
            "khi lấy ra",
        )
    return check(told, log_key, witness_keys)


def check(told: Told, log_key: Key | None, witness_keys: Sequence[Key]) -> Told:
    """Check a receipt or a package; returns what was found, raises Wrong where it does not hold."""
    if told["format"] not in {RECEIPT, PACKAGE}:
        raise Wrong(
            "this is neither a receipt nor a case package",
            "tệp không phải là biên nhận, cũng không phải là gói hồ sơ",
        )
    check_form(told)
    note, lines = told["checkpoint"], told["entries"]
    _, origin, size, root, _ = read_note(note)
    check_lines(told, size, root)
    if log_key is not None and origin != log_key[0]:
        raise Wrong(
            f"the checkpoint is of the log {origin}, not of {log_key[0]}",
            f"mốc là của nhật ký chung {origin}, không phải của {log_key[0]}",
        )
    named = read_key(told["log_key"], LOG)
    if log_key is not None and log_key != named:
        raise Wrong(
            "the file names another key than the one that you were given",
            "tệp ghi khóa khác với khóa mà người kiểm tra được giao",
        )
    if not log_signed(note, named):
        raise Wrong(
            "the checkpoint is not signed with the log's key",
            "mốc không được ký bằng khóa của nhật ký chung",
        )
    seen: dict[str, int | None] = {}
    for key in witness_keys:  # of one name there can be several, such as an older one
        seconds = witness_signed(note, key)
        seen[key[0]] = seen.get(key[0]) if seconds is None else seconds
    silent = ", ".join(sorted(name for name, seconds in seen.items() if seconds is None))
    if seen and all(seconds is None for seconds in seen.values()):
        raise Wrong(
            f"no witness whose key was given has signed the checkpoint: {silent}",
            f"không nhân chứng nào có khóa được giao đã ký mốc này: {silent}",
        )
    bare = told["format"] == RECEIPT and any("payload" not in line for line in lines)
    notes = (
        (
            bare,
            "what the entry says is not in the file: it was erased, or taken out of the file",
            "tệp không kèm nội dung của mục: nội dung đã được xóa, hoặc đã bị lấy ra khỏi tệp",
        ),
        (
            silent,
            f"another witness has signed the checkpoint, and these have not: {silent}",
            f"mốc này đã có nhân chứng khác ký, còn các nhân chứng sau chưa ký: {silent}",
        ),
        (
            not log_key,
            "the log's key is the file's own: compare it with the one you were given",
            "khóa của nhật ký chung lấy từ chính tệp này: cần đối chiếu với khóa được giao",
        ),
        (
            not seen,
            "no witness's key was given: the log alone vouches for its root",
            "chưa có khóa của nhân chứng: chỉ có nhật ký chung tự bảo đảm cho gốc của mình",
        ),
    )
    return {
        "format": told["format"],
        "case": told["case"],
        "log": origin,
        "size": size,
        "entries": len(lines),
        "hidden": sum(line["entry"] is None for line in lines),
        "says": [_says(line) for line in lines if told["format"] == RECEIPT],
        "witnessed": {name: seconds for name, seconds in seen.items() if seconds is not None},
        "warnings": [english for applies, english, _ in notes if applies],
        "warnings_vi": [vietnamese for applies, _, vietnamese in notes if applies],
    }


def _says(line: Told) -> Told:
    """Return what an entry says, for whoever reads the answer and not the file."""
    entry, payload = line["entry"], line.get("payload")
    told = {name: entry[name] for name in ("number", "verb", "organisation", "at")}
    return {**told, "content": payload and read_told(payload["content"])}


def _bare(error: UnicodeError) -> tuple[str, int]:
    """Write Vietnamese without its marks where a console lacks its letters."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end].translate({0x111: "d", 0x110: "D"})
    return "".join(sign for sign in normalize("NFD", text) if sign.isascii()) or "?", error.end


def _speak_anywhere() -> None:
    """Let a console that lacks Vietnamese letters show them without marks, not fail."""
    register_error("bare", _bare)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="bare")


def _read(file: str) -> bytes:
    with Path(file).open("rb") as opened:
        data = opened.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Unreadable("it is larger than any package", "tệp lớn hơn mức của mọi gói hồ sơ")
    return data


def _say(line: str, *, to_whom: TextIO | None = None) -> None:
    """Say one line; what a file has in it neither breaks it nor commands the console."""
    shown = (one if one.isprintable() else one.encode("unicode_escape").decode() for one in line)
    print("".join(shown), file=to_whom)


def _unreadable(vietnamese: str, english: str) -> int:
    _say(f"Không đọc được: {vietnamese}", to_whom=sys.stderr)
    _say(f"This cannot be read: {english}", to_whom=sys.stderr)
    return 2


def _refused(wrong: Wrong, *, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"holds": False, "why": str(wrong), "why_vi": wrong.vietnamese}))
    else:
        _say("KHÔNG KHỚP / DOES NOT HOLD")
        _say(f"Lý do: {wrong.vietnamese}.")
        _say(f"Why: {wrong}.")
    return 1


def _told(found: Told) -> None:
    """Say what was found, in Vietnamese and in English."""
    entries, case, hidden = found["entries"], found["case"], found["hidden"]
    _say("KHỚP / HOLDS")
    _say(f"Hồ sơ {case}, số mục nhật ký đã kiểm tra: {entries}.")
    _say(f"Case {case}, entries checked: {entries}.")
    _say(f"Nhật ký chung {found['log']}, số mục khi đó: {found['size']}.")
    _say(f"The log {found['log']}, entries it had then: {found['size']}.")
    if hidden:
        _say(f"Số mục chỉ kèm dấu niêm, không kèm nội dung: {hidden}.")
        _say(f"Entries of which only the seal is in it: {hidden}.")
    for one in found["says"]:
        _say(f"Mục / entry {one['number']}: {one['verb']}, {one['organisation']}, {one['at']}")
        if one["content"] is not None:
            _say(f"  {json.dumps(one['content'], ensure_ascii=False)}")
    if "files" in found:
        files = ", ".join(found["files"])
        _say(f"{found['moment_vi']} lúc {found['taken_out_at']}: {files}.")
        _say(f"{found['moment']} at {found['taken_out_at']}: {files}.")
    for name, seconds in found["witnessed"].items():
        at = (EPOCH + timedelta(seconds=seconds)).isoformat()
        _say(f"Nhân chứng {name} đã ký lúc {at}.")
        _say(f"Witnessed by {name} at {at}.")
    for vietnamese, english in zip(found["warnings_vi"], found["warnings"], strict=True):
        _say(f"Lưu ý: {vietnamese}.")
        _say(f"Note: {english}.")


def main(words: Sequence[str] | None = None) -> int:
    """Read the words of the command line, check, say what was found."""
    parser = argparse.ArgumentParser(
        description="Kiểm tra một biên nhận hoặc một gói hồ sơ. Check a receipt or a case package."
    )
    parser.add_argument("file", help="tệp cần kiểm tra / the file to check")
    parser.add_argument("--log-key", help="khóa công khai của nhật ký chung / the log's public key")
    parser.add_argument(
        "--witness-key",
        action="append",
        default=[],
        help="khóa công khai của nhân chứng / a witness's public key",
    )
    parser.add_argument("--json", action="store_true", help="kết quả dạng JSON / as JSON")
    asked = parser.parse_args(words)
    _speak_anywhere()
    try:
        data = _read(asked.file)
        zipped = data[:2] == b"PK"
        log_key = None if asked.log_key is None else read_key(asked.log_key.strip(), LOG)
        witnesses = [read_key(key.strip(), WITNESS) for key in asked.witness_key]
    except OSError as error:
        return _unreadable(
            f"không mở được tệp ({error.strerror})", f"it cannot be opened ({error})"
        )
    except Wrong as wrong:
        return _unreadable(wrong.vietnamese, str(wrong))
    try:
        found = (check_package if zipped else check_receipt)(data, log_key, witnesses)
    except Unreadable as wrong:
        return _unreadable(wrong.vietnamese, str(wrong))
    except Wrong as wrong:
        return _refused(wrong, as_json=asked.json)
    except (LookupError, TypeError, AttributeError, ValueError, RecursionError) as error:
        return _unreadable(
            "tệp không phải là biên nhận hoặc gói hồ sơ đầy đủ",
            f"it is not a whole receipt or package ({error!r})",
        )
    if asked.json:
        print(json.dumps({"holds": True, **found}))
    else:
        _told(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
