"""Officers are entered, entrusted with roles, and let in no more; on both databases."""

from dataclasses import replace
from unicodedata import normalize

import pytest
from argon2.profiles import CHEAPEST
from sqlalchemy import select

from tests.builders import as_served, definitions
from tests.usecases.conftest import PASSWORD, SIGNS, comes_in, is_in, rows
from vetting.engine.refusals import OutOfTurn, Unacceptable, Unknown
from vetting.engine.vocabulary import Role
from vetting.queries.officer_list import officer_list
from vetting.records.officers import login_sessions, officers, role_assignments
from vetting.records.passwords import Passwords
from vetting.usecases.keep_officers import (
    Assignment,
    NewOfficer,
    assign_role,
    change_password,
    create_officers,
)
from vetting.usecases.leave import disable_officer, end_role
from vetting.usecases.sign_in import Door, NoCapacity, NotRecognised

CHEAPEST_BUT_ONE = replace(CHEAPEST, time_cost=2)


def test_an_officer_is_kept_as_entered_and_the_password_is_not(database, enter):
    handle = enter(" An.NV ", name="  Nguyễn   Văn Ân ", language="en")
    [row] = rows(database, officers, handle)

    assert row.pop("password_hash").startswith("$argon2id$")
    assert row == {
        "handle": handle,
        "login": "an.nv",
        "name": "Nguyễn Văn Ân",
        "sort_key": row["sort_key"],
        "language": "en",
        "disabled_at": None,
        "robot": 0,
        "mail_address": None,
        "password_given_at": None,
    }
    assert rows(database, role_assignments, handle) == [
        {
            "officer": handle,
            "organisation": "thanh-tra",
            "role": "body_signer",
            "valid_from": "",
            "valid_to": None,
            "clearance": 0,
        }
    ]


def listed(database, **asked):
    """Return every name of the list, page by page."""
    names, after = [], None
    with database.reading() as connection:
        while True:
            page = officer_list(connection, after=after, **asked)
            names += [one.name for one in page.rows]
            after = page.next
            if after is None:
                return names


def test_officers_are_listed_by_given_middle_and_surname_and_found_without_marks(
    database, enter, monkeypatch
):
    for login, name in (
        ("xq-b", "Trần Văn Bình"),
        ("xq-a2", "Nguyễn Văn Ân"),
        ("xq-a1", "Phạm Thị An"),
        ("xq-d", "Lê Đức Đạt"),
        ("xq-twin", "Nguyễn Văn Ân"),
        ("xq-c", "Bùi An Cường"),
    ):
        enter(login, name=name)
    monkeypatch.setattr("vetting.queries.officer_list.PAGE", 2)
    mine = ["Phạm Thị An", "Nguyễn Văn Ân", "Nguyễn Văn Ân", "Trần Văn Bình", "Bùi An Cường"]
    assert listed(database, words="xq") == [*mine, "Lê Đức Đạt"]
    assert listed(database, words="van an") == ["Nguyễn Văn Ân"] * 2
    assert listed(database, words=" DAT ") == ["Lê Đức Đạt"]
    assert listed(database, words="twin") == ["Nguyễn Văn Ân"]
    assert listed(database, words="nobody at all") == []
    assert listed(database, words="xq", organisation="so-y-te") == []
    assert len(listed(database, words="xq", organisation="thanh-tra")) == 6


def test_passwords_cost_what_rfc_9106_asks_of_little_memory():
    assert Passwords().hash("x").startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_who_was_entered_can_come_in(door, database, enter):
    enter()

    assert is_in(door, database, comes_in(door))


def test_the_same_password_is_kept_twice_in_two_ways(database, enter):
    first, second = enter("an"), enter("binh")

    assert (
        rows(database, officers, first)[0]["password_hash"]
        != rows(database, officers, second)[0]["password_hash"]
    )


def test_a_password_is_the_same_however_its_marks_are_written(door, database, enter):
    enter(password="mật khẩu ở đây")

    assert is_in(door, database, comes_in(door, password=normalize("NFD", "mật khẩu ở đây")))


