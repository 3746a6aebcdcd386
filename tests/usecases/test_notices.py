"""Who is told of what: written down by name in the act itself, once, and never where it is kept."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from tests.builders import BODIES, Cast, add_officer, as_owner, sent
from tests.house.province import nothing_made
from vetting.engine.notices import CATALOGUE, EMERGENCY, NAMED, NAMED_NO_MORE
from vetting.engine.refusals import OutOfTurn
from vetting.engine.reminders import DEADLINE_DUE, DEADLINE_LATE, DUE, LATE
from vetting.engine.telling import DISPOSAL_DONE, RELEASED, TOLD_ALWAYS, TOLD_APART
from vetting.engine.vocabulary import Role
from vetting.queries.notices_page import _count_unopened, notice_page, notices_page, unopened
from vetting.records.absences import absences
from vetting.records.cases import cases
from vetting.records.database import Database
from vetting.records.officers import officers, role_assignments
from vetting.records.outbox import notice_steps, outbox, recipients
from vetting.records.standing import Purpose
from vetting.usecases.answer_candidate import (
    Asked,
    Draft,
    give_answer,
    prepare_answer,
    record_request,
)
from vetting.usecases.check_completeness import return_case, take_up_cases
from vetting.usecases.desk import Desk
from vetting.usecases.interrupt_case import take_back_consultation, withdraw_case
from vetting.usecases.issue_consultations import issue_consultations
from vetting.usecases.open_in_emergency import answer_emergency, ask_in_emergency
from vetting.usecases.open_notice import (
    acknowledge_notice,
    open_all_notices,
    open_notice,
    show_notices,
)
from vetting.usecases.recuse import recuse_oneself
from vetting.usecases.restrict_case import restrict_case
from vetting.usecases.tell_outcome import notify_units

OTHER = "ban-to-chuc/other"


@pytest.fixture
def cast(province_url) -> Iterator[Cast]:
    database = Database(province_url, purpose=Purpose.COMMAND)
    with as_owner(database).writing() as connection:
        add_officer(connection, OTHER, "ban-to-chuc", Role.BOARD_OFFICER)
    yield Cast(database)
    database.close()


def told(cast: Cast, case: str) -> dict[tuple[str, str], set[str]]:
    """Who was told of a case: by trigger and audience, their handles."""
    with cast.database.reading() as connection:
        rows = connection.execute(
            select(outbox.c.on_move, outbox.c.audience, recipients.c.officer)
            .outerjoin(recipients, recipients.c.notice == outbox.c.key)
            .where(outbox.c.case_handle == case)
        )
        found: dict[tuple[str, str], set[str]] = {}
        for on, audience, officer in rows:
            found.setdefault((on, audience), set()).update({officer} - {None})
        return found


def lines(desk: Desk) -> list[tuple[str, str]]:
    with desk.database.reading(desk.principal) as connection:
        found = notices_page(connection, desk.principal, desk.definitions)
    return [(line.telling, line.on) for line in found.page.rows]


def moves(desk: Desk) -> list[str]:
    return [on for _, on in lines(desk)]


def steps(desk: Desk) -> set[tuple[str, str]]:
    """What is on record of an officer's notices: move and kind."""
    with desk.database.reading(desk.principal) as connection:
        return {
            (row.on_move, row.kind)
            for row in connection.execute(
                select(outbox.c.on_move, notice_steps.c.kind)
                .join(outbox, outbox.c.key == notice_steps.c.notice)
                .where(notice_steps.c.officer == desk.principal.officer)
            )
        }


# By test_remind.py, test_record_absence.py, test_amend.py, test_dispose_of_record.py, and what asks
# or answers beside the moves by the tests of its own.
FIRED_ELSEWHERE = {
    *("conclusion_ends", "paper_ends", "term_ends", "probation_ended"),
    *(DUE, LATE, DEADLINE_DUE, DEADLINE_LATE, NAMED, NAMED_NO_MORE, DISPOSAL_DONE, RELEASED),
    *TOLD_APART.values(),
    *(on for on, _ in TOLD_ALWAYS.values() if not on.startswith("request_")),
}


def cleared(desk: Desk) -> Desk:
    return replace(desk, principal=replace(desk.principal, clearance=2))


