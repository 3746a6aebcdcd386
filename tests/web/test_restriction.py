"""A case that is kept to a level, or to some by name, exists for nobody else."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from tests.builders import ROLE_OF_KIND, add_officer, officer_of, sent
from tests.web.browsing import links_of, text_of, the_form
from tests.web.conftest import WORKS_AT, confirm_all
from vetting.engine.refusals import OutOfTurn, Unacceptable
from vetting.engine.staffing import Duty
from vetting.engine.vocabulary import Kind, Role
from vetting.queries.untold import untold
from vetting.records.cases import cases
from vetting.records.history import entries
from vetting.records.officers import role_assignments
from vetting.records.organisations import organisation_kinds
from vetting.records.stranding import Stranding
from vetting.records.withheld import named_readers, restrictions
from vetting.usecases.interrupt_case import take_back_consultation
from vetting.usecases.issue_consultations import issue_consultations
from vetting.usecases.propose import propose
from vetting.usecases.receive_consultation import assign_consultations
from vetting.usecases.recuse import recuse_oneself
from vetting.usecases.restrict_case import restrict_case

BODY = "thanh-tra"
NAME, OTHER = "Đặng Kín", "Phan Hiện"
BROWSED = [role for role in Role if role is not Role.ADMINISTRATOR]


def clear(database, level, *officers):
    """Clear some for a level, or everybody."""
    a = role_assignments.c
    statement = update(role_assignments).values(clearance=level)
    if officers:
        statement = statement.where(a.officer.in_(officers))
    with database.writing() as connection:
        connection.execute(statement)


def everybody(database):
    with database.reading() as connection:
        return connection.scalars(select(role_assignments.c.officer).distinct()).all()


def cleared(desk, level=3):
    """The same desk with the clearance that its session would carry."""
    return replace(desk, principal=replace(desk.principal, clearance=level))


def restricts(browser, case, **answers):
    """Send the form of the restriction, and once more where it shows who will not see the case."""
    return confirmed(browser, browser.send(f"/cases/{case}/restrict", **answers))


def confirmed(browser, answer):
    if answer.status_code != 200 or "Will no longer see it" not in text_of(answer):
        return answer
    return browser.send_form(answer, shown=the_form(answer, {"shown"}).filled["shown"])


@pytest.fixture
def case(cast):
    return cast.consulting(name=NAME)


@pytest.fixture
def other(cast):
    return cast.consulting(name=OTHER)


# --------------------------------------------------------------- by level


def test_below_the_level_the_case_does_not_exist(case, other, database, browser_of):
    readers = [role for role in BROWSED if role is not Role.SECRETARY]
    browsers = {role: browser_of(role) for role in readers}
    clear(database, 2)
    head = browsers[Role.BOARD_HEAD]
    assert restricts(head, case, level="2").status_code == 303
    assert {role: one.get(f"/cases/{case}").status_code for role, one in browsers.items()} == (
        dict.fromkeys(readers, 200)
    )

    clear(database, 1)  # the next request of every open session knows of it

    for role, browser in browsers.items():
        assert browser.get(f"/cases/{case}").status_code == 404, role
        assert browser.get(f"/cases/{other}").status_code == 200, role
        found = links_of(browser.get("/search?q=Phan"))
        assert f"/cases/{other}" in found, role
        assert f"/cases/{case}" not in links_of(browser.get("/search?q=Dang Kin")), role
    inbox = text_of(browsers[Role.BODY_OFFICER].get("/inbox?tab=body"))
    assert "The whole body’s 1" in inbox
    assert NAME not in inbox


def test_a_clearance_in_one_capacity_is_none_in_another(case, database, cast):
    """What an officer may know of as a supervisor they do not learn as an officer of a body."""
    clear(database, 1)
    restrict_case(cleared(cast.head, 1), sent(), case, 1)
    drafter = cast.drafter(BODY)
    [asked] = [cast.asked(case)[BODY]]
    assign_consultations(cleared(drafter, 1), sent(), [asked], drafter.principal.officer)
    with pytest.raises(Exception, match="There is no such consultation"):
        assign_consultations(cleared(drafter, 0), sent(), [asked], drafter.principal.officer)


def test_nobody_restricts_above_their_own_level(case, cast, browser_of):
    with pytest.raises(Unacceptable, match="not cleared for this level yourself"):
        restrict_case(cleared(cast.head, 1), sent(), case, 2)
    page = browser_of(Role.BOARD_HEAD).get(f"/cases/{case}/restrict")
    assert "Open to everybody whose work it is" in text_of(page)
    assert "Level 1" not in text_of(page)


def test_the_levels_of_those_offered_are_told_in_the_readers_language(case, database, browser_of):
    signer = officer_of(BODY, Role.BODY_SIGNER)
    clear(database, 2, signer)
    head = browser_of(Role.BOARD_HEAD)
    assert "(level 2)" in text_of(head.get(f"/cases/{case}/restrict"))
    head.send("/help", to="/language", language="vi")
    page = text_of(head.get(f"/cases/{case}/restrict"))
    assert "(mức 2)" in page
    assert "(level 2)" not in page


@pytest.mark.parametrize("level", [-1, 4])
def test_there_are_no_other_levels(case, cast, level):
    with pytest.raises(Unacceptable, match="Choose one of the levels"):
        restrict_case(cleared(cast.head, 9), sent(), case, level)


def test_a_refused_restriction_tells_nothing_of_a_bodys_inner_work(case, cast, browser_of):
    """The page is the same whether or not the body has a draft, and names nobody there."""
    head = browser_of(Role.BOARD_HEAD)
    told = []
    for drafted in (False, True):
        if drafted:
            cast.ready(case, cast.asked(case)[BODY], BODY)
        page = head.get(f"/cases/{case}/restrict")
        answer = confirmed(
            head,
            head.send_form(page, level="0", named=officer_of("ban-to-chuc", Role.BOARD_HEAD)),
        )
        assert answer.status_code == 409
        said = text_of(answer)
        table = re.search('aria-labelledby="stranded-title">.*?</section>', answer.text, re.DOTALL)
        told.append((re.search(r"\d+ open steps", said)[0], table[0]))
    assert told[0] == told[1]
    assert "answer the question" in told[0][1]
    assert "the opinion" not in told[0][1]
    assert f"{BODY}/" not in told[0][1]


def test_a_level_that_nobody_of_a_body_has_is_refused(case, database, cast):
    """The body could not answer any more: its question would be left to nobody."""
    clear(database, 1)
    clear(database, 0, officer_of(BODY, Role.BODY_SIGNER))
    with pytest.raises(Stranding) as refused:
        restrict_case(cleared(cast.head, 1), sent(), case, 1)
    assert {step.organisation for step in refused.value.steps} == {BODY}
    with database.reading() as connection:
        assert connection.execute(select(restrictions)).all() == []


# --------------------------------------------------------------- by name


def test_only_those_named_know_of_it(case, database, browser_of):
    browser = browser_of(Role.BOARD_HEAD)
    supervisor, board = browser_of(Role.SUPERVISOR), browser_of(Role.BOARD_OFFICER)
    names = [one for one in everybody(database) if "/s" not in one.replace("so-", "")]
    names = [one for one in names if one != officer_of("ban-to-chuc", Role.BOARD_OFFICER)]
    page = browser.get(f"/cases/{case}/restrict")
    offered = the_form(page, {"named"})
    assert officer_of(BODY, Role.BODY_SIGNER) in page.text
    assert officer_of("so-noi-vu", Role.CASE_OFFICER) not in page.text  # of another unit
    assert offered.filled.get("named", []) == []

    named = [one for one in names if one in page.text]
    answer = restricts(browser, case, level="0", named=named)
    assert answer.status_code == 303

    assert browser.get(f"/cases/{case}").status_code == 200
    assert browser_of(Role.BODY_SIGNER).get(f"/cases/{case}").status_code == 200
    assert board.get(f"/cases/{case}").status_code == 404
    assert supervisor.get(f"/cases/{case}").status_code == 404
    history = text_of(browser.get(f"/cases/{case}/history"))
    assert "kept the case to those named." in history
    with database.reading() as connection:
        kept = set(connection.scalars(select(named_readers.c.officer)))
    assert kept == {*named, officer_of("ban-to-chuc", Role.BOARD_HEAD)}  # named by themselves


def test_a_list_that_leaves_a_body_to_nobody_is_refused_and_says_which_body(case, browser_of):
    head = browser_of(Role.BOARD_HEAD)
    answer = restricts(
        head,
        case,
        level="0",
        named=[officer_of("ban-to-chuc", Role.BOARD_OFFICER)],
    )
    assert answer.status_code == 409
    text = text_of(answer)
    assert "Steps that nobody could take any more" in text
    assert f"Office {BODY} answer the question 1" in text
    assert head.get(f"/cases/{case}").status_code == 200


def test_who_will_no_longer_see_it_is_shown_before_it_is_written_down(case, database, browser_of):
    head = browser_of(Role.BOARD_HEAD)
    supervisors = [o for o in everybody(database) if o.startswith("uy-ban-kiem-tra/")]
    with database.writing() as connection:
        add_officer(connection, "kia", "so-y-te", Role.CASE_OFFICER)
    unit = officer_of("so-y-te", Role.CASE_OFFICER)
    named = [one for one in everybody(database) if one not in {*supervisors, "kia"}]
    page = head.get(f"/cases/{case}/restrict")
    offered = [one for one in named if f'value="{one}"' in page.text]
    assert unit in offered
    shown = head.send_form(page, level="0", named=offered)
    assert shown.status_code == 200
    told = text_of(shown)
    assert "Will no longer see it" in told
    assert (
        "Will no longer see it Office so-y-te, Case officer of a requesting unit: 1 person "
        "Office uy-ban-kiem-tra, Supervisor: 1 person Nothing is written down yet."
    ) in told
    with database.reading() as connection:
        assert connection.execute(select(named_readers)).all() == []

    other = head.send_form(shown, level="0", named=[one for one in offered if one != unit])
    assert "2 people" in text_of(other)  # another list than was shown is shown anew
    with database.reading() as connection:
        assert connection.execute(select(named_readers)).all() == []
    assert confirmed(head, shown).status_code == 303
    with database.reading() as connection:
        assert connection.execute(select(named_readers)).all()
    opened = head.send(f"/cases/{case}/restrict", level="0", named=[])
    assert opened.status_code == 303  # nobody loses sight of it: nothing to confirm


def test_a_refused_level_says_what_can_be_done(case, database, browser_of):
    head = browser_of(Role.BOARD_HEAD)
    clear(database, 1)
    clear(database, 0, officer_of(BODY, Role.BODY_SIGNER))
    answer = restricts(head, case, level="1")
    assert answer.status_code == 409
    assert "Choose a lower level, or ask the administrator to raise the clearance" in text_of(
        answer
    )


def test_a_restriction_is_changed_and_lifted(case, database, cast):
    head = cleared(cast.head, 2)
    clear(database, 2)
    names = everybody(database)
    restrict_case(head, sent(), case, 1, names)
    restrict_case(head, sent(), case, 2, names)
    with database.reading() as connection:
        assert connection.execute(select(restrictions)).all() == [(case, 2, 1)]
    with pytest.raises(OutOfTurn, match="restricted in just this way already"):
        restrict_case(head, sent(), case, 2, names)
    restrict_case(head, sent(), case, 0)
    with database.reading() as connection:
        assert connection.execute(select(restrictions)).all() == []
        assert connection.execute(select(named_readers)).all() == []
        verbs = connection.scalars(select(entries.c.verb).where(entries.c.case_handle == case))
        assert list(verbs).count("case.restricted") == 3


# --------------------------------------------------------------- supervisors are told


@pytest.mark.behind_the_wall
def test_a_case_is_hidden_from_no_supervisor_without_their_being_told(
    case, database, cast, browser_of
):
    overseer = officer_of("uy-ban-kiem-tra", Role.SUPERVISOR)
    names = [one for one in everybody(database) if one != overseer]
    restrict_case(cast.head, sent(), case, 0, names)
    supervisor = browser_of(Role.SUPERVISOR)
    assert supervisor.get(f"/cases/{case}").status_code == 404
    with database.reading() as connection:
        reference = connection.scalar(select(cases.c.reference).where(cases.c.handle == case))

    listed = supervisor.get("/notices")
    [notice] = [one for one in links_of(listed) if one.endswith("/case_restricted")]
    told = supervisor.get(notice)
    assert "It was changed who may know of a case" in text_of(told)
    assert "The case is kept from you, so nothing about it stands here." in text_of(told)
    for page in (listed, told):
        for word in (NAME, str(reference), case, "Office so-y-te"):
            assert word not in page.text
    assert supervisor.send_form(told, to=f"{notice}/acknowledge").status_code == 303
    for role in (Role.BOARD_OFFICER, Role.CASE_OFFICER, Role.SECRETARY):
        assert "case_restricted" not in browser_of(role).get("/notices").text

    restrict_case(cast.head, sent(), case, 0)
    again = [one for one in links_of(supervisor.get("/notices")) if "case_restricted" in one]
    assert len(again) == 2
    assert NAME in text_of(supervisor.get("/notices"))
    with database.reading() as connection:
        assert untold(connection, cast.head.definitions).gaps == ()


def test_a_supervisor_who_is_recused_is_not_told(case, database, cast, browser_of):
    recuse_oneself(cast.desk("uy-ban-kiem-tra", Role.SUPERVISOR), sent(), case)
    restrict_case(cast.head, sent(), case, 0, everybody(database)[:-1])
    assert "case_restricted" not in browser_of(Role.SUPERVISOR).get("/notices").text


# --------------------------------------------------------------- letters


@pytest.mark.behind_the_wall
@pytest.mark.parametrize("role", [Role.BODY_OFFICER, Role.BOARD_OFFICER])
def test_a_restriction_leaves_a_letter_as_taking_back_a_question_does(
    cast, database, browser_of, role
):
    handles = [cast.accepted(name=name) for name in ("Đặng Một", "Phan Hai", "Võ Ba", "Bùi Bốn")]
    issue_consultations(cast.board, sent(), handles[:2])
    issue_consultations(cast.board, sent(), handles[2:])
    browser = browser_of(role)
    hidden, taken = handles[0], handles[2]
    letters = [
        one
        for one in links_of(browser.get("/letters"))
        if one.startswith("/letters/") and f"Office {BODY}" in text_of(browser.get(one))
    ]
    assert len(letters) == 2
    take_back_consultation(cast.board, sent(), taken, cast.asked(taken)[BODY], "Không cần nữa.")
    with database.writing() as connection:
        add_officer(connection, "thay", WORKS_AT[role], role)
    clear(database, 1)
    clear(database, 0, officer_of(WORKS_AT[role], role))
    restrict_case(cleared(cast.head, 1), sent(), hidden, 1)
    pages = []
    for letter in letters:
        page = text_of(browser.get(letter))
        assert "Answered 0 of 1" in page
        assert ("Bùi Bốn" in page) != ("Phan Hai" in page)
        pages.append(page.replace("Bùi Bốn", "…").replace("Phan Hai", "…"))
    numbers = re.compile(r"\d+/\d{4}|\d\d[:/]\d\d[:/ \d]*|AM|PM")
    assert numbers.sub("#", pages[0]) == numbers.sub("#", pages[1])
    assert text_of(browser.get("/letters")).count(f"Office {BODY} 1 0 1") == 2


def test_nobody_is_named_who_is_nobody(case, cast):
    with pytest.raises(Unacceptable, match="Name officers who can sign in"):
        restrict_case(cast.head, sent(), case, 0, ["never-was"])


def test_only_the_head_of_the_board_restricts(case, browser_of):
    board = browser_of(Role.BOARD_OFFICER)
    assert board.get(f"/cases/{case}/restrict").status_code == 403
    assert f"/cases/{case}/restrict" not in links_of(board.get(f"/cases/{case}"))
    head = browser_of(Role.BOARD_HEAD)
    assert f"/cases/{case}/restrict" in links_of(head.get(f"/cases/{case}"))


def test_who_is_named_and_recused_is_recused(case, database, cast, browser_of):
    with database.writing() as connection:
        for code, kind in connection.execute(select(organisation_kinds)).all():
            for role in ROLE_OF_KIND[Kind(kind)]:
                add_officer(connection, officer_of(code, role, 2), code, role)
    restrict_case(cast.head, sent(), case, 0, everybody(database))
    recuse_oneself(cast.drafter(BODY), sent(), case)
    assert browser_of(Role.BODY_OFFICER).get(f"/cases/{case}").status_code == 404
    assert (
        officer_of(BODY, Role.BODY_OFFICER)
        not in browser_of(Role.BOARD_HEAD).get(f"/cases/{case}/restrict").text
    )


def test_a_question_is_given_only_to_whoever_may_know_of_the_case(case, database, cast, browser_of):
    with database.writing() as connection:
        add_officer(connection, officer_of(BODY, Role.BODY_OFFICER, 2), BODY, Role.BODY_OFFICER)
    second = officer_of(BODY, Role.BODY_OFFICER, 2)
    clear(database, 1)
    clear(database, 0, second)
    restrict_case(cleared(cast.head, 1), sent(), case, 1)
    asked = cast.asked(case)[BODY]
    signer = cleared(cast.signer(BODY), 1)
    page = browser_of(Role.BODY_SIGNER).get(f"/consultations/{asked}")
    assert f'value="{second}"' not in page.text
    assert f'value="{cast.drafter(BODY).principal.officer}"' in page.text
    with pytest.raises(OutOfTurn, match="may not know of the case"):
        assign_consultations(signer, sent(), [asked], second)


# --------------------------------------------------------------- told on the page of the case


def test_the_page_of_the_case_says_to_whom_it_is_kept_by_whom_and_since_when(
    case, database, cast, browser_of
):
    readers = [one for one in BROWSED if one is not Role.SECRETARY]
    browsers = {role: browser_of(role) for role in readers}
    assert not any("Kept to those" in text_of(b.get(f"/cases/{case}")) for b in browsers.values())
    clear(database, 2)
    names = everybody(database)
    restrict_case(cleared(cast.head, 2), sent(), case, 2, names)
    for role, browser in browsers.items():
        page = browser.get(f"/cases/{case}")
        told = "Kept to those named, with at least level 2" in text_of(page)
        # To unit and bodies their own page says nothing of it, as the history does.
        knows = role in {Role.BOARD_OFFICER, Role.BOARD_HEAD, Role.SUPERVISOR}
        assert told is knows, role
        if knows:
            text = text_of(page)
            assert f"By {officer_of('ban-to-chuc', Role.BOARD_HEAD)}, since" in text
            assert officer_of(BODY, Role.BODY_SIGNER) in text
            assert f"/cases/{case}/readers" in links_of(page)
        assert ("Change to whom it is kept" in text_of(page)) is (role is Role.BOARD_HEAD)
    restrict_case(cleared(cast.head, 2), sent(), case, 1)
    page = text_of(browsers[Role.SUPERVISOR].get(f"/cases/{case}"))
    assert "Kept to those with at least level 1" in page
    restrict_case(cleared(cast.head, 2), sent(), case, 0)
    assert "Kept to those" not in text_of(browsers[Role.SUPERVISOR].get(f"/cases/{case}"))


# --------------------------------------------------------------- nobody is left alone with it


def test_one_of_those_named_declares_a_conflict_and_is_named_as_a_reader_no_more(
    case, database, cast, browser_of
):
    with database.writing() as connection:
        for code, kind in connection.execute(select(organisation_kinds)).all():
            for role in ROLE_OF_KIND[Kind(kind)]:
                add_officer(connection, officer_of(code, role, 2), code, role)
    restrict_case(cast.head, sent(), case, 0, everybody(database))
    browser = browser_of(Role.BOARD_OFFICER)
    page = browser.get(f"/cases/{case}/recuse")
    assert page.status_code == 200
    assert browser.send(f"/cases/{case}/recuse").status_code == 303
    assert browser.get(f"/cases/{case}").status_code == 404
    gone = officer_of("ban-to-chuc", Role.BOARD_OFFICER)
    told = text_of(browser_of(Role.BOARD_HEAD).get(f"/cases/{case}"))
    assert officer_of("ban-to-chuc", Role.BOARD_OFFICER, 2) in told
    assert gone not in told.partition("What I can do now")[0]
    kept_away = text_of(browser_of(Role.SUPERVISOR).get(f"/cases/{case}/readers"))
    assert f"{gone}, Officer of the Organisation Board" in kept_away


def test_the_last_of_those_named_who_could_act_is_asked_who_would_and_not_just_refused(
    database, cast, browser_of
):
    """A colleague is there, and is not named: the head has to name them first."""
    second = officer_of("ban-to-chuc", Role.BOARD_HEAD, 2)
    with database.writing() as connection:
        add_officer(connection, second, "ban-to-chuc", Role.BOARD_HEAD)
        add_officer(
            connection,
            officer_of("ban-to-chuc", Role.BOARD_OFFICER, 2),
            "ban-to-chuc",
            Role.BOARD_OFFICER,
        )
    assembled = cast.assembling(name=OTHER)
    propose(cast.board, sent(), [assembled], "meets", "Không có ý kiến khác.")
    named = [one for one in everybody(database) if one != second]
    restrict_case(cast.head, sent(), assembled, 0, named)
    browser = browser_of(Role.BOARD_HEAD)
    answer = browser.send(f"/cases/{assembled}/recuse")
    assert answer.status_code == 409
    assert "Steps that nobody could take any more" in text_of(answer)
    assert "submit the proposal" in text_of(answer)
    assert browser.get(f"/cases/{assembled}").status_code == 200
    restrict_case(cast.head, sent(), assembled, 0, [*named, second])
    assert browser.send(f"/cases/{assembled}/recuse").status_code == 303


def test_a_recusal_that_leaves_a_step_to_nobody_is_refused_with_who_could(
    case, database, browser_of
):
    browser = browser_of(Role.BODY_SIGNER)
    answer = browser.send(f"/cases/{case}/recuse")
    assert answer.status_code == 409
    text = text_of(answer)
    assert "Whoever keeps the roles must entrust somebody first." in text
    assert f"Office {BODY} sign the opinion 1" in text
    assert browser.get(f"/cases/{case}").status_code == 200
    with database.reading() as connection:
        verbs = connection.scalars(select(entries.c.verb).where(entries.c.case_handle == case))
        assert "officer.recused" not in list(verbs)


def test_the_last_head_who_could_lift_a_restriction_names_another_head_first(
    case, database, cast, browser_of
):
    """No step of the head's is open yet; without them the case could never be opened again."""
    second = officer_of("ban-to-chuc", Role.BOARD_HEAD, 2)
    with database.writing() as connection:
        add_officer(connection, second, "ban-to-chuc", Role.BOARD_HEAD)
    named = [one for one in everybody(database) if one != second]
    restrict_case(cast.head, sent(), case, 0, named)
    browser = browser_of(Role.BOARD_HEAD)
    answer = browser.send(f"/cases/{case}/recuse")
    assert answer.status_code == 409
    told = text_of(answer)
    assert "change to whom the case is kept 1" in told
    assert second in told
    assert "Leave the case to another head of the Board first" in told
    assert f"/cases/{case}/restrict" in links_of(answer)
    assert browser.get(f"/cases/{case}").status_code == 200
    recuse_oneself(cast.board, sent(), cast.consulting(name="Không Giới Hạn"))  # not restricted
    restrict_case(cast.head, sent(), case, 0, [*named, second])
    assert browser.send(f"/cases/{case}/recuse").status_code == 303
    with pytest.raises(Stranding):
        recuse_oneself(cast.desk("ban-to-chuc", Role.BOARD_HEAD, 2), sent(), case)


