"""A second factor: taken once, of its own officer alone, in two steps; on both databases."""

from base64 import b32encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from pyotp import TOTP
from sqlalchemy import insert, select, update

from tests.builders import as_owner, as_served, definitions
from tests.usecases.conftest import PASSWORD, comes_in, is_in, rows
from vetting.engine.refusals import Forbidden, OutOfTurn, ProveAgain, Unacceptable, Unknown
from vetting.engine.vocabulary import Role
from vetting.records import factors
from vetting.records.factors import FactorKey, authenticators, factor_resets, recovery_codes
from vetting.records.half_sign_ins import half_sign_ins
from vetting.records.officers import failed_logins, login_sessions, officers
from vetting.usecases.change_own_password import WrongPassword
from vetting.usecases.keep_factors import (
    add_authenticator,
    offer_secret,
    remove_factor,
    renew_recovery_codes,
)
from vetting.usecases.keep_officers import Assignment, Keeper, change_password, reset_factors
from vetting.usecases.leave import disable_officer
from vetting.usecases.prove_again import Proof, prove_again
from vetting.usecases.prove_factor import NotProven
from vetting.usecases.sign_in import (
    CODES_A_DAY,
    Attempt,
    BeginAgain,
    NotRecognised,
    SecondStepWanted,
    TooManyCodes,
    TooSoon,
    finish_sign_in,
    recall,
    sign_in,
)

KEEPS = Assignment(Role.ADMINISTRATOR, "ban-to-chuc")


class Device:
    """An authenticator in somebody's hand."""

    def __init__(self, secret, clock):
        self.shows, self.clock = TOTP(b32encode(secret).decode()), clock

    def code(self, off=0):
        """What it shows, its clock being so many steps off."""
        return self.shows.at(int(self.clock.now.timestamp()), counter_offset=off)

    def wrong(self):
        shown = {self.code(off) for off in range(-2, 3)}
        return next(f"{n:06}" for n in range(9) if f"{n:06}" not in shown)


@pytest.fixture
def session_of(door, database):
    def session_of(entered):
        with database.reading() as connection:
            return recall(door, connection, entered.token)

    return session_of


@pytest.fixture
def enrol(door, database, clock, session_of):
    """Let whoever came in enter an authenticator: the device, and what they go on with."""

    def enrol(entered, name="telephone"):
        session = session_of(entered)
        secret, sealed = offer_secret(door, session)
        device = Device(secret, clock)
        with database.reading() as connection:
            changed = add_authenticator(door, connection, session, sealed, name, device.code())
        clock.go_on(seconds=30)  # what was shown a moment ago is used up
        return device, replace(entered, token=changed.token), changed.codes

    return enrol


@pytest.fixture
def device(enter, door, enrol):
    """The authenticator of an officer who has one, and is out again."""
    enter()
    return enrol(comes_in(door))[0]


def half_way(door, login="an", source="10.0.0.1", known_browser=None):
    with pytest.raises(SecondStepWanted) as half:
        sign_in(door, Attempt(login, PASSWORD, source, known_browser))
    return half.value.token


def comes_in_by(door, code, login="an"):
    token = half_way(door, login)
    door.ids.clock.go_on(seconds=2)  # it takes a moment to look at a telephone
    return finish_sign_in(door, token, code)


# ------------------------------------------------------------------ two steps


def test_the_password_alone_opens_nothing_once_there_is_a_second_factor(door, database, device):
    token = half_way(door)
    with database.reading() as connection:
        assert recall(door, connection, token) is None

    entered = finish_sign_in(door, token, device.code())
    assert is_in(door, database, entered)
    assert (entered.login, entered.codes_left) == ("an", None)


def test_a_session_keeps_how_and_when_it_was_proved(door, database, enter, enrol):
    handle = enter()
    entered = comes_in(door)
    [first] = rows(database, login_sessions, handle)
    device, _, _ = enrol(entered)
    comes_in_by(door, device.code())

    kept = [
        (row["method"], row["proved_at"], row["proved_with"])
        for row in rows(database, login_sessions, handle)
    ]
    assert (first["method"], first["proved_at"], first["proved_with"]) == (
        "password",
        "2026-01-05T02:00:00.000000Z",
        "password",
    )
    assert sorted(kept) == [
        ("password+totp", "2026-01-05T02:00:00.000000Z", "totp"),
        ("password+totp", "2026-01-05T02:00:32.000000Z", "totp"),
    ]


