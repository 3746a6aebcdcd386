"""`vetting officers`: who is entered from the command line, and with which passwords."""

import pytest
from sqlalchemy import select

from tests.commands.test_lists_and_rounds import run  # noqa: F401  # a fixture
from tests.house.conftest import made  # noqa: F401  # a fixture
from vetting.records.database import Database
from vetting.records.factors import Authenticator, add_authenticator, factor_resets
from vetting.records.officers import officers, role_assignments
from vetting.records.standing import Purpose

GOOD, ANOTHER = "con trâu đứng ngắm mưa", "bốn mươi hộp bút chì"
SAID = {
    "en": "This password is easy to guess. Take several words that have nothing to do with each "
    "other: no names, dates or places, and no common password.",
    "vi": "Mật khẩu này dễ đoán. Hãy lấy vài từ không liên quan gì đến nhau, không phải tên người, "
    "ngày tháng, địa danh hay mật khẩu thường gặp.",
}


@pytest.fixture
def add(run, engine_url):  # noqa: F811
    """Enter an administrator on an installation that is ready."""
    assert run("init", url=engine_url).exit_code == 0

    def add(password, login="admin"):
        return run(
            *("officers", "add", login, "--name", "Thiều Thị Quyên", "--role", "administrator"),
            *("--organisation", "ban-to-chuc-tinh-uy", "--password", password),
        )

    return add


def test_the_first_administrator_is_entered_and_given_another_password(run, add):  # noqa: F811
    assert add(GOOD).output == "admin can sign in.\n"
    given = run("officers", "password", "admin", "--password", ANOTHER)

    assert (given.exit_code, given.output) == (0, "admin can sign in.\n")


@pytest.mark.parametrize("language", SAID)
def test_no_guessable_password_is_taken(run, add, monkeypatch, language):  # noqa: F811
    add(GOOD)
    monkeypatch.setenv("VETTING_LANGUAGE", language)
    refused = [
        add("Mật khẩu 2026!", "quyen"),
        add("thieu thi quyen 79", "quyen"),
        run("officers", "password", "admin", "--password", "admin-admin-2026"),
    ]

    assert [(one.exit_code, SAID[language] in one.output) for one in refused] == [(2, True)] * 3
    assert "quyen" not in run("officers", "list").output


@pytest.fixture
def directory_set(monkeypatch):
    """Let the settings name an LDAP directory, which is never asked."""
    monkeypatch.setenv("VETTING_LDAP_URL", "ldaps://thu-muc.example")
    monkeypatch.setenv("VETTING_LDAP_BASE", "dc=tinh,dc=vn")


@pytest.mark.usefixtures("directory_set")
def test_an_officer_is_tied_to_a_directorys_mark_once_until_the_tie_is_cut(run, add):  # noqa: F811
    add(GOOD)
    tie = ("officers", "tie", "admin", "--directory", "ldap", "--subject", "a mark")
    first, again = run(*tie), run(*tie[:-1], "another mark")
    cut, cut_again = run("officers", "untie", "admin"), run("officers", "untie", "admin")
    anew = run(*tie[:-1], "another mark")

    assert [one.exit_code for one in (first, again, cut, cut_again, anew)] == [0, 2, 0, 2, 0]
    assert first.output == anew.output == "admin is tied to the directory.\n"
    assert cut.output == "admin is tied to no directory any more.\n"
    assert "is tied already" in again.output
    assert "tied to no directory" in cut_again.output


@pytest.mark.usefixtures("directory_set")
def test_a_mark_belongs_to_one_officer(run, add):  # noqa: F811
    add(GOOD)
    add(ANOTHER, "quyen")
    tie = ("officers", "tie", "--directory", "ldap", "--subject", "a mark")

    assert [run(*tie, "admin").exit_code, run(*tie, "quyen").exit_code] == [0, 2]


@pytest.mark.usefixtures("directory_set")
@pytest.mark.parametrize(
    "wrong",
    [
        ("admin", "--directory", "oidc", "--subject", "a mark"),  # which is not set
        ("nobody", "--directory", "ldap", "--subject", "a mark"),
        ("admin", "--directory", "ldap", "--subject", ""),
        ("admin", "--directory", "ldap", "--subject", "x" * 256),
        ("admin", "--directory", "ldap", "--subject", "a\nb"),
    ],
)
def test_a_tie_that_means_nothing_is_refused(run, add, wrong):  # noqa: F811
    add(GOOD)

    assert run("officers", "tie", *wrong).exit_code == 2