def test_a_head_who_is_not_cleared_is_nobody_who_could_lift_a_restriction(case, database, cast):
    second = officer_of("ban-to-chuc", Role.BOARD_HEAD, 2)
    with database.writing() as connection:
        add_officer(connection, second, "ban-to-chuc", Role.BOARD_HEAD)
    clear(database, 1)
    clear(database, 0, second)
    head = cleared(cast.head, 1)
    restrict_case(head, sent(), case, 1)
    with pytest.raises(Stranding) as refused:
        recuse_oneself(head, sent(), case)
    assert [(step.duty, step.could) for step in refused.value.steps] == [(Duty.LIFT, (second,))]
    clear(database, 1, second)
    recuse_oneself(head, sent(), case)


def test_a_substitute_keeps_a_case_to_nobody_without_a_head(case, database, cast):
    """The substitute's turn ends, and with it whoever could open the case again."""
    names = [
        one for one in everybody(database) if one != officer_of("ban-to-chuc", Role.BOARD_HEAD)
    ]
    deputy = cast.board.principal.officer
    desk = replace(cast.head, principal=replace(cast.head.principal, officer=deputy))
    with pytest.raises(Stranding) as refused:
        restrict_case(desk, sent(), case, 0, names)
    assert [step.duty for step in refused.value.steps] == [Duty.LIFT]