def test_a_code_works_once(door, device):
    code = device.code()
    comes_in_by(door, code)
    with pytest.raises(NotProven):
        comes_in_by(door, code)


def test_the_code_that_entered_an_authenticator_signs_nobody_in(door, database, clock, enter):
    enter()
    session = None
    entered = comes_in(door)
    with database.reading() as connection:
        session = recall(door, connection, entered.token)
        secret, sealed = offer_secret(door, session)
        code = Device(secret, clock).code()
        add_authenticator(door, connection, session, sealed, "", code)

    with pytest.raises(NotProven):
        comes_in_by(door, code)


def test_an_older_code_than_the_last_is_refused(door, device, clock):
    older = device.code()
    clock.go_on(seconds=30)
    comes_in_by(door, device.code())
    with pytest.raises(NotProven):
        comes_in_by(door, older)


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_a_clock_may_be_half_a_minute_off(door, database, device, clock, off):
    clock.go_on(minutes=5)
    assert is_in(door, database, comes_in_by(door, device.code(off)))


@pytest.mark.parametrize("off", [-3, -2, 2, 3])
def test_a_clock_may_not_be_a_minute_off(door, device, clock, off):
    clock.go_on(minutes=5)
    with pytest.raises(NotProven):
        comes_in_by(door, device.code(off))


def test_the_code_of_a_neighbour_is_refused(door, device, enter, enrol):
    enter("binh", name="Bình")
    neighbours, _, codes = enrol(comes_in(door, "binh"))
    for code in (neighbours.code(), codes[0]):
        with pytest.raises(NotProven):
            comes_in_by(door, code)

    comes_in_by(door, neighbours.code(), "binh")
    assert device.code() != neighbours.code()


def test_a_secret_that_was_moved_to_another_officers_row_opens_nothing(
    door, database, device, enter
):
    other = enter("binh", name="Bình")
    with as_owner(database).writing() as connection:
        connection.execute(update(authenticators).values(officer=other))
    with pytest.raises(NotProven):
        comes_in_by(door, device.code(), "binh")


def test_no_secret_and_no_recovery_code_is_kept_as_it_is(door, database, enter, enrol):
    handle = enter()
    device, _, codes = enrol(comes_in(door))
    kept = str(rows(database, authenticators, handle)) + str(rows(database, recovery_codes, handle))
    secret = device.shows.byte_secret()

    assert device.shows.secret not in kept
    assert secret.hex() not in kept
    assert [code for code in codes if code in kept or code.replace("-", "") in kept] == []
    assert door.key.unseal(handle, rows(database, authenticators, handle)[0]["secret"]) == secret


def test_what_another_installation_sealed_cannot_be_read(door, device):
    elsewhere = replace(door, key=FactorKey(b"another secret"))
    with pytest.raises(NotProven):
        comes_in_by(elsewhere, device.code())
    comes_in_by(door, device.code())


WRONG_CODES = [
    "",
    " ",
    "12345",
    "1234567",
    "١٢٣٤٥٦",
    "²²²²²²",
    "a" * 100_000,
    "\0" * 6,
    "\ud800",
    "-1e+05",
    "' OR 1=1 --",
    "AAAA-BBBB-CCCC-DDDD",
]


@pytest.mark.parametrize("code", WRONG_CODES, ids=range(len(WRONG_CODES)))
def test_whatever_is_no_code_is_refused_alike(door, device, code):
    with pytest.raises(NotProven, match="This code is not right, or it was used before"):
        comes_in_by(door, code)
    comes_in_by(door, device.code())


def test_a_code_is_taken_however_it_is_typed(door, device):
    code = device.code()
    comes_in_by(door, f" {code[:3]} {code[3:]} ")


