"""What the history keeps cannot be changed with SQL, whoever holds the connection."""

# ruff: noqa: S608  (the tables are named right here)

import pytest
from sqlalchemy import Integer, select
from sqlalchemy.exc import DBAPIError

from tests.builders import BODIES, Cast, add_officer, as_owner, sent
from tests.records.conftest import province
from vetting.engine.mails import MailStep
from vetting.engine.vocabulary import Role
from vetting.records.mails import NewMail, add_step, write_mail_of
from vetting.records.outbox import recipients
from vetting.records.sealing_key import make_sealing_key, read_sealing_key
from vetting.records.tables import METADATA
from vetting.usecases.open_in_emergency import answer_emergency, ask_in_emergency
from vetting.usecases.open_notice import open_all_notices
from vetting.usecases.reconcile_notices import keep_reconciliation
from vetting.usecases.seal_checkpoint import seal_checkpoint

KEPT_FOR_EVER = (
    "entries",
    "payloads",
    "opinions",
    "sign_offs",
    "conclusions",
    "reads",
    "log",
    "checkpoints",
    "participations",
    "acts",
    "proposals",
    "outbox",
    "emergency_requests",
    "emergency_steps",
    "notice_steps",
    "mails",
    "mail_notices",
    "mail_steps",
    "reconciliations",
    "role_changes",
    "role_proposals",
    "role_answers",
    "factor_resets",
    "officer_changes",
    "key_changes",
    "calendar_changes",
    "calendar_days",
    "amendments",
    "extensions",
    "given_packages",
)


@pytest.fixture
def kept(cast, tmp_path):
    """A database with a row in every table that is kept for ever."""
    case = cast.concluded()
    asked = ask_in_emergency(cast.unit, sent(), case, "Gấp.", 1)["request"]
    answer_emergency(cast.head, sent(), asked, agrees=True, sentence="Đồng ý.")
    open_all_notices(cast.board, cast.ids.now())
    with cast.database.writing() as connection:
        now = cast.ids.now()
        keep_reconciliation(connection, "2026-03-02", now, due=1, gaps=0, unsent=0)
        r = recipients.c
        told = connection.execute(select(r.notice, r.officer).limit(1)).one()
        mail = NewMail("x", told.officer, "digest", "2026-03-02", now, [told.notice])
        write_mail_of(connection, mail)
        add_step(connection, "x", MailStep.SENDING, now)
        connection.exec_driver_sql(
            "INSERT INTO role_changes (handle, officer, organisation, role, kind, value, at) "
            "VALUES ('x', 'thue/bs1', 'thue', 'body_signer', 'given', '//0', 'x')"
        )
        add_officer(connection, "a1", "ban-to-chuc", Role.ADMINISTRATOR)
        add_officer(connection, "a2", "ban-to-chuc", Role.ADMINISTRATOR)
        connection.exec_driver_sql(
            "INSERT INTO role_proposals (handle, officer, organisation, role, kind, valid_from, "
            "clearance, hash, proposed_by, method, at) VALUES "
            "('x', 'thue/bs1', 'thue', 'body_officer', 'given', '', 0, 'x', 'a1', 'x', 'x')"
        )
        connection.exec_driver_sql(
            "INSERT INTO role_answers (proposal, kind, hash, answered_by, method, sentence, at) "
            "VALUES ('x', 'confirmed', 'x', 'a2', 'x', '', 'x')"
        )
        connection.exec_driver_sql(
            "INSERT INTO officer_changes (handle, officer, kind, value, at) "
            "VALUES ('x', 'thue/bs1', 'password', '', 'x')"
        )
        connection.exec_driver_sql(
            "INSERT INTO extensions (consultation, entry, case_handle, body, due_on, until) "
            f"VALUES ('x', 1, '{case}', 'thue', '2026-03-04', '2026-03-05')"
        )
        connection.exec_driver_sql(f"INSERT INTO given_packages VALUES ('{case}', 1, 'x')")
        connection.exec_driver_sql("INSERT INTO factor_resets VALUES ('thue/bs1', 'x', NULL)")
    with as_owner(cast.database).writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO calendars (code, name_vi, name_en, first_day, last_day, entered_at) "
            "VALUES ('province', 'x', 'x', '2026-01-01', '2026-12-31', 'x')"
        )
        connection.exec_driver_sql(
            "INSERT INTO calendar_changes VALUES "
            "('x', 'province', 'x', 'thue/bs1', 'thue', 'board_head', 'x', 0, 'x')"
        )
        connection.exec_driver_sql(
            "INSERT INTO calendar_days (calendar, day, entered_at, kind, name_vi, name_en, "
            "entered_by) VALUES ('province', '2026-03-04', 'x', 'closure', 'x', 'x', 'thue/bs1')"
        )
        connection.exec_driver_sql(
            "INSERT INTO amendments (case_handle, entry, amends, kind, ground, reason, basis, "
            "decided_on, effective_on, conditions, evidence, signed_by, organisation, signed_at) "
            f"VALUES ('{case}', 2, 1, 'annulment', 'own', 'x', 'x', 'x', 'x', '[]', '[]', "
            "'thuong-truc/s1', 'thuong-truc', 'x')"
        )
        connection.exec_driver_sql("INSERT INTO key_changes VALUES ('x', 'rotated', 'x', 0, 'x')")
    make_sealing_key(tmp_path, "vetting/test")
    seal_checkpoint(cast.database, read_sealing_key(tmp_path))
    return cast.database


