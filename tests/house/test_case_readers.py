"""Who can see a case, as its page says, is who really gets it; who has seen it, as they saw it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from tests.builders import without_rules
from tests.house.province import AUTHORITY, BODY, OTHER_BODY, UNIT
from tests.web.browsing import text_of
from vetting.engine.canonical import moment
from vetting.engine.policy import Relation
from vetting.engine.refusals import Unacceptable
from vetting.engine.vocabulary import Role
from vetting.queries import case_readers as query
from vetting.queries.case_readers import case_readers
from vetting.records.consultations import opinions
from vetting.records.history import entries, payloads
from vetting.records.identity import Ids
from vetting.records.officers import officers, role_assignments
from vetting.records.reads import reads
from vetting.records.sessions import INSERT, token_hash

PLACES = ("draft", "filed", "asked", "taken_back", "submitted", "closed", "another's")


@pytest.fixture
def everybody(site):
    """Every officer in every capacity with a session: officer, role, organisation, token."""
    site.restore()
    a = role_assignments.c
    found = []
    with site.database.writing() as connection:
        for number, row in enumerate(
            connection.execute(
                select(a.officer, a.role, a.organisation).order_by(a.officer, a.role)
            ).all()
        ):
            token = f"token-of-reader-number-{number:04}"
            at = moment(site.now)
            INSERT.run(
                connection,
                {
                    **dict.fromkeys(c.name for c in INSERT.table.c),
                    "token_hash": token_hash(token),
                    "mark": f"reader{number}",
                    "officer": row.officer,
                    "organisation": row.organisation,
                    "role": row.role,
                    "method": "password",
                    "began_at": at,
                    "seen_at": at,
                },
            )
            found.append((row.officer, row.role, row.organisation, token))
    return found


def page_of(site, visitor, handle, **asked):
    ids = Ids(lambda: site.now)
    with site.database.reading() as connection:
        return case_readers(
            connection,
            site.principal(visitor),
            site.app.extensions["vetting"].definitions,
            handle,
            ids,
            **asked,
        )


def who_gets(site, everybody, handle):
    """Ask for the case's page as everybody, over HTTP."""
    browser = site.app.test_client()
    got = set()
    for officer, role, organisation, token in everybody:
        browser.set_cookie("officer", token)
        answer = browser.get(f"/cases/{handle}")
        assert answer.status_code in {200, 303, 403, 404}, answer.status_code
        if answer.status_code == 200:
            got.add((officer, role, organisation))
    return got


def said_of(site, page):
    """Who can see it, as the page says: officer, role and the organisation's code."""
    with site.database.reading() as connection:
        codes = dict(connection.exec_driver_sql("SELECT name_vi, code FROM organisations").all())
    return {(one.officer, one.role.value, codes[one.organisation.vi]) for one in page.can_see}


@pytest.mark.parametrize("place", PLACES)
def test_who_can_see_it_is_who_gets_it(site, everybody, place):
    handle = site.province.cases[place]
    visitor = {"draft": "unit"}.get(place, "supervisor")
    got = who_gets(site, everybody, handle)
    if place == "draft":  # a unit is told of its own officers only, and nobody else sees a draft
        assert {organisation for _, _, organisation in got} == {UNIT}

    assert said_of(site, page_of(site, visitor, handle)) == got


def test_a_role_that_is_over_is_over_on_the_page_too(site, everybody):
    handle = site.province.cases["asked"]
    officer = next(one[0] for one in everybody if one[2] == BODY)
    yesterday = (site.now - timedelta(days=1)).date().isoformat()
    before = said_of(site, page_of(site, "supervisor", handle))
    with site.database.writing() as connection:
        connection.execute(
            update(role_assignments)
            .where(role_assignments.c.officer == officer)
            .values(valid_to=yesterday)
        )
    try:
        after = said_of(site, page_of(site, "supervisor", handle))

        assert before - after == {one for one in before if one[0] == officer} != set()
        assert after == who_gets(site, everybody, handle)
    finally:
        site.restore()


def test_a_page_that_restates_the_policy_wrongly_is_seen(site, everybody, monkeypatch):
    """The planted defect: the page forgets that a body that was released sees no more."""
    handle = site.province.cases["taken_back"]
    right = query.matter_of

    def wrong(case):
        matter = right(case)
        return type(matter)(
            matter.unit,
            matter.filed,
            {one.body for one in case.consultations},
            matter.authority,
            matter.before_authority,
        )

    monkeypatch.setattr(query, "matter_of", wrong)

    assert said_of(site, page_of(site, "supervisor", handle)) != who_gets(site, everybody, handle)


