"""A case that is kept from somebody is opened to them to be read: three people, and a limit."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError

from tests.builders import (
    ALWAYS,
    Cast,
    add_officer,
    as_owner,
    as_served,
    definitions,
    officer_of,
    proved,
    sent,
)
from vetting.engine.canonical import moment
from vetting.engine.emergency import Standing
from vetting.engine.looks import Group, How, Purpose, showing
from vetting.engine.policy import Action, Principal
from vetting.engine.refusals import Forbidden, OutOfTurn, Unacceptable, Unknown
from vetting.engine.substitutes import Form
from vetting.engine.vocabulary import Role
from vetting.queries.case_readers import case_readers
from vetting.queries.emergency_page import Part, counts, emergency_page, looks_under
from vetting.queries.notices_page import notices_page
from vetting.queries.opened_case import open_case
from vetting.queries.worklist import Filter, Wait, handles_of, worklist
from vetting.records.cases import cases
from vetting.records.emergencies import emergency_requests, emergency_steps
from vetting.records.identity import Ids
from vetting.records.officers import login_sessions, role_assignments
from vetting.records.outbox import outbox, recipients
from vetting.records.reads import reads
from vetting.records.sessions import find, token_hash
from vetting.usecases.check_completeness import take_up_cases
from vetting.usecases.desk import Desk
from vetting.usecases.look import look
from vetting.usecases.open_in_emergency import (
    answer_emergency,
    ask_in_emergency,
    end_emergency,
    review_emergency,
)
from vetting.usecases.recuse import recuse_oneself
from vetting.usecases.restrict_case import restrict_case

OVERSIGHT = "uy-ban-kiem-tra"
SECOND = "giám sát thứ hai"


class World:
    """A restricted case, an officer from whom it is kept, and a clock."""

    def __init__(self, database):
        self.database = database
        self.now = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
        self.ids = Ids(clock=self._tick)
        self.cast = Cast(database, self.ids)
        self.case = self.cast.filed()
        with database.writing() as connection:
            add_officer(connection, SECOND, OVERSIGHT, Role.SUPERVISOR)
            add_officer(connection, "người đọc", "ban-to-chuc", Role.BOARD_OFFICER)
            connection.execute(update(role_assignments).values(clearance=2))
            connection.execute(
                update(role_assignments)
                .where(role_assignments.c.officer == "người đọc")
                .values(clearance=0)
            )
            self.reference = connection.scalar(
                select(cases.c.reference).where(cases.c.handle == self.case)
            )
        head = self.cast.head
        restrict_case(
            replace(head, principal=replace(head.principal, clearance=2)), sent(), self.case, 1
        )
        self.head = self.cast.head
        self.supervisor = self.desk(officer_of(OVERSIGHT, Role.SUPERVISOR), Role.SUPERVISOR)
        self.second = self.desk(SECOND, Role.SUPERVISOR)
        self._begin_session()

    def _tick(self):
        self.now += timedelta(milliseconds=1)
        return self.now

    def desk(self, officer, role, organisation=OVERSIGHT, **told):
        me = proved(Principal(officer, officer, role, organisation, f"s-{officer}"[:22], **told))
        return Desk(me, as_served(self.database), definitions(), self.ids, proved_for=ALWAYS)

    def _begin_session(self):
        told = {
            "token_hash": token_hash("token"),
            "mark": "session",
            "officer": "người đọc",
            "organisation": "ban-to-chuc",
            "role": Role.BOARD_OFFICER.value,
            "method": "password",
            "began_at": moment(self.now),
            "seen_at": moment(self.now),
        }
        with self.database.writing() as connection:
            connection.execute(insert(login_sessions), told)

    @property
    def reader(self):
        """The officer as the next request finds them."""
        with self.database.reading() as connection:
            now = self.ids.now()
            found = find(connection, "token", self.ids.legal_day(now), now)
        return Desk(
            proved(found.principal),
            as_served(self.database),
            definitions(),
            self.ids,
            proved_for=ALWAYS,
        )

    def sees(self):
        with self.database.reading() as connection:
            try:
                return open_case(
                    connection, self.reader.principal, definitions(), self.case
                ).emergency
            except Unknown:
                return None

    def ask(self, reference=None, hours=4):
        told = ask_in_emergency(
            self.reader, sent(), reference or self.reference, "Phải trả lời hôm nay.", hours
        )
        return told["request"]

    def agree(self, request, by=None):
        return answer_emergency(
            by or self.supervisor, sent(), request, agrees=True, sentence="Đồng ý, việc gấp."
        )

    def opened(self, hours=4):
        request = self.ask(hours=hours)
        self.agree(request)
        return request

    def page(self, desk):
        with self.database.reading(desk.principal) as connection:
            page = emergency_page(connection, desk.principal, self.ids.now())
        return SimpleNamespace(
            **{
                part.name.lower(): page.parts[part].rows if part in page.parts else ()
                for part in Part
            }
        )


@pytest.fixture
def world(database):
    return World(database)


def test_a_second_person_opens_it_to_be_read_until_the_limit_and_not_beyond(world):
    assert world.sees() is None
    request = world.ask(hours=4)
    assert world.sees() is None
    world.agree(request)
    assert world.sees() is True
    world.agree(world.ask(hours=1))  # it can be asked for again while it is open

    world.now += timedelta(hours=3, minutes=59)
    assert world.sees() is True
    world.now += timedelta(minutes=2)
    assert world.sees() is None
    assert world.page(world.reader).own[0].standing == "over"


def test_nothing_can_be_done_with_it(world):
    world.opened()
    with pytest.raises(Forbidden, match="to be read, and for nothing else"):
        take_up_cases(world.reader, sent(), [world.case])


def test_it_is_among_nobodys_work(world):
    another = world.cast.filed()

    def work():
        by = world.reader.principal
        with world.reader.database.reading(by) as connection:
            listed = worklist(connection, by, definitions(), Filter())
            return (
                listed.handles,
                listed.counts[Wait.TO_CHECK],
                handles_of(connection, by, Filter()),
            )

    before = work()
    world.opened()
    assert before == work() == ([another], 1, [another])


@pytest.mark.parametrize("who", ["reader", "supervisor", "second"])
def test_it_is_ended_early_by_the_asker_the_second_person_or_a_supervisor(world, who):
    request = world.opened()
    end_emergency(getattr(world, who), sent(), request)
    assert world.sees() is None
    with pytest.raises(OutOfTurn):
        end_emergency(world.reader, sent(), request)


def test_nobody_else_ends_it(world):
    request = world.opened()
    with pytest.raises(Unknown):
        end_emergency(world.cast.board, sent(), request)
    assert world.sees() is True


def test_the_second_person_is_never_the_asker_nor_acts_for_them(world):
    asked = ask_in_emergency(world.head, sent(), world.reference, "Gấp.", 1)["request"]
    with pytest.raises(OutOfTurn, match="You asked for this yourself"):
        world.agree(asked, world.head)
    substitute = world.desk(
        "người đọc", Role.BOARD_HEAD, "ban-to-chuc", on_behalf_of=world.head.principal.officer
    )
    with pytest.raises(OutOfTurn, match="You asked for this yourself"):
        world.agree(asked, substitute)
    assert [one.handle for one in world.page(world.head).waiting] == []


def test_the_second_person_is_of_another_organisation_than_the_asker(world):
    request = world.ask()
    with pytest.raises(OutOfTurn, match="Somebody of your own organisation asked"):
        world.agree(request, world.head)
    assert [one.handle for one in world.page(world.head).waiting] == []
    assert [one.handle for one in world.page(world.supervisor).waiting] == [request]
    with (
        pytest.raises(DBAPIError, match="of_another_organisation"),
        as_owner(world.database).engine.begin() as connection,
    ):
        connection.execute(insert(emergency_steps), agreed_by(world, request, world.head))


def agreed_by(world, request, desk):
    by = desk.principal
    return {
        "request": request,
        "kind": "opened",
        "officer": by.officer,
        "organisation": by.organisation,
        "role": by.role.value,
        "session": "s",
        "method": "password",
        "sentence": "Đồng ý.",
        "at": moment(world.now),
        "until": moment(world.now + timedelta(hours=1)),
    }


def test_nobody_who_also_works_where_the_asker_does_is_the_second_person(world):
    request = world.ask()
    by = world.second.principal
    with world.database.writing() as connection:
        connection.execute(
            insert(role_assignments),
            {"officer": SECOND, "organisation": "ban-to-chuc", "role": Role.BOARD_HEAD.value},
        )
    assert by.organisation == OVERSIGHT
    with pytest.raises(OutOfTurn, match="work in one organisation"):
        world.agree(request, world.second)


def test_a_declaration_takes_back_what_was_asked_about_the_case(world):
    """Nobody is asked any more to open it to whoever must not deal with it."""
    request = world.ask()
    cleared = replace(world.reader, principal=replace(world.reader.principal, clearance=2))
    recuse_oneself(cleared, sent(), world.case)
    assert [one.standing for one in world.page(world.reader).own] == ["taken_back"]
    assert world.page(world.supervisor).waiting == ()
    with pytest.raises(OutOfTurn, match="waits for nobody any more"):
        world.agree(request)


def test_a_head_who_declared_a_conflict_opens_the_case_to_nobody(world):
    """They see it until another head does; that is all that is left to them."""
    unit = officer_of("so-y-te", Role.CASE_OFFICER)
    asker = world.desk(unit, Role.CASE_OFFICER, "so-y-te")
    request = ask_in_emergency(asker, sent(), world.reference, "Gấp.", 1)["request"]
    head = replace(world.head, principal=replace(world.head.principal, clearance=2))
    recuse_oneself(head, sent(), world.case, waiting=True)
    with pytest.raises(OutOfTurn, match="You have declared that you must not deal with this case"):
        world.agree(request, head)


def test_the_asker_takes_back_what_nobody_answered_and_it_waits_for_nobody(world):
    first, *others = [world.ask() for _ in range(5)]
    with pytest.raises(OutOfTurn, match="Whoever asked"):
        end_emergency(world.head, sent(), first)

    end_emergency(world.reader, sent(), first)

    assert [one.handle for one in world.page(world.supervisor).waiting] == others
    own = {one.handle: one.standing for one in world.page(world.reader).own}
    assert own == {first: "taken_back", **dict.fromkeys(others, "waiting")}
    with pytest.raises(OutOfTurn, match="waits for nobody any more"):
        world.agree(first)
    with (
        pytest.raises(DBAPIError, match="of_another_organisation"),
        as_owner(world.database).engine.begin() as connection,
    ):
        connection.execute(insert(emergency_steps), agreed_by(world, first, world.supervisor))
    with pytest.raises(OutOfTurn, match="Nothing is open"):
        end_emergency(world.reader, sent(), first)
    assert world.sees() is None
    world.ask()  # it is none of the five that may wait


@pytest.mark.parametrize("said", [True, False], ids=["agreed for", "reviews for"])
def test_whoever_is_stood_in_for_is_no_other_of_the_three(world, said):
    """What was agreed in somebody's name they agreed to, whoever typed it."""
    request = world.ask()
    with world.database.writing() as connection:
        add_officer(connection, "giám sát thứ ba", OVERSIGHT, Role.SUPERVISOR)
    substitute = world.desk(
        "giám sát thứ ba", Role.SUPERVISOR, on_behalf_of=SECOND, on_behalf_name=SECOND, form=Form.KT
    )
    world.agree(request, substitute if said else world.second)
    reviews = world.second if said else substitute
    with pytest.raises(OutOfTurn, match="You asked for this or agreed to it"):
        review_emergency(reviews, sent(), request, "Đúng việc.")
    with world.database.reading() as connection:
        s = emergency_steps.c
        kept = connection.execute(select(s.officer, s.on_behalf_of)).all()
    assert kept == [("giám sát thứ ba", SECOND) if said else (SECOND, None)]
    end_emergency(world.second, sent(), request)  # which was agreed to in their name