def test_every_notice_of_the_catalogue_is_fired_and_goes_to_those_it_is_for(cast):
    case = cast.concluded()
    notify_units(cast.board, sent(), [case])
    returned = cast.filed()
    take_up_cases(cast.board, sent(), [returned])
    return_case(cast.board, sent(), returned, "Thiếu giấy tờ.", ["Bản kê khai"])
    withdrawn = cast.consulting()
    withdraw_case(cast.unit, sent(), withdrawn, "Nhân sự chuyển công tác.")
    with cast.database.reading() as connection:
        reference = connection.scalar(select(cases.c.reference).where(cases.c.handle == case))
    asked = ask_in_emergency(cast.unit, sent(), reference, "Gấp.", 1)["request"]
    answer_emergency(cast.head, sent(), asked, agrees=True, sentence="Đồng ý.")
    asks = Asked("object", cast.ids.today(), "Đơn", "Văn thư", "Không đồng ý xử lý.")
    number = int(record_request(cast.unit, sent(), case, asks)["number"])
    prepare_answer(cast.board, sent(), case, number, Draft("answer", "Đã xem xét."), nothing_made)
    give_answer(cast.head, sent(), case, number, nothing_made)

    both = {(on, to): who for of in (case, returned) for (on, to), who in told(cast, of).items()}
    assert both | told(cast, withdrawn) == {
        # Nobody of the Board has the case yet: it is everybody's there.
        ("file", "board"): {"ban-to-chuc/bo1", "ban-to-chuc/bh1", OTHER},
        ("return", "unit"): {"so-y-te/co1"},
        ("consult", "bodies"): {f"{body}/{role}1" for body in BODIES for role in ("bo", "bs")},
        ("sign", "body"): {f"{body}/bo1" for body in BODIES},  # not whoever signed
        # From here on it is theirs who dealt with it.
        ("replies_complete", "board"): {"ban-to-chuc/bo1"},
        ("submit", "authority"): {"thuong-truc/s1"},
        ("conclude", "board"): {"ban-to-chuc/bo1", "ban-to-chuc/bh1"},
        ("notify", "unit"): {"so-y-te/co1"},
        ("withdraw", "board"): {"ban-to-chuc/bo1"},
        ("take_back", "body"): {f"{body}/{role}1" for body in BODIES for role in ("bo", "bs")},
        ("request_recorded", "board"): {"ban-to-chuc/bo1", "ban-to-chuc/bh1"},
        ("request_answered", "unit"): {"so-y-te/co1"},
        (EMERGENCY, "unit"): {"so-y-te/co1"},
        (EMERGENCY, "board"): {"ban-to-chuc/bo1"},
        (EMERGENCY, "overseer"): {"uy-ban-kiem-tra/s1"},
    }
    assert set(both) | set(told(cast, withdrawn)) == {
        which for which in CATALOGUE if which[0] not in FIRED_ELSEWHERE
    }


def test_a_second_click_tells_nobody_twice(cast):
    case = cast.concluded()
    once = sent()
    for _ in range(2):
        notify_units(cast.board, once, [case])

    assert moves(cast.unit).count("notify") == 1


@pytest.mark.parametrize("why", ["away", "disabled", "left", "recused"])
def test_where_nobody_who_has_the_case_is_at_work_everybody_there_is_told(cast, why):
    case = cast.consulting()
    mine = "ban-to-chuc/bo1"
    with cast.database.writing() as connection:
        match why:
            case "away":
                connection.execute(
                    absences.insert(),
                    {
                        "handle": "away",
                        "officer": mine,
                        "first_day": "2026-03-01",
                        "last_day": "2026-03-09",
                        "recorded_by": mine,
                        "recorded_at": "2026-03-01T00:00:00.000000Z",
                    },
                )
            case "disabled":
                connection.execute(
                    update(officers).where(officers.c.handle == mine).values(disabled_at="2026")
                )
            case "left":
                connection.execute(
                    update(role_assignments)
                    .where(role_assignments.c.officer == mine)
                    .values(valid_to="2026-03-01")
                )
    if why == "recused":
        recuse_oneself(cast.board, sent(), case)
    for body in BODIES:
        cast.sign(case, body)

    everybody = {"ban-to-chuc/bh1", OTHER} | ({mine} if why == "away" else set())
    assert told(cast, case)["replies_complete", "board"] == everybody


def test_nobody_is_told_of_a_case_that_is_kept_from_them(cast):
    case = cast.filed()
    with cast.database.writing() as connection:
        connection.execute(
            update(role_assignments).where(role_assignments.c.officer != OTHER).values(clearance=2)
        )
    restrict_case(cleared(cast.head), sent(), case, 2)
    withdraw_case(cleared(cast.unit), sent(), case, "Thôi.")

    assert told(cast, case)["withdraw", "board"] == {"ban-to-chuc/bh1"}


def test_what_is_kept_from_somebody_later_takes_its_notices_with_it(cast):
    case, other = cast.concluded(), cast.concluded()
    assert moves(cast.board).count("conclude") == 2

    recuse_oneself(cast.board, sent(), case)

    with cast.database.reading() as connection:
        page = notices_page(connection, cast.board.principal, cast.board.definitions)
        count = unopened(connection, cast.board.principal)
    assert set(page.cases) == {other}
    assert count.count == len(page.page.rows) == moves(cast.board).count("conclude") * 3
    assert moves(cast.head).count("conclude") == 2


