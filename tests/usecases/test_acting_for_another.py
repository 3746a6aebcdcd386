"""A substitute at work: in which capacity, until when, under which names, and what stays apart."""

from dataclasses import replace

import pytest
from sqlalchemy import func, insert, select, update

from tests.builders import (
    Cast,
    add_officer,
    as_served,
    definitions,
    officer_of,
    opinion,
    request,
    sent,
)
from tests.usecases.conftest import PASSWORD
from vetting.engine.policy import Action, Principal, Relation, relation
from vetting.engine.refusals import (
    Forbidden,
    HeldBack,
    NotWrittenDown,
    OutOfTurn,
    TwoHats,
    Unacceptable,
    Unknown,
)
from vetting.engine.substitutes import EVERY_TYPE, Form
from vetting.engine.vocabulary import CaseType, Role
from vetting.queries.absence_pages import Offer, offers_for
from vetting.queries.case_readers import case_readers
from vetting.queries.inbox import Filter, Tab, inbox
from vetting.records.absences import substitutions
from vetting.records.acts import acts
from vetting.records.book import matter_of
from vetting.records.cases import case_of, cases, participations
from vetting.records.consultations import consultations, opinions, sign_offs
from vetting.records.history import entries
from vetting.records.officers import login_sessions, officers, role_assignments
from vetting.records.rebuild import compare
from vetting.records.scope import addressed_to, visible_to
from vetting.records.sessions import end_others_of, who_is_back
from vetting.usecases.check_completeness import take_up_cases
from vetting.usecases.desk import Desk
from vetting.usecases.draft_opinion import draft_and_pass_on
from vetting.usecases.file_case import file_case
from vetting.usecases.look import look
from vetting.usecases.propose import propose, submit_proposals
from vetting.usecases.record_absence import (
    Absence,
    Place,
    end_absence,
    record_absence,
    revoke_substitute,
)
from vetting.usecases.recuse import recuse_oneself
from vetting.usecases.sign_in import Attempt, capacities_of, recall, sign_in, switch_capacity
from vetting.usecases.sign_opinion import sign_opinion

BODY = "thanh-tra"
SIGNER, DRAFTER = officer_of(BODY, Role.BODY_SIGNER), officer_of(BODY, Role.BODY_OFFICER)
TODAY, LAST = "2026-01-05", "2026-01-09"


@pytest.fixture
def away(database, ids, passwords):
    """Let the signer be away from today on, and the body's second officer act for them."""
    with database.writing() as connection:
        add_officer(connection, "bình", BODY, Role.BODY_OFFICER)
        connection.execute(update(officers).values(password_hash=passwords.hash(PASSWORD)))
    return leave(database, ids, SIGNER, "bình")


def proved_now(principal, ids):
    return replace(principal, proved_at=ids.now(), proved_with="password")


def leave(database, ids, officer, substitute, role=Role.BODY_SIGNER, **told):
    by = proved_now(Principal(officer, officer, role, BODY, "s"), ids)
    place = Place(BODY, role, substitute, Form.KT, told.pop("types", EVERY_TYPE))
    return record_absence(
        as_served(database), ids, definitions(), by, Absence(officer, TODAY, LAST, (place,))
    )


@pytest.fixture
def acts_for(door, database):
    """Sign an officer in and let them act for another; returns the token."""

    def acts_for(login="bình", absent=SIGNER, role=Role.BODY_SIGNER):
        entered = sign_in(door, Attempt(login, PASSWORD, "10.0.0.1"))
        with database.engine.connect() as connection:
            session = recall(door, connection, entered.token)
            return switch_capacity(
                door, connection, session, entered.token, BODY, role, on_behalf_of=absent
            )

    return acts_for


def session_of(door, database, token):
    with database.engine.connect() as connection:
        return recall(door, connection, token)


def capacities(door, database, login):
    entered = sign_in(door, Attempt(login, PASSWORD, "10.0.0.1"))
    with database.engine.connect() as connection:
        session = recall(door, connection, entered.token)
        return [
            (one.role, one.acting.on_behalf_of if one.acting else None)
            for one in capacities_of(door, connection, session)
        ], session.has_others


