"""A slice of: nothing can be done to the history unseen; `make prove-history` tries all of it."""

from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Text, select, type_coerce

from tests.builders import under_key
from tests.proofs.tampering import (
    CHECKED,
    KEY,
    SEEN_BY_THE_CHECK,
    Contents,
    Shelf,
    Watching,
    bare_file,
    check_history,
    delete,
    history,
    prove_file,
    prove_flips,
    prove_rewrites,
    prove_roll_backs,
    prove_structure,
    rehash,
    resealed,
    roll_back,
    sealed_ground,
    truncate_tail,
)
from vetting.records.cases import cases
from vetting.records.database import Database
from vetting.records.history import entries, payloads
from vetting.records.log import checkpoints, log
from vetting.records.master_key import held
from vetting.records.witness_folder import LAST


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    """A history of some two hundred entries under several checkpoints."""
    database = sealed_ground(tmp_path_factory.mktemp("sealed"), 150, cases_at_once=2, steps=60)
    yield database
    database.close()


@pytest.fixture(scope="module")
def shelf(ground):
    with ground.reading() as connection:
        return Shelf.of(connection)


def test_as_it_was_written_it_holds(ground, shelf):
    with ground.reading() as connection:
        check = check_history(connection, KEY.public)
    assert (check.holds, check.entries, check.in_log) == (True, len(shelf.log), len(shelf.log))
    assert shelf.wrong(tuple(shelf.heads)) == []
    assert len(shelf.notes) > 3


def test_every_bit_of_every_column_of_an_entry_counts(shelf):
    rows = max(shelf.entries.values(), key=len)[:6]

    found = prove_flips(rows)

    assert found.wrong == []
    assert found.tried > 6 * 3_000


def test_every_attack_on_the_structure_is_seen(shelf):
    found = prove_structure(shelf, share=5)

    assert found.wrong == []
    assert found.tried > 14 * 30


def test_what_is_seen_in_memory_is_seen_on_the_database(ground, shelf):
    """The attack is written into the database itself, and the whole check is asked."""
    for number, attack in enumerate((*SEEN_BY_THE_CHECK, roll_back)):
        attacked = shelf.copy()
        case, last, _ = shelf.log[-1 - number]
        other = next(one for one in shelf.heads if one != case)
        if attack is roll_back:
            roll_back(attacked, len(shelf.log) - 3)
        else:
            attack(attacked, case, last - 1, other)
        touched = (case,)
        with ground.engine.connect() as connection:
            written(connection, attacked)
            check = check_history(connection, KEY.public)
            connection.rollback()
        assert check.holds == (attack is roll_back), attack.__name__
        assert bool(attacked.wrong(touched)) == (attack is not roll_back), attack.__name__


def written(connection, shelf):
    """Put what a shelf holds in the place of what the tables hold; nothing is kept."""
    connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    connection.exec_driver_sql("BEGIN")
    for (name,) in connection.exec_driver_sql(
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    ).all():
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    for table in (payloads, entries, log, checkpoints):
        connection.execute(table.delete())
    c = cases.c
    for handle in connection.scalars(cases.select().with_only_columns(c.handle)).all():
        if handle not in shelf.heads:
            connection.execute(cases.delete().where(c.handle == handle))
            continue
        count, seal, sequenced = shelf.heads[handle]
        connection.execute(
            cases.update()
            .where(c.handle == handle)
            .values(entry_count=count, last_seal=seal, sequenced=sequenced)
        )
    for rows in shelf.entries.values():
        for row in rows:
            told = dict(zip(CHECKED, row, strict=True))
            said = {name: told.pop(name) for name in ("salt", "content")}
            connection.execute(entries.insert(), told)
            place = {name: told[name] for name in ("case_handle", "number")}
            kept = place | {name: value or "" for name, value in said.items()}
            connection.execute(payloads.insert(), under_key(connection, kept))
    for position, (case, number, seal) in enumerate(shelf.log):
        row = {"position": position, "case_handle": case, "number": number, "seal": seal}
        connection.execute(log.insert(), row)
    for size, root, edge, note in shelf.notes:
        row = {"size": size, "root": root, "edge": edge, "note": note, "at": "x"}
        connection.execute(checkpoints.insert(), row)


def test_a_log_cut_off_and_well_signed_is_seen_by_the_witness(shelf, tmp_path):
    found = prove_roll_backs(shelf, tmp_path / "witness", share=9)

    assert found.wrong == []
    assert found.tried > 15