def test_a_log_in_belongs_to_one_officer(enter):
    enter("an")
    with pytest.raises(OutOfTurn, match="Another officer has this log-in"):
        enter("AN")


def test_many_are_entered_in_one_go_or_none(database, keeper, passwords):
    many = [NewOfficer(f"officer-{n}", f"Officer {n}", PASSWORD, (SIGNS,)) for n in range(50)]
    handles = create_officers(keeper, passwords, many)
    with database.reading() as connection:
        c = officers.c
        logins = {row.handle: row.login for row in connection.execute(select(c.handle, c.login))}
    assert [logins[handle] for handle in handles] == [officer.login for officer in many]

    again = [NewOfficer("new", "New", PASSWORD, (SIGNS,)), many[0]]
    with pytest.raises(OutOfTurn):
        create_officers(keeper, passwords, again)
    with database.reading() as connection:
        assert connection.scalar(select(c.login).where(c.login == "new")) is None


WRONG = {
    "no log-in": {"login": " "},
    "a log-in of two words": {"login": "an binh"},
    "a log-in with a control": {"login": "an\x00"},
    "a log-in too long": {"login": "a" * 65},
    "no name": {"name": "  "},
    "a language that is not there": {"language": "de"},
    "a short password": {"password": "x" * 11},
    "a password too long": {"password": "x" * 257},
    "a common password": {"password": "Mật khẩu 2026!"},
    "a password made of the log-in": {"login": "thieu.quyen", "password": "thieu.quyen.2026"},
    "a password made of the name": {"name": "Thiều Thị Quyên", "password": "ThieuThiQuyen1979"},
    "a role in another kind of organisation": {
        "assignments": (Assignment(Role.BODY_SIGNER, "so-y-te"),)
    },
    "a role that ends before it begins": {
        "assignments": (Assignment(Role.BODY_SIGNER, "thanh-tra", "2026-02-01", "2026-01-31"),)
    },
}


@pytest.mark.parametrize("told", WRONG.values(), ids=WRONG.keys())
def test_what_makes_no_sense_is_refused_and_nothing_is_kept(database, enter, told):
    with database.reading() as connection:
        before = connection.execute(select(officers.c.handle)).all()
    with pytest.raises(Unacceptable):
        enter(**told)
    with database.reading() as connection:
        assert connection.execute(select(officers.c.handle)).all() == before


def test_an_organisation_has_to_be_there(enter):
    with pytest.raises(Unknown, match="There is no organisation “nowhere”"):
        enter(assignments=(Assignment(Role.BODY_SIGNER, "nowhere"),))


def test_every_role_has_a_kind_of_organisation(database, keeper, enter):
    places = {
        Role.CASE_OFFICER: "so-y-te",
        Role.BOARD_OFFICER: "ban-to-chuc",
        Role.BOARD_HEAD: "ban-to-chuc",
        Role.BODY_OFFICER: "thanh-tra",
        Role.BODY_SIGNER: "thanh-tra",
        Role.SECRETARY: "thuong-truc",
        Role.SUPERVISOR: "uy-ban-kiem-tra",
        Role.ADMINISTRATOR: "ban-to-chuc",
    }
    handle = enter(assignments=())
    for role in Role:
        assign_role(keeper, handle, Assignment(role, places[role]))

    assert {row["role"] for row in rows(database, role_assignments, handle)} == set(Role)


def test_the_same_role_is_given_once(keeper, enter):
    handle = enter()
    with pytest.raises(OutOfTurn, match="The officer has this role already"):
        assign_role(keeper, handle, SIGNS)


def test_nobody_who_is_not_there_gets_a_role(keeper):
    with pytest.raises(Unknown):
        assign_role(keeper, "nobody", SIGNS)


def test_a_role_counts_on_its_days_and_no_others(door, database, enter, clock):
    enter(assignments=(Assignment(Role.BODY_SIGNER, "thanh-tra", "2026-01-06", "2026-01-07"),))
    seen = []
    for _ in range(4):  # 5, 6, 7 and 8 January
        try:
            seen.append(is_in(door, database, comes_in(door)))
        except NoCapacity:
            seen.append(False)
        clock.go_on(days=1)

    assert seen == [False, True, True, False]