@pytest.mark.usefixtures("away")
def test_a_substitute_has_one_more_capacity_and_begins_in_their_own(door, database, acts_for):
    assert capacities(door, database, "bình") == (
        [(Role.BODY_OFFICER, None), (Role.BODY_SIGNER, SIGNER)],
        True,
    )
    assert capacities(door, database, DRAFTER) == ([(Role.BODY_OFFICER, None)], False)
    acting = session_of(door, database, acts_for()).principal
    assert replace(acting, session="", proved_at=None, proved_with=None) == Principal(
        "bình",
        "bình",
        Role.BODY_SIGNER,
        BODY,
        "",
        on_behalf_of=SIGNER,
        on_behalf_name=SIGNER,
        form=Form.KT,
    )
    # The next time they come in, they are themself again.
    entered = sign_in(door, Attempt("bình", PASSWORD, "10.0.0.1"))
    assert session_of(door, database, entered.token).principal.on_behalf_of is None


@pytest.mark.usefixtures("away")
def test_nobody_else_can_act_for_whoever_is_away(acts_for):
    with pytest.raises(Unacceptable, match="Choose one of your own capacities"):
        acts_for(DRAFTER)
    with pytest.raises(Unacceptable, match="Choose one of your own capacities"):
        acts_for(role=Role.BODY_OFFICER)


def change(table, officer, **values):
    def do(database, _ids, _absence):
        column = table.c.handle if table is officers else table.c.officer
        with database.writing() as connection:
            connection.execute(update(table).where(column == officer).values(**values))

    return do


def ended(database, ids, absence):
    end_absence(
        as_served(database), ids, Principal(SIGNER, SIGNER, Role.BODY_SIGNER, BODY, "s"), absence
    )


def revoked(database, ids, _absence):
    s = substitutions.c
    with database.reading() as connection:
        naming = connection.scalar(select(s.handle).where(s.absent == SIGNER))
    by = proved_now(Principal(SIGNER, SIGNER, Role.BODY_SIGNER, BODY, "s"), ids)
    revoke_substitute(as_served(database), ids, definitions(), by, naming)


ENDINGS = {
    "the absence is ended": ended,
    "the naming is revoked": revoked,
    "whoever is away is let in no more": change(officers, SIGNER, disabled_at="2026-01-05"),
    "whoever is away loses the role": change(role_assignments, SIGNER, valid_to="2026-01-04"),
    "the substitute is let in no more": change(officers, "bình", disabled_at="2026-01-05"),
    "the substitute loses their own role": change(role_assignments, "bình", valid_to="2026-01-04"),
}


@pytest.mark.parametrize("why", ENDINGS)
def test_the_session_dies_with_its_next_request_when(door, database, ids, away, acts_for, why):
    token = acts_for()
    other = sign_in(door, Attempt(DRAFTER, PASSWORD, "10.0.0.1")).token
    assert session_of(door, database, token) is not None
    ENDINGS[why](database, ids, away)
    assert session_of(door, database, token) is None
    assert session_of(door, database, other) is not None


@pytest.mark.usefixtures("away")
def test_the_session_dies_when_the_last_day_is_over(door, database, clock, acts_for):
    clock.now = clock.now.replace(day=9, hour=16, minute=30)  # 23:30 where the officers are
    token = acts_for()
    assert session_of(door, database, token) is not None
    clock.go_on(hours=1)
    assert session_of(door, database, token) is None


# --- along a chain: the signer named bình, who is away too and named cúc


@pytest.fixture
def chain(database, ids, away, passwords):
    """Let whoever acts for the signer be away too, and name cúc for what they act in."""
    with database.writing() as connection:
        add_officer(connection, "cúc", BODY, Role.BODY_OFFICER)
        connection.execute(
            insert(role_assignments),
            {"officer": "bình", "organisation": BODY, "role": "body_signer", "clearance": 0},
        )
        connection.execute(update(officers).values(password_hash=passwords.hash(PASSWORD)))
    assert away
    return leave(database, ids, "bình", "cúc")


def back_is_whoever_passed_it_on(database, ids, second):
    end_absence(
        as_served(database), ids, Principal("bình", "bình", Role.BODY_OFFICER, BODY, "s"), second
    )


def away_is_the_substitute(database, ids, _second):
    with database.writing() as connection:
        add_officer(connection, "dũng", BODY, Role.BODY_OFFICER)
    leave(database, ids, "cúc", "dũng", Role.BODY_OFFICER)


BREAKS = {
    "whoever passed it on is back": back_is_whoever_passed_it_on,
    "whoever passed it on works there no more": change(
        role_assignments, "bình", valid_to="2026-01-04"
    ),
    "whoever passed it on is let in no more": change(officers, "bình", disabled_at="2026-01-05"),
    "the substitute is away themself": away_is_the_substitute,
    "the first naming is revoked": revoked,
}


