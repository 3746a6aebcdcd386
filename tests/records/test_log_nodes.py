"""Proofs from kept roots are the proofs from the whole log, and lost roots are made again."""

from hashlib import sha256

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import as_owner
from vetting.engine.tree import Edge, consistency_proof, inclusion_proof, subtree_of
from vetting.records import log_nodes
from vetting.records.database import Database
from vetting.records.log import INSERT, INSERT_CHECKPOINT, write_edge
from vetting.records.log_nodes import (
    add_nodes,
    proof_of_growth,
    proof_of_inclusion,
    signed_root_of_first,
)
from vetting.records.standing import Purpose

SIZE = 700
LEAVES = [sha256(str(at).encode()).digest() for at in range(SIZE)]


@pytest.fixture(scope="module", autouse=True)
def small_runs():
    """Runs of four and of sixteen, so that a short log has many of both."""
    kept, log_nodes.HEIGHTS = log_nodes.HEIGHTS, (4, 2)
    yield
    log_nodes.HEIGHTS = kept


def filled(url):
    """A log of 700 entries with a checkpoint at every size, grown in steps of their own."""
    database, edge = Database(url, purpose=Purpose.COMMAND), Edge()
    with as_owner(database).writing() as connection:
        for at, leaf in enumerate(LEAVES):
            INSERT(
                connection,
                [{"position": at, "case_handle": "c", "number": at + 1, "seal": leaf.hex()}],
            )
            edge = edge.grown([leaf])
            INSERT_CHECKPOINT(
                connection,
                {
                    "size": at + 1,
                    "root": edge.root().hex(),
                    "edge": write_edge(edge),
                    "note": "",
                    "at": "2026-01-05T02:00:00.000000Z",
                },
            )
            if at % 37 == 0:
                add_nodes(connection, at + 1)
    return database


@pytest.fixture
def database(engine_url):
    database = filled(engine_url)
    yield database
    database.close()


def test_every_proof_from_kept_roots_is_the_proof_from_the_leaves(database):
    plain = subtree_of(LEAVES)
    with database.reading() as connection:
        for position, size in [(0, 1), (0, 700), (699, 700), (255, 256), (256, 600), (13, 17)]:
            found = proof_of_inclusion(connection, position, size)
            assert found == inclusion_proof(position, size, plain)
        for smaller, larger in [(1, 700), (256, 512), (255, 700), (699, 700), (16, 64), (5, 5)]:
            found = proof_of_growth(connection, smaller, larger)
            assert found == consistency_proof(smaller, larger, plain)
        assert proof_of_growth(connection, 0, 700) == ()


def test_a_root_that_was_changed_or_lost_spoils_no_proof(database):
    plain = subtree_of(LEAVES)
    with as_owner(database).engine.connect() as connection:
        connection.exec_driver_sql("UPDATE log_nodes SET root = '" + "0" * 64 + "'")
        changed = proof_of_inclusion(connection, 3, 700), proof_of_growth(connection, 5, 700)
        connection.exec_driver_sql("DELETE FROM log_nodes")
        lost = proof_of_inclusion(connection, 3, 700), proof_of_growth(connection, 5, 700)

    wanted = inclusion_proof(3, 700, plain), consistency_proof(5, 700, plain)
    assert (changed, lost) == (wanted, wanted)


def test_the_root_at_any_size_is_had_from_kept_roots_with_few_seals_read(shared, monkeypatch):
    read, seals = [], log_nodes._seals  # noqa: SLF001  # what reads the log
    monkeypatch.setattr(
        log_nodes,
        "_seals",
        lambda connection, first, upto: read.append(upto - first) or seals(connection, first, upto),
    )
    edge = Edge()
    with shared.reading() as connection:
        for size, leaf in enumerate(LEAVES, 1):
            edge = edge.grown([leaf])
            if size % 7:
                continue
            read.clear()
            assert signed_root_of_first(connection, size) == edge.root()
            assert sum(read) <= MOST_READ, size
        assert signed_root_of_first(connection, SIZE + 1) is None


# Of 700 seals: those that no kept run covers, once for the root and once to prove it.
MOST_READ = 128


def test_kept_roots_of_another_history_than_the_signed_one_are_not_believed(shared):
    """A log written and signed anew, beside which the runs of the former one were left."""
    other = [sha256(leaf).digest() for leaf in LEAVES]
    before = Edge().grown(LEAVES[:600]).root()
    with as_owner(shared).engine.connect() as connection:
        for trigger in ("log_no_update", "checkpoints_no_update"):
            connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        assert signed_root_of_first(connection, 600) == before
        for at, leaf in enumerate(other):
            connection.exec_driver_sql(
                "UPDATE log SET seal = ? WHERE position = ?", (leaf.hex(), at)
            )
        connection.exec_driver_sql(
            "UPDATE checkpoints SET root = ? WHERE size = ?",
            (Edge().grown(other).root().hex(), SIZE),
        )
        assert signed_root_of_first(connection, 600) == Edge().grown(other[:600]).root()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_proofs_of_any_two_places_are_the_plain_ones(data, shared):
    plain = subtree_of(LEAVES)
    size = data.draw(st.integers(1, SIZE))
    position, smaller = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    with shared.reading() as connection:
        assert proof_of_inclusion(connection, position, size) == inclusion_proof(
            position, size, plain
        )
        assert proof_of_growth(connection, smaller, size) == consistency_proof(smaller, size, plain)


@pytest.fixture
def shared(sqlite_url):
    database = filled(sqlite_url)
    yield database
    database.close()