# ------------------------------------------------------------------ recovery codes


def test_each_recovery_code_lets_in_once_and_says_how_many_are_left(door, enter, enrol):
    enter()
    _, _, codes = enrol(comes_in(door))
    assert (len(codes), len(set(codes))) == (10, 10)

    assert comes_in_by(door, codes[3]).codes_left == 9
    with pytest.raises(NotProven):
        comes_in_by(door, codes[3])
    assert comes_in_by(door, codes[7].lower().replace("-", " ")).codes_left == 8


def test_new_recovery_codes_end_the_old_ones(door, database, enter, enrol, session_of):
    enter()
    device, entered, old = enrol(comes_in(door))
    with database.reading() as connection:
        changed = renew_recovery_codes(door, connection, session_of(entered))

    with pytest.raises(NotProven):
        comes_in_by(door, old[0])
    assert comes_in_by(door, changed.codes[0]).codes_left == 9
    assert not set(old) & set(changed.codes)
    comes_in_by(door, device.code())


def test_a_second_authenticator_stands_beside_the_first(door, database, enter, enrol):
    handle = enter()
    first, entered, codes = enrol(comes_in(door))
    second, entered, no_codes = enrol(entered, "tablet")
    assert (len(codes), no_codes) == (10, ())

    comes_in_by(door, first.code())
    comes_in_by(door, second.code())
    assert [row["name"] for row in rows(database, authenticators, handle)] == [
        "telephone",
        "tablet",
    ]


# ------------------------------------------------------------------ guessing


def test_wrong_codes_count_as_wrong_passwords_do(door, device, clock):
    token = half_way(door)
    for _ in range(2):
        with pytest.raises(NotProven):
            finish_sign_in(door, token, device.wrong())
    with pytest.raises(TooSoon):
        finish_sign_in(door, token, device.code())
    clock.go_on(seconds=1)
    finish_sign_in(door, token, device.code())


def test_what_failed_is_forgotten_only_when_the_whole_sign_in_is_right(door, database, device):
    with database.reading() as connection:
        counted = select(failed_logins.c.login)
        assert connection.execute(counted).all() == []
        with pytest.raises(NotRecognised):
            comes_in(door, password="wrong")
        token = half_way(door)
        assert len(connection.execute(counted).all()) == 2
        finish_sign_in(door, token, device.code())
        assert connection.execute(counted).all() == []


def test_after_five_tries_the_password_is_asked_for_again(door, device, clock):
    token = half_way(door)
    for _ in range(5):
        clock.go_on(seconds=20)
        with pytest.raises(NotProven):
            finish_sign_in(door, token, device.wrong())
    clock.go_on(seconds=60)
    with pytest.raises(BeginAgain):
        finish_sign_in(door, token, device.code())
    token = half_way(door)
    clock.go_on(seconds=60)
    finish_sign_in(door, token, device.code())


def test_half_way_in_ends_after_ten_minutes(door, device, clock):
    token = half_way(door)
    clock.go_on(minutes=10)
    with pytest.raises(BeginAgain):
        finish_sign_in(door, token, device.code())


def test_half_way_in_is_good_for_one_session(door, device, clock):
    token = half_way(door)
    finish_sign_in(door, token, device.code())
    clock.go_on(seconds=30)
    with pytest.raises(BeginAgain):
        finish_sign_in(door, token, device.code())


def test_codes_guessed_from_everywhere_come_to_an_end_and_shut_nobody_out(door, device, clock):
    def patiently(act, *told, **more):
        try:
            return act(door, *told, **more)
        except TooSoon:
            clock.go_on(seconds=31)
            return act(door, *told, **more)

    for n in range(CODES_A_DAY):
        token = patiently(half_way, source=f"10.1.{n}.1")
        with pytest.raises(NotProven):
            patiently(finish_sign_in, token, device.wrong())

    with pytest.raises(TooManyCodes):
        patiently(finish_sign_in, patiently(half_way, source="10.2.0.1"), device.code())
    known = half_way(door, source="10.2.0.2", known_browser="a browser of mine")
    finish_sign_in(door, known, device.code())