def test_the_page_names_both_where_somebody_agreed_for_another(world):
    request = world.ask()
    away = world.supervisor.principal.officer
    with world.database.writing() as connection:
        add_officer(connection, "cấp phó", OVERSIGHT, Role.SUPERVISOR)
        connection.execute(
            insert(login_sessions),
            {
                "token_hash": token_hash("k/t"),
                "mark": "s-cấp phó",
                "officer": "cấp phó",
                "organisation": OVERSIGHT,
                "role": Role.SUPERVISOR.value,
                "method": "password",
                "began_at": moment(world.now),
                "seen_at": moment(world.now),
                "on_behalf_of": away,
                "form": "kt",
            },
        )
    world.agree(request, world.desk("cấp phó", Role.SUPERVISOR, on_behalf_of=away))
    [access] = world.page(world.second).to_review
    assert access.opened.name.vi == f"K/T {away} – cấp phó"
    assert access.opened.name.en == f"cấp phó, for {away} (K/T)"


def test_the_database_refuses_the_asker_as_the_second_person_too(world):
    request = world.ask()
    row = {
        "request": request,
        "kind": "opened",
        "officer": "người đọc",
        "organisation": "ban-to-chuc",
        "role": "board_head",
        "session": "s",
        "method": "password",
        "sentence": "Tự đồng ý.",
        "at": moment(world.now),
        "until": moment(world.now + timedelta(hours=1)),
    }
    with pytest.raises(DBAPIError), as_owner(world.database).engine.begin() as connection:
        connection.execute(insert(emergency_steps), row)


