"""What the history says is under the candidate's key, and the master key can be changed."""

import sqlite3
from contextlib import contextmanager
from pathlib import Path
from secrets import token_bytes

import pytest
from alembic import command
from sqlalchemy import create_engine, event, select, text
from sqlalchemy.exc import DBAPIError

from tests import MASTER_KEY
from tests.builders import Cast, as_owner, as_superuser, small_province
from tests.records.test_rebuild import differences
from vetting.queries.history_check import check_history
from vetting.records.candidate_keys import (
    DataKey,
    candidate_keys,
    data_key,
    key_changes,
    new_key,
    unwrap,
    wrap,
)
from vetting.records.database import Database, take_role
from vetting.records.history import payloads, with_payloads
from vetting.records.master_key import (
    MasterKey,
    MasterKeyFile,
    MasterKeys,
    NoMasterKey,
    held,
    hold,
    make_master_key,
)
from vetting.records.migrate import configuration, upgrade
from vetting.records.rights import DatabaseRole
from vetting.records.row_policies import take_down
from vetting.records.standing import Purpose
from vetting.usecases.change_master_key import DamagedKey, retire, rotate

NAME = "Nguyễn Thị Ân"


@pytest.fixture(autouse=True)
def _the_tests_key():
    yield
    hold(MasterKeys(MASTER_KEY))
    data_key.cache_clear()


@contextmanager
def no_key():
    kept = held()
    hold(None)
    data_key.cache_clear()
    try:
        yield
    finally:
        hold(kept)


def raw(connection):
    return connection.exec_driver_sql("SELECT salt, content FROM payloads").all()


def test_no_word_of_the_history_lies_open_in_it(cast):
    cast.concluded(name=NAME)
    with cast.database.reading() as connection:
        kept = raw(connection)
        opened = connection.execute(select(payloads.c.salt, payloads.c.content)).all()
    for (salt, content), (kept_salt, kept_content) in zip(opened, kept, strict=True):
        assert content.startswith("{")
        assert salt not in kept_salt
        assert content not in kept_content
    assert any(NAME in content for _, content in opened)
    everything = "".join(f"{salt}{content}" for salt, content in kept)
    assert not any(word in everything for word in (NAME, "name", "verdict", "Thị"))


def test_each_case_has_a_key_and_each_text_a_nonce_of_its_own(cast):
    for _ in range(3):
        cast.accepted(name=NAME)
    with cast.database.reading() as connection:
        keys = connection.execute(select(candidate_keys)).all()
        nonces = [word[:16] for row in raw(connection) for word in row]
    secrets = {unwrap(case, wrapped) for case, wrapped in keys}
    assert len(secrets) == len(keys) == 3
    assert len(set(nonces)) == len(nonces) > 20


def test_a_text_opens_in_its_own_place_only():
    key, wrapped = new_key("one")
    sealed = key.seal(3, "content", "Nội dung")
    assert data_key("one", wrapped).open("3", "content", sealed) == "Nội dung"
    assert key.open(4, "content", sealed) == ""
    assert key.open(3, "salt", sealed) == ""
    assert DataKey("another", unwrap("one", wrapped)).open(3, "content", sealed) == ""
    assert new_key("one")[0].open(3, "content", sealed) == ""
    with pytest.raises(ValueError, match="not what was wrapped"):
        unwrap("another", wrapped)


def test_no_other_spelling_of_a_sealed_text_opens():
    key, _ = new_key("one")
    sealed = key.seal(3, "content", "Nội dung")
    tried = 0
    for at, letter in enumerate(sealed):
        for bit in range(8):
            changed = sealed[:at] + chr(ord(letter) ^ 1 << bit) + sealed[at + 1 :]
            tried += 1
            assert key.open(3, "content", changed) == "", (at, bit)
    assert tried == 8 * len(sealed)
    assert key.open(3, "content", sealed + "\n") == key.open(3, "content", "") == ""


def test_without_the_master_key_the_chain_still_verifies_and_says_so(cast):
    cast.concluded(name=NAME)
    with no_key(), cast.database.reading() as connection:
        check = check_history(connection, words=False)
        assert check.holds
        assert not check.words
        assert check.entries > 10
        with pytest.raises(NoMasterKey):
            connection.execute(select(payloads.c.content)).all()
    with as_superuser(cast.database) as connection:
        connection.exec_driver_sql("BEGIN")
        for name in triggers(connection):
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql("UPDATE entries SET officer = 'x' WHERE number = 3")
        with no_key():
            assert not check_history(connection, words=False).holds
        connection.rollback()