ENDS = {
    "let in no more": lambda keeper, _passwords, handle: disable_officer(
        keeper, definitions(), handle
    ),
    "given another password": lambda keeper, passwords, handle: change_password(
        keeper, passwords, handle, "mot-mat-khau-khac"
    ),
}


@pytest.mark.parametrize("ends", ENDS.values(), ids=ENDS.keys())
def test_who_is_shut_out_half_way_gets_no_further(door, keeper, passwords, device, database, ends):
    token = half_way(door)
    with database.reading() as connection:
        handle = connection.scalar(select(officers.c.handle).where(officers.c.login == "an"))
    ends(keeper, passwords, handle)
    with pytest.raises(BeginAgain):
        finish_sign_in(door, token, device.code())
    assert rows(database, half_sign_ins, handle) == []


def test_of_two_at_once_with_the_same_code_one_comes_in(door, device):
    tokens = [half_way(door, source=source) for source in ("10.0.0.1", "10.0.0.2")]
    code, together = device.code(), Barrier(2)

    def try_it(token):
        together.wait()
        try:
            return finish_sign_in(door, token, code).login
        except NotProven:
            return "refused"

    with ThreadPoolExecutor(2) as two:
        assert sorted(two.map(try_it, tokens)) == ["an", "refused"]


# ------------------------------------------------------------------ keeping one's own


def test_every_change_ends_the_other_sessions_and_renews_this_one(
    door, database, enter, enrol, session_of
):
    handle = enter()
    entered, other = comes_in(door), comes_in(door)
    device, mine, _ = enrol(entered)
    assert [is_in(door, database, one) for one in (entered, other, mine)] == [False, False, True]

    other = comes_in_by(door, device.code())
    [factor] = rows(database, authenticators, handle)
    with database.reading() as connection:
        changed = remove_factor(door, connection, session_of(mine), factor["handle"])
    assert [is_in(door, database, one) for one in (mine, other)] == [False, False]
    assert is_in(door, database, replace(mine, token=changed.token))
    assert rows(database, authenticators, handle) == rows(database, recovery_codes, handle) == []
    assert is_in(door, database, comes_in(door))  # by the password alone again


def test_nobody_removes_the_factor_of_somebody_else(
    door, database, enter, enrol, session_of, device
):
    handle = enter("binh", name="Bình")
    _, mine, _ = enrol(comes_in(door, "binh"))
    with database.reading() as connection:
        theirs = connection.scalar(
            select(authenticators.c.handle).where(authenticators.c.officer != handle)
        )
        with pytest.raises(Unknown):
            remove_factor(door, connection, session_of(mine), theirs)
    comes_in_by(door, device.code())


def test_an_authenticator_is_entered_once_with_its_own_code_and_for_oneself(
    door, database, clock, enter, session_of
):
    enter()
    enter("binh", name="Bình")
    mine, another = session_of(comes_in(door)), session_of(comes_in(door, "binh"))
    secret, sealed = offer_secret(door, mine)
    device = Device(secret, clock)
    with database.reading() as connection:
        for session, form, code, family in (
            (mine, sealed, device.wrong(), NotProven),
            (another, sealed, device.code(), Unacceptable),
            (mine, "made up", device.code(), Unacceptable),
            (mine, sealed[:-4] + "AAA=", device.code(), Unacceptable),
        ):
            with pytest.raises(family):
                add_authenticator(door, connection, session, form, "", code)
        add_authenticator(door, connection, mine, sealed, "", device.code())
        with pytest.raises(OutOfTurn, match="is entered already"):
            add_authenticator(
                door,
                connection,
                session_of(comes_in_by(door, device.code(1))),
                sealed,
                "",
                device.code(),
            )


def test_only_so_many_are_kept(door, database, enter, enrol):
    enter()
    entered = comes_in(door)
    for _ in range(5):
        _, entered, _ = enrol(entered)
    with pytest.raises(OutOfTurn, match="Remove one first"):
        enrol(entered)
    assert is_in(door, database, entered)