def test_a_history_rewritten_with_the_applications_own_key_is_seen_elsewhere(shelf, tmp_path):
    found = prove_rewrites(shelf, tmp_path / "witness", 20, Random(2))  # noqa: S311

    assert found.wrong == []
    assert found.tried == 20


def test_no_bit_of_the_file_shows_something_else_that_holds(ground):
    found = prove_file(bare_file(ground), 150, seed=1)

    assert found.wrong == []
    assert {told.partition(":")[0] for told in found.met} >= {"refused", "shows the same"}


def test_where_a_key_is_named_that_nobody_has_nothing_opens(ground):
    content = bare_file(ground)
    at = content.index(f"{held().newest.name}.".encode())
    found = prove_file(content, 20, seed=1, where=range(at, at + len(held().newest.name)))

    assert (found.wrong, found.met) == ([], {"refused: 20"})


@pytest.mark.leaves_it_unwell
def test_a_damaged_key_behind_a_whole_index_is_seen(ground, tmp_path):
    """Everything is found by the index, so that only the row itself is wrong."""
    content = bytearray(Path(ground.engine.url.database).read_bytes())
    with ground.reading() as connection:
        as_it_is_kept = type_coerce(payloads.c.salt, Text)
        salt = connection.scalar(select(as_it_is_kept).where(payloads.c.number == 3).limit(1))
    at = content.index(salt.encode())
    content[at - 1] ^= 1  # the number stands right before the salt
    (tmp_path / "damaged.sqlite").write_bytes(content)
    damaged = Database(f"sqlite:///{tmp_path}/damaged.sqlite")
    with damaged.reading() as connection:
        check = check_history(connection, KEY.public)
    damaged.close()
    assert not check.holds
    assert any("damaged" in str(one.what) for one in check.broken_log)


# ------------------------------------------------------------------ planted


def test_a_seal_that_leaves_out_a_column_is_found_out(shelf, monkeypatch):
    session = CHECKED.index("session")
    whole = history.sealed_bytes
    monkeypatch.setattr(
        history, "sealed_bytes", lambda row: whole([*row[:session], "", *row[session + 1 :]])
    )
    rows = resealed(max(shelf.entries.values(), key=len)[:1])

    found = prove_flips(rows)

    assert {line.split()[1] for line in found.wrong} == {"session:"}


def test_a_check_that_does_not_ask_the_log_is_found_out(shelf):
    def blind(attacked, touched, *, tree):
        heads = {case: (*head[:2], 0) for case, head in attacked.heads.items()}
        return Shelf(heads, attacked.entries, [], []).wrong(touched, tree=tree)

    found = prove_structure(shelf, share=20, attacks=(delete, rehash, truncate_tail), see=blind)

    assert {line.split()[0] for line in found.wrong} == {"rehash", "truncate_tail"}


class Forgetful(Watching):
    """A witness that does not keep what it signed."""

    def _ask(self, question):
        for kept in self.folder.glob(f"log-*/{LAST}"):
            kept.unlink()
        return super()._ask(question)


def test_a_witness_that_forgets_is_found_out(shelf, tmp_path):
    watching = Forgetful(tmp_path / "witness", shelf)

    found = prove_roll_backs(shelf, tmp_path, share=60, watching=watching)
    again = prove_rewrites(shelf, tmp_path, 3, Random(3), watching)  # noqa: S311

    assert len(found.wrong) == found.tried
    assert len(again.wrong) == again.tried


def test_a_body_without_receipts_sees_nothing(shelf, tmp_path):
    watching = Watching(tmp_path / "witness", shelf)
    watching.receipts.clear()

    found = prove_rewrites(shelf, tmp_path, 2, Random(4), watching)  # noqa: S311

    assert all(line.startswith("no receipt") for line in found.wrong)
    assert len(found.wrong) == 2


def test_a_check_that_is_not_made_is_found_out(ground):
    found = prove_file(bare_file(ground), 100, seed=2, see=lambda _now, _before: [])

    assert found.wrong


def test_contents_are_told_apart_to_the_kind_of_each_value(ground):
    contents = Contents.of(bare_file(ground))
    other = Contents(**vars(contents))
    first, *rest = contents.log
    other.log = [(float(first[0]), *first[1:]), *rest]
    assert other.log == contents.log
    assert other.mark != contents.mark