def test_that_somebody_is_back_is_told_by_the_session_that_acted_for_them(
    door, database, ids, away, acts_for
):
    token = acts_for("bình")
    with database.reading() as connection:
        assert who_is_back(connection, token, TODAY) is None
    ended(database, ids, away)
    assert session_of(door, database, token) is None
    with database.reading() as connection:
        assert who_is_back(connection, token, TODAY) == SIGNER
        assert who_is_back(connection, "x" * 43, TODAY) is None


@pytest.mark.parametrize("why", BREAKS)
def test_a_chain_holds_only_while_each_of_its_people_does(
    door, database, ids, chain, acts_for, why
):
    """The session ends at once, an act under way in it is not written, and no other begins."""
    assert (Role.BODY_SIGNER, SIGNER) in capacities(door, database, "cúc")[0]
    token = acts_for("cúc")
    by = session_of(door, database, token).principal
    assert by.persons == ("cúc", SIGNER, "bình")
    desk = Desk(by, as_served(database), definitions(), ids, in_session=True)
    BREAKS[why](database, ids, chain)
    assert session_of(door, database, token) is None
    with pytest.raises(OutOfTurn, match="Your session has ended in the meantime"):
        desk.act(Action.RECEIVE_CONSULTATION, sent(), {}, lambda _book: {})
    assert (Role.BODY_SIGNER, SIGNER) not in capacities(door, database, "cúc")[0]


@pytest.mark.usefixtures("away")
def test_a_chain_passes_on_no_role_that_was_not_named_onward(door, database, ids, passwords):
    with database.writing() as connection:
        add_officer(connection, "cúc", BODY, Role.BODY_OFFICER)
        connection.execute(update(officers).values(password_hash=passwords.hash(PASSWORD)))
    leave(database, ids, "bình", "cúc", Role.BODY_OFFICER)
    assert capacities(door, database, "cúc")[0] == [
        (Role.BODY_OFFICER, None),
        (Role.BODY_OFFICER, "bình"),
    ]


def test_what_somebody_acts_in_is_passed_on_where_they_name_it(
    door, database, ids, away, passwords, acts_for
):
    """They have the role for the other's sake alone; and not for more cases than they had."""
    with database.writing() as connection:
        add_officer(connection, "cúc", BODY, Role.BODY_OFFICER)
        connection.execute(update(officers).values(password_hash=passwords.hash(PASSWORD)))
        assert Offer(BODY, Role.BODY_SIGNER, "cúc", "cúc") in offers_for(connection, "bình", TODAY)
        assert {one.role for one in offers_for(connection, DRAFTER, TODAY)} == {Role.BODY_OFFICER}
    by = proved_now(Principal("bình", "bình", Role.BODY_OFFICER, BODY, "s"), ids)
    place = Place(BODY, Role.BODY_SIGNER, "cúc", Form.KT)
    longer = Absence("bình", TODAY, "2026-01-10", (place,))
    with pytest.raises(Unacceptable, match="does not have this role on all these days"):
        record_absence(as_served(database), ids, definitions(), by, longer)
    back = Absence("bình", TODAY, LAST, (replace(place, substitute=SIGNER),))
    with pytest.raises(Unacceptable, match="circle of substitutes"):
        record_absence(as_served(database), ids, definitions(), by, back)
    leave(database, ids, "bình", "cúc")
    assert capacities(door, database, "cúc")[0] == [
        (Role.BODY_OFFICER, None),
        (Role.BODY_SIGNER, SIGNER),
    ]
    assert session_of(door, database, acts_for("cúc")).principal.between == ("bình",)
    assert away


# --- while an act waits for what it opens


def others_end(database, ids, _absence):
    with database.writing() as connection:
        end_others_of(connection, "bình", "another", ids.now())


WHILE_IT_WAITS = {
    **ENDINGS,
    "every other session is ended elsewhere": others_end,
    "whoever is away is cleared for less": change(role_assignments, SIGNER, clearance=0),
    "the substitute is cleared for less": change(role_assignments, "bình", clearance=0),
}


