"""The program that checks an export by itself agrees with ours, on truths and on forgeries."""

import ast
import json
import random
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from tests.forging import forgeries, receipt
from vetting.engine import verify_offline
from vetting.engine.checkpoint import Checkpoint
from vetting.engine.tree import Edge, includes, inclusion_proof, subtree_of
from vetting.records.sealing_key import SealingKey
from vetting.records.witness_folder import WitnessKey


def _seeded():
    return random.Random(26)  # noqa: S311  # the same forgeries every time


# RFC 8032, 7.1, tests 1 to 3: key, message, the two halves of the signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155",
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da",
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac",
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.mark.parametrize(("key", "message", "begin", "rest"), VECTORS)
def test_signatures_of_the_standard_are_accepted_and_changed_ones_are_not(
    key, message, begin, rest
):
    key, message, signature = map(bytes.fromhex, (key, message, begin + rest))
    assert verify_offline.signed_by(key, message, signature)
    for at in range(64):
        changed = bytearray(signature)
        changed[at] ^= 1
        assert not verify_offline.signed_by(key, message, bytes(changed))
    assert not verify_offline.signed_by(key, message + b"\0", signature)
    assert not verify_offline.signed_by(key[:-1], message, signature)


@settings(max_examples=30, deadline=None)
@given(seed=st.binary(min_size=32, max_size=32), message=st.binary(max_size=80), at=st.integers(0))
def test_both_tell_the_same_of_any_signature(seed, message, at):
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public = private.public_key().public_bytes_raw()
    good = private.sign(message)
    bad = bytearray(good + public)
    bad[at % 96] ^= 1 << at % 8
    for signature, key in [(good, public), (bytes(bad[:64]), bytes(bad[64:]))]:
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
            wanted = True
        except InvalidSignature:
            wanted = False
        assert verify_offline.signed_by(key, message, signature) is wanted


def test_three_programs_agree_on_every_proof_of_small_trees():
    for size in range(1, 18):
        leaves = [sha256(bytes([at])).digest() for at in range(size)]
        oracle = InmemoryTree(algorithm="sha256")
        for leaf in leaves:
            oracle.append_entry(leaf)
        root = Edge().grown(leaves).root()
        assert oracle.get_root() == root
        for index, leaf in enumerate(leaves):
            proof = inclusion_proof(index, size, subtree_of(leaves))
            assert includes(root, size, index, leaf, proof)
            assert verify_offline.root_by(leaf, index, size, proof) == root


def test_no_forged_proof_or_note_is_accepted_by_either_program():
    tried, accepted = forgeries(2_000, _seeded())
    assert (tried, accepted) == (2_000, [])


def test_a_receipt_that_nobody_forged_holds():
    told = receipt(_seeded())
    found = verify_offline.check(told, (LOG.name, LOG.public.key), ())
    assert [one["content"] for one in found["says"]] == [{"verdict": "no_objection"}]


def test_a_verifier_that_forgets_the_form_is_caught(monkeypatch):
    monkeypatch.setattr(verify_offline, "check_form", lambda _told: None)
    accepted = forgeries(2_000, _seeded())[1]
    assert {kind for kind, *_ in accepted} == {"receipt"}


def test_a_verifier_that_forgets_a_check_is_caught(monkeypatch):
    """The forgeries are worth something: leave one check out and some of them get through."""
    monkeypatch.setattr(verify_offline, "leaf_hash", lambda leaf: sha256(leaf).digest())
    monkeypatch.setattr(verify_offline, "node_hash", lambda a, b: sha256(a + b).digest())
    without_domains = forgeries(500, _seeded())[1]
    monkeypatch.undo()
    monkeypatch.setattr(verify_offline, "signed_by", lambda *_: True)
    without_signatures = forgeries(500, _seeded())[1]

    assert without_domains
    assert without_signatures


LOG = SealingKey("vetting/test", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
WITNESS = WitnessKey("thanh-tra.tinh", Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))


def test_keys_and_notes_are_read_as_ours_are():
    note = LOG.sign(Checkpoint("vetting/test", 5, b"\7" * 32))
    text = note.partition("\n\n")[0] + "\n"
    seen = note + WITNESS.cosign(text, 1_767_225_600)
    log = verify_offline.read_key(str(LOG.public), verify_offline.LOG)
    witness = verify_offline.read_key(str(WITNESS.public), verify_offline.WITNESS)

    assert verify_offline.log_signed(seen, log)
    assert verify_offline.witness_signed(seen, witness) == 1_767_225_600
    assert verify_offline.witness_signed(note, witness) is None
    beyond = note + WITNESS.cosign(text, 2**63)  # no calendar has the day
    assert verify_offline.witness_signed(beyond, witness) is None
    assert not verify_offline.log_signed(seen.replace("\n5\n", "\n6\n"), log)
    with pytest.raises(verify_offline.Wrong):
        verify_offline.read_key(str(LOG.public), verify_offline.WITNESS)


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", "null", '{"format": 1}', '{"format": "vetting receipt v1"}']
)
def test_a_file_that_is_no_receipt_is_told_apart_from_one_that_does_not_hold(tmp_path, content):
    file = tmp_path / "receipt.json"
    file.write_text(content)
    assert verify_offline.main([str(file)]) in {1, 2}
    assert verify_offline.main([str(tmp_path / "none.json")]) == 2
    assert verify_offline.main([str(file), "--log-key", "no key"]) == 2
    assert json.dumps(content)


def test_a_file_larger_than_any_package_is_not_read(tmp_path, capsys):
    file = tmp_path / "huge"
    with file.open("wb") as written:
        written.truncate(40 * 1024**3)  # of which the disk holds nothing
    assert verify_offline.main([str(file)]) == 2
    assert "larger than any package" in capsys.readouterr().err


def test_whatever_does_not_hold_is_said_in_both_languages():
    tree = ast.parse(Path(verify_offline.__file__).read_text(encoding="utf-8"))
    said = [
        [ast.unparse(word) for word in one.args]
        for one in ast.walk(tree)
        if isinstance(one, ast.Call)
        and isinstance(one.func, ast.Name)
        and one.func.id in {"Wrong", "Unreadable"}
    ]
    assert len(said) > 30
    for english, vietnamese in said:
        assert english.isascii()
        assert not vietnamese.isascii()