def test_nobody_gives_up_their_last_factor_where_everybody_needs_one(
    door, database, enter, enrol, session_of
):
    handle = enter()
    _, entered, _ = enrol(comes_in(door))
    door = replace(door, factor_required=True)
    first = rows(database, authenticators, handle)[0]["handle"]
    with database.reading() as connection:
        with pytest.raises(OutOfTurn, match="Everybody here needs a second factor"):
            remove_factor(door, connection, session_of(entered), first)
        assert is_in(door, database, entered)
        _, entered, _ = enrol(entered, "tablet")
        remove_factor(door, connection, session_of(entered), first)
    assert [row["name"] for row in rows(database, authenticators, handle)] == ["tablet"]


# ------------------------------------------------------------------ lost, and taken off


@pytest.fixture
def administrator(enter, door, session_of, database, ids):
    enter("quan-tri", name="Lê Thị Quản", assignments=(KEEPS,))
    by = session_of(comes_in(door, "quan-tri")).principal
    return Keeper(as_served(database), ids, by)


def test_a_lost_factor_is_taken_off_with_its_codes_and_every_session(
    door, database, enter, enrol, administrator
):
    handle = enter()
    device, entered, codes = enrol(comes_in(door))
    other = comes_in_by(door, device.code())
    half = half_way(door)
    reset_factors(administrator, handle)

    assert [is_in(door, database, one) for one in (entered, other)] == [False, False]
    with pytest.raises(BeginAgain):
        finish_sign_in(door, half, codes[0])
    assert rows(database, authenticators, handle) == rows(database, recovery_codes, handle) == []
    assert rows(database, factor_resets, handle) == [
        {
            "officer": handle,
            "at": "2026-01-05T02:00:32.000000Z",
            "done_by": administrator.by.officer,
        }
    ]


def test_whoever_lost_it_is_told_at_every_sign_in_until_another_is_entered(
    door, enter, enrol, keeper
):
    handle = enter()
    assert comes_in(door).factors_off_at is None
    enrol(comes_in(door))
    reset_factors(keeper, handle)
    told = [comes_in(door).factors_off_at for _ in range(2)]
    device, _, _ = enrol(comes_in(door))

    assert told == ["2026-01-05T02:00:30.000000Z"] * 2
    assert comes_in_by(door, device.code()).factors_off_at is None


def test_it_is_taken_off_by_whom_a_moment_ago_proved_who_they_are_and_never_ones_own(
    door, database, enter, enrol, administrator, clock
):
    handle = enter()
    enrol(comes_in(door))
    with pytest.raises(Unacceptable, match="withdrawn by another administrator"):
        reset_factors(administrator, administrator.by.officer)
    with pytest.raises(Unknown):
        reset_factors(administrator, "nobody")
    stranger = replace(administrator, by=replace(administrator.by, role=Role.BODY_SIGNER))
    with pytest.raises(Forbidden):
        reset_factors(stranger, handle)
    clock.go_on(minutes=5)
    with pytest.raises(ProveAgain):
        reset_factors(administrator, handle)
    assert len(rows(database, authenticators, handle)) == 1


def test_there_is_nothing_to_take_off_from_who_has_none(enter, keeper):
    with pytest.raises(OutOfTurn, match="has no second factor"):
        reset_factors(keeper, enter())


# ------------------------------------------------------------------ asked again


def offers(code="", password=""):
    return Proof("an", "10.0.0.1", None, password, code)


@pytest.fixture
def prove(door, database):
    def prove(session, proof):
        with database.reading() as connection:
            return prove_again(door, connection, session, proof)

    return prove


