"""Forgeries: proofs, checkpoints and cosignatures that are almost right, and none of which is.

Each is shown to the product and to the program that checks exports alone. `make prove-proofs` does
it a million times.
"""

import json
import sys
from hashlib import sha256
from random import Random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vetting.engine import verify_offline
from vetting.engine.checkpoint import BadNote, Checkpoint
from vetting.engine.tree import (
    Edge,
    consistency_proof,
    includes,
    inclusion_proof,
    is_consistent,
    leaf_hash,
    node_hash,
    subtree_of,
)
from vetting.records.sealing_key import SealingKey, signed_checkpoint
from vetting.records.witness_folder import WitnessKey, cosigned_at

LOG = SealingKey("vetting/test", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
WITNESS = WitnessKey("thanh-tra.tinh", Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
SIGNATURES_EVERY = 50  # Ed25519 in plain Python is slow


def forgeries(count, random):
    """Show *count* forgeries to both; return how many were tried and those that got through."""
    accepted = []
    for number in range(count):
        if number % SIGNATURES_EVERY == 0:
            found = _forged_note(random)
        elif number % SIGNATURES_EVERY == 1:
            found = _forged_receipt(random)
        elif number % 3 == 0:
            found = _forged_growth(random)
        else:
            found = _forged_inclusion(random)
        if found is not None:
            accepted.append(found)
    return count, accepted


def _tree(random):
    size = random.randrange(1, 70)
    return [sha256(random.randbytes(8)).digest() for _ in range(size)]


def _forged_inclusion(random):
    leaves = _tree(random)
    size, index = len(leaves), random.randrange(len(leaves))
    leaf, root = leaves[index], Edge().grown(leaves).root()
    proof = list(inclusion_proof(index, size, subtree_of(leaves)))
    kind = random.randrange(8)
    if kind == 0 and proof:
        proof[random.randrange(len(proof))] = random.randbytes(32)
    elif kind == 1:
        leaf = random.randbytes(32)
    elif kind == 2 and len(leaves) > 1:
        index = (index + random.randrange(1, size)) % size
    elif kind == 3:
        proof.insert(random.randrange(len(proof) + 1), random.randbytes(32))
    elif kind == 4 and proof:
        del proof[random.randrange(len(proof))]
    elif kind == 5:
        root = random.randbytes(32)
    elif kind == 6 and len(leaves) > 1:
        return _second_preimage(random)
    elif kind == 7 and len(proof) > 1:
        at = random.randrange(len(proof) - 1)
        proof[at], proof[at + 1] = proof[at + 1], proof[at]
    else:
        leaf = bytes([leaf[0] ^ 1]) + leaf[1:]
    return _shown(root, size, index, leaf, tuple(proof), kind)


def _second_preimage(random):
    """A node passed off as a leaf: without the prefixes both hash alike."""
    pair = [random.randbytes(32), random.randbytes(32)]
    root = Edge().grown(pair).root()
    fake = leaf_hash(pair[0]) + leaf_hash(pair[1])
    naive = sha256(sha256(pair[0]).digest() + sha256(pair[1]).digest()).digest()
    chosen = random.choice(
        [(root, fake), (naive, sha256(pair[0]).digest() + sha256(pair[1]).digest())]
    )
    return _shown(chosen[0], 1, 0, chosen[1], (), "second preimage")


def _shown(root, size, index, leaf, proof, kind):
    ours = includes(root, size, index, leaf, proof)
    try:
        alone = verify_offline.root_by(leaf, index, size, proof) == root
    except verify_offline.Wrong:
        alone = False
    return (kind, ours, alone) if ours or alone else None


def _forged_growth(random):
    leaves = _tree(random)
    larger = len(leaves)
    smaller = random.randrange(1, larger + 1)
    before, after = Edge().grown(leaves[:smaller]).root(), Edge().grown(leaves).root()
    proof = list(consistency_proof(smaller, larger, subtree_of(leaves)))
    kind = random.randrange(5)
    if kind == 0 and proof:
        proof[random.randrange(len(proof))] = random.randbytes(32)
    elif kind == 1:
        before = random.randbytes(32)
    elif kind == 2:
        after = node_hash(before, random.randbytes(32))
    elif kind == 3:
        proof.append(random.randbytes(32))
    else:
        after = bytes([after[0] ^ 1]) + after[1:]
    ours = is_consistent(smaller, before, larger, after, proof)
    return ("growth", kind) if ours else None


def _forged_note(random):
    checkpoint = Checkpoint("vetting/test", random.randrange(1, 10**6), random.randbytes(32))
    note = LOG.sign(checkpoint)
    text = note.partition("\n\n")[0] + "\n"
    note += WITNESS.cosign(text, random.randrange(10**9))
    at = random.randrange(len(note))
    changed = note[:at] + random.choice("0Az\n +—") + note[at + 1 :]
    if changed == note:
        changed = note[:at] + note[at + 1 :]
    try:
        ours = signed_checkpoint(changed, LOG.public) is not None and bool(
            cosigned_at(changed, WITNESS.public)
        )
    except BadNote:
        ours = False
    try:
        alone = verify_offline.log_signed(changed, (LOG.name, LOG.public.key)) and bool(
            verify_offline.witness_signed(changed, (WITNESS.name, WITNESS.public.key))
        )
    except verify_offline.Wrong:
        alone = False
    return ("note", changed, ours, alone) if ours or alone else None


def receipt(random):
    """A whole receipt as an installation gives it, of a case of few entries in a small log."""
    case, number = f"case-{random.randrange(10)}", random.randrange(1, 9)
    line = _line(random, case, number, previous := sha256(random.randbytes(8)).hexdigest())
    leaves = _tree(random)
    position = random.randrange(len(leaves))
    leaves[position] = bytes.fromhex(line["seal"])
    proof = inclusion_proof(position, len(leaves), subtree_of(leaves))
    checkpoint = Checkpoint("vetting/test", len(leaves), Edge().grown(leaves).root())
    return {
        "format": verify_offline.RECEIPT,
        "case": case,
        "previous": previous,
        "entries": [line | {"position": position, "proof": [step.hex() for step in proof]}],
        "checkpoint": LOG.sign(checkpoint),
        "log_key": str(LOG.public),
    }


def _line(random, case, number, previous, verdict="no_objection"):
    """An entry that says a verdict, with every hash right."""
    content, salt = f'{{"verdict":"{verdict}"}}', random.randbytes(8).hex()
    hashed = verify_offline.digest("vetting payload v1", f"{salt}\n{content}".encode())
    entry = {"case_handle": case, "number": number, "verb": "opinion.signed"}
    entry |= {"organisation": "cong-an", "at": "2026-03-02T01:00:00Z", "payload_hash": hashed}
    chained = previous.encode() + b"\n" + verify_offline.canonical(entry)
    return {
        "number": number,
        "seal": verify_offline.digest("vetting entry v1", chained),
        "entry": entry,
        "payload": {"salt": salt, "content": content},
    }


def _forged_receipt(random):
    """A receipt that says another thing, is for another case, or shows more than was checked."""
    told = receipt(random)
    [line] = told["entries"]
    kind = random.randrange(12)
    anew = _line(random, told["case"], line["number"], told["previous"], "objection")
    after = _line(random, told["case"], line["number"] + 1, line["seal"], "objection")
    nowhere = {"position": None, "proof": []}
    place = {name: line[name] for name in ("position", "proof")}
    forged = [
        [anew | nowhere],
        [anew | place],
        [line, after | nowhere],
        [line, after | place],
        [line | {"entry": None}],
        [line | {"verdict": "objection"}],
        [line | {"number": float(line["number"])}],
        [line | {"payload": line["payload"] | {"content": anew["payload"]["content"]}}],
        [line | {"position": line["position"] + 1}],
        [line | {"entry": None, "payload": anew["payload"]}],
        [line | {"entry": None, "number": number} for number in (1, 2)],
        [line | {"proof": dict.fromkeys(line["proof"], "objection") or {"objection": 1}}],
    ][kind]
    told |= {"entries": forged}
    if kind in {9, 10}:  # as the history of a package, of any case
        told |= {"format": verify_offline.PACKAGE, "case": "another", "last_seal": line["seal"]}
        del told["previous"]
    try:
        verify_offline.check_receipt(json.dumps(told).encode(), (LOG.name, LOG.public.key), ())
    except (verify_offline.Wrong, LookupError, TypeError):
        return None
    return "receipt", kind


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    tried, through = forgeries(wanted, Random(20261125))  # noqa: S311  # not a secret
    print(f"{tried} forgeries, {len(through)} accepted")  # noqa: T201
    sys.exit(1 if through else 0)
