"""Long histories, made from a short one: its cases again and again under other names.

The rows that follow from entries are copied as the acts wrote them, never made by what rebuilds
them; the entries of each copy are sealed anew, over other handles and other salts, and each copy
goes on a millionth of a second after the one before: a log has no thousands of entries of one
moment, and its index by moments is looked up where it was written last.
"""

import re
from base64 import urlsafe_b64encode
from collections import defaultdict
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256

from sqlalchemy import func, select, text, update

from tests.builders import Cast, small_province
from tests.records.test_rebuild import walk
from vetting.engine.canonical import moment
from vetting.engine.seal import FIRST, commitment, seal
from vetting.records.candidate_keys import candidate_keys, data_key, new_key
from vetting.records.cases import cases, participations
from vetting.records.conclusions import conclusions, proposals
from vetting.records.consultations import consultations, opinions, sign_offs
from vetting.records.database import Database
from vetting.records.history import entries, payloads
from vetting.records.letters import letters
from vetting.records.migrate import upgrade
from vetting.records.standing import Purpose
from vetting.records.tallies import counted_anew, tallies

# In the order in which they may refer to one another.
COPIED = (
    cases,
    participations,
    consultations,
    candidate_keys,
    entries,
    payloads,
    sign_offs,
    opinions,
    proposals,
    conclusions,
)
CASES_AT_ONCE = 250
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
STEPS = 300


def walked(url, seed=1, steps=STEPS):
    """A small province in which people acted at random, and one case went through to its end."""
    upgrade(url)
    database = Database(url, purpose=Purpose.COMMAND)
    with database.writing() as connection:
        small_province(connection)
    cast = Cast(database)
    cast.closed(name="Nguyễn Thị Ân")
    walk(cast, seed, steps)
    return database


def multiply(database, copies, tick=lambda _cases: None):
    """Add so many copies of every case there is. On SQLite only."""
    originals = _originals(database)
    wanted = [(rows, number) for number in range(copies) for rows in originals]
    with database.writing() as connection:
        triggers = connection.execute(
            text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        ).all()
        for name, _ in triggers:  # they ask what stood when a row was written, not what came of it
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
    for start in range(0, len(wanted), CASES_AT_ONCE):
        chunk = [_again(rows, number) for rows, number in wanted[start : start + CASES_AT_ONCE]]
        with database.writing() as connection:
            for table in COPIED:
                rows = [row for copy in chunk for row in copy[table]]
                if rows:
                    connection.execute(table.insert(), rows)
        tick(len(chunk))
    with database.writing() as connection:
        c = consultations.c
        there = select(func.count()).where(c.letter == letters.c.handle).scalar_subquery()
        connection.execute(update(letters).values(covers=there))
        [officer, *_] = connection.scalars(select(entries.c.officer).limit(1))
        connection.execute(tallies.delete())
        for (body, holder, state), waiting in counted_anew(connection).items():
            row = {"body": body, "holder": holder, "state": state, "waiting": waiting}
            connection.execute(tallies.insert(), row | {"counted_by": officer})
        for _, ddl in triggers:
            connection.exec_driver_sql(ddl)


def _originals(database):
    with database.reading() as connection:
        found = defaultdict(lambda: {table: [] for table in COPIED})
        asked = dict(
            connection.execute(select(consultations.c.handle, consultations.c.case_handle)).all()
        )
        for table in COPIED:
            for row in connection.execute(select(table).order_by(*table.primary_key)).mappings():
                case = row.get("case_handle") or asked.get(row.get("consultation"))
                found[row["handle"] if table is cases else case][table].append(dict(row))
    return list(found.values())


def _again(rows, number):
    [case] = rows[cases]
    names = {case["handle"]: _handle(case["handle"], number)}
    names |= {one["handle"]: _handle(one["handle"], number) for one in rows[consultations]}
    if case["reference"] is not None:
        names[case["reference"]] = f"{case['reference']}.{number}"
    said = re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))))

    def again(text):
        named = said.sub(lambda found: names[found[0]], text)
        return MOMENT.sub(lambda found: _later(found[0], number), named)

    copy = {
        table: [
            {
                name: names.get(value) or (again(value) if _is_moment(value) else value)
                for name, value in row.items()
            }
            for row in rows[table]
        ]
        for table in COPIED
    }
    [kept] = copy[candidate_keys]
    _, kept["wrapped"] = new_key(kept["case_handle"])
    previous = FIRST
    for entry, payload in zip(copy[entries], copy[payloads], strict=True):
        payload["salt"] = _handle(payload["salt"], number)
        payload["content"] = again(payload["content"])
        entry["payload_hash"] = commitment(payload["salt"], payload["content"].encode())
        key = data_key(payload["case_handle"], kept["wrapped"])
        for name in ("salt", "content"):
            payload[name] = key.seal(payload["number"], name, payload[name])
        del entry["seal"]
        previous = entry["seal"] = seal(previous, entry)
    copy[cases][0] |= {"last_seal": previous, "sequenced": 0}
    return copy


def _is_moment(value):
    return isinstance(value, str) and MOMENT.fullmatch(value) is not None


@lru_cache(maxsize=10_000)
def _later(at, number):
    return moment(datetime.fromisoformat(at) + timedelta(microseconds=number))


def _handle(handle, number):
    return urlsafe_b64encode(sha256(f"{number}/{handle}".encode()).digest())[:22].decode()