def test_who_is_recused_already_is_nobody_who_could_act(case, database, cast):
    """Two signers: once one is recused, the other cannot be."""
    with database.writing() as connection:
        for role in (Role.BODY_SIGNER, Role.BODY_OFFICER):
            add_officer(connection, officer_of(BODY, role, 2), BODY, role)
    recuse_oneself(cast.signer(BODY), sent(), case)
    second = cast.desk(BODY, Role.BODY_SIGNER, 2)
    with pytest.raises(Stranding):
        recuse_oneself(second, sent(), case)
    with database.reading() as connection:
        level = connection.scalar(select(cases.c.level).where(cases.c.handle == case))
    assert level == 0


# --------------------------------------------------------------- who keeps clearances


def test_the_administrator_gives_a_role_with_a_clearance(browser_of, second, database):
    administrator = browser_of(Role.ADMINISTRATOR)
    officer = officer_of(BODY, Role.BODY_OFFICER)
    answer = administrator.send(
        f"/officers/{officer}/roles",
        organisation=BODY,
        role=Role.BODY_SIGNER.value,
        clearance="2",
    )
    assert answer.status_code == 303, text_of(answer)
    confirm_all(second)
    assert "Level 2" in text_of(administrator.get(f"/officers/{officer}"))
    a = role_assignments.c
    with database.reading() as connection:
        found = connection.execute(
            select(a.role, a.clearance).where(a.officer == officer).order_by(a.role)
        ).all()
    assert found == [("body_officer", 0), ("body_signer", 2)]


def test_a_form_in_which_nobody_was_left_out_says_so_beside_the_level(case, browser_of):
    answer = restricts(browser_of(Role.BOARD_HEAD), case)
    said = "The case is open to everybody whose work it is. Choose a level"
    assert answer.status_code == 409
    assert text_of(answer).count(said) == 2  # above the form, and at its field
    assert "restricted in just this way" not in text_of(answer)