def triggers(connection):
    if connection.dialect.name == "sqlite":
        return connection.scalars(
            text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        ).all()
    connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    return ()


def test_another_master_key_opens_nothing(cast):
    cast.accepted(name=NAME)
    data_key.cache_clear()
    hold(MasterKeys(str(MasterKey(token_bytes(32)))))
    with cast.database.reading() as connection, pytest.raises(NoMasterKey):
        connection.execute(select(payloads.c.content)).all()


def test_a_destroyed_key_takes_every_word_and_leaves_the_chain(cast):
    case = cast.concluded(name=NAME)
    with as_superuser(cast.database) as connection:
        connection.exec_driver_sql("BEGIN")
        for name in triggers(connection):
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.execute(candidate_keys.delete().where(candidate_keys.c.case_handle == case))
        rows = list(with_payloads(connection, case))
        assert {(row["salt"], row["content"]) for row in rows} == {(None, None)}
        assert check_history(connection, words=False).holds
        told = check_history(connection)  # that nobody decided it shows
        assert [str(one.what) for one in told.broken] == ["what the entry says is gone"]
        connection.rollback()


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM candidate_keys",
        "UPDATE candidate_keys SET wrapped = ''",
        "INSERT OR REPLACE INTO candidate_keys SELECT case_handle, 'x' FROM candidate_keys",
    ],
)
def test_no_key_goes_away(cast, sql):
    cast.accepted(name=NAME)
    if cast.database.engine.dialect.name == "postgresql":
        sql = sql if "REPLACE" not in sql else "TRUNCATE candidate_keys"
    with (
        as_owner(cast.database).engine.connect() as connection,
        pytest.raises(DBAPIError, match=r"never changed|separation of duties"),
    ):
        connection.exec_driver_sql(sql)


# ------------------------------------------------------------------ the master key


@pytest.fixture
def in_a_file(cast, tmp_path):
    """Cases whose keys are wrapped with a master key in a file."""
    file = tmp_path / "master_key"
    assert make_master_key(file)
    assert not make_master_key(file)
    hold(MasterKeyFile(file))
    for _ in range(3):
        cast.accepted(name=NAME)
    return file


def masters(cast):
    with cast.database.reading() as connection:
        return {
            row.partition(".")[0] for row in connection.scalars(select(candidate_keys.c.wrapped))
        }


def opens(cast):
    with cast.database.reading() as connection:
        holds = check_history(connection).holds
    return holds and not differences(cast.database)


def test_the_master_key_is_changed_while_people_work(cast, in_a_file):
    first = MasterKeyFile(in_a_file).newest.name
    serving = held()  # as another program has read it
    assert masters(cast) == {first}
    owner, changing = as_owner(cast.database), MasterKeyFile(in_a_file)

    changed = rotate(owner, changing, cast.ids, lambda _count: None)

    assert (changed.wrapped_anew, changed.older) == (3, (first,))
    assert masters(cast) == {changed.master} != {first}
    assert serving.newest.name == changed.master  # it noticed by itself
    data_key.cache_clear()
    cast.accepted(name="Lê Văn Bình")
    assert opens(cast)

    retired = retire(owner, changing, cast.ids, lambda _count: None)

    assert (retired.master, retired.wrapped_anew, retired.older) == (changed.master, 0, ())
    assert MasterKeyFile(in_a_file).names == (changed.master,)
    data_key.cache_clear()
    assert opens(cast)
    with cast.database.reading() as connection:
        lines = connection.execute(
            select(key_changes.c.deed, key_changes.c.master, key_changes.c.wrapped_anew).order_by(
                key_changes.c.at, key_changes.c.deed.desc()
            )
        ).all()
    assert lines == [("rotated", changed.master, 3), ("retired", changed.master, 0)]


def test_a_change_that_was_stopped_goes_on_where_it_stopped(cast, in_a_file, monkeypatch):
    owner, keys = as_owner(cast.database), MasterKeyFile(in_a_file)
    monkeypatch.setattr("vetting.usecases.change_master_key.AT_ONCE", 1)

    def stopped(_count):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate(owner, keys, cast.ids, stopped)
    half = masters(cast)
    assert len(half) == 2
    data_key.cache_clear()
    assert opens(cast)

    changed = rotate(owner, keys, cast.ids, lambda _count: None)

    assert changed.wrapped_anew == 2
    assert masters(cast) == {changed.master} < half
    assert opens(cast)