def rows(database):
    with database.reading() as connection:
        return {
            name: sorted(map(repr, connection.execute(select(METADATA.tables[name])).all()))
            for name in KEPT_FOR_EVER
        }


def deeds(database):
    """Yield every way in which SQL could take a row away or make it another."""
    sqlite = database.engine.dialect.name == "sqlite"
    for name in KEPT_FOR_EVER:
        for column in METADATA.tables[name].c:
            yield f"UPDATE {name} SET {column.name} = {column.name}"
        yield f"DELETE FROM {name}"
        if sqlite:
            yield f"INSERT OR REPLACE INTO {name} SELECT * FROM {name}"
            yield f"UPDATE OR REPLACE {name} SET rowid = rowid + 1"
        else:
            yield f"TRUNCATE {name} CASCADE"
            yield (
                f"INSERT INTO {name} SELECT * FROM {name} "
                f"ON CONFLICT ON CONSTRAINT {METADATA.tables[name].primary_key.name} "
                f"DO UPDATE SET {column.name} = NULL"
            )


def test_neither_update_nor_delete_nor_replace_gets_through(kept):
    before = rows(kept)
    assert all(before.values())
    tried = 0
    for deed in deeds(kept):
        with as_owner(kept).engine.connect() as connection, pytest.raises(DBAPIError) as refused:
            connection.exec_driver_sql(deed)
        assert "permission" not in str(refused.value)
        tried += 1
    assert rows(kept) == before
    assert tried > len(KEPT_FOR_EVER) * 6


@pytest.mark.leaves_it_unwell
def test_a_signature_is_not_replaced_by_another_persons(sqlite_url):
    for database in province(sqlite_url):
        Cast(database).concluded()
        with database.writing() as connection:
            for body in BODIES:
                add_officer(connection, f"{body}/other", body, Role.BODY_SIGNER)
        with database.engine.connect() as connection:
            connection.exec_driver_sql(
                "INSERT INTO participations SELECT case_handle, body || '/other', 'opine', body "
                "FROM opinions"
            )
            with pytest.raises(DBAPIError, match="never changed"):
                connection.exec_driver_sql(
                    "INSERT OR REPLACE INTO sign_offs "
                    "(consultation, officer, kind, organisation, role, hash, session, method, at) "
                    "SELECT consultation, body || '/other', 'sign', body, 'x', hash, 'x', 'x', "
                    "signed_at FROM opinions"
                )
            signers = set(connection.scalars(select(METADATA.tables["sign_offs"].c.officer)))
        assert signers == {f"{body}/bs1" for body in BODIES}


GAP = "handle, witnessed_size, witnessed_root, found_size, found_root, reason, declared_by"
CONFIRMED = "confirmed_by = 'uy-ban-kiem-tra/s1', confirmed_at = declared_at"


def gap(handle, by, rowid=None, replacing=""):
    number, its = (f"{rowid}, ", "rowid, ") if rowid else ("", "")
    return (
        f"INSERT {replacing} INTO gaps ({its}{GAP}, declared_at) VALUES ({number}'{handle}', 9, "
        f"'x', 0, '', 'x', '{by}', '2026-03-02T01:00:00.000000Z')"
    )


