"""Two people at once: real threads and processes, on both databases, and nothing half done."""

import json
import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import combinations, permutations
from threading import Barrier, BrokenBarrierError

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text, update

from tests.builders import (
    BODIES,
    Cast,
    add_officer,
    as_owner,
    opinion,
    request,
    sent,
    small_province,
)
from tests.records.conftest import province
from tests.usecases.test_amend import BASIS, INSTEAD, OBJECTS, enter_basis, of_the_tax_office
from vetting.engine.amend import Decision
from vetting.engine.canonical import moment
from vetting.engine.policy import Action, Relation
from vetting.engine.refusals import KeyReused, OutOfTurn, Refusal, Stale, Unknown
from vetting.engine.vocabulary import AmendmentKind, Ground, Role
from vetting.queries.history_check import check_history
from vetting.records.amendments import amendments
from vetting.records.cases import cases
from vetting.records.consultations import consultations, opinions
from vetting.records.database import Database
from vetting.records.history import entries, noticed
from vetting.records.identity import Ids
from vetting.records.organisations import organisations
from vetting.records.rebuild import compare
from vetting.records.standing import Purpose
from vetting.usecases.amend import amend_conclusion, draft_amendment, sign_amendment
from vetting.usecases.check_completeness import take_up_cases
from vetting.usecases.draft_opinion import draft_opinion
from vetting.usecases.file_case import file_case
from vetting.usecases.interrupt_case import take_back_consultation, withdraw_case
from vetting.usecases.issue_consultations import issue_consultations
from vetting.usecases.look import look
from vetting.usecases.sign_opinion import sign_opinion

PAIRS = list(combinations(BODIES, 2))
EIGHT = tuple(f"co-quan-{number}" for number in range(1, 9))


def at_once(*acts):
    """Do acts at the same moment, each in a thread; return what each gave or was refused with."""
    barrier = Barrier(len(acts))

    def do(act):
        barrier.wait()
        try:
            return act()
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(do, acts))


def test_of_two_who_wait_for_each_other_one_is_refused_and_leaves_nothing(database):
    c, both_have, owner = organisations.c, Barrier(2), as_owner(database)
    one, other = BODIES[:2]

    def name(first, then, word):
        with owner.writing() as connection:
            connection.execute(update(organisations).where(c.code == first).values(note_vi=word))
            with suppress(BrokenBarrierError):  # where only one writes at a time
                both_have.wait(1)
            connection.execute(update(organisations).where(c.code == then).values(note_vi=word))
        return word

    found = at_once(lambda: name(one, other, "một"), lambda: name(other, one, "hai"))

    done = [word for word in found if not isinstance(word, Refusal)]
    with database.reading() as connection:
        kept = connection.scalars(select(c.note_vi).where(c.code.in_((one, other)))).all()
    assert kept[0] == kept[1]
    assert kept[0] in done
    if database.engine.dialect.name == "postgresql":
        assert [type(one) for one in found if isinstance(one, Refusal)] == [OutOfTurn]


def state_of(database, case):
    with database.reading() as connection:
        return connection.scalar(select(cases.c.state).where(cases.c.handle == case))


def verbs_of(database, case):
    with database.reading() as connection:
        return connection.scalars(
            select(entries.c.verb).where(entries.c.case_handle == case).order_by(entries.c.number)
        ).all()


def assert_sound(database):
    """The history holds and every row is what follows from it."""
    with database.reading() as connection:
        assert check_history(connection).holds
        assert list(compare(connection)) == []


def signing(cast, case, body):
    """Return the act by which a body signs, ready to be done."""
    consultation = cast.asked(case)[body]
    text = cast.ready(case, consultation, body)
    return lambda: sign_opinion(cast.signer(body), sent(), consultation, text)


@pytest.mark.parametrize("pair", PAIRS, ids="+".join)
def test_the_last_two_signers_at_once_complete_the_replies_once(cast, pair):
    for _ in range(4):
        case = cast.consulting()
        for body in set(BODIES) - set(pair):
            cast.sign(case, body)
        done = at_once(*[signing(cast, case, body) for body in pair])
        assert [answer for answer in done if isinstance(answer, Refusal)] == []
        assert state_of(cast.database, case) == "assembling"
        assert verbs_of(cast.database, case).count("case.replies_complete") == 1
        assert verbs_of(cast.database, case)[-1] == "case.replies_complete"
    assert_sound(cast.database)