def test_whom_a_recusal_keeps_away_is_named_to_those_who_see_every_opinion(
    site, everybody, monkeypatch
):
    """Only the matter is changed: who then sees the case, and who does not, is the policy's."""
    handle = site.province.cases["closed"]
    gone = site.principal("board")
    right = query.matter_of
    monkeypatch.setattr(
        query, "matter_of", lambda case: replace(right(case), recused={gone.officer})
    )
    before = who_gets(site, everybody, handle)

    page = page_of(site, "supervisor", handle)

    assert before - said_of(site, page) == {(gone.officer, gone.role.value, gone.organisation)}
    assert [(one.name, one.role, str(one.why)) for one in page.kept_away] == [
        (gone.name, gone.role, "declared a conflict of interest")
    ]
    assert page_of(site, "unit", handle).kept_away == ()


@pytest.mark.parametrize(
    ("visitor", "organisations"),
    [("unit", {UNIT}), ("body", {BODY}), ("other body", {OTHER_BODY})],
)
def test_a_unit_and_a_body_are_told_of_their_own_officers(site, visitor, organisations):
    page = page_of(site, visitor, site.province.cases["closed"])

    assert {one[2] for one in said_of(site, page)} == organisations
    assert not page.whole


# --------------------------------------------------------------- as of an earlier day


def test_on_an_earlier_day_the_case_is_as_it_stood_at_its_end(site):
    """The province played in one morning: at its end all had happened, the day before nothing."""
    handle = site.province.cases["submitted"]
    day = (site.now + timedelta(hours=7)).date()
    site.now += timedelta(days=3)
    try:
        then = page_of(site, "supervisor", handle, on=day.isoformat())
        now = page_of(site, "supervisor", handle)
        before = page_of(site, "supervisor", handle, on=(day - timedelta(days=1)).isoformat())

        assert said_of(site, then) == said_of(site, now) != set()
        assert AUTHORITY in {one[2] for one in said_of(site, then)}
        assert (before.can_see, before.looks.rows) == ((), ())
        assert str(before.untold) == (
            "The case did not exist yet on that day; nobody could see it."
        )
        with pytest.raises(Unacceptable, match="That day has not come yet"):
            page_of(site, "supervisor", handle, on=(day + timedelta(days=9)).isoformat())
    finally:
        site.now -= timedelta(days=3)


def test_between_two_entries_only_what_had_happened_counts(site, monkeypatch):
    """At the moment of each entry the page names whom the case concerned just then."""
    handle = site.province.cases["submitted"]
    with site.database.reading() as connection:
        rows = connection.execute(
            select(entries.c.verb, entries.c.at)
            .where(entries.c.case_handle == handle)
            .order_by(entries.c.number)
        ).all()
    seen_as = []
    for row in rows:
        monkeypatch.setattr(Ids, "end_of", lambda _self, _day, at=row.at: at)
        page = page_of(site, "supervisor", handle, on="2026-08-31")
        seen_as.append((row.verb, {one.seen_as for one in page.can_see}))
    met = dict(seen_as)

    everybody = {
        Relation.UNIT,
        Relation.BOARD,
        Relation.OVERSEER,
        Relation.ASKED,
    }
    assert met["case.filed"] == {Relation.UNIT, Relation.BOARD, Relation.OVERSEER}
    assert met["case.accepted"] == met["case.filed"]
    assert met["opinion.signed"] == everybody
    assert met["case.submitted"] == everybody | {Relation.AUTHORITY}


def test_roles_count_as_they_were_on_that_day(site):
    handle = site.province.cases["asked"]
    day = (site.now + timedelta(hours=7)).date()
    gone = site.principal("body").officer
    site.now += timedelta(days=3)
    try:
        with site.database.writing() as connection:
            connection.execute(
                update(role_assignments)
                .where(role_assignments.c.officer == gone)
                .values(valid_to=day.isoformat())
            )
            disabled = site.principal("signer").officer
            connection.execute(
                update(officers)
                .where(officers.c.handle == disabled)
                .values(disabled_at=moment(site.now - timedelta(days=1)))
            )
        then = {
            one.officer for one in page_of(site, "supervisor", handle, on=day.isoformat()).can_see
        }
        now = {one.officer for one in page_of(site, "supervisor", handle).can_see}

        assert {gone, disabled} <= then
        assert not {gone, disabled} & now
    finally:
        site.now -= timedelta(days=3)
        site.restore()


def test_after_lawful_erasure_the_page_says_that_it_cannot_be_told(site):
    handle = site.province.cases["asked"]
    day = (site.now + timedelta(hours=7)).date().isoformat()
    site.now += timedelta(days=3)
    try:
        with site.database.writing() as connection:
            without_rules(connection, payloads)
            connection.exec_driver_sql(
                f"DELETE FROM payloads WHERE case_handle = '{handle}'"  # noqa: S608
            )
        page = page_of(site, "supervisor", handle, on=day)

        assert page.can_see == ()
        assert "lawfully erased" in str(page.untold)
    finally:
        site.now -= timedelta(days=3)
        site.restore()