@pytest.mark.parametrize("why", WHILE_IT_WAITS)
def test_an_act_is_not_written_for_a_session_that_no_longer_stands_when(
    door, database, ids, away, acts_for, why
):
    with database.writing() as connection:
        connection.execute(update(role_assignments).values(clearance=1))
    by = session_of(door, database, acts_for()).principal
    assert by.clearance == 1
    desk = Desk(by, as_served(database), definitions(), ids, in_session=True)
    desk.act(Action.RECEIVE_CONSULTATION, sent(), {}, lambda _book: {})  # while it stands
    WHILE_IT_WAITS[why](database, ids, away)
    with pytest.raises(OutOfTurn, match="Your session has ended in the meantime"):
        desk.act(Action.RECEIVE_CONSULTATION, sent(), {}, lambda _book: {})
    with database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(acts)) == 1


@pytest.mark.usefixtures("away")
def test_what_ends_the_session_while_the_act_is_under_way_is_found(door, database, ids, acts_for):
    by = session_of(door, database, acts_for()).principal
    desk = Desk(by, as_served(database), definitions(), ids, in_session=True)

    def do(book):  # on SQLite nobody else writes meanwhile
        if book.connection.dialect.name == "sqlite":
            end_others_of(book.connection, "bình", "another", ids.now())
        else:
            others_end(database, ids, None)
        return {}

    with pytest.raises(OutOfTurn, match="Your session has ended in the meantime"):
        desk.act(Action.RECEIVE_CONSULTATION, sent(), {}, do)


# --- at work


@pytest.fixture
def cast(database):
    return Cast(database)


def acting(cast, officer="bình", absent=SIGNER, role=Role.BODY_SIGNER, organisation=BODY, **told):
    principal = Principal(
        officer,
        officer,
        role,
        organisation,
        "s",
        on_behalf_of=absent,
        on_behalf_name=absent,
        form=Form.KT,
        proved_at=cast.ids.now(),
        **told,
    )
    return Desk(principal, as_served(cast.database), definitions(), cast.ids)


def sign_as(desk, cast, case, drafter=None):
    """Have a draft written by somebody and signed at this desk, read and all."""
    consultation = cast.asked(case)[BODY]
    draft_and_pass_on(drafter or cast.drafter(BODY), sent(), consultation, opinion())
    c = consultations.c
    with cast.database.reading() as connection:
        text = connection.scalar(select(c.draft_hash).where(c.handle == consultation))
    look(desk, Action.SIGN_OPINION, texts=[(case, consultation, text)])
    sign_opinion(desk, sent(), consultation, text)


def test_the_history_the_opinion_and_the_signature_keep_both_names(cast, database):
    case = cast.consulting()
    sign_as(acting(cast), cast, case)
    with database.reading() as connection:
        e, o, s, p = entries.c, opinions.c, sign_offs.c, participations.c
        assert connection.execute(
            select(e.officer, e.on_behalf_of).where(e.verb == "opinion.signed")
        ).all() == [("bình", SIGNER)]
        assert connection.execute(
            select(o.drafted_by, o.drafted_for, o.signed_by, o.signed_for)
        ).all() == [(DRAFTER, None, "bình", SIGNER)]
        assert connection.execute(select(s.officer, s.on_behalf_of)).all() == [("bình", SIGNER)]
        assert {
            row.officer: row.hat
            for row in connection.execute(select(p.officer, p.hat))
            if row.officer in {"bình", SIGNER}
        } == {"bình": "opine", SIGNER: "opine"}
        assert list(compare(connection)) == []


@pytest.fixture(autouse=True)
def second_officer(database, request):
    if "away" not in request.fixturenames:
        with database.writing() as connection:
            add_officer(connection, "bình", BODY, Role.BODY_OFFICER)


def test_the_substitute_never_signs_what_they_drafted_themself(cast):
    case = cast.consulting()
    own = cast.desk(BODY, Role.BODY_OFFICER)
    own = replace(own, principal=replace(own.principal, officer="bình"))
    with pytest.raises(HeldBack, match="another person must sign it"):
        sign_as(acting(cast), cast, case, drafter=own)


def test_what_whoever_is_away_drafted_is_not_signed_in_their_name(cast, database):
    with database.writing() as connection:
        connection.execute(
            insert(role_assignments),
            {"officer": SIGNER, "organisation": BODY, "role": "body_officer"},
        )
    case = cast.consulting()
    with pytest.raises(HeldBack, match="or whoever you act for, drafted this opinion"):
        sign_as(acting(cast), cast, case, drafter=cast.signer(BODY))


def test_whoever_was_away_does_not_sign_what_was_drafted_in_their_name(cast):
    case = cast.consulting()
    with pytest.raises(HeldBack, match="You drafted this opinion"):
        sign_as(cast.signer(BODY), cast, case, drafter=acting(cast))


