"""Whatever is done to the history behind the program's back, the check names the place."""

from contextlib import contextmanager
from itertools import product

import pytest
from sqlalchemy import Text, event, select, text, type_coerce

from tests.builders import Cast, as_superuser, sent, under_key
from tests.records.conftest import province
from vetting.engine.canonical import canonical, digest
from vetting.engine.checkpoint import Checkpoint
from vetting.engine.refusals import OutOfTurn
from vetting.engine.seal import FIRST, commitment, seal
from vetting.engine.tree import Edge
from vetting.engine.verify_offline import FILES, MANIFEST, manifest_of
from vetting.queries.history_check import check_history
from vetting.queries.receipt import seals_until
from vetting.records.cases import cases
from vetting.records.given_packages import given_packages, package_given
from vetting.records.history import entries, payloads
from vetting.records.log import checkpoints, log, write_edge
from vetting.records.sealing_key import make_sealing_key, read_sealing_key
from vetting.usecases.answer_candidate import (
    Asked,
    Draft,
    give_answer,
    prepare_answer,
    record_request,
)
from vetting.usecases.interrupt_case import withdraw_case
from vetting.usecases.seal_checkpoint import seal_checkpoint

UNCHECKED_TABLES = (entries, payloads, log, checkpoints)


class Sealed:
    """A small history, in the log and under signed checkpoints."""

    def __init__(self, database, folder):
        self.database = database
        self.cast = Cast(database)
        self.first = self.cast.concluded(name="Nguyễn Thị Ân")
        make_sealing_key(folder, "vetting/test")
        self.key = read_sealing_key(folder)
        seal_checkpoint(database, self.key, self.cast.ids)
        self.second = self.cast.accepted(name="Lê Văn Bình")
        seal_checkpoint(database, self.key, self.cast.ids)

    @contextmanager
    def behind_the_programs_back(self):
        """Give a connection that no trigger and no reference holds back; nothing is kept."""
        with as_superuser(self.database) as connection:
            sqlite = connection.dialect.name == "sqlite"
            if sqlite:
                connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.exec_driver_sql("BEGIN")
            if sqlite:
                names = connection.scalars(
                    text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
                ).all()
                for name in names:
                    connection.exec_driver_sql(f"DROP TRIGGER {name}")
            else:
                connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            try:
                yield connection
            finally:
                connection.rollback()
                if sqlite:
                    connection.exec_driver_sql("PRAGMA foreign_keys = ON")

    def check(self, connection):
        return check_history(connection, self.key.public)


@contextmanager
def taken_back(connection):
    """Take back what the block changes, so that the next change meets the whole history again."""
    connection.exec_driver_sql("SAVEPOINT whole")
    try:
        yield
    finally:
        connection.exec_driver_sql("ROLLBACK TO whole")
        connection.exec_driver_sql("RELEASE whole")


@pytest.fixture
def sealed(database, tmp_path):
    return Sealed(database, tmp_path)


def told(check):
    """Return what was found, in words."""
    return (
        {(broken.case_handle, broken.number): str(broken.what) for broken in check.broken},
        [(broken.position, str(broken.what)) for broken in check.broken_log],
    )


def test_an_untouched_history_holds(sealed):
    with sealed.database.reading() as connection:
        check = sealed.check(connection)
        total = len(connection.execute(select(entries)).all())
    assert told(check) == ({}, [])
    assert (check.holds, check.signed, check.cases, check.checkpoints) == (True, True, 2, 2)
    assert (check.entries, check.in_log, check.waiting) == (total, total, 0)


def test_the_broken_cases_references_are_asked_for_at_once_and_one_by_one_only_where_one_is_damaged(
    sealed,
):
    asked = []

    def noting(_connection, _cursor, statement, *_more):
        said = " ".join(statement.split())
        asked.extend([said] if said.startswith("SELECT cases.handle, cases.reference") else [])

    with sealed.behind_the_programs_back() as connection:
        names = dict(connection.execute(select(cases.c.handle, cases.c.reference)).all())
        connection.execute(text("UPDATE cases SET last_seal = :seal"), {"seal": "0" * 64})
        event.listen(connection, "before_cursor_execute", noting)
        assert sealed.check(connection).references == names
        assert len(asked) == 1
        if connection.dialect.name == "sqlite":  # PostgreSQL lets no such text in
            connection.execute(
                text("UPDATE cases SET reference = CAST(x'ff' AS TEXT) WHERE handle = :handle"),
                {"handle": sealed.first},
            )
            check = sealed.check(connection)
            assert len(check.broken) == len(names)
            assert check.references == {sealed.second: names[sealed.second]}
            assert len(asked) == 1 + 1 + len(names)