def test_a_factor_is_taken_off_from_who_has_one(run, add, engine_url):  # noqa: F811
    add(GOOD)
    none = run("officers", "reset-factor", "admin")
    database = Database(engine_url, purpose=Purpose.COMMAND)
    with database.writing() as connection:
        officer = connection.scalar(select(officers.c.handle))
        add_authenticator(connection, officer, Authenticator("h", "", "sealed", 0, "x"))
    done = run("officers", "reset-factor", "admin")
    with database.reading() as connection:
        kept = connection.execute(select(factor_resets.c.officer, factor_resets.c.done_by)).all()
    database.close()

    assert (none.exit_code, "The officer has no second factor." in none.output) == (2, True)
    assert (done.exit_code, done.output) == (
        0,
        "admin comes in by the password alone and is told so.\n",
    )
    assert [tuple(one) for one in kept] == [(officer, None)]
    assert "no such officer" in run("officers", "reset-factor", "nobody").output


def test_nobody_is_cleared_for_less_where_a_restricted_case_needs_them(run, made, tmp_path):  # noqa: F811
    """The head of the Board alone is cleared for a case that is to be closed."""
    url = made.copy_to(tmp_path / "province.sqlite")
    head = ("truongban", "--role", "board_head", "--organisation", "ban-to-chuc-tinh-uy")
    refused = run("officers", "clear", *head, "--level", 1, url=url)
    enough = run("officers", "clear", *head, "--level", 2)
    database = Database(url, purpose=Purpose.COMMAND)
    a = role_assignments.c
    with database.reading() as connection:
        level = connection.scalar(select(a.clearance).where(a.role == "board_head"))
    database.close()

    assert refused.exit_code == 2
    assert "1 open steps would then have nobody who could take them." in refused.output
    assert "ban-to-chuc-tinh-uy: close the case, 1 from " in refused.output
    assert "could, if entrusted: –" in refused.output
    assert (enough.exit_code, enough.output) == (0, "truongban is cleared for level 2.\n")
    assert level == 2


def test_the_last_administrator_stays_and_what_is_done_is_said(run, add):  # noqa: F811
    add(GOOD)
    role = ("--role", "administrator", "--organisation", "ban-to-chuc-tinh-uy")
    ends = ("--last-day", "2026-01-31")
    alone = run("officers", "disable", "admin"), run("officers", "end-role", "admin", *role, *ends)
    add(ANOTHER, "quyen")
    ended = run("officers", "end-role", "quyen", *role, *ends)
    still_alone = run("officers", "disable", "admin")
    add(ANOTHER, "lan")
    done = run("officers", "disable", "admin")

    for refused in (*alone, still_alone):
        assert refused.exit_code == 2
        assert "This is the last administrator who can sign in." in refused.output
    assert (ended.exit_code, ended.output) == (0, "The role of quyen ends with 31/01/2026.\n")
    assert done.exit_code == 0
    assert done.output == "admin cannot sign in any more; every session has ended.\n"


def test_what_an_administrator_gives_by_command_waits_for_a_second_one(run, add):  # noqa: F811
    for login in ("admin", "quyen", "lan"):
        assert add(GOOD, login).output == f"{login} can sign in.\n"
    new = (
        *("officers", "add", "moi", "--name", "Trần Văn Mới", "--role", "case_officer"),
        *("--organisation", "so-y-te", "--password", ANOTHER, "--by", "admin"),
    )
    cleared = (
        *("officers", "clear", "lan", "--role", "administrator"),
        *("--organisation", "ban-to-chuc-tinh-uy", "--level", 2, "--by", "admin"),
    )
    assert run(*new).output == "The role of moi waits for a second administrator.\n"
    assert run(*cleared).output == "The clearance of lan waits for a second administrator.\n"
    assert "moi" not in run("officers", "list").output
    waits = run("officers", "waiting").output.splitlines()
    role, level = [line.partition(" · ")[0] for line in waits]
    assert [line.split(" · ")[1:] for line in waits] == [
        [
            "Trần Văn Mới",
            "Case officer of a requesting unit",
            "so-y-te",
            "new role from – until –, cleared for level 0",
            "Thiều Thị Quyên",
        ],
        [
            "Thiều Thị Quyên",
            "Administrator",
            "ban-to-chuc-tinh-uy",
            "higher clearance: 2",
            "Thiều Thị Quyên",
        ],
    ]

    by_first = run("officers", "confirm", role, "--by", "admin")
    unseen = run("officers", "confirm", role.partition(":")[0], "--by", "quyen")
    of_their_own = run("officers", "confirm", role, level, "--by", "lan")
    nobody = run("officers", "confirm", role)
    done = run("officers", "confirm", role, "--by", "quyen")
    refused = run("officers", "refuse", level, "--sentence", "Chưa cần.", "--by", "quyen")
    late = run("officers", "take-back", level, "--by", "admin")
    assert [one.exit_code for one in (by_first, unseen, of_their_own, nobody, late)] == [2] * 5
    assert "You gave it yourself" in by_first.output
    assert "is not what you were shown" in unseen.output
    assert "It is about yourself" in of_their_own.output
    assert done.output == "Confirmed and in force: 1.\n"
    assert refused.output == "Refused: 1.\n"
    assert "has answered this already" in late.output
    assert "moi · Trần Văn Mới" in run("officers", "list").output
    assert run("officers", "waiting").output == ""
