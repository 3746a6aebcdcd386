"""Pages of absences: one's own, and for the administrator everybody's."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.builders import add_officer, officer_of, opinion, sent
from tests.web.browsing import text_of, the_form
from vetting.engine.vocabulary import Role
from vetting.records.absences import absences, substitutions
from vetting.records.reads import reads
from vetting.usecases.draft_opinion import draft_and_pass_on
from vetting.usecases.receive_consultation import receive_consultations

BODY = "thanh-tra"
SIGNER = officer_of(BODY, Role.BODY_SIGNER)
DRAFTER = officer_of(BODY, Role.BODY_OFFICER)
DAYS = {"first_day": "10/01/2026", "last_day": "14/01/2026"}


@pytest.fixture
def colleague(database):
    with database.writing() as connection:
        add_officer(connection, "bình", BODY, Role.BODY_OFFICER)
    return {"substitute": f"{BODY} body_signer bình", "form": "kt"}


def kept(database, table=absences):
    with database.reading() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def test_an_officer_records_an_absence_and_ends_it(browser_of, database, colleague):
    browser = browser_of(Role.BODY_SIGNER)
    assert "You have written down no absence." in browser.get("/absences").text
    answer = browser.send("/absences/new", **DAYS, **colleague)
    assert answer.status_code == 303
    page = browser.get(answer.location).text
    assert "Away from 10/01/2026 to 14/01/2026" in page
    assert "bình" in page
    assert "K/T" in page
    assert "all case types" in page
    assert browser.send(answer.location, to=f"{answer.location}/end").status_code == 303
    assert "ended early" in browser.get("/absences").text
    [row] = kept(database)
    assert (row["recorded_by"], row["ended_by"]) == (SIGNER, SIGNER)


def test_what_would_strand_an_opinion_is_refused_with_the_step_and_with_who_could_take_it(
    browser_of, database, cast, colleague
):
    cast.consulting()
    browser = browser_of(Role.BODY_SIGNER)
    answer = browser.send("/absences/new", **DAYS)
    assert answer.status_code == 409
    assert "1 open steps would then have nobody who could take them." in answer.text
    assert "Steps that nobody could take any more" in answer.text
    assert "sign the opinion" in answer.text
    assert "10/01/2026" in answer.text
    assert "bình: 1 of 1" in text_of(answer)
    assert "Nguyễn Thị Ân" not in answer.text  # the case stands there by its reference alone
    assert kept(database) == []
    assert browser.send("/absences/new", **DAYS, **colleague).status_code == 303


@pytest.fixture
def one_of_two_drafted_by(database, cast):
    """Two opinions that wait for the signature; one was drafted by the only other at the body."""
    with database.writing() as connection:
        add_officer(connection, "lan", BODY, Role.BODY_OFFICER)
    cases = [cast.consulting(name=name) for name in ("Phan Một", "Phan Hai")]
    for case, drafter in zip(cases, (DRAFTER, "lan"), strict=True):
        consultation = cast.asked(case)[BODY]
        desk = replace(
            cast.drafter(BODY), principal=replace(cast.drafter(BODY).principal, officer=drafter)
        )
        receive_consultations(desk, sent(), [consultation])
        draft_and_pass_on(desk, sent(), consultation, opinion())
    return cases


@pytest.mark.usefixtures("one_of_two_drafted_by")
def test_beside_each_name_stands_how_many_of_the_steps_they_could_take(browser_of, database):
    browser = browser_of(Role.BODY_SIGNER)
    alone = browser.send("/absences/new", **DAYS)
    by_one = browser.send("/absences/new", **DAYS, substitute=f"{BODY} body_signer lan", form="kt")

    assert "lan: 1 of 2" in text_of(alone)
    assert f"{DRAFTER}: 1 of 2" in text_of(alone)
    assert by_one.status_code == 409
    assert (
        "Of 2 open steps whoever acts meanwhile could take 1; 1 would remain with nobody."
        in text_of(by_one)
    )
    assert kept(database) == []


def test_whoever_is_away_is_told_the_cases_and_the_administrator_where_to_give_the_role(
    browser_of, database, one_of_two_drafted_by
):
    own = browser_of(Role.BODY_SIGNER).send("/absences/new", **DAYS)
    by_another = browser_of(Role.ADMINISTRATOR).send(f"/officers/{SIGNER}/absences/new", **DAYS)
    r = reads.c
    with database.reading() as connection:
        written = connection.scalars(
            select(r.case_handle).where(r.officer == SIGNER, r.action == "see_case")
        ).all()

    for case in one_of_two_drafted_by:
        assert f'href="/cases/{case}"' in own.text
        assert case not in by_another.text
    assert set(written) == set(one_of_two_drafted_by)
    assert 'href="/officers/lan/roles"' in by_another.text
    assert "/officers/lan" not in own.text


def test_a_substitute_without_a_form_of_signing_is_asked_for_it(browser_of, database, colleague):
    browser = browser_of(Role.BODY_SIGNER)
    answer = browser.send("/absences/new", **DAYS, substitute=colleague["substitute"])
    assert answer.status_code == 422
    assert "Signs in the form: Choose the form of signing." in text_of(answer)
    assert "Signs in the form (may stay empty)" not in text_of(browser.get("/absences/new"))
    assert kept(database) == []


def test_somebody_elses_absence_does_not_exist(browser_of, database, colleague):
    mine = browser_of(Role.BODY_SIGNER).send("/absences/new", **DAYS, **colleague).location
    other = browser_of(Role.BODY_OFFICER)
    assert other.get(mine).status_code == 404
    assert other.get("/absences/nothing-like-it").status_code == 404
    for act in ("/end", f"/substitutes/{kept(database, substitutions)[0]['handle']}/revoke"):
        hidden = the_form(other.get("/absences/new"), {"first_day"}).filled
        assert other.post(mine + act, data=hidden).status_code == 404
    assert [row["ended_at"] for row in kept(database)] == [None]


def test_the_administrator_records_and_ends_an_absence_of_an_officer(
    browser_of, database, colleague
):
    browser = browser_of(Role.ADMINISTRATOR)
    answer = browser.send(f"/officers/{SIGNER}/absences/new", **DAYS, **colleague)
    assert answer.status_code == 303
    assert "10/01/2026 – 14/01/2026" in browser.get(f"/officers/{SIGNER}").text
    [naming] = kept(database, substitutions)
    revoke = f"{answer.location}/substitutes/{naming['handle']}/revoke"
    assert browser.send(answer.location, to=revoke).status_code == 303
    assert "revoked" in browser.get(answer.location).text
    named = browser.send(f"{answer.location}/substitutes/new", **{**colleague, "form": "tl"})
    assert named.status_code == 303
    assert "T/L" in browser.get(answer.location).text
    admin = officer_of("ban-to-chuc", Role.ADMINISTRATOR)
    assert {row["recorded_by"] for row in kept(database)} == {admin}
    assert {row["named_by"] for row in kept(database, substitutions)} == {admin}


def test_an_officer_reaches_no_administrators_page(browser_of):
    browser = browser_of(Role.BODY_SIGNER)
    assert browser.get(f"/officers/{SIGNER}/absences/new").status_code == 403


def error_at(answer, field):
    found = re.search(rf'id="{field}-error">(.*?)</p>', answer.text, re.DOTALL)
    return found[1] if found else ""


def test_what_is_wrong_with_a_day_or_a_substitute_stands_at_its_field(
    browser_of, database, colleague
):
    browser = browser_of(Role.BODY_SIGNER)
    past = browser.send("/absences/new", first_day="01/01/2026", last_day="14/01/2026")
    with database.writing() as connection:
        add_officer(connection, "chi", BODY, Role.BODY_SIGNER)
    back = {"second_substitute": f"{BODY} body_signer {SIGNER}", "second_form": "kt"}
    assert browser.send("/absences/new", **DAYS, **colleague).status_code == 303
    administrator = browser_of(Role.ADMINISTRATOR)
    circle = administrator.send("/officers/b\u00ecnh/absences/new", **DAYS, **back)

    assert past.status_code == circle.status_code == 422
    assert "An absence cannot begin in the past." in error_at(past, "first_day")
    assert "circle of substitutes" in error_at(circle, "second_substitute")
    assert not error_at(circle, "substitute")
