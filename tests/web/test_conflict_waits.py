"""A conflict of interest is on record even where nobody else could act yet, and holds at once."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.builders import add_officer, definitions, officer_of, opinion, sent
from tests.web.browsing import links_of, text_of
from vetting.engine.facts import ConflictDeclaredWaiting
from vetting.engine.refusals import Forbidden, OutOfTurn, Unknown
from vetting.engine.vocabulary import Role
from vetting.queries.doctor import Ground, examine
from vetting.queries.untold import untold
from vetting.queries.worklist import Filter, Wait, worklist
from vetting.records.cases import cases
from vetting.records.history import entries
from vetting.records.outbox import outbox, recipients
from vetting.records.rebuild import compare_case
from vetting.records.withheld import recusals
from vetting.usecases.confirm_takeover import confirm_takeover
from vetting.usecases.draft_opinion import draft_opinion
from vetting.usecases.recuse import recuse_oneself
from vetting.usecases.restrict_case import restrict_case

BODY = "thanh-tra"
SIGNER, HEAD = officer_of(BODY, Role.BODY_SIGNER), officer_of("ban-to-chuc", Role.BOARD_HEAD)


@pytest.fixture
def case(cast):
    return cast.consulting(name="Đặng Kín")


def rows(database, statement):
    with database.reading() as connection:
        return connection.execute(statement).all()


def verbs(database, case):
    e = entries.c
    found = rows(database, select(e.verb).where(e.case_handle == case).order_by(e.number))
    return [verb for (verb,) in found]


def waiting(cast):
    with cast.database.reading(cast.head.principal) as connection:
        me = cast.head.principal
        found = worklist(connection, me, definitions(), Filter(Wait.CONFLICT))
        return found.counts[Wait.CONFLICT], found.handles


def doctors(cast, case):
    with cast.database.reading() as connection:
        found = examine(Ground(connection, definitions(), "2026-01-05", "ban-to-chuc"))
        return [one.sentence for one in found if one.case == case]


@pytest.mark.behind_the_wall
def test_it_is_refused_first_and_then_left_waiting_on_the_same_page(case, cast, browser_of):
    browser = browser_of(Role.BODY_SIGNER)
    refused = browser.send(f"/cases/{case}/recuse")
    assert refused.status_code == 409
    assert "Declare it now; the steps wait for somebody" in text_of(refused)
    assert verbs(cast.database, case)[-1] != ConflictDeclaredWaiting.verb
    done = browser.send(f"/cases/{case}/recuse", do="wait")
    assert (done.status_code, done.location) == (303, "/")
    assert verbs(cast.database, case)[-1] == ConflictDeclaredWaiting.verb
    assert "those who can see to it were told" in text_of(browser.get("/to-sign"))
    # From then on they do nothing in it and see nothing of it.
    assert browser.get(f"/cases/{case}").status_code == 404
    asked = cast.asked(case)[BODY]
    with pytest.raises(Unknown):
        draft_opinion(cast.signer(BODY), sent(), asked, opinion())
    assert rows(cast.database, select(recusals)) == [(case, SIGNER)]
    with cast.database.reading() as connection:
        assert list(compare_case(connection, case)) == []


def test_whoever_can_see_to_it_is_told_at_once(case, cast):
    recuse_oneself(cast.signer(BODY), sent(), case, waiting=True)
    told = rows(
        cast.database,
        select(recipients.c.officer)
        .join(outbox, outbox.c.key == recipients.c.notice)
        .where(outbox.c.on_move == "conflict_waiting")
        .order_by(recipients.c.officer),
    )
    overseer = officer_of("uy-ban-kiem-tra", Role.SUPERVISOR)
    assert [one for (one,) in told] == sorted([HEAD, overseer, officer_of(BODY, Role.BODY_OFFICER)])
    with cast.database.reading() as connection:
        assert untold(connection, definitions()).gaps == ()


@pytest.mark.behind_the_wall
def test_the_board_has_it_in_a_list_with_the_steps_and_the_doctor_says_who_could(
    case, cast, browser_of
):
    assert waiting(cast) == (0, [])
    recuse_oneself(cast.signer(BODY), sent(), case, waiting=True)
    assert waiting(cast) == (1, [case])
    with cast.database.writing() as connection:
        add_officer(connection, officer_of("thue", Role.BODY_OFFICER, 5), "thue", Role.BODY_OFFICER)
    [amiss] = doctors(cast, case)
    assert amiss.msgid.startswith("Nobody at %(organisation)s could take this step today")
    head = browser_of(Role.BOARD_HEAD)
    page = text_of(head.get(f"/cases/{case}"))
    assert "Conflict declared, nobody to take over yet" in page
    assert "answer the question" in page  # how far the body is, is its own affair
    assert "Conflict declared, nobody to take over yet 1" in text_of(head.get("/work"))
    shown = head.get(f"/cases/{case}/takeover")
    assert "nothing can be confirmed" in text_of(shown)
    refused = head.send(f"/cases/{case}/takeover")
    assert refused.status_code == 409
    assert "open steps of this case have nobody yet" in text_of(refused)
    unit = text_of(browser_of(Role.CASE_OFFICER).get(f"/cases/{case}"))
    assert "Conflict declared" not in unit


def test_the_body_reads_on_the_case_what_it_left_and_no_other_body_does(case, cast, browser_of):
    recuse_oneself(cast.signer(BODY), sent(), case, waiting=True)
    own = text_of(browser_of(Role.BODY_OFFICER, BODY).get(f"/cases/{case}"))
    other_body = min(set(cast.asked(case)) - {BODY})
    other = text_of(browser_of(Role.BODY_OFFICER, other_body).get(f"/cases/{case}"))

    assert (
        f"Conflict declared, nobody to take over yet {SIGNER} Office {BODY}: sign the opinion "
        "These steps wait until somebody is given the role or named as a substitute. What I can"
    ) in own
    assert "Who could take over" not in own
    assert "Conflict declared" not in other


def test_who_could_is_told_of_a_step_of_the_board(cast, browser_of):
    proposed = cast.assembling(name="Phan Hiện")
    recuse_oneself(cast.board, sent(), proposed, waiting=True)
    [amiss] = doctors(cast, proposed)
    assert dict(amiss.params)["names"] == HEAD
    head = browser_of(Role.BOARD_HEAD)
    assert HEAD in text_of(head.get(f"/cases/{proposed}/takeover"))


def test_whoever_keeps_the_roles_is_told_which_are_wanting_and_of_no_case(case, cast, browser_of):
    administrator = browser_of(Role.ADMINISTRATOR)
    title = "Left by officers who declared a conflict of interest"
    assert title not in text_of(administrator.get("/doctor"))
    second = officer_of(BODY, Role.BODY_OFFICER, 2)
    with cast.database.writing() as connection:
        add_officer(connection, second, BODY, Role.BODY_OFFICER)
    recuse_oneself(cast.signer(BODY), sent(), case, waiting=True)
    page = administrator.get("/doctor")
    assert title in text_of(page)
    assert f"Office {BODY} sign the opinion 1" in text_of(page)
    assert f"/officers/{second}/roles" in links_of(page)
    assert case not in page.text


@pytest.mark.behind_the_wall
def test_the_head_confirms_it_once_somebody_can_and_nobody_else_does(case, cast, browser_of):
    recuse_oneself(cast.signer(BODY), sent(), case, waiting=True)
    with pytest.raises(OutOfTurn):
        confirm_takeover(cast.head, sent(), case)
    with cast.database.writing() as connection:
        add_officer(connection, officer_of(BODY, Role.BODY_SIGNER, 2), BODY, Role.BODY_SIGNER)
        add_officer(connection, officer_of(BODY, Role.BODY_OFFICER, 2), BODY, Role.BODY_OFFICER)
    assert waiting(cast) == (1, [case])  # it is confirmed by somebody, and by no clock
    with pytest.raises(Forbidden):
        confirm_takeover(cast.board, sent(), case)
    head = browser_of(Role.BOARD_HEAD)
    assert f"/cases/{case}/takeover" in links_of(head.get(f"/cases/{case}"))
    assert head.send(f"/cases/{case}/takeover").status_code == 303
    assert verbs(cast.database, case)[-1] == "conflict.taken_over"
    assert waiting(cast) == (0, [])
    assert doctors(cast, case) == []
    assert rows(cast.database, select(recusals)) == [(case, SIGNER)]
    assert head.send(f"/cases/{case}/takeover").status_code == 409
    with cast.database.reading() as connection:
        assert list(compare_case(connection, case)) == []
    assert f"confirmed that somebody can take what {SIGNER} left" in text_of(
        head.get(f"/cases/{case}/history")
    )


@pytest.mark.behind_the_wall
def test_the_only_head_of_a_restricted_case_does_nothing_in_it_but_leave_it(cast, browser_of):
    case = cast.assembling(name="Đặng Kín")
    second = officer_of("ban-to-chuc", Role.BOARD_HEAD, 2)
    everybody = rows(cast.database, select(entries.c.officer).distinct())
    named = [one for (one,) in everybody]
    restrict_case(cast.head, sent(), case, 0, named)
    browser = browser_of(Role.BOARD_HEAD)
    assert "You still see it" in text_of(browser.get(f"/cases/{case}/recuse"))
    done = browser.send(f"/cases/{case}/recuse", do="wait")
    assert (done.status_code, done.location) == (303, f"/cases/{case}/restrict")
    page = browser.get(f"/cases/{case}")
    assert page.status_code == 200
    assert "You can do nothing in it but that." in text_of(page)
    assert f"/cases/{case}/propose" not in links_of(page)
    for act in ("suspend", "takeover", "package"):
        assert browser.get(f"/cases/{case}/{act}").status_code == 403, act
    with pytest.raises(Forbidden):
        confirm_takeover(cast.head, sent(), case)
    assert "You have declared it already" in text_of(browser.get(f"/cases/{case}/recuse"))
    with pytest.raises(OutOfTurn, match="already"):
        recuse_oneself(cast.head, sent(), case, waiting=True)

    with pytest.raises(OutOfTurn, match="only open it to more people"):
        restrict_case(cast.head, sent(), case, 0, named[:-1])
    with cast.database.writing() as connection:
        add_officer(connection, second, "ban-to-chuc", Role.BOARD_HEAD)
    restrict_case(cast.head, sent(), case, 0, [*named, second])
    other = cast.desk("ban-to-chuc", Role.BOARD_HEAD, 2)
    with pytest.raises(OutOfTurn):  # they could still open it
        confirm_takeover(other, sent(), case)
    assert browser.send(f"/cases/{case}/recuse").status_code == 303
    assert browser.get(f"/cases/{case}").status_code == 404
    confirm_takeover(other, sent(), case)
    found = rows(
        cast.database,
        select(cases.c.recused, cases.c.conflicts_waiting).where(cases.c.handle == case),
    )
    assert found == [(f'["{HEAD}"]', "[]")]


def test_where_others_could_act_leaving_it_waiting_is_the_declaration_itself(case, cast):
    recuse_oneself(cast.drafter(BODY), sent(), case, waiting=True)
    declared = verbs(cast.database, case)[-1]
    with cast.database.writing() as connection:
        for role in (Role.BODY_OFFICER, Role.BODY_SIGNER):
            add_officer(connection, officer_of("thue", role, 2), "thue", role)
    recuse_oneself(cast.drafter("thue"), sent(), case, waiting=True)
    assert (declared, verbs(cast.database, case)[-1]) == (
        ConflictDeclaredWaiting.verb,
        "officer.recused",
    )


def test_whose_declaration_waits_is_counted_on_for_no_step(case, cast):
    """What they left is not held against whoever declares it after them."""
    recuse_oneself(cast.signer(BODY), sent(), case, waiting=True)
    substitute = replace(cast.signer(BODY).principal, officer=officer_of(BODY, Role.BODY_OFFICER))
    desk = replace(cast.drafter(BODY), principal=replace(substitute, role=Role.BODY_OFFICER))
    recuse_oneself(desk, sent(), case, waiting=True)
    assert len(rows(cast.database, select(recusals))) == 2
