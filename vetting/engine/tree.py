"""The log's tree: one root over all entries there are, and proofs about it, as RFC 9162 has them.

A leaf is hashed with 0x00 before it and a node with 0x01, so that neither can stand for the other.
The right edge of the tree, one root for each whole subtree, is all that is needed to add a leaf:
what is kept between two checkpoints is that edge, a few dozen hashes at most.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

HASH_LENGTH = 32
EMPTY = sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash by which a leaf stands in the tree."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two neighbours."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Edge:
    """The right edge of a tree: the roots of its whole subtrees, the largest first."""

    size: int = 0
    roots: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if len(self.roots) != self.size.bit_count():
            raise ValueError("the edge of a tree has one root for each bit of its size")

    def grown(self, leaves: Iterable[bytes]) -> "Edge":
        """Return the edge after *leaves* were added."""
        return self.grown_by(map(leaf_hash, leaves))

    def grown_by(self, nodes: Iterable[bytes]) -> "Edge":
        """Return the edge after whole subtrees of one size, or leaves' hashes, were added."""
        size, roots = self.size, list(self.roots)
        for node in nodes:
            joined, bits = node, size
            while bits & 1:
                joined = node_hash(roots.pop(), joined)
                bits >>= 1
            roots.append(joined)
            size += 1
        return Edge(size, tuple(roots))

    def root(self) -> bytes:
        """Return the root of the tree."""
        if not self.roots:
            return EMPTY
        *others, root = self.roots
        for left in reversed(others):
            root = node_hash(left, root)
        return root


Subtree = Callable[[int, int], bytes]  # the root over the leaves from a place up to another


def subtree_of(leaves: Sequence[bytes]) -> Subtree:
    """Return what gives the root over any run of *leaves*."""
    return lambda start, end: Edge().grown(leaves[start:end]).root()


def subtree_from(whole: Subtree) -> Subtree:
    """Return what gives the root over any run that a proof asks for, from runs of 2^n leaves."""

    def subtree(start: int, end: int) -> bytes:
        roots = []
        while start < end:
            step = 1 << (end - start).bit_length() - 1
            roots.append(whole(start, start + step))
            start += step
        *others, root = roots
        for left in reversed(others):
            root = node_hash(left, root)
        return root

    return subtree


def inclusion_proof(index: int, size: int, subtree: Subtree) -> tuple[bytes, ...]:
    """Return the hashes that lead from the leaf at *index* to the root of *size* leaves."""
    if not 0 <= index < size:
        raise ValueError("a proof is about a leaf of the tree")
    return tuple(reversed(list(_path_down(index, 0, size, subtree))))


def _path_down(index: int, start: int, end: int, subtree: Subtree) -> Iterator[bytes]:
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            yield subtree(middle, end)
            end = middle
        else:
            yield subtree(start, middle)
            start = middle


def consistency_proof(smaller: int, larger: int, subtree: Subtree) -> tuple[bytes, ...]:
    """Return the hashes that show that the larger tree begins with the smaller one."""
    if not 0 < smaller <= larger:
        raise ValueError("a proof is about a tree that began with another")
    return tuple(_common(smaller, 0, larger, subtree, whole=True))


def _common(
    smaller: int, start: int, end: int, subtree: Subtree, *, whole: bool
) -> Iterator[bytes]:
    if start + smaller == end:
        if not whole:
            yield subtree(start, end)
        return
    split = _split(end - start)
    if smaller <= split:
        yield from _common(smaller, start, start + split, subtree, whole=whole)
        yield subtree(start + split, end)
    else:
        yield from _common(smaller - split, start + split, end, subtree, whole=False)
        yield subtree(start, start + split)


def includes(root: bytes, size: int, index: int, leaf: bytes, proof: Sequence[bytes]) -> bool:
    """Tell whether *proof* shows that *leaf* stands at *index* in the tree with this root."""
    if not (0 <= index < size and _hashes(root, *proof)):
        return False
    place, last, found = index, size - 1, leaf_hash(leaf)
    for step in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(step, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, step)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(
    smaller: int, smaller_root: bytes, larger: int, larger_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Tell whether *proof* shows that the larger tree begins with the smaller one."""
    if not (0 < smaller <= larger and _hashes(smaller_root, larger_root, *proof)):
        return False
    if smaller == larger:
        return not proof and smaller_root == larger_root
    steps = [smaller_root, *proof] if smaller & (smaller - 1) == 0 else list(proof)
    if not steps:
        return False
    place, last = smaller - 1, larger - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, step)
        place, last = place >> 1, last >> 1
    return last == 0 and before == smaller_root and after == larger_root


def _split(size: int) -> int:
    """Return the largest power of two that is smaller than *size*."""
    return 1 << (size - 1).bit_length() - 1


def _hashes(*values: bytes) -> bool:
    return all(len(value) == HASH_LENGTH for value in values)