def test_a_declared_gap_is_confirmed_once_and_otherwise_neither_changed_nor_taken_away(database):
    """A row's number in a file of SQLite included, by which one is put in another's place."""
    sqlite = database.engine.dialect.name == "sqlite"
    with as_owner(database).writing() as connection:
        for login in ("a1", "a2", "a3"):
            add_officer(connection, login, "ban-to-chuc", Role.ADMINISTRATOR)
        for handle, by in (("waits", "a1"), ("done", "a2")):
            connection.exec_driver_sql(gap(handle, by))
        connection.exec_driver_sql(f"UPDATE gaps SET {CONFIRMED} WHERE handle = 'done'")
        before = connection.exec_driver_sql("SELECT * FROM gaps ORDER BY handle").all()
    deeds = ["DELETE FROM gaps", f"UPDATE gaps SET {CONFIRMED} WHERE handle = 'done'"]
    deeds += [
        f"UPDATE gaps SET {CONFIRMED}, {column} = {other} WHERE handle = 'waits'"
        for column, other in (
            ("handle", "'y'"),
            ("witnessed_size", "8"),
            ("witnessed_root", "'y'"),
            ("found_size", "1"),
            ("found_root", "'y'"),
            ("reason", "'y'"),
            ("declared_by", "'a3'"),
            ("declared_at", "'2026-03-02T02:00:00.000000Z'"),
        )
    ]
    if sqlite:
        deeds += [
            f"UPDATE OR REPLACE gaps SET {CONFIRMED}, rowid = 2 WHERE handle = 'waits'",
            gap("new", "a3", rowid=2, replacing="OR REPLACE"),
            gap("done", "a3", replacing="OR REPLACE"),
            gap("new", "a2", replacing="OR REPLACE"),
        ]
    else:
        deeds += [
            "TRUNCATE gaps",
            f"{gap('done', 'a3')} ON CONFLICT ON CONSTRAINT pk_gaps DO UPDATE SET reason = 'y'",
        ]
    refused = {}
    with as_owner(database).engine.connect() as connection:
        for deed in deeds:
            with pytest.raises(DBAPIError) as said:
                connection.exec_driver_sql(deed)
            refused[deed] = "permission" not in str(said.value)
            connection.rollback()
        after = connection.exec_driver_sql("SELECT * FROM gaps ORDER BY handle").all()
        number = connection.exec_driver_sql(gap("third", "a3"))  # what is only declared still is
    assert (refused, after, number.rowcount) == (dict.fromkeys(deeds, True), before, 1)


def test_no_row_is_put_in_anothers_place_by_its_number(sqlite_url):
    for database in province(sqlite_url):
        Cast(database).concluded()
        with database.engine.connect() as connection:
            triggers = connection.exec_driver_sql(
                "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
            ).all()
            names = {name for name, _ in triggers}
            tables = {table for name, table in triggers if "_no_replace" in name}
            assert tables >= set(KEPT_FOR_EVER)
            unkept = {table for table in tables if f"{table}_no_number" not in names}
            whole = {table for table in unkept if known_by_a_number(METADATA.tables[table])}
            assert unkept == whole

            before = connection.exec_driver_sql("SELECT * FROM opinions").all()
            others = ", ".join(name for name in METADATA.tables["opinions"].c.keys())  # noqa: SIM118
            another = others.replace("consultation", "'another'", 1)
            with pytest.raises(DBAPIError, match="the history is never changed: opinions"):
                connection.exec_driver_sql(
                    f"INSERT OR REPLACE INTO opinions (rowid, {others}) "
                    f"SELECT rowid, {another} FROM opinions LIMIT 1"
                )
            connection.rollback()
            assert connection.exec_driver_sql("SELECT * FROM opinions").all() == before


def test_a_row_of_a_number_that_no_row_has_by_itself_keeps_no_other_from_coming(sqlite_url):
    for database in province(sqlite_url):
        cast = Cast(database)
        cast.filed()
        with database.engine.connect() as connection:
            others = [name for name in METADATA.tables["acts"].c.keys() if name != "key"]  # noqa: SIM118
            connection.exec_driver_sql(
                f"INSERT INTO acts (rowid, key, {', '.join(others)}) "
                f"SELECT -1, 'xxxxxxxxxxxxxxxxxxxxxx', {', '.join(others)} FROM acts LIMIT 1"
            )
            connection.connection.commit()
        cast.filed()  # acts go on


def known_by_a_number(table):
    [column, *more] = table.primary_key
    return not more and isinstance(column.type, Integer)