def test_a_role_that_ends_is_over_the_day_after(door, database, keeper, enter, clock):
    handle = enter()
    end_role(keeper, definitions(), handle, SIGNS, "2026-01-05")
    assert is_in(door, database, comes_in(door))
    clock.go_on(days=1)
    with pytest.raises(NoCapacity):
        comes_in(door)

    with pytest.raises(Unknown):
        end_role(
            keeper, definitions(), handle, Assignment(Role.BODY_OFFICER, "thanh-tra"), "2026-01-05"
        )


def test_a_disabled_officer_is_out_of_every_browser_and_stays_out(door, database, keeper, enter):
    handle = enter()
    entered = [comes_in(door), comes_in(door)]
    disable_officer(keeper, definitions(), handle)

    assert [is_in(door, database, one) for one in entered] == [False, False]
    assert {row["ended_at"] for row in rows(database, login_sessions, handle)} == {
        "2026-01-05T02:00:00.000000Z"
    }
    with pytest.raises(NotRecognised):
        comes_in(door)


def test_another_password_ends_every_session(door, database, keeper, passwords, enter):
    handle = enter()
    entered = comes_in(door)
    change_password(keeper, passwords, handle, "mot-mat-khau-khac")

    assert not is_in(door, database, entered)
    with pytest.raises(NotRecognised):
        comes_in(door)
    assert is_in(door, database, comes_in(door, password="mot-mat-khau-khac"))


@pytest.mark.parametrize(
    "guessable", ["matkhau123456", "nguyen van an 79", "an-an-an-an-an", "x" * 11]
)
def test_a_guessable_password_replaces_none(door, database, keeper, passwords, enter, guessable):
    handle = enter()
    entered = comes_in(door)
    with pytest.raises(Unacceptable):
        change_password(keeper, passwords, handle, guessable)

    assert is_in(door, database, entered)
    assert is_in(door, database, comes_in(door))


def test_nobody_who_is_not_there_gets_a_password(keeper, passwords):
    with pytest.raises(Unknown):
        change_password(keeper, passwords, "nobody", PASSWORD)


class Slow(Passwords):
    """Passwords that take so long to check that something happens in the meantime."""

    def __init__(self, meanwhile):
        super().__init__(CHEAPEST)
        self.meanwhile = [meanwhile]

    def fits(self, kept, password):
        fits = super().fits(kept, password)
        for happens in self.meanwhile:
            self.meanwhile = []
            happens()
        return fits


MEANWHILE = {
    "another password": lambda *told: change_password(*told, "mot-mat-khau-khac"),
    "let in no more": lambda keeper, _passwords, handle: disable_officer(
        keeper, definitions(), handle
    ),
}


@pytest.mark.parametrize("happens", MEANWHILE.values(), ids=MEANWHILE.keys())
def test_no_session_begins_with_a_password_that_ended_while_it_was_checked(
    database, ids, keeper, passwords, enter, happens
):
    handle = enter()
    slow = Slow(lambda: happens(keeper, passwords, handle))
    with pytest.raises(NotRecognised):
        comes_in(Door(as_served(database), slow, ids))

    assert rows(database, login_sessions, handle) == []


def test_a_password_that_was_only_kept_anew_while_it_was_checked_still_lets_in(
    door, database, ids, enter
):
    enter()
    dearer = Passwords(CHEAPEST_BUT_ONE)
    slow = Slow(lambda: comes_in(Door(as_served(database), dearer, ids)))

    assert is_in(door, database, comes_in(Door(as_served(database), slow, ids)))


def test_a_password_kept_at_an_old_cost_is_kept_anew(door, database, enter, ids):
    handle = enter()
    dearer = Passwords(CHEAPEST_BUT_ONE)
    door = Door(as_served(database), dearer, ids)
    comes_in(door)

    assert "t=2" in rows(database, officers, handle)[0]["password_hash"]
    assert is_in(door, database, comes_in(door))