def test_all_signers_at_once_complete_the_replies_once(cast):
    for _ in range(4):
        case = cast.consulting()
        done = at_once(*[signing(cast, case, body) for body in BODIES])
        assert [answer for answer in done if isinstance(answer, Refusal)] == []
        assert state_of(cast.database, case) == "assembling"
        assert verbs_of(cast.database, case).count("case.replies_complete") == 1
    assert_sound(cast.database)


def test_a_signature_and_the_units_withdrawal_come_one_after_the_other(cast):
    ends = set()
    for _ in range(6):
        case = cast.consulting()
        sign = signing(cast, case, "thue")
        signed, withdrawn = at_once(
            sign, lambda case=case: withdraw_case(cast.unit, sent(), case, "Đã rút")
        )
        assert withdrawn == {"case": case}
        assert state_of(cast.database, case) == "withdrawn"
        verbs = verbs_of(cast.database, case)
        if isinstance(signed, Refusal):
            assert isinstance(signed, OutOfTurn | Unknown)
            assert ("opinion.signed" in verbs, verbs.count("consultation.taken_back")) == (False, 3)
        else:
            assert verbs.index("opinion.signed") < verbs.index("case.withdrawn")
            assert verbs.count("consultation.taken_back") == 2
        ends.add(type(signed).__name__)
    assert ends <= {"dict", "MoveNotOffered", "Unknown"}
    assert_sound(cast.database)


def test_a_signature_and_the_boards_taking_back_are_not_both_done(cast):
    for _ in range(6):
        case = cast.consulting()
        sign = signing(cast, case, "thue")
        consultation = cast.asked(case)["thue"]
        done = at_once(
            sign,
            lambda case=case, consultation=consultation: take_back_consultation(
                cast.board, sent(), case, consultation, "Hỏi nhầm"
            ),
        )
        refused = [answer for answer in done if isinstance(answer, Refusal)]
        verbs = verbs_of(cast.database, case)
        # For a body that is no longer asked there is no such consultation.
        assert [isinstance(refusal, OutOfTurn | Unknown) for refusal in refused] == [True]
        assert verbs.count("opinion.signed") + verbs.count("consultation.taken_back") == 1
        assert state_of(cast.database, case) == "consulting"
    assert_sound(cast.database)


def test_two_drafters_at_once_with_one_page_leave_one_draft(cast):
    case = cast.consulting()
    consultation = cast.asked(case)["thue"]
    done = at_once(
        *[
            lambda reasons=reasons: draft_opinion(
                cast.drafter("thue"), sent(seen=1), consultation, opinion(reasons=reasons)
            )
            for reasons in ("Một", "Hai", "Ba")
        ]
    )
    assert sorted(type(answer).__name__ for answer in done) == ["Stale", "Stale", "dict"]
    assert verbs_of(cast.database, case).count("opinion.drafted") == 1
    assert_sound(cast.database)


@pytest.mark.postgresql
def test_an_act_that_waited_bears_the_time_at_which_it_went_on(postgresql_cast):
    """Else it would stand after what was done meanwhile, and say that it was before it."""
    cast = postgresql_cast
    case = cast.filed()
    times = [cast.ids.clock()]
    board = replace(cast.board, ids=Ids(clock=lambda: times[-1]))
    k = cases.c
    waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    with ThreadPoolExecutor(1) as pool, as_owner(cast.database).writing() as connection:
        connection.execute(select(k.handle).where(k.handle == case).with_for_update())
        waiting = pool.submit(take_up_cases, board, sent(), [case])
        while not connection.scalar(waits):
            assert not waiting.done()
        times.append(times[-1] + timedelta(hours=1))
        connection.commit()
        waiting.result()
    with as_owner(cast.database).reading() as connection:
        e = entries.c
        last = connection.scalar(select(func.max(e.at)).where(e.case_handle == case))
    assert last == moment(times[-1])


