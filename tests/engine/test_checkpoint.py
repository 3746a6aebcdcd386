"""A checkpoint is a signed note as others read it; a note that was touched is none."""

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from vetting.engine.checkpoint import (
    BadNote,
    Checkpoint,
    PublicKey,
    read_checkpoint,
    read_public_key,
    signatures_on,
)
from vetting.engine.tree import EMPTY
from vetting.records.sealing_key import (
    NoSealingKey,
    SealingKey,
    make_sealing_key,
    read_public_half,
    read_sealing_key,
    signed_checkpoint,
)

# The key and the note by which implementations of signed notes know each other.
KNOWN_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
KNOWN_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXg"
    "KvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
KEY = SealingKey("vetting/test", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
CHECKPOINT = Checkpoint("vetting/test", 24, EMPTY)
NOTE = (
    "vetting/test\n"
    "24\n"
    "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
    "\n"
    "— vetting/test VcYnFZWVJhPEGxwU+IosU9gL/7Uy7DUN9Jwkhve2uOHY9Ek99Xv/KV6awiKd"
    "USZM970VpndMTWaKeeJ/yWO4riRfRw4=\n"
)


def test_a_note_that_everybody_knows_is_signed_with_the_key_that_everybody_knows():
    key = read_public_key(KNOWN_KEY)
    text, [signature] = signatures_on(KNOWN_NOTE, key)
    assert str(key) == KNOWN_KEY
    assert text == KNOWN_NOTE.partition("\n\n")[0] + "\n"
    Ed25519PublicKey.from_public_bytes(key.key).verify(signature, text.encode())
    with pytest.raises(InvalidSignature):
        Ed25519PublicKey.from_public_bytes(key.key).verify(signature, text.encode() + b"\n")


def test_a_checkpoint_is_signed_as_it_was_on_the_first_day():
    assert KEY.sign(CHECKPOINT) == NOTE
    assert signed_checkpoint(NOTE, KEY.public) == CHECKPOINT


def test_lines_and_signatures_of_others_are_left_to_others():
    text = f"{CHECKPOINT.text}other things\n"
    name, mark = KEY.name, KEY.public.mark
    assert read_checkpoint(text) == CHECKPOINT
    other = SealingKey("somebody/else", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    below = other.sign(CHECKPOINT).rpartition("\n\n")[2]
    assert signed_checkpoint(f"{NOTE}{below}", KEY.public) == CHECKPOINT
    assert (name, len(mark)) == ("vetting/test", 4)


def test_every_changed_byte_of_a_note_is_seen():
    content = NOTE.encode()
    for place in range(len(content)):
        for bit in range(8):
            changed = bytearray(content)
            changed[place] ^= 1 << bit
            try:
                note = changed.decode()
            except UnicodeDecodeError:
                continue
            with pytest.raises(BadNote):
                signed_checkpoint(note, KEY.public)


@pytest.mark.parametrize(
    "note",
    ["", "\n\n", NOTE[:-1], NOTE.partition("\n\n")[0], NOTE.replace("\n\n", "\n"), "24\n\n— a b\n"],
)
def test_what_is_no_note_is_refused(note):
    with pytest.raises(BadNote):
        signed_checkpoint(note, KEY.public)


def test_a_log_does_not_take_the_checkpoint_of_another_log_for_its_own():
    elsewhere = KEY.sign(Checkpoint("vetting/other", 24, EMPTY))
    with pytest.raises(BadNote):
        signed_checkpoint(elsewhere, KEY.public)


@pytest.mark.parametrize("size", ["-1", "01", "1.0", "", "٣", "1" * 40, "0x1"])
def test_a_size_that_is_no_plain_number_is_refused(size):
    with pytest.raises(BadNote):
        read_checkpoint(f"log\n{size}\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")


@pytest.mark.parametrize(
    "key",
    [
        "",
        "a+b+c",
        KNOWN_KEY.replace("c74f20a3", "c74f20a4"),
        KNOWN_KEY.replace("Peter", "Paul"),
        KNOWN_KEY[:-4],
    ],
)
def test_what_is_no_key_is_refused(key):
    with pytest.raises(BadNote):
        read_public_key(key)


def test_the_key_is_made_once_and_nobody_else_may_read_it(tmp_path):
    folder = tmp_path / "var"
    assert make_sealing_key(folder, "vetting/abc") is True
    first = read_sealing_key(folder)
    assert make_sealing_key(folder, "vetting/def") is False
    assert read_sealing_key(folder).public == first.public == read_public_half(folder)
    assert first.name == "vetting/abc"
    assert (folder / "sealing_key").stat().st_mode & 0o777 == 0o600
    assert (
        signed_checkpoint(first.sign(Checkpoint("vetting/abc", 1, EMPTY)), first.public).size == 1
    )


def test_without_a_key_of_its_own_nothing_is_signed(tmp_path):
    with pytest.raises(NoSealingKey, match="There is no sealing key"):
        read_sealing_key(tmp_path)
    assert read_public_half(tmp_path) is None
    make_sealing_key(tmp_path, "vetting/abc")
    (tmp_path / "sealing_key").chmod(0o640)
    with pytest.raises(NoSealingKey, match="Others may read"):
        read_sealing_key(tmp_path)
    (tmp_path / "sealing_key").chmod(0o600)
    (tmp_path / "sealing_key").write_text("PRIVATE+KEY+a+b+!!")
    with pytest.raises(NoSealingKey, match="holds no key"):
        read_sealing_key(tmp_path)


def test_a_key_is_not_shown_by_accident():
    assert isinstance(KEY.public, PublicKey)
    assert bytes(range(32)).hex() not in repr(KEY)