def test_no_other_role_is_a_second_person(world):
    request = world.ask()
    with pytest.raises(Forbidden):
        world.agree(request, world.cast.board)


def test_whoever_is_recused_neither_agrees_nor_gets_in(world):
    request = world.ask()
    recuse_oneself(world.desk(SECOND, Role.SUPERVISOR, clearance=2), sent(), world.case)
    with pytest.raises(Unknown):
        world.agree(request, world.second)
    assert world.page(world.second).waiting == ()


def test_recusal_wins_over_an_access_that_is_in_force(world):
    world.opened()
    assert world.sees() is True
    cleared = replace(world.reader, principal=replace(world.reader.principal, clearance=2))
    recuse_oneself(
        replace(cleared, principal=replace(cleared.principal, emergency=frozenset())),
        sent(),
        world.case,
    )
    assert world.sees() is None


def test_the_answer_is_the_same_for_a_case_that_is_not_there_and_it_is_written_down(world):
    there, nowhere = world.ask(), world.ask("QH-2026-KHONGCO-0001-00")
    for one in (there, nowhere):
        world.agree(one)
    own = {one.handle: one for one in world.page(world.reader).own}
    assert (own[there].standing, own[there].case) == ("in_force", world.case)
    assert (own[nowhere].standing, own[nowhere].case) == ("in_force", None)
    r = emergency_requests.c
    with world.database.reading() as connection:
        kept = connection.execute(select(r.reference, r.case_handle)).all()
    assert set(kept) == {(world.reference, world.case), ("QH-2026-KHONGCO-0001-00", None)}


