"""A record goes only after its time, by two people, and only what both have seen listed."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from unittest.mock import patch

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from tests.builders import Cast, as_owner, definitions, sent
from tests.disposing import LATER, Disposing, schedule
from vetting.engine.ailments import Ailment
from vetting.engine.facts import RecordHeld
from vetting.engine.policy import Action
from vetting.engine.refusals import (
    Forbidden,
    HeldBack,
    OutOfTurn,
    Stale,
    TwoHats,
    Unacceptable,
    Unknown,
)
from vetting.queries.doctor import Ground, examine
from vetting.queries.history_check import check_history
from vetting.queries.notices_page import notices_page
from vetting.queries.untold import untold
from vetting.records.acts import acts
from vetting.records.book import Book
from vetting.records.cases import cases
from vetting.records.conclusions import conclusions
from vetting.records.disposals import disposal_items, disposals
from vetting.records.history import entries
from vetting.records.log import checkpoints
from vetting.records.outbox import outbox, recipients
from vetting.records.rebuild import compare
from vetting.records.scrub import NotScrubbed
from vetting.records.sealing_key import make_sealing_key, read_sealing_key
from vetting.records.second_count import second_count
from vetting.records.standing import Purpose
from vetting.usecases import forget as forgetting
from vetting.usecases.dispose_of_record import OTHERWISE, answer_disposal, ask_disposal
from vetting.usecases.keep_record import class_record, hold_record, lift_hold
from vetting.usecases.look import look
from vetting.usecases.make_report import counted
from vetting.usecases.seal_checkpoint import seal_checkpoint


@pytest.fixture
def cast(database):
    return Cast(database)


@pytest.fixture
def people(cast):
    return Disposing(cast)


@pytest.fixture
def due(cast, people):
    """A closed case whose schedule has run out."""
    schedule(cast.database)
    case = cast.closed()
    people.let_pass()
    return case


def test_without_a_schedule_nothing_runs_out(cast, people):
    case = cast.closed()
    people.let_pass()
    with pytest.raises(HeldBack, match="No schedule"):
        people.ask(case)
    schedule(cast.database, years=None)
    with pytest.raises(HeldBack, match="No schedule"):
        people.ask(case)


def test_it_is_kept_to_the_last_day_of_its_schedule(cast, people):
    schedule(cast.database)
    case = cast.closed()  # on 2 March 2026
    people.let_pass(datetime(2046, 3, 2, 16, 59, tzinfo=UTC))  # the last minute of that day here
    with pytest.raises(HeldBack, match="kept until"):
        people.ask(case)
    people.let_pass(datetime(2046, 3, 2, 17, 1, tzinfo=UTC))
    people.ask(case)


def test_what_is_not_over_is_not_disposed_of(cast, people):
    schedule(cast.database)
    case = cast.concluded()
    people.let_pass()
    with pytest.raises(HeldBack, match="not over"):
        people.ask(case)


def test_two_people_who_did_nothing_else_in_the_case(cast, people, due):
    with pytest.raises(TwoHats):
        people.ask(due, by=cast.board)  # who coordinated it
    with pytest.raises(TwoHats):
        people.ask(due, by=cast.head)
    people.ask(due)
    with pytest.raises(Forbidden):  # the Board asks, the supervisors answer
        people.agree(due, by=people.asker)
    look(people.second, Action.SEE_CASE, cases=[due])
    with pytest.raises(TwoHats):  # whoever supervised it
        people.agree(due)


def test_a_hold_keeps_it_and_makes_them_ask_again(cast, people, due):
    with pytest.raises(Unacceptable):
        hold_record(cast.head, sent(), due, " ")
    people.ask(due)
    hold_record(cast.head, sent(), due, "Có đơn khiếu nại.")
    with pytest.raises(HeldBack, match="held"):
        people.agree(due)
    with cast.database.reading(Purpose.COMMAND) as connection:
        [holds] = connection.scalars(select(cases.c.holds).where(cases.c.handle == due))
    number = int(holds.strip("[]"))
    with pytest.raises(Unknown):
        lift_hold(cast.head, sent(seen=1), due, number + 1, "Đã giải quyết.")
    lift_hold(people.second, sent(), due, number, "Đã giải quyết.")
    with pytest.raises(OutOfTurn, match="Nobody has asked"):
        people.agree(due)
    people.dispose(due)


def test_another_class_has_another_schedule(cast, people, due):
    schedule(cast.database, years=50, code="lau-dai", case_types="")
    with pytest.raises(Unacceptable):
        class_record(cast.head, sent(), due, "khong-co", "Hồ sơ lưu trữ lâu dài.")
    class_record(cast.head, sent(), due, "lau-dai", "Hồ sơ lưu trữ lâu dài.")
    with pytest.raises(HeldBack, match="kept until"):
        people.ask(due)


@pytest.mark.parametrize("kept", [True, False], ids=["it says where", "from before that"])
def test_an_answer_goes_also_where_its_act_opened_its_cases_one_by_one(cast, people, due, kept):
    other = cast.filed(name="Trần Văn Bình")

    def do(book):
        for case in (due, other):
            book.case(case, bystander=True)
            book.state(case, RecordHeld("Có đơn khiếu nại."))
        return {"done": [due, other]}

    wrote = Book.wrote if kept else property(lambda _: [])
    with patch.object(Book, "wrote", wrote):
        cast.head.act(Action.HOLD_RECORD, sent(key="both"), {}, do)
    with cast.database.reading(Purpose.COMMAND) as connection:
        act = connection.execute(select(acts).where(acts.c.key == "both")).one()
        entered = connection.scalar(
            select(entries.c.at).where(
                entries.c.case_handle == due, entries.c.verb == RecordHeld.verb
            )
        )
    assert entered < act.at  # what was written first is older than the act
    assert "acts:both" in people.plan(due).items
    assert "acts:both" in people.plan(other).items


def test_a_list_that_is_not_the_one_seen_destroys_nothing(cast, people, due):
    with pytest.raises(Stale):
        ask_disposal(people.asker, sent(), due, "0" * 64, "Hết thời hạn.")
    people.ask(due)
    seen = people.plan(due)
    look(cast.head, Action.SEE_CASE, cases=[due], purpose="Đối chiếu đơn.")
    with pytest.raises(Stale):
        answer_disposal(people.second, sent(), due, seen.hash, agrees=True)
    with pytest.raises(Stale):  # it is another list than the asker's, too
        people.agree(due)
    answer_disposal(people.second, sent(), due, "", agrees=False, reason="Danh sách đã khác.")
    people.ask(due)
    people.agree(due)
    look(cast.head, Action.SEE_CASE, cases=[due], purpose="Đối chiếu lần nữa.")
    done = people.carry_out()
    assert done.erased == ()
    assert [case for case, _ in done.refused] == [due]
    assert people.dispose(due).erased == (due,)


def test_what_stays_is_a_tombstone_that_the_chain_proves(cast, people, due):
    other = cast.closed(name="Trần Văn Bình")
    assert people.dispose(due).erased == (due,)
    with cast.database.reading(Purpose.COMMAND) as connection:
        found = check_history(connection)
        assert found.holds, found.broken
        assert (found.forgotten, found.cases) == (1, 2)
        assert list(compare(connection)) == []
        [stone] = connection.execute(select(disposals)).all()
    assert amiss(cast) == []
    assert (stone.case_handle, stone.asked_by, stone.approved_by) == (
        due,
        "ban-to-chuc/bo2",
        "uy-ban-kiem-tra/s1",
    )
    assert (stone.over_on, stone.runs_out_on) == ("2026-03-02", "2046-03-02")
    with pytest.raises(Unknown):
        hold_record(cast.head, sent(), due, "Muộn rồi.")
    hold_record(cast.head, sent(), other, "Hồ sơ khác vẫn còn.")


def test_a_tombstone_that_was_changed_is_found_out(cast, people, due):
    people.dispose(due)
    changed = {"plan": "1" * 64, "salt": "x", "approved_by": "ban-to-chuc/bh1"}
    found = {said_of_changed(cast.database, {name: value}) for name, value in changed.items()}
    assert found == {"nobody approved that the case was erased"}


class _Killed(BaseException):
    """The process ended there."""


@pytest.mark.parametrize("stopped_by", [NotScrubbed, _Killed])
def test_files_that_were_not_cleaned_are_cleaned_by_the_next_run(cast, people, due, stopped_by):
    people.ask(due)
    people.agree(due)
    with (
        patch.object(forgetting, "scrub", side_effect=stopped_by),
        pytest.raises(stopped_by),
    ):
        people.carry_out()
    [one] = amiss(cast)
    assert (one.ailment, one.case) == (Ailment.UNCLEANED, due)
    [erased, cleaned] = ends_of(cast.database)
    assert erased is not None
    assert cleaned is None

    done = people.carry_out()

    assert (done.erased, done.cleaned) == ((), 1)
    assert amiss(cast) == []
    [erased, cleaned] = ends_of(cast.database)
    assert cleaned > erased
    with patch.object(forgetting, "scrub") as scrub:
        assert people.carry_out().cleaned == 0
    scrub.assert_not_called()


def test_what_is_destroyed_while_files_are_cleaned_owes_another_cleaning(cast, people, due):
    other = cast.closed(name="Trần Văn Bình")
    people.let_pass(LATER.replace(year=LATER.year + 21))

    def scrub(_owner):
        with patch.object(forgetting, "clean_files", return_value=0):
            people.dispose(other)

    people.ask(due)
    people.agree(due)
    with patch.object(forgetting, "scrub", scrub):
        assert people.carry_out().erased == (due,)
    assert [one.case for one in amiss(cast)] == [other]


def amiss(cast):
    """What the doctor finds."""
    with cast.database.reading(Purpose.COMMAND) as connection:
        return list(examine(Ground(connection, definitions(), cast.ids.today())))


def ends_of(database):
    """When the one record was destroyed, and the files cleaned of it."""
    d = disposals.c
    with database.reading(Purpose.COMMAND) as connection:
        return list(connection.execute(select(d.erased_at, d.cleaned_at)).one())


def said_of_changed(database, values):
    """What the check of the history says of a tombstone with other values; it is taken back."""
    said = ""
    with suppress(_Undone), as_owner(database).writing() as connection:
        on = " ON disposals" if connection.dialect.name == "postgresql" else ""
        connection.exec_driver_sql(f"DROP TRIGGER disposals_cleaned_once{on}")
        connection.execute(disposals.update().values(values))
        said = str(check_history(connection).broken[0].what)
        raise _Undone
    return said


def test_what_was_erased_is_counted_twice_alike_and_named(cast, people, due, tmp_path):
    cast.closed(name="Trần Văn Bình")
    people.dispose(due)
    make_sealing_key(tmp_path, "vetting/test")
    seal_checkpoint(cast.database, read_sealing_key(tmp_path), cast.ids)
    since, until = "2026-01-01", "2047-12-31"
    with cast.database.reading(Purpose.COMMAND) as connection:
        noted = dict(connection.execute(select(checkpoints)).mappings().one())
        found, erased = counted(connection, cast.ids, since, until, noted)
        again = second_count(
            connection, size=noted["size"], as_of=noted["at"], since=since, until=until
        )
    assert erased > 0
    assert again == {
        name: {tuple(row["key"]): row["values"] for row in json.loads(json.dumps(one.told()))}
        for name, one in found.items()
    }
    assert found["requests"].items == 6


class _Undone(Exception):
    """What was tried is taken back."""


def said(found):
    return found.erased, [(case, str(why)) for case, why in found.refused]


def test_what_comes_after_they_agreed_makes_them_agree_again(cast, people, due):
    people.ask(due)
    people.agree(due)
    with pytest.raises(OutOfTurn, match="agreed to this already"):
        people.ask(due)
    hold_record(cast.head, sent(), due, "Có đơn khiếu nại.")
    overtaken = [(due, str(OTHERWISE))]
    assert said(people.carry_out()) == ((), overtaken)
    with cast.database.reading(Purpose.COMMAND) as connection:
        [holds] = connection.scalars(select(cases.c.holds).where(cases.c.handle == due))
    lift_hold(cast.head, sent(), due, int(holds.strip("[]")), "Đã giải quyết.")
    assert said(people.carry_out()) == ((), overtaken)
    assert people.dispose(due).erased == (due,)


def test_whoever_has_to_act_on_a_disposal_is_told(cast, people, due):
    def told(on):
        with cast.database.reading(Purpose.COMMAND) as connection:
            o, r = outbox.c, recipients.c
            found = connection.scalars(
                select(r.officer).join(outbox, o.key == r.notice).where(o.on_move == on)
            )
            return sorted(found)

    people.ask(due)
    assert told("disposal_asked") == ["uy-ban-kiem-tra/s1"]
    answer_disposal(people.second, sent(), due, "", agrees=False, reason="Chưa rõ.")
    board = ["ban-to-chuc/bh1", "ban-to-chuc/bo1", "ban-to-chuc/bo2"]
    assert told("disposal_answered") == board
    people.dispose(due)
    assert told("disposal_answered") == sorted([*board, *board])
    assert told("disposal_done") == board
    asker = people.asker.principal
    with cast.database.reading(asker) as connection:
        lines = notices_page(connection, asker, definitions()).page.rows
        assert untold(connection, definitions()).gaps == ()
    done = next(line for line in lines if line.on == "disposal_done")
    assert (done.one, done.title.en) == (None, "A record was destroyed")


def test_no_other_row_goes_while_it_is_carried_out(cast, people, due):
    other = cast.closed(name="Trần Văn Bình")
    people.ask(due)
    people.agree(due)
    listed = [{"case_handle": due, "item": item} for item in people.plan(due).items]
    for items, case in ((listed, other), (listed[:0], due)):
        with as_owner(cast.database).reading() as to:
            to.exec_driver_sql("BEGIN")
            if items:
                to.execute(disposal_items.insert(), items)
            goes = conclusions.delete().where(conclusions.c.case_handle == case)
            with pytest.raises(DBAPIError, match="never changed"):
                to.execute(goes)
            to.exec_driver_sql("ROLLBACK")


def test_what_stays_is_never_changed_and_nothing_goes_twice(cast, people, due):
    people.dispose(due)
    for deed in (
        "DELETE FROM disposals",
        "UPDATE disposals SET reference = reference",
        "DELETE FROM disposal_items",
        "UPDATE disposal_items SET item = item",
        "INSERT INTO disposal_items SELECT case_handle, 'x' FROM disposals",
        "UPDATE reads SET asked = NULL, purpose = '', text_hash = NULL",
        "UPDATE acts SET answer = '{}'",
    ):
        with pytest.raises(DBAPIError), as_owner(cast.database).engine.connect() as to:
            to.exec_driver_sql(deed)