def test_clicks_with_one_key_make_one_act_and_have_one_answer(cast):
    case = cast.consulting()
    consultation = cast.asked(case)["thue"]
    text = cast.ready(case, consultation, "thue")
    signer = cast.signer("thue")
    done = at_once(*[lambda: sign_opinion(signer, sent(key="the key"), consultation, text)] * 4)
    assert done == [{"case": case, "consultation": consultation}] * 4
    assert verbs_of(cast.database, case).count("opinion.signed") == 1
    filed = at_once(*[lambda: file_case(cast.unit, sent(key="to file"), request())] * 4)
    assert filed == [filed[0]] * 4
    assert set(filed[0]) == {"case"}
    with cast.database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(cases)) == 2
    # The numbers that the second clicks took were given back with them.
    with cast.database.reading() as connection:
        numbers = connection.scalars(select(cases.c.reference)).all()
    assert sorted(number.split("-")[3] for number in numbers) == ["0001", "0002"]
    assert_sound(cast.database)


def test_a_key_that_comes_back_with_another_content_is_refused(cast):
    case = file_case(cast.unit, sent(key="the key"), request())["case"]
    for desk, asked in (
        (cast.unit, request(name="Lê Văn Bình")),
        (cast.desk("so-noi-vu", cast.unit.principal.role), request()),
    ):
        with pytest.raises(KeyReused):
            file_case(desk, sent(key="the key"), asked)
    assert file_case(cast.unit, sent(key="the key"), request()) == {"case": case}
    one, other = at_once(
        lambda: file_case(cast.unit, sent(key="at once"), request()),
        lambda: file_case(cast.unit, sent(key="at once"), request(name="Lê Văn Bình")),
    )
    assert {type(one), type(other)} == {dict, KeyReused}
    assert_sound(cast.database)


def test_letters_issued_at_once_are_numbered_without_gaps(cast):
    waiting = [cast.accepted(name=f"Nguyễn Văn {name}") for name in ("An", "Ba", "Tư", "Năm")]
    done = at_once(
        *[lambda case=case: issue_consultations(cast.board, sent(), [case]) for case in waiting]
    )
    assert [answer for answer in done if isinstance(answer, Refusal)] == []
    with cast.database.reading() as connection:
        numbers = connection.exec_driver_sql("SELECT number FROM letters ORDER BY number").all()
    assert [number for (number,) in numbers] == list(range(1, 4 * len(BODIES) + 1))
    assert_sound(cast.database)


def test_acts_over_the_same_cases_in_other_orders_never_wait_for_each_other(cast):
    many = [cast.accepted(name=f"Nguyễn Văn {number}") for number in range(8)]
    done = at_once(
        *[
            lambda order=order: issue_consultations(cast.board, sent(), order)
            for order in (many, many[::-1], many[4:] + many[:4])
        ]
    )
    assert sorted(len(answer["done"]) for answer in done) == [0, 0, 8]
    assert_sound(cast.database)


@pytest.mark.parametrize("order", list(permutations(BODIES)), ids="-".join)
def test_three_bodies_complete_the_replies_with_the_last_in_whatever_order(cast, order):
    case = cast.consulting()
    for nth, body in enumerate(order, 1):
        cast.sign(case, body)
        complete = nth == len(order)
        assert state_of(cast.database, case) == ("assembling" if complete else "consulting")
        assert verbs_of(cast.database, case).count("case.replies_complete") == int(complete)


@pytest.fixture
def eight(engine_url):
    """The people of a province whose regulation names eight bodies."""
    database = Database(engine_url, purpose=Purpose.COMMAND)
    with as_owner(database).writing() as connection:
        small_province(connection, EIGHT)
    yield Cast(database, bodies=EIGHT)
    database.close()


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(EIGHT), taken_back=st.integers(0, 7))
def test_eight_bodies_complete_the_replies_once_in_whatever_order(eight, order, taken_back):
    case = eight.consulting()
    for nth, body in enumerate(order):
        if nth == taken_back:
            consultation = eight.asked(case)[body]
            take_back_consultation(eight.board, sent(), case, consultation, "Không liên quan")
        else:
            eight.sign(case, body)
        assert state_of(eight.database, case) == ("assembling" if nth == 7 else "consulting")
    assert verbs_of(eight.database, case).count("case.replies_complete") == 1
    with eight.database.reading() as connection:
        signed = connection.scalar(
            select(func.count()).select_from(opinions).where(opinions.c.case_handle == case)
        )
        owing = connection.scalar(select(cases.c.owing).where(cases.c.handle == case))
        assert list(compare(connection)) == []
    assert (signed, owing) == (7, 0)