def test_unit_board_and_supervisors_are_told_at_once(world):
    request = world.opened()
    with world.database.reading() as connection:
        told = connection.execute(
            select(outbox.c.key, outbox.c.organisation).where(
                outbox.c.on_move == "emergency_opened"
            )
        ).all()
    assert sorted(told) == [
        (f"emergency_opened/{request}/{one}", one) for one in ("ban-to-chuc", "so-y-te", OVERSIGHT)
    ]
    overseer = replace(world.supervisor.principal, clearance=2)
    with world.database.reading() as connection:
        found = counts(connection, overseer, world.ids.now())
    assert (found.waiting, found.to_review, found.in_force) == (0, 0, 1)


def test_whoever_is_told_reads_that_nothing_is_open_to_an_asker_who_must_not_deal_with_it(world):
    recuse_oneself(
        replace(world.reader, principal=replace(world.reader.principal, clearance=2)),
        sent(),
        world.case,
    )
    nothing = world.opened()
    overseer = world.page(world.second).to_review
    unit = world.desk(officer_of("so-y-te", Role.CASE_OFFICER), Role.CASE_OFFICER, "so-y-te")

    assert world.sees() is None
    assert [(one.handle, one.standing, one.opens_nothing) for one in overseer] == [
        (nothing, "in_force", True)
    ]
    assert [one.opens_nothing for one in world.page(unit).told] == [True]
    assert [one.opens_nothing for one in world.page(world.reader).own] == [False]


def test_a_supervisor_who_is_not_cleared_counts_what_is_open_as_their_page_lists_it(world):
    world.opened()
    overseer = replace(world.second.principal, clearance=0)

    with world.database.reading() as connection:
        now = world.ids.now()
        page = emergency_page(connection, overseer, now)
        found = counts(connection, overseer, now)

    assert [one.standing for one in page.parts[Part.TO_REVIEW].rows] == [Standing.IN_FORCE]
    assert (found.to_review, found.in_force) == (0, 1)  # it is reviewed once it is over
    with world.database.reading() as connection:
        later = moment(world.now + timedelta(hours=5))
        assert counts(connection, overseer, later).to_review == 1


def test_it_stands_to_be_reviewed_until_a_supervisor_who_is_not_the_second_person_has_done_so(
    world,
):
    request = world.ask()
    world.agree(request, world.supervisor)
    world.now += timedelta(hours=5)
    assert [one.may_review for one in world.page(world.supervisor).to_review] == [False]
    with pytest.raises(OutOfTurn, match="somebody else has to review"):
        review_emergency(world.supervisor, sent(), request, "Tự xem.")

    with pytest.raises(Unacceptable):
        review_emergency(world.second, sent(), request, " ")
    review_emergency(world.second, sent(), request, "Có lý do chính đáng.")
    assert world.page(world.second).to_review == ()