def test_two_substitutes_of_one_officer_are_one_hand(cast, database):
    with database.writing() as connection:
        add_officer(connection, "cúc", BODY, Role.BODY_OFFICER)
    case = cast.consulting()
    with pytest.raises(HeldBack, match="whoever you act for"):
        sign_as(acting(cast, "cúc"), cast, case, drafter=acting(cast))


def test_a_proposal_drawn_up_for_the_head_is_not_submitted_by_the_head(cast):
    head, officer = (
        officer_of("ban-to-chuc", Role.BOARD_HEAD),
        officer_of("ban-to-chuc", Role.BOARD_OFFICER),
    )
    case = cast.assembling()
    for_head = acting(cast, officer, head, Role.BOARD_OFFICER, "ban-to-chuc")
    propose(for_head, sent(), [case], "meets", "Đủ tiêu chuẩn.")
    with pytest.raises(HeldBack, match="You drew up this proposal"):
        submit_proposals(cast.head, sent(), [case])
    with cast.database.reading() as connection:
        assert list(compare(connection)) == []


@pytest.mark.parametrize("who", ["the substitute", "whoever is away"])
def test_a_part_that_either_of_them_played_keeps_the_other_from_another(cast, database, who):
    """Either of them filed the case for the unit once."""
    filed_by = "bình" if who == "the substitute" else SIGNER
    unit = cast.unit
    unit = replace(unit, principal=replace(unit.principal, officer=filed_by))
    case = file_case(unit, sent(), request())["case"]
    take_up_cases(cast.board, sent(), [case])
    desk = acting(cast, role=Role.BOARD_OFFICER, organisation="ban-to-chuc")
    with pytest.raises(TwoHats):
        take_up_cases(desk, sent(), [case])
    assert database


def test_who_can_see_a_case_names_substitutes_now_and_on_a_past_day(database, clock, ids):
    cast = Cast(database, ids)
    case = cast.consulting()
    overseer = cast.desk("uy-ban-kiem-tra", Role.SUPERVISOR).principal

    def in_place_of_others(on=None):
        with database.reading() as connection:
            page = case_readers(connection, overseer, definitions(), case, ids, on=on)
        return [(one.name.vi, one.role) for one in page.can_see if not isinstance(one.name, str)]

    absence = leave(database, ids, SIGNER, "bình")
    both = [(f"K/T {SIGNER} – bình", Role.BODY_SIGNER)]
    assert in_place_of_others() == both
    clock.go_on(days=1)
    end_absence(
        as_served(database), ids, Principal(SIGNER, SIGNER, Role.BODY_SIGNER, BODY, "s"), absence
    )
    assert in_place_of_others() == []
    clock.go_on(days=1)
    assert in_place_of_others(TODAY) == both
    assert in_place_of_others("2026-01-06") == []


# --- along a chain, at work: cúc acts for the signer, by bình's word


def along_the_chain(cast):
    with cast.database.writing() as connection:
        add_officer(connection, "cúc", BODY, Role.BODY_OFFICER)
        add_officer(connection, "dũng", BODY, Role.BODY_SIGNER)  # without whom nobody may recuse
    return acting(cast, "cúc", between=("bình",))


def of_whoever_passed_it_on(desk):
    return replace(desk, principal=replace(desk.principal, officer="bình", name="bình"))


@pytest.mark.parametrize("who", ["cúc", "bình", SIGNER])
def test_a_recusal_anywhere_on_a_chain_keeps_the_case_from_its_end(cast, database, who):
    case = cast.consulting()
    desk = along_the_chain(cast)
    other = cast.consulting(name="Phạm Đào")
    own = cast.desk(BODY, Role.BODY_OFFICER)
    recuse_oneself(
        replace(own, principal=replace(own.principal, officer=who, name=who)), sent(), case
    )
    with database.reading(desk.principal) as connection:
        seen = connection.scalars(select(cases.c.handle).where(visible_to(desk.principal))).all()
        page = inbox(
            connection, desk.principal, definitions(), Filter(Tab.BODY), after=None, ids=cast.ids
        )
    assert seen == page.handles == [other]
    assert page.counts[Tab.BODY] == 1
    with pytest.raises(Unknown):
        sign_as(desk, cast, case)
    sign_as(desk, cast, other)


def test_what_whoever_passed_it_on_drafted_is_not_signed_at_the_end_of_the_chain(cast):
    case = cast.consulting()
    drafter = cast.desk(BODY, Role.BODY_OFFICER)
    with pytest.raises(HeldBack, match="or whoever you act for, drafted this opinion"):
        sign_as(along_the_chain(cast), cast, case, drafter=of_whoever_passed_it_on(drafter))