def test_what_is_not_in_the_log_yet_waits_and_is_no_fault(sealed):
    withdraw_case(sealed.cast.unit, sent(), sealed.second, "Đã rút")
    with sealed.database.reading() as connection:
        check = sealed.check(connection)
    assert (check.holds, check.waiting) == (True, 1)
    again = seal_checkpoint(sealed.database, sealed.key, sealed.cast.ids)
    assert (again.added, again.size) == (1, check.in_log + 1)
    assert seal_checkpoint(sealed.database, sealed.key, sealed.cast.ids).added == 0
    with sealed.database.reading() as connection:
        assert (sealed.check(connection).holds, sealed.check(connection).waiting) == (True, 0)


def other(value):
    """Return another value of the same kind, one character away."""
    if value is None:
        return "x"
    if isinstance(value, int):
        return value + 1000
    return ("y" if value[0] == "x" else "x") + value[1:]


@pytest.mark.parametrize("table", [entries, payloads], ids=lambda table: table.name)
def test_each_changed_column_of_each_entry_is_found_at_that_entry(sealed, table):
    with sealed.database.reading() as connection:
        rows = connection.execute(select(table)).mappings().all()
    changes = [
        (row, column.name, value)
        for row in rows
        for column in table.c
        for value in {other(row[column.name]), *last_changed(row[column.name])}
    ]
    missed, tried = [], 0
    with sealed.behind_the_programs_back() as connection:
        for row, column, value in changes:
            same = (table.c.case_handle == row["case_handle"]) & (table.c.number == row["number"])
            with taken_back(connection):
                connection.execute(table.update().where(same).values({column: value}))
                now = connection.execute(select(table).where(same)).mappings().first()
                if now == row:  # PostgreSQL cuts a blank off that has no room
                    continue
                check = sealed.check(connection)
            tried += 1
            found = [b.number for b in check.broken if b.case_handle == row["case_handle"]]
            if check.holds or min(found) != row["number"]:
                missed.append((row["number"], column, value, told(check)))
    assert missed == []
    assert tried >= len(rows) * len(table.c)


def test_a_package_that_was_changed_or_is_gone_is_found_and_not_handed_over(sealed):
    cast, case = sealed.cast, sealed.first
    asked = Asked("copy", cast.ids.today(), "Đơn", "Văn thư", "Đề nghị.")
    number = int(record_request(cast.unit, sent(), case, asked)["number"])

    def make(_, seals):
        files = {"package.txt": b"x"}
        with cast.database.reading() as connection:
            lines = seals_until(connection, case, seals)
        return files | {MANIFEST: manifest_of(case, files, lines)}

    prepare_answer(cast.board, sent(), case, number, Draft("answer", "Có."), make)
    give_answer(cast.head, sent(), case, number, make)
    with cast.database.reading() as connection:
        files = make(None, number + 1)
        manifest = digest(FILES, files[MANIFEST])
        assert package_given(connection, case, number + 2, manifest) == files
    kept = type_coerce(given_packages.c.content, Text)
    for change, why in (
        (given_packages.update().values(content=kept + "A"), "the package it names was changed"),
        (given_packages.delete(), "the package it names is gone"),
    ):
        with sealed.behind_the_programs_back() as connection:
            connection.execute(change)
            broken = sealed.check(connection).broken
            assert [(one.case_handle, one.number, str(one.what)) for one in broken] == [
                (case, number + 2, why)
            ]
            if "changed" in why:
                with pytest.raises(OutOfTurn, match="not what two people agreed to"):
                    package_given(connection, case, number + 2, manifest)


def last_changed(value):
    """Return spellings that a careless comparison takes for the same."""
    return (f"{value} ", value.swapcase()) if isinstance(value, str) and value.isalpha() else ()


def test_each_deleted_row_is_found(sealed):
    for table in (entries, payloads):
        with sealed.database.reading() as connection:
            rows = connection.execute(select(table.c.case_handle, table.c.number)).all()
        with sealed.behind_the_programs_back() as connection:
            for case, number in rows:
                with taken_back(connection):
                    connection.execute(
                        table.delete().where(table.c.case_handle == case, table.c.number == number)
                    )
                    assert min(told(sealed.check(connection))[0]) == (case, number)


def test_each_changed_or_deleted_place_of_the_log_is_found(sealed):
    for table in (log, checkpoints):
        key = next(iter(table.primary_key))
        with sealed.database.reading() as connection:
            rows = connection.execute(select(table)).mappings().all()
        with sealed.behind_the_programs_back() as connection:
            for row, column in product(rows, [*table.c, None]):
                if column is not None and column.name == "at":
                    continue  # when a checkpoint was signed is said beside it, not under it
                with taken_back(connection):
                    same = key == row[key.name]
                    if column is None:
                        if row is rows[-1] and table is checkpoints:
                            continue
                        connection.execute(table.delete().where(same))
                    else:
                        changed = {column.name: other(row[column.name])}
                        connection.execute(table.update().where(same).values(changed))
                    check = sealed.check(connection)
                if table is checkpoints and column is None:
                    # One that is gone is missed by whoever kept a copy; the others still hold.
                    assert check.checkpoints == len(rows) - 1
                else:
                    assert not check.holds, (table.name, row[key.name], column)