def test_looks_under_it_say_what_they_were_for(world):
    world.opened()
    look(world.reader, Action.SEE_CASE, cases=[world.case])
    with world.database.reading() as connection:
        purposes = connection.scalars(
            select(reads.c.purpose).where(reads.c.officer == "người đọc")
        ).all()
    assert purposes == [Purpose.EMERGENCY.value]


def test_who_can_see_it_names_the_reader_now_and_on_a_past_day_and_not_later(world):
    world.opened(hours=24)
    head = replace(world.head.principal, clearance=2)

    def page(on=None):
        with world.database.reading() as connection:
            return case_readers(connection, head, definitions(), world.case, world.ids, on=on)

    def reading(found):
        return [one.name for one in found.can_see if one.seen_as == "emergency"]

    assert reading(page()) == ["người đọc"]
    assert [one.asked.name for one in page().emergencies] == ["người đọc"]
    world.now += timedelta(days=3)
    assert reading(page()) == []
    assert reading(page("2026-03-02")) == ["người đọc"]
    assert [one.standing for one in page("2026-03-02").emergencies] == ["in_force"]
    assert reading(page("2026-03-04")) == []
    assert page("2026-03-01").emergencies == ()


@pytest.mark.parametrize("hours", [0, 2, 25])
def test_only_limits_that_are_offered_are_taken(world, hours):
    with pytest.raises(Unacceptable, match="Choose for how long"):
        world.ask(hours=hours)


def test_what_nobody_answered_within_a_day_is_not_answered_any_more(world):
    request = world.ask()
    world.now += timedelta(hours=25)
    with pytest.raises(OutOfTurn):
        world.agree(request)


def test_a_refusal_opens_nothing_and_stands(world):
    request = world.ask()
    answer_emergency(world.second, sent(), request, agrees=False, sentence="Không gấp.")
    assert world.sees() is None
    with pytest.raises(OutOfTurn):
        world.agree(request, world.supervisor)


def test_of_two_answers_at_once_the_database_takes_one(world):
    request = world.ask()
    agreed = agreed_by(world, request, world.supervisor)
    refused = agreed | {"kind": "refused", "until": None}
    with world.database.writing() as connection:
        connection.execute(insert(emergency_steps), agreed)

    taken = r"uq_emergency_steps_one_answer|emergency_steps\.request\b"
    with (
        pytest.raises(DBAPIError, match=taken),
        as_owner(world.database).engine.begin() as connection,
    ):
        connection.execute(insert(emergency_steps), refused)


def test_it_is_reviewed_only_once_it_is_over_and_the_database_says_so_too(world):
    request = world.opened(hours=4)
    with pytest.raises(OutOfTurn, match="still open by this"):
        review_emergency(world.second, sent(), request, "Quá sớm.")
    early = {
        "request": request,
        "kind": "reviewed",
        "officer": SECOND,
        "organisation": OVERSIGHT,
        "role": "supervisor",
        "session": "s",
        "method": "password",
        "sentence": "Quá sớm.",
        "at": moment(world.now + timedelta(hours=3)),
    }
    with (
        pytest.raises(DBAPIError, match="reviewed_once_it_is_over"),
        as_owner(world.database).engine.begin() as connection,
    ):
        connection.execute(insert(emergency_steps), early)

    end_emergency(world.reader, sent(), request)
    review_emergency(world.second, sent(), request, "Có lý do chính đáng.")

    page = world.page(world.second)
    assert page.to_review == ()
    assert [one.reviewed.sentence for one in page.reviewed] == ["Có lý do chính đáng."]


def test_whoever_reviews_is_told_what_was_read_under_it_and_nothing_else(world):
    world.opened(hours=4)
    look(world.reader, Action.SEE_CASE, cases=[world.case], showing=showing(Group.OPINIONS))
    look(world.head, Action.SEE_CASE, cases=[world.case])
    world.now += timedelta(hours=5)
    look(world.cast.board, Action.SEE_CASE, cases=[world.case])

    [access] = world.page(world.second).to_review
    with world.database.reading(world.second.principal) as connection:
        read = looks_under(connection, access)

    assert [(one.how, one.groups) for one in read] == [(How.VIEW, (Group.OPINIONS,))]


