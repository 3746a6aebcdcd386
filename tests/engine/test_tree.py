"""The log's tree is the one of RFC 9162; a proof shows what is so, and nothing else."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from vetting.engine.tree import (
    EMPTY,
    Edge,
    consistency_proof,
    includes,
    inclusion_proof,
    is_consistent,
    leaf_hash,
    node_hash,
    subtree_of,
)

# The leaves and roots by which implementations of RFC 6962 and RFC 9162 know each other.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
MANY = [bytes([number]) * 32 for number in range(40)]


def root_of(leaves):
    return Edge().grown(leaves).root()


def oracle(leaves):
    tree = InmemoryTree(algorithm="sha256")
    for leaf in leaves:
        tree.append_entry(leaf)
    return tree


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_that_everybody_knows(size):
    assert root_of(LEAVES[:size]).hex() == ROOTS[size]


def test_a_leaf_is_never_a_node():
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)
    assert leaf_hash(b"") == sha256(b"\0").digest()
    assert root_of([]) == EMPTY


@given(st.lists(st.binary(max_size=40), max_size=70), st.lists(st.integers(0, 70), max_size=4))
def test_a_tree_that_grew_in_steps_is_the_tree_another_program_makes(leaves, stops):
    edge = Edge()
    for stop in [*sorted(stops), len(leaves)]:
        edge = edge.grown(leaves[edge.size : stop])
    assert edge.size == len(leaves)
    if leaves:
        assert edge.root() == oracle(leaves).get_root()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13, 16, 31, 40])
def test_each_leaf_is_shown_to_be_where_it_is_and_nowhere_else(size):
    root, subtree = root_of(MANY[:size]), subtree_of(MANY)
    for index in range(size):
        proof = inclusion_proof(index, size, subtree)
        told = oracle(MANY[:size]).prove_inclusion(index + 1)
        assert sorted(told.path) == sorted([leaf_hash(MANY[index]), *proof])
        shown = [
            (at, other)
            for at in range(-1, size + 2)
            for other in range(len(MANY))
            if includes(root, size, at, MANY[other], proof)
        ]
        assert shown == [(index, index)]


@pytest.mark.parametrize("larger", [1, 2, 3, 7, 8, 13, 16, 31, 40])
def test_each_smaller_tree_is_shown_to_be_the_beginning_and_no_other(larger):
    root, subtree = root_of(MANY[:larger]), subtree_of(MANY)
    for smaller in range(1, larger + 1):
        proof = consistency_proof(smaller, larger, subtree)
        shown = [
            at
            for at in range(larger + 2)
            if is_consistent(at, root_of(MANY[:at]), larger, root, proof)
        ]
        assert shown == [smaller]


@given(
    st.integers(1, 40).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1))),
    st.data(),
)
def test_a_proof_with_anything_changed_shows_nothing(place, data):
    size, index = place
    root, subtree = root_of(MANY[:size]), subtree_of(MANY)
    proof = list(inclusion_proof(index, size, subtree))
    assert includes(root, size, index, MANY[index], proof)
    forged = data.draw(forgeries(proof))
    if forged != proof:
        assert not includes(root, size, index, MANY[index], forged)


@given(
    st.integers(2, 40).flatmap(lambda size: st.tuples(st.just(size), st.integers(1, size - 1))),
    st.data(),
)
def test_a_beginning_with_anything_changed_shows_nothing(place, data):
    larger, smaller = place
    before, after = root_of(MANY[:smaller]), root_of(MANY[:larger])
    proof = list(consistency_proof(smaller, larger, subtree_of(MANY)))
    assert is_consistent(smaller, before, larger, after, proof)
    forged = data.draw(forgeries(proof))
    if forged != proof:
        assert not is_consistent(smaller, before, larger, after, forged)
    assert not is_consistent(smaller, after, larger, after, proof)
    assert not is_consistent(smaller, before, larger, before, proof)


def forgeries(proof):
    """Return what somebody might make of a proof."""
    flipped = st.tuples(st.integers(0, max(len(proof) - 1, 0)), st.integers(0, 255)).map(
        lambda at: [
            step if number != at[0] else bytes([step[0] ^ (1 << at[1] % 8)]) + step[1:]
            for number, step in enumerate(proof)
        ]
    )
    return st.one_of(
        flipped,
        st.permutations(proof),
        st.just(proof[:-1]),
        st.just(proof[1:]),
        st.just([*proof, MANY[0]]),
        st.just([MANY[0], *proof]),
        st.just([*proof, b""]),
        st.just([step[:31] for step in proof]),
        st.just([b"".join(proof)]),
    )


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 3), (3, 3)])
def test_nothing_is_proved_about_a_leaf_that_is_not_there(index, size):
    with pytest.raises(ValueError, match="a leaf of the tree"):
        inclusion_proof(index, size, subtree_of(MANY))
    assert not includes(root_of(MANY[:size]), size, index, MANY[0], [])


@pytest.mark.parametrize(("smaller", "larger"), [(0, 3), (4, 3), (-1, 2)])
def test_nothing_is_proved_about_a_beginning_that_is_none(smaller, larger):
    with pytest.raises(ValueError, match="began with another"):
        consistency_proof(smaller, larger, subtree_of(MANY))
    assert not is_consistent(smaller, EMPTY, larger, root_of(MANY[:larger]), [])


def test_an_edge_has_one_root_for_each_bit_of_its_size():
    with pytest.raises(ValueError, match="one root for each bit"):
        Edge(3, (EMPTY,))