def drop_tail(connection, case, number):
    for table in (payloads, entries):
        connection.execute(
            table.delete().where(table.c.case_handle == case, table.c.number >= number)
        )


def set_head(connection, case, number):
    last = connection.scalar(
        select(entries.c.seal).where(entries.c.case_handle == case, entries.c.number == number)
    )
    connection.execute(
        cases.update()
        .where(cases.c.handle == case)
        .values(entry_count=number, last_seal=last or FIRST)
    )


def test_a_missing_tail_is_found_however_well_it_is_hidden(sealed):
    with sealed.database.reading() as connection:
        row = connection.execute(select(cases).where(cases.c.handle == sealed.second)).one()
        size = connection.scalar(select(log.c.position).order_by(log.c.position.desc()).limit(1))
    last = row.entry_count
    with sealed.behind_the_programs_back() as connection:
        drop_tail(connection, sealed.second, last)
        found, _ = told(sealed.check(connection))
        assert found == {(sealed.second, last): "the end of the history is missing"}
        set_head(connection, sealed.second, last - 1)
        found, _ = told(sealed.check(connection))
        assert found == {(sealed.second, last): "the log should have more entries"}
        connection.execute(
            cases.update().where(cases.c.handle == sealed.second).values(sequenced=last - 1)
        )
        found, in_log = told(sealed.check(connection))
        assert (found, in_log) == (
            {},
            [(size, f"entry {last} of case {sealed.second} ({row.reference}) is gone")],
        )
        connection.execute(log.delete().where(log.c.position == size))
        assert told(sealed.check(connection)) == ({}, [(size, "the log has no entry here")])
        forge_checkpoint(connection, sealed)
        assert told(sealed.check(connection)) == (
            {},
            [(size - 1, "the checkpoint is not signed with the log’s key")],
        )


def forge_checkpoint(connection, sealed):
    """Write the last checkpoint anew over the log as it is now, without the key."""
    last = connection.execute(select(checkpoints).order_by(checkpoints.c.size.desc())).first()
    seals = connection.scalars(select(log.c.seal).order_by(log.c.position)).all()
    edge = Edge().grown(map(bytes.fromhex, seals))
    text_, _, below = last.note.partition("\n\n")
    del text_
    note = f"{Checkpoint(sealed.key.name, edge.size, edge.root()).text}\n{below}"
    connection.execute(checkpoints.delete().where(checkpoints.c.size == last.size))
    connection.execute(
        checkpoints.insert(),
        {
            "size": edge.size,
            "root": edge.root().hex(),
            "edge": write_edge(edge),
            "note": note,
            "at": last.at,
        },
    )


def test_a_deleted_case_is_missed_by_the_log(sealed):
    with sealed.behind_the_programs_back() as connection:
        drop_tail(connection, sealed.second, 1)
        connection.execute(cases.delete().where(cases.c.handle == sealed.second))
        check = sealed.check(connection)
        first = connection.scalar(
            select(log.c.position)
            .where(log.c.case_handle == sealed.second)
            .order_by(log.c.position)
            .limit(1)
        )
    assert told(check) == ({}, [(first, f"entry 1 of case {sealed.second} is gone")])


def test_a_case_whose_row_alone_is_deleted_is_found(sealed):
    with sealed.behind_the_programs_back() as connection:
        connection.execute(cases.delete().where(cases.c.handle == sealed.second))
        found, _ = told(sealed.check(connection))
    assert found == {(sealed.second, 1): "the case of the entry is gone"}


def test_two_swapped_entries_are_found_at_the_first(sealed):
    with sealed.database.reading() as connection:
        last = connection.scalar(select(cases.c.entry_count).where(cases.c.handle == sealed.first))
    with sealed.behind_the_programs_back() as connection:
        for number in range(1, last):
            with taken_back(connection):
                for table in (payloads, entries):
                    for before, after in ((number, 0), (number + 1, number), (0, number + 1)):
                        connection.execute(
                            table.update()
                            .where(table.c.case_handle == sealed.first, table.c.number == before)
                            .values(number=after)
                        )
                found, _ = told(sealed.check(connection))
            assert found == {(sealed.first, number): "the entry was changed"}