def test_whose_case_it_is_is_told_of_it_also_where_it_is_kept_from_them(world):
    """The unit is not cleared: it is told to whom and until when, and no reason."""
    with world.database.writing() as connection:
        connection.execute(
            update(role_assignments)
            .where(role_assignments.c.role == Role.CASE_OFFICER.value)
            .values(clearance=0)
        )
    world.opened()
    with world.database.reading() as connection:
        told = set(
            connection.scalars(
                select(recipients.c.officer)
                .join(outbox, outbox.c.key == recipients.c.notice)
                .where(outbox.c.on_move == "emergency_opened")
            )
        )
    unit = world.desk(officer_of("so-y-te", Role.CASE_OFFICER), Role.CASE_OFFICER, "so-y-te")
    stranger = world.desk("ai đó", Role.CASE_OFFICER, "so-noi-vu")

    [access] = world.page(unit).told

    assert unit.principal.officer in told
    assert (access.reference, access.case, access.asked.name) == (
        world.reference,
        None,
        "người đọc",
    )
    assert access.until is not None
    assert (access.asked.sentence, access.opened.sentence) == ("", "")
    assert (access.may_answer, access.may_end, access.may_review) == (False, False, False)
    assert world.page(stranger).told == ()
    with world.database.reading() as connection:
        found = notices_page(connection, unit.principal, definitions())
    [line] = [line for line in found.page.rows if line.on == "emergency_opened"]
    assert line.one is None  # nothing of the case


def test_whoever_is_recused_is_told_of_no_access(world):
    away = world.desk(SECOND, Role.SUPERVISOR, clearance=2)
    recuse_oneself(away, sent(), world.case)
    world.opened()

    assert world.page(away).to_review == ()
    with world.database.reading() as connection:
        assert notices_page(connection, away.principal, definitions()).page.rows == ()


def test_who_asked_is_told_once_that_it_was_answered(world):
    request = world.ask()
    me = world.reader
    look(me, Action.SEE_EMERGENCIES)

    def waits():
        with world.database.reading() as connection:
            return counts(connection, me.principal, world.ids.now()).answered

    assert waits() == 0
    world.agree(request)
    assert waits() == 1
    look(me, Action.SEE_EMERGENCIES)
    assert waits() == 0


def test_a_wrong_reference_that_was_agreed_to_is_told_of_its_asker_alone(world):
    there, nowhere = world.ask(), world.ask("QH-2026-KHONGCO-0001-00")
    for one in (there, nowhere):
        world.agree(one)

    told = {one.handle: one.nothing_there for one in world.page(world.reader).own}
    reviewed = {one.handle: one.nothing_there for one in world.page(world.second).to_review}

    assert told == {there: False, nowhere: True}
    assert reviewed == {there: False, nowhere: False}


def test_made_up_requests_bury_no_genuine_one(world):
    genuine = world.ask()
    with world.database.writing() as connection:
        for nth in range(60):
            add_officer(connection, f"k{nth}", "thanh-tra", Role.BODY_OFFICER)
    for nth in range(60):
        noisy = world.desk(f"k{nth}", Role.BODY_OFFICER, "thanh-tra")
        ask_in_emergency(noisy, sent(), f"BIA-DAT-{nth}", "Gấp.", 1)

    seen, part, after = [], None, None
    while part is None or after is not None:
        with world.database.reading() as connection:
            page = emergency_page(
                connection, world.supervisor.principal, world.ids.now(), part, after
            )
        seen += [one.handle for one in page.parts[Part.WAITING].rows]
        assert page.counts[Part.WAITING] == 61
        part, after = Part.WAITING, page.parts[Part.WAITING].next

    assert seen[0] == genuine
    assert len(seen) == len(set(seen)) == 61


@pytest.mark.parametrize("reference", [None, "KHONG-CO-2026-000001"])
def test_five_requests_of_one_asker_may_wait_whether_there_are_such_cases_or_not(world, reference):
    first = [world.ask(reference) for _ in range(5)]
    with pytest.raises(OutOfTurn, match="wait for an answer"):
        world.ask(reference)

    answer_emergency(world.supervisor, sent(), first[0], agrees=False, sentence="Không.")
    world.ask(reference)
    with pytest.raises(OutOfTurn):
        world.ask(reference)
    world.now += timedelta(days=1, minutes=1)
    world.ask(reference)