CHANGES = {
    "add": lambda *who: add_authenticator(*who, "any", "", "000000"),
    "remove": lambda *who: remove_factor(*who, "any"),
    "renew": renew_recovery_codes,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_factors_are_changed_only_by_whom_a_moment_ago_proved_who_they_are(
    door, database, device, session_of, change
):
    entered = comes_in_by(door, device.code())
    device.clock.go_on(minutes=5, seconds=1)
    session = session_of(entered)
    before = rows(database, authenticators, session.principal.officer)
    with database.reading() as connection, pytest.raises(ProveAgain):
        change(door, connection, session)
    assert is_in(door, database, entered)
    assert rows(database, authenticators, session.principal.officer) == before


def test_who_has_a_factor_proves_it_and_not_the_password(door, device, session_of, clock, prove):
    session = session_of(comes_in_by(door, device.code()))
    clock.go_on(minutes=6)
    with pytest.raises(NotProven):
        prove(session, offers(password=PASSWORD))
    proved = prove(session, offers(device.code())).principal

    assert (proved.method, proved.proved_at, proved.proved_with) == (
        "password+totp",
        "2026-01-05T02:06:32.000000Z",
        "totp",
    )


def test_who_has_none_proves_the_password(door, enter, session_of, clock, prove):
    enter()
    entered = comes_in(door)
    clock.go_on(minutes=6)
    session = session_of(entered)
    with pytest.raises(WrongPassword):
        prove(session, offers(password="wrong"))
    proved = prove(session, offers(password=PASSWORD)).principal

    assert (proved.method, proved.proved_at, proved.proved_with) == (
        "password",
        "2026-01-05T02:06:00.000000Z",
        "password",
    )
    assert session_of(entered).principal == proved


def test_the_password_of_somebody_else_proves_nothing(door, enter, session_of, clock, prove):
    enter()
    enter("binh", name="Bình", password="con trâu đứng ngắm mưa")
    entered = comes_in(door)
    clock.go_on(minutes=6)
    proof = Proof("binh", "10.0.0.1", None, "con trâu đứng ngắm mưa")
    with pytest.raises(WrongPassword):
        prove(session_of(entered), proof)


def test_a_proof_is_good_for_five_minutes_to_the_second(door, enter, session_of, clock, prove):
    enter()
    session = session_of(comes_in(door))
    clock.go_on(minutes=5)
    assert prove(session, offers()) is session
    clock.go_on(seconds=1)
    with pytest.raises(WrongPassword):
        prove(session, offers())


def test_guesses_in_a_session_count_as_guesses_at_the_door(door, device, session_of, clock, prove):
    session = session_of(comes_in_by(door, device.code()))
    clock.go_on(minutes=6)
    for _ in range(3):
        with pytest.raises(NotProven):
            prove(session, offers(device.wrong()))
    with pytest.raises(TooSoon):
        prove(session, offers(device.code()))
    with pytest.raises(TooSoon):
        comes_in(door)


def test_a_session_that_ended_meanwhile_is_proved_by_nothing(
    door, keeper, database, device, session_of, prove
):
    entered = comes_in_by(door, device.code())
    session = session_of(entered)
    device.clock.go_on(minutes=6)
    disable_officer(keeper, definitions(), session.principal.officer)
    with pytest.raises(OutOfTurn):
        prove(session, offers(device.code()))
    assert not is_in(door, database, entered)


def test_the_same_form_twice_at_once_needs_its_code_once(door, device, session_of, clock, prove):
    session = session_of(comes_in_by(door, device.code()))
    clock.go_on(minutes=6)
    code, together = device.code(), Barrier(2)

    def try_it(_):
        together.wait()
        return prove(session, offers(code)).principal.proved_with

    with ThreadPoolExecutor(2) as two:
        assert list(two.map(try_it, range(2))) == ["totp", "totp"]


def test_a_code_taken_in_one_session_proves_nothing_in_another(
    door, device, session_of, clock, prove
):
    one, two = (session_of(comes_in_by(door, device.code(off))) for off in (0, 1))
    clock.go_on(minutes=6)
    code = device.code()
    prove(one, offers(code))
    with pytest.raises(NotProven):
        prove(two, offers(code))


def test_an_officer_without_a_factor_is_left_alone(database, enter):
    handle = enter()
    with database.reading() as connection:
        assert not factors.has_factor(connection, handle)
    with database.writing() as connection:
        connection.execute(
            insert(authenticators).values(
                handle="h", officer=handle, name="", secret="s", last_step=0, added_at="x"
            )
        )
    with database.reading() as connection:
        assert factors.has_factor(connection, handle)