def test_a_part_that_whoever_passed_it_on_played_keeps_the_end_from_another(cast):
    case = file_case(of_whoever_passed_it_on(cast.unit), sent(), request())["case"]
    desk = along_the_chain(cast)
    board = replace(desk.principal, role=Role.BOARD_OFFICER, organisation="ban-to-chuc")
    with pytest.raises(TwoHats, match="passed on to you what you act in"):
        take_up_cases(replace(desk, principal=board), sent(), [case])


def test_whoever_is_away_is_bound_by_the_part_played_in_their_name(cast):
    case = cast.consulting()
    sign_as(acting(cast), cast, case)
    elsewhere = cast.board
    elsewhere = replace(elsewhere, principal=replace(elsewhere.principal, officer=SIGNER))
    with pytest.raises(TwoHats):
        elsewhere.act(
            Action.TAKE_UP_CASE, sent(), {}, lambda book: {"case": book.case(case).handle}
        )


def as_supervisor(cast, officer):
    """Let an officer supervise too, and sit down at that desk."""
    with cast.database.writing() as connection:
        place = {"officer": officer, "organisation": "uy-ban-kiem-tra", "role": "supervisor"}
        connection.execute(insert(role_assignments), place)
    desk = cast.desk("uy-ban-kiem-tra", Role.SUPERVISOR)
    return replace(desk, principal=replace(desk.principal, officer=officer, name=officer))


def test_nobody_supervises_what_a_substitute_did_in_their_name(cast, database):
    """The case is in no list of theirs: no line of the ledger is written of such a look."""
    mine, other = cast.consulting(), cast.consulting()
    sign_as(acting(cast), cast, mine)
    desk = as_supervisor(cast, SIGNER)
    with database.reading(desk.principal) as connection:
        listed = set(connection.scalars(select(cases.c.handle).where(visible_to(desk.principal))))
    with database.reading(cast.head.principal) as connection:
        page = case_readers(connection, cast.head.principal, definitions(), mine, cast.ids)
    assert listed == {other}
    assert SIGNER not in {one.officer for one in page.can_see if one.role is Role.SUPERVISOR}
    assert [(one.name, str(one.why.msgid)) for one in page.kept_away] == [
        (SIGNER, "took part in it and so does not supervise it")
    ]
    with pytest.raises(NotWrittenDown):
        look(desk, Action.SEE_OVERSIGHT, cases=[other, mine])
    look(desk, Action.SEE_CASE, cases=[other])
    with pytest.raises(
        TwoHats
    ):  # nor the other way round: what one supervised, nobody does for one
        sign_as(acting(cast), cast, other)


def test_beyond_the_case_types_left_to_the_substitute_there_is_no_case(cast, database):
    case = cast.consulting()
    only = frozenset({CaseType.TRANSFER})
    narrow, wide = acting(cast, case_types=only).principal, acting(cast).principal
    with database.reading() as connection:
        row = connection.execute(select(cases)).mappings().one()
        for principal, seen in ((narrow, []), (wide, [case])):
            assert (
                connection.scalars(select(cases.c.handle).where(visible_to(principal))).all()
                == seen
            )
            found = connection.scalars(
                select(consultations.c.case_handle).where(addressed_to(principal))
            ).all()
            assert found == seen
        asked = matter_of(case_of(row))
    assert relation(narrow, replace(asked, asked={BODY})) is Relation.NONE
    assert relation(wide, replace(asked, asked={BODY})) is Relation.ASKED
    with pytest.raises(Unknown):
        sign_as(acting(cast, case_types=only), cast, case)
    unit = officer_of("so-y-te", Role.CASE_OFFICER)
    files = acting(cast, "bình", unit, Role.CASE_OFFICER, "so-y-te", case_types=only)
    with pytest.raises(Forbidden, match="did not name you for cases of this type"):
        file_case(files, sent(), request())


def test_the_session_keeps_for_whom_in_which_form_and_on_which_links(
    door, database, away, acts_for
):
    token = acts_for()
    mark = session_of(door, database, token).principal.session
    with database.reading() as connection:
        s = login_sessions.c
        row = connection.execute(
            select(s.officer, s.on_behalf_of, s.form, s.own_role, s.case_types).where(
                s.mark == mark
            )
        ).one()
    assert tuple(row) == ("bình", SIGNER, "kt", "body_officer", "[]")
    assert away