def test_an_entry_of_another_case_is_found_wherever_it_is_put(sealed):
    with sealed.database.reading() as connection:
        foreign = [
            dict(
                connection.execute(
                    select(t).where(t.c.case_handle == sealed.second, t.c.number == 2)
                )
                .mappings()
                .one()
            )
            for t in (entries, payloads)
        ]
    for number in (1, 2, 3, 5):
        with sealed.behind_the_programs_back() as connection:
            for table, row in zip((payloads, entries), reversed(foreign), strict=True):
                connection.execute(
                    table.delete().where(
                        table.c.case_handle == sealed.first, table.c.number == number
                    )
                )
                moved = {**row, "case_handle": sealed.first, "number": number}
                connection.execute(table.insert(), moved)
            found, _ = told(sealed.check(connection))
        assert found == {(sealed.first, number): "the entry was changed"}


def test_a_history_that_was_written_anew_is_not_the_one_in_the_log(sealed):
    """Whoever has the whole database but not the log's key changes what was said and seals it."""
    with sealed.behind_the_programs_back() as connection:
        rewrite(connection, sealed.first, 5)
        found, _ = told(sealed.check(connection))
        assert found == {(sealed.first, 5): "the log has another seal for the entry"}
        for row in connection.execute(select(entries)).all():
            connection.execute(
                log.update()
                .where(log.c.case_handle == row.case_handle, log.c.number == row.number)
                .values(seal=row.seal)
            )
        _, in_log = told(sealed.check(connection))
        assert {what for _, what in in_log} == {"the log does not match its checkpoint"}


def test_entries_sealed_anew_are_named_from_the_first_on_whatever_the_case_says(sealed):
    """The end of the case gives it away, but is not where it begins."""
    with sealed.behind_the_programs_back() as connection:
        of_case = select(cases.c.last_seal).where(cases.c.handle == sealed.first)
        last_seal = connection.scalar(of_case)
        rewrite(connection, sealed.first, 5)
        connection.execute(
            cases.update().where(cases.c.handle == sealed.first).values(last_seal=last_seal)
        )
        found = told(sealed.check(connection))
    assert found == ({(sealed.first, 5): "the log has another seal for the entry"}, [])


def rewrite(connection, case, number):
    """Change what an entry says, and seal the case anew from there on."""
    rows = connection.execute(
        select(entries).where(entries.c.case_handle == case).order_by(entries.c.number)
    ).mappings()
    previous = FIRST
    for row in rows.all():
        entry = {name: row[name] for name in row if name != "seal"}
        same = (entries.c.case_handle == case) & (entries.c.number == row["number"])
        if row["number"] == number:
            content = canonical({"source": "x", "target": "y"})
            entry["payload_hash"] = commitment("salt", content)
            said = {"case_handle": case, "number": number, "salt": "salt"}
            connection.execute(
                payloads.update()
                .where(payloads.c.case_handle == case, payloads.c.number == number)
                .values(under_key(connection, said | {"content": content.decode()}))
            )
        previous = seal(previous, entry)
        connection.execute(entries.update().where(same).values(**entry, seal=previous))
    set_head(connection, case, row["number"])


def test_text_that_cannot_be_read_is_named_and_stops_nothing(sqlite_url, tmp_path):
    for database in province(sqlite_url):
        sealed = Sealed(database, tmp_path)
        with sealed.behind_the_programs_back() as connection:
            connection.execute(
                text(
                    "UPDATE payloads SET content = CAST(x'7bff7d' AS TEXT) "
                    "WHERE case_handle = :case AND number = 3"
                ),
                {"case": sealed.second},
            )
            assert told(sealed.check(connection))[0] == {
                (sealed.second, 1): "the history cannot be read"
            }
        with sealed.behind_the_programs_back() as connection:
            connection.execute(
                text(
                    "UPDATE entries SET officer = CAST(officer AS BLOB) "
                    "WHERE case_handle = :case AND number = 3"
                ),
                {"case": sealed.second},
            )
            assert told(sealed.check(connection))[0] == {
                (sealed.second, 3): "the entry was changed"
            }


@pytest.mark.parametrize("column", ["entry_count", "sequenced"])
def test_a_case_that_says_no_number_of_its_history_is_named(sqlite_url, tmp_path, column):
    for database in province(sqlite_url):
        sealed = Sealed(database, tmp_path)
        with sealed.behind_the_programs_back() as connection:
            connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
            connection.execute(
                text(f"UPDATE cases SET {column} = CAST({column} AS BLOB) WHERE handle = :case"),  # noqa: S608
                {"case": sealed.second},
            )
            found = told(sealed.check(connection))[0]
            connection.exec_driver_sql("PRAGMA ignore_check_constraints = OFF")
        assert found == {(sealed.second, 1): "the history cannot be read"}