def test_what_is_unopened_is_counted_by_one_statement_for_all_of_a_role(cast):
    cast.concluded()
    _count_unopened.cache_clear()
    other = replace(cast.board.principal, officer=OTHER)
    with cast.database.reading() as connection:
        counts = [
            unopened(connection, principal).count
            for principal in (cast.board.principal, other, cast.head.principal)
        ]
    assert min(counts) > 0
    assert len(set(counts)) > 1
    assert _count_unopened.cache_info().misses == 2  # an officer of the Board, and its head


def test_of_a_case_that_is_the_bodys_no_more_only_that_is_told(cast):
    case = cast.consulting()
    question = cast.asked(case)["thue"]
    take_back_consultation(cast.board, sent(), case, question, "Không còn cần thiết.")

    with cast.database.reading() as connection:
        of_body = cast.drafter("thue").principal
        [line] = notices_page(connection, of_body, cast.board.definitions).page.rows
        told_one = notice_page(connection, of_body, cast.board.definitions, line.telling, line.on)
    assert (line.on, line.one, line.waits) == ("take_back", None, True)
    assert (told_one.page.rows, told_one.hidden) == ((), 1)


def test_what_one_act_tells_stands_on_one_line_however_many_cases_it_is_about(cast):
    accepted = [cast.accepted() for _ in range(3)]
    issue_consultations(cast.board, sent(), accepted)

    with cast.database.reading() as connection:
        of_body = cast.drafter("thue").principal
        [line] = notices_page(connection, of_body, cast.board.definitions).page.rows
        page = notice_page(connection, of_body, cast.board.definitions, line.telling, line.on)
        count = unopened(connection, of_body)
    assert (line.count, line.unopened, line.one) == (3, 3, None)
    assert {case.handle for case in page.page.rows} == set(accepted)
    assert (count.count, count.and_more) == (1, False)


def test_the_page_is_the_same_however_little_is_looked_at_first(cast, monkeypatch):
    accepted = [cast.accepted() for _ in range(3)]
    issue_consultations(cast.board, sent(), accepted)
    cast.sign(accepted[0], "thue")
    issue_consultations(cast.board, sent(), [cast.accepted()])
    with cast.database.reading() as connection:
        asking = (connection, cast.drafter("thue").principal, cast.board.definitions)
        whole = notices_page(*asking).page.rows
        monkeypatch.setattr("vetting.queries.notices_page.WINDOW", 1)
        monkeypatch.setattr("vetting.queries.notices_page.PAGE", 2)
        first = notices_page(*asking).page
        second = notices_page(*asking, after=first.next).page

    assert [line.on for line in whole] == ["consult", "sign", "consult"]
    assert first.rows + second.rows == whole
    assert second.next is None


def test_each_step_of_a_notice_is_written_once_and_in_order(cast):
    case = cast.concluded()
    notify_units(cast.board, sent(), [case])
    unit = cast.unit
    [outcome] = [line for line in lines(unit) if line[1] == "notify"]

    for _ in range(2):
        show_notices(unit, [outcome])
    assert steps(unit) == {("notify", "shown")}
    for _ in range(2):
        open_notice(unit, outcome)
    assert steps(unit) == {("notify", "shown"), ("notify", "opened")}
    for _ in range(2):
        acknowledge_notice(unit, outcome)
    assert steps(unit) == {("notify", kind) for kind in ("shown", "opened", "acknowledged")}

    with cast.database.reading() as connection:
        line = notices_page(connection, unit.principal, unit.definitions).page.rows[0]
        assert (line.unopened, line.waits) == (0, False)
        assert unopened(connection, unit.principal).count == 0


def test_only_what_asks_for_it_is_acknowledged(cast):
    cast.filed()
    with pytest.raises(OutOfTurn):
        acknowledge_notice(cast.board, lines(cast.board)[0])


def test_opening_all_leaves_what_came_later(cast):
    cast.filed()
    until = cast.ids.now()
    later = cast.filed()

    open_all_notices(cast.board, until)

    with cast.database.reading() as connection:
        page = notices_page(
            connection, cast.board.principal, cast.board.definitions, only_unopened=True
        )
    assert page.cases == [later]


def test_what_is_opened_is_what_the_steps_say(cast):
    cast.concluded()
    open_all_notices(cast.board, cast.ids.now())
    with cast.database.reading() as connection:
        r, s = recipients.c, notice_steps.c
        opened = connection.execute(
            select(r.notice, r.officer, r.opened_at).where(r.opened_at.is_not(None))
        ).all()
        said = connection.execute(select(s.notice, s.officer, s.at).where(s.kind == "opened")).all()
    assert sorted(map(tuple, opened)) == sorted(map(tuple, said)) != []


def test_anothers_notice_is_opened_by_nobody_else(cast):
    cast.filed()
    [line] = lines(cast.board)
    open_notice(cast.unit, line)
    open_notice(cast.desk("thue", Role.BODY_OFFICER), line)

    assert steps(cast.unit) == steps(cast.board) == set()
