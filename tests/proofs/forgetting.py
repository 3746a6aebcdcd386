"""Forgetting: after a disposal no word about its candidate is in any file of the database.

A case is played to its end with a word of its own in each text that anybody can write: in every
fact, and around the history, in answers to forms, in what was searched for, in why somebody looked,
in what was asked in an emergency, in the name of a list. Others' cases have words too. Then it is
disposed of, and the bytes of every file of the database are searched: the embedded database's with
its journals, the server's own folder with its tables, indexes and statistics. None of the
candidate's words may be found, in any spelling in which the program writes; all of the others' must
be, or the search would be blind. A planted defect, a table that was forgotten, has to be caught.

`python -m tests.proofs.forgetting` does it for many cases, on both databases.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch
from urllib.parse import quote, quote_plus

from sqlalchemy import Connection, make_url, select, text

from tests import postgres
from tests.builders import Cast, as_owner, as_superuser, sent, small_province, ticking
from tests.disposing import Disposing, schedule
from tests.proofs.canaries import marking
from tests.proofs.running import tell
from vetting.engine.names import folded, sort_key
from vetting.engine.policy import Action
from vetting.engine.vocabulary import Role
from vetting.lists import GoodRow, ReadList
from vetting.queries.history_check import check_history
from vetting.records import book
from vetting.records.candidate_keys import candidate_keys
from vetting.records.cases import cases
from vetting.records.database import Database
from vetting.records.history import entries, payloads, read_payload
from vetting.records.migrate import upgrade
from vetting.records.rebuild import compare
from vetting.records.standing import Purpose
from vetting.usecases.file_list import Covering, Taken, file_list
from vetting.usecases.keep_record import hold_record, lift_hold
from vetting.usecases.look import look
from vetting.usecases.open_in_emergency import answer_emergency, ask_in_emergency

NAME = "Zqhọ Zqtên Zqriêng{}"
MARK = "zq"


@dataclass
class Ground:
    """A province with cases that are over, and the words that stand in each."""

    cast: Cast
    people: Disposing
    words: dict[str, set[str]] = field(default_factory=dict)  # case: its words

    @property
    def database(self) -> Database:
        return self.cast.database


def ground(url: str, count: int) -> Ground:
    """Play so many cases to their end, each with words of its own wherever somebody writes."""
    database = Database(url, purpose=Purpose.COMMAND)
    with as_owner(database).writing() as connection:
        small_province(connection)
    schedule(database)
    cast = Cast(database)
    there = Ground(cast, Disposing(cast))
    with marking():
        for number in range(count):
            name = f"Zqh{_letters(number)} Đặng Thị Zqten{_letters(number)}"
            case = _filed_in_a_list(cast, name)
            _play(cast, case)
            there.words[case] = {name, *_write_around(cast, case, name, number)}
    for case in there.words:
        there.words[case] |= set(_said(database, case))
    there.people.let_pass(datetime(2047, 3, 2, tzinfo=UTC))
    return there


def _letters(number: int) -> str:
    return "".join("abcdefghij"[int(digit)] for digit in f"{number:03d}")


def _filed_in_a_list(cast: Cast, name: str) -> str:
    """File a list of one person, the file called after them, as units do."""
    row = GoodRow(1, name, "1975-03-02", "Phó Giám đốc", "Trưởng phòng")
    read = ReadList("csv", (), 0, (row,), ())
    covering = Covering(
        book.CaseType.PLANNING, None, "standing_committee", f"12-CV/{name}"
    )
    taken = Taken(read, f"{name}.csv", "0" * 64)
    done = file_list(cast.unit, sent(), taken, covering)
    with cast.database.reading(Purpose.COMMAND) as connection:
        c = cases.c
        return str(
            connection.scalar(select(c.handle).where(c.submission == done["submission"]))
        )