def test_a_straggler_is_wrapped_anew_before_the_old_key_goes(cast, in_a_file):
    """An act that began before the change is kept after it."""
    owner, keys = as_owner(cast.database), MasterKeyFile(in_a_file)
    before = MasterKeys(in_a_file.read_text())
    rotate(owner, keys, cast.ids, lambda _count: None)
    hold(before)
    cast.accepted(name="Lê Văn Bình")
    hold(keys)
    assert len(masters(cast)) == 2

    retired = retire(owner, keys, cast.ids, lambda _count: None)

    assert (retired.wrapped_anew, masters(cast)) == (1, {retired.master})
    data_key.cache_clear()
    assert opens(cast)


def test_a_damaged_key_stops_the_change_and_loses_nothing(cast, in_a_file):
    owner, keys = as_owner(cast.database), MasterKeyFile(in_a_file)
    with as_superuser(cast.database) as connection:
        case = connection.scalar(select(candidate_keys.c.case_handle))
        kept = connection.scalar(
            select(candidate_keys.c.wrapped).where(candidate_keys.c.case_handle == case)
        )
        other = wrap("another", token_bytes(32))
        there = candidate_keys.update().where(candidate_keys.c.case_handle == case)
        connection.execute(there.values(wrapped=other))
        connection.commit()
        with pytest.raises(DamagedKey):
            rotate(owner, keys, cast.ids, lambda _count: None)
        with pytest.raises(DamagedKey):
            retire(owner, keys, cast.ids, lambda _count: None)
        assert len(keys.names) == 2
        connection.execute(there.values(wrapped=kept))
        connection.commit()
    data_key.cache_clear()
    assert opens(cast)


def test_a_master_key_that_others_may_read_or_that_is_none_is_refused(tmp_path):
    file = tmp_path / "master_key"
    with pytest.raises(NoMasterKey, match="cannot be read"):
        MasterKeyFile(file)
    for written in ("", "no key", MASTER_KEY[:-1], f"{MASTER_KEY}\nrest", "é"):
        file.write_text(written)
        file.chmod(0o600)
        with pytest.raises(NoMasterKey):
            MasterKeyFile(file)
    file.write_text(MASTER_KEY)
    file.chmod(0o640)
    with pytest.raises(NoMasterKey, match="Others may read"):
        MasterKeyFile(file)
    assert MASTER_KEY not in repr(MasterKeys(MASTER_KEY).newest)


# ------------------------------------------------------------------ databases from before


def test_a_history_from_before_is_sealed_and_leaves_no_word_behind(empty_url):
    """Both ways, with entries in it: what was said before is said afterwards."""
    upgrade(empty_url)
    database = Database(empty_url, purpose=Purpose.COMMAND)
    with as_owner(database).writing() as connection:
        small_province(connection)
    cast = Cast(database)
    case = cast.concluded(name=NAME)
    with database.reading() as connection:
        before = [dict(row) for row in with_payloads(connection, case)]
    database.close()
    go_back(empty_url)
    database = Database(empty_url, purpose=Purpose.COMMAND)
    with as_superuser(database) as connection:
        opened = connection.exec_driver_sql("SELECT salt, content FROM payloads").all()
    database.close()
    assert {tuple(row) for row in opened} >= {(row["salt"], row["content"]) for row in before}

    upgrade(empty_url)

    database = Database(empty_url, purpose=Purpose.COMMAND)
    with database.reading() as connection:
        after = [dict(row) for row in with_payloads(connection, case)]
        assert after == before
        assert check_history(connection).holds
        assert not any(NAME in content for _, content in raw(connection))
    assert not differences(database)
    if database.engine.dialect.name == "sqlite":
        said = max((row["content"] for row in before), key=len)
        file = database.engine.url.database
        database.close()
        assert said.encode() not in Path(file).read_bytes()
        assert sqlite3.connect(file).execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()


def go_back(url):
    engine = create_engine(url)
    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", take_role(DatabaseRole.OWNER))
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            take_down(connection)  # the guards of rows name tables that go
        command.downgrade(configuration(connection), "0023")
        connection.commit()
    engine.dispose()