def file_some(url, writer, many):
    """File cases from a process of its own."""
    database = Database(url, purpose=Purpose.COMMAND)
    cast = Cast(database, ids=Ids())
    for number in range(many):
        cast.filed(name=f"Nguyễn Văn {writer} {number}")
    database.close()


def test_eight_processes_write_and_each_comes_to_its_end(engine_url):
    for database in province(engine_url):
        processes = multiprocessing.get_context("forkserver")
        processes.set_forkserver_preload([__name__])  # read once, by what they are forked from
        writers = [
            processes.Process(target=file_some, args=(engine_url, writer, 4)) for writer in range(8)
        ]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join(120)
        assert [writer.exitcode for writer in writers] == [0] * 8
        with database.reading() as connection:
            names = connection.scalars(select(cases.c.name)).all()
            references = connection.scalars(select(cases.c.reference)).all()
        assert sorted(names) == sorted(
            f"Nguyễn Văn {writer} {number}" for writer in range(8) for number in range(4)
        )
        assert sorted(int(reference.split("-")[3]) for reference in references) == list(
            range(1, 33)
        )
        assert_sound(database)


def test_no_body_has_two_open_questions_when_two_ask_at_once(cast):
    case = cast.accepted()
    done = at_once(*[lambda: issue_consultations(cast.board, sent(), [case])] * 3)
    assert sorted(isinstance(answer, Refusal) for answer in done) == [False, True, True]
    with cast.database.reading() as connection:
        bodies = connection.scalars(
            select(consultations.c.body).where(consultations.c.case_handle == case)
        ).all()
    assert sorted(bodies) == sorted(BODIES)
    assert_sound(cast.database)


@pytest.mark.parametrize("of", ["opinion", "conclusion"])
def test_of_two_amendments_at_once_one_stands_and_the_other_is_told(cast, of):
    with as_owner(cast.database).writing() as connection:
        enter_basis(connection)
        add_officer(connection, "thue/bs2", "thue", Role.BODY_SIGNER)
        add_officer(connection, "thuong-truc/s2", "thuong-truc", Role.SECRETARY)
    acts = opinion_amended_twice(cast) if of == "opinion" else conclusion_amended_twice(cast)
    gave = at_once(*acts)
    [refused] = [one for one in gave if isinstance(one, Refusal)]
    assert isinstance(refused, Stale)
    assert "has changed since you opened the page" in str(refused)
    with cast.database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(amendments)) == 1
    assert_sound(cast.database)


def decided(cast, kind):
    day = cast.ids.today()
    return Decision(kind, Ground.OWN, "Nhầm.", BASIS, day, day)


def opinion_amended_twice(cast):
    """Two signers have opened what was drawn up, and sign it."""
    case = cast.assembling()
    asked = of_the_tax_office(cast, case)
    what = decided(cast, AmendmentKind.CORRECTION)
    draft_amendment(cast.desk("thue", Role.BODY_OFFICER), sent(), asked, what, OBJECTS)
    with cast.database.reading() as connection:
        c = consultations.c
        drawn = connection.execute(select(c.amendment, c.version).where(c.handle == asked)).one()
    text = json.loads(drawn.amendment)["hash"]
    desks = [cast.desk("thue", Role.BODY_SIGNER, nth) for nth in (1, 2)]
    for desk in desks:
        look(desk, Action.SIGN_AMENDMENT, texts=[(case, asked, text)])
    return [
        lambda desk=desk: sign_amendment(desk, sent(drawn.version), asked, text) for desk in desks
    ]


def conclusion_amended_twice(cast):
    """Two secretaries have opened the page of one conclusion: one corrects, the other annuls."""
    case = cast.concluded()
    first, second = (cast.desk("thuong-truc", Role.SECRETARY, nth) for nth in (1, 2))
    with cast.database.reading() as connection:
        seen = noticed(connection, case, "thuong-truc", Relation.AUTHORITY)
    corrected, annulled = (
        decided(cast, kind) for kind in (AmendmentKind.CORRECTION, AmendmentKind.ANNULMENT)
    )
    return [
        lambda: amend_conclusion(first, sent(seen), case, corrected, INSTEAD),
        lambda: amend_conclusion(second, sent(seen), case, annulled),
    ]