# --------------------------------------------------------------- who has seen it


def test_who_has_seen_it_is_told_with_capacity_fields_and_purpose(site):
    handle = site.province.cases["concluded"]
    site.browser("authority").get(f"/cases/{handle}")

    [look, *_] = page_of(site, "board", handle).looks.rows

    assert look.name == site.principal("authority").name
    assert look.role is Role.SECRETARY
    assert look.at == moment(site.now)
    assert text_of(site.browser("board").get(f"/cases/{handle}/readers")).count("mở trang")


def test_what_a_body_looks_at_before_it_signs_is_its_own_affair(site):
    handle = site.province.cases["ready"]  # here OTHER_BODY has signed, BODY has not
    for visitor in ("body", "signer", "other body"):
        site.browser(visitor).get(f"/cases/{handle}")
    with site.database.reading() as connection:
        signed = set(
            connection.scalars(select(opinions.c.body).where(opinions.c.case_handle == handle))
        )
    assert OTHER_BODY in signed
    assert BODY not in signed

    for visitor in ("board", "supervisor"):
        names = {one.name for one in page_of(site, visitor, handle).looks.rows}
        assert site.principal("other body").name in names
        assert not {site.principal(one).name for one in ("body", "signer")} & names
    own = page_of(site, "body", handle).looks.rows
    assert {one.name for one in own} == {site.principal(one).name for one in ("body", "signer")}


def test_what_was_looked_at_before_a_signature_stays_the_bodys_own_after_it(site):
    """Every body read its drafts before it signed this case; nobody else is told, ever."""
    site.restore()
    handle = site.province.cases["closed"]
    with site.database.reading() as connection:
        before = connection.execute(
            select(reads.c.organisation).where(
                reads.c.case_handle == handle, reads.c.role == Role.BODY_SIGNER.value
            )
        ).all()
    assert len(before) == 8

    assert page_of(site, "board", handle).looks.rows == ()
    assert page_of(site, "supervisor", handle).looks.rows == ()
    assert len(page_of(site, "body", handle).looks.rows) == 1


def test_the_looks_go_on_page_by_page_without_one_missing(site, monkeypatch):
    monkeypatch.setattr(query, "PAGE", 3)
    handle = site.province.cases["closed"]
    for _ in range(7):
        site.browser("board").get(f"/cases/{handle}")
    with site.database.reading() as connection:
        many = len(
            connection.execute(
                select(reads.c.number).where(
                    reads.c.case_handle == handle, reads.c.role == Role.BOARD_OFFICER.value
                )
            ).all()
        )
    found, after = [], None
    while True:
        page = page_of(site, "head", handle, after=after).looks
        found += page.rows
        if page.next is None:
            break
        after = page.next

    assert sum(one.role is Role.BOARD_OFFICER for one in found) == many >= 7
    assert [one.at for one in found] == sorted((one.at for one in found), reverse=True)


def test_a_day_to_come_is_refused_beside_its_field_on_the_page(site):
    address = f"/cases/{site.province.cases['closed']}/readers?on=31/12/2999"
    answer = site.browser("board").get(address)
    assert answer.status_code == 422
    assert 'value="31/12/2999"' in answer.text
    assert text_of(answer).count("Ngày này chưa đến.") == 2  # above the form, and at the field
    # And what follows is not taken for that day's.
    assert "Dưới đây là tình hình hiện nay." in text_of(answer)
    assert "Dưới đây là tình hình" not in text_of(site.browser("board").get(address[:-14]))


@pytest.mark.parametrize("asked", ["on=31/02/2026", "on=2999-01-01", "after=x", "after=a~b"])
def test_a_day_or_a_mark_that_is_none_is_refused_with_a_sentence(site, asked):
    answer = site.browser("board").get(f"/cases/{site.province.cases['closed']}/readers?{asked}")

    assert answer.status_code == 422


def test_the_administrator_and_whom_the_case_does_not_concern_get_no_page(site):
    address = f"/cases/{site.province.cases['closed']}/readers"

    assert site.browser("administrator").get(address).status_code == 403
    assert site.browser("other unit").get(address).status_code == 404


@pytest.mark.parametrize(
    ("day", "end"),
    [
        ("2026-11-01", "2026-11-01T16:59:59.999999Z"),
        ("2026-12-31", "2026-12-31T16:59:59.999999Z"),
    ],
)
def test_a_legal_day_ends_where_the_officers_are(day, end):
    ids = Ids()

    assert ids.end_of(day) == end
    assert ids.legal_day(end) == day
    later = moment(datetime.fromisoformat(end) + timedelta(microseconds=1))
    assert ids.legal_day(later) > day
