"""The data keys: one for the candidate of each case, with which what the history says is sealed.

A key is made when the case is opened and kept wrapped with the master key. Whoever destroys it
takes the words out of every copy of the history there is; the seals go on proving what is left.

Everything is AES-256-GCM. A nonce is drawn at random for each text: an act that is given up and
tried again writes another text under the same number, so a number may be no nonce. One key seals
the few hundred texts of one case and the master key wraps one key a case, which is far from where
random nonces of 96 bits meet.
"""

from base64 import b64decode, b64encode
from binascii import a2b_base64, b2a_base64
from functools import lru_cache
from os import urandom
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Integer,
    ScalarSelect,
    Table,
    Text,
    TypeDecorator,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    type_coerce,
)

from vetting.records.base import METADATA, MOMENT, WORD, handle, reference, required
from vetting.records.database import Statement
from vetting.records.master_key import KEY_BYTES, held

NONCE_BYTES = 12

candidate_keys = Table(
    "candidate_keys",
    METADATA,
    reference("case_handle", "cases.handle", primary_key=True),
    required("wrapped"),  # the master key's name, a full stop, the wrapped key
)
key_changes = Table(
    "key_changes",
    METADATA,
    handle(primary_key=True),
    required("deed", WORD),  # "rotated" or "retired"
    required("master", WORD),  # what everything is wrapped with from then on
    Column("wrapped_anew", Integer, nullable=False),
    required("at", MOMENT),
)

INSERT = Statement(
    candidate_keys.insert().values(
        {name: bindparam(name) for name in ("case_handle", "wrapped")},
    )
)


class DataKey:
    """The key of one candidate, ready to seal and open."""

    __slots__ = ("_cipher", "_of")

    def __init__(self, of: str, secret: bytes) -> None:
        self._of = of
        self._cipher = AESGCM(secret)

    def seal(self, number: int, name: str, text: str) -> str:
        """Seal a text of an entry; it opens nowhere but in its own place."""
        nonce = urandom(NONCE_BYTES)
        place = f"{self._of}\n{number}\n{name}".encode()
        return b64encode(nonce + self._cipher.encrypt(nonce, text.encode(), place)).decode()

    def open(self, number: int | str, name: str, sealed: str) -> str:
        """Return a text of an entry, or nothing at all where it is not what was sealed there."""
        try:
            given = a2b_base64(sealed)
            if b2a_base64(given, newline=False).decode() != sealed:
                return ""  # another spelling of the same bytes
            place = f"{self._of}\n{number}\n{name}".encode()
            return self._cipher.decrypt(given[:NONCE_BYTES], given[NONCE_BYTES:], place).decode()
        except (InvalidTag, ValueError):
            return ""


def new_key(case: str) -> tuple[DataKey, str]:
    """Make the key of a new case; returns it, and as it is kept."""
    secret = AESGCM.generate_key(KEY_BYTES * 8)
    return DataKey(case, secret), wrap(case, secret)


def wrap(case: str, secret: bytes) -> str:
    """Wrap a data key with the newest master key; it unwraps for its own case only."""
    master, nonce = held().newest, urandom(NONCE_BYTES)
    wrapped = nonce + AESGCM(master.secret).encrypt(nonce, secret, _place(case))
    return f"{master.name}.{b64encode(wrapped).decode()}"


def unwrap(case: str, wrapped: str) -> bytes:
    """Return a data key; raises ValueError where it is not what was wrapped for the case."""
    name, _, text = wrapped.partition(".")
    master = held().named(name)
    try:
        given = b64decode(text, validate=True)
        nonce, rest = given[:NONCE_BYTES], given[NONCE_BYTES:]
        return AESGCM(master.secret).decrypt(nonce, rest, _place(case))
    except InvalidTag:
        raise ValueError("the data key is not what was wrapped") from None


def refuse_other_master_keys(connection: Connection) -> None:
    """Raise `NoMasterKey` where a data key is wrapped with a master key that is not there."""
    keys = held()
    others = [~candidate_keys.c.wrapped.startswith(f"{name}.") for name in keys.names]
    wrapped = connection.scalar(select(candidate_keys.c.wrapped).where(*others).limit(1))
    if wrapped is not None:
        keys.named(wrapped.partition(".")[0])


def _place(case: str) -> bytes:
    return f"vetting data key v1\n{case}".encode()


@lru_cache(maxsize=4)  # what is read is read case by case
def data_key(case: str, wrapped: str) -> DataKey:
    """Return the key of a case as it is kept wrapped."""
    return DataKey(case, unwrap(case, wrapped))


def wrapped_key(case: ColumnElement[str]) -> ScalarSelect[Any]:
    """Return what finds the wrapped key of a case in a statement about that case."""
    return (
        select(candidate_keys.c.wrapped)
        .where(candidate_keys.c.case_handle == case)
        .correlate_except(candidate_keys)
        .scalar_subquery()
    )


_GAP: ColumnElement[str] = literal_column("' '", Text)
_NOTHING: ColumnElement[str] = literal_column("''", Text)


class Sealed(TypeDecorator[str]):
    """A text of an entry under the candidate's key; whatever reads it reads it opened.

    It reads as None where the key is destroyed, and as nothing at all where it was changed.
    """

    impl = Text
    cache_ok = True

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Read with the text all that is needed to open it."""
        table: Any = column.table
        key = func.coalesce(wrapped_key(table.c.case_handle), _NOTHING)
        place = table.c.case_handle + _GAP + cast(table.c.number, Text)
        return type_coerce(place + _GAP + key + _GAP + type_coerce(column, Text), self)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Open what was read."""
        if value is None:
            return None
        case, number, wrapped, sealed = value.split(" ", 3)
        if not wrapped:
            return None
        try:
            key = data_key(case, wrapped)
        except ValueError:
            return ""
        return key.open(number, self.name, sealed)
