"""Passkeys: good for their officer, this site, and the one question that was put here and now."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import select, update

from tests.builders import as_owner
from tests.passkeys import HERE, PRESENT, SecurityKey
from tests.usecases.conftest import PASSWORD, comes_in, is_in, rows
from vetting.engine.refusals import OutOfTurn, ProveAgain
from vetting.records.officers import login_sessions
from vetting.records.passkeys import passkey_questions, passkeys
from vetting.usecases.keep_factors import enter_passkey, invite_passkey, remove_factor
from vetting.usecases.prove_again import Proof, ask_passkey, prove_again
from vetting.usecases.prove_passkey import Answer, MayBeCopied, NotAccepted, Site
from vetting.usecases.sign_in import (
    Attempt,
    BeginAgain,
    SecondStepWanted,
    ask_second,
    finish_sign_in,
    recall,
    sign_in,
)

SITE = Site(HERE)
ELSEWHERE = Site("https://vetting.example.com")


class Town:
    """What officers do with passkeys, each on a connection of its own."""

    def __init__(self, door, database, clock):
        self.door, self.database, self.clock = door, database, clock

    def session_of(self, entered):
        with self.database.reading() as connection:
            return recall(self.door, connection, entered.token)

    def comes_in(self, login="an"):
        return self.session_of(comes_in(self.door, login))

    def invited(self, session, site=SITE):
        with self.database.reading() as connection:
            return invite_passkey(self.door, connection, session, "an", site)

    def enter_key(self, session, answer, site=SITE):
        with self.database.reading() as connection:
            return enter_passkey(self.door, connection, session, "key", Answer(site, answer))

    def enrol(self, entered, **told):
        """Let whoever came in enter a passkey: the key, and what they go on with."""
        key, session = SecurityKey(**told), self.session_of(entered)
        changed = self.enter_key(session, key.make(self.invited(session)))
        self.clock.go_on(seconds=30)
        return key, replace(entered, token=changed.token), changed.codes

    def half_way(self, login="an"):
        """Come half-way in: the token, and the question."""
        self.clock.go_on(seconds=20)  # nobody has to wait for what failed before
        with pytest.raises(SecondStepWanted) as half:
            sign_in(self.door, Attempt(login, PASSWORD, "10.0.0.1"))
        token = half.value.token
        with self.database.reading() as connection:
            step = ask_second(self.door, connection, token, SITE)
        self.clock.go_on(seconds=2)
        return token, step.question

    def finish(self, token, answer, site=SITE):
        self.clock.go_on(seconds=60)  # nobody has to wait for what failed before
        return finish_sign_in(self.door, token, Answer(site, answer))

    def comes_in_by(self, key, login="an"):
        token, asked = self.half_way(login)
        return self.finish(token, key.prove(asked))

    def asked_in(self, session):
        with self.database.reading() as connection:
            return ask_passkey(self.door, connection, session, SITE)

    def prove(self, session, answer, login="an"):
        proof = Proof(login, "10.0.0.1", passkey=Answer(SITE, answer))
        with self.database.reading() as connection:
            return prove_again(self.door, connection, session, proof)


@pytest.fixture
def town(door, database, clock):
    return Town(door, database, clock)


@pytest.fixture
def key(enter, door, town):
    """The key of an officer who has one, and is out again."""
    enter()
    return town.enrol(comes_in(door))[0]


@pytest.fixture
def uncounted(enter, door, town):
    """The same, of a kind that does not count."""
    enter()
    return town.enrol(comes_in(door), counts=False)[0]


# ------------------------------------------------------------------ the good way


def test_the_password_and_the_passkey_together_let_in(town, key):
    entered = town.comes_in_by(key)
    assert is_in(town.door, town.database, entered)
    assert (entered.login, entered.codes_left) == ("an", None)


def test_a_session_keeps_that_it_was_proved_by_a_passkey(town, key):
    town.comes_in_by(key)
    with town.database.reading() as connection:
        kept = connection.execute(
            select(login_sessions.c.method, login_sessions.c.proved_with)
        ).all()
    assert [tuple(one) for one in kept] == [("password+passkey", "passkey")] * 2


def test_the_first_passkey_gives_recovery_codes_which_let_in_too(town, enter):
    enter()
    _, entered, codes = town.enrol(comes_in(town.door))
    _, _, no_codes = town.enrol(entered)
    token, _ = town.half_way()
    assert (len(codes), no_codes) == (10, ())
    assert finish_sign_in(town.door, token, codes[0]).codes_left == 9


def test_the_device_is_asked_to_check_its_holder_and_told_no_more_than_it_needs(town, enter, key):
    handle = enter("binh", name="Bình")
    made = json.loads(town.invited(town.comes_in("binh")))
    asked = json.loads(town.half_way()[1])

    assert made["rp"] == {"name": "localhost", "id": "localhost"}
    assert (made["user"]["name"], made["user"]["displayName"]) == ("an", "Bình")
    assert made["authenticatorSelection"]["userVerification"] == "required"
    assert (made["attestation"], handle in str(made)) == ("none", False)
    assert (asked["rpId"], asked["userVerification"]) == ("localhost", "required")
    assert [one["id"] for one in asked["allowCredentials"]] == [key.name]


def test_a_session_is_proved_again_by_a_passkey(town, key):
    session = town.session_of(town.comes_in_by(key))
    town.clock.go_on(minutes=6)
    now = town.door.ids.now()
    proved = town.prove(session, key.prove(town.asked_in(session))).principal
    assert (proved.method, proved.proved_at, proved.proved_with) == (
        "password+passkey",
        now,
        "passkey",
    )


def test_a_key_that_does_not_count_is_good_too(town, uncounted):
    for _ in range(2):
        assert town.comes_in_by(uncounted).login == "an"


def test_with_the_last_passkey_the_recovery_codes_go_too(town, enter):
    handle = enter()
    _, entered, _ = town.enrol(comes_in(town.door))
    [row] = rows(town.database, passkeys, handle)
    with town.database.reading() as connection:
        remove_factor(town.door, connection, town.session_of(entered), row["handle"])
    assert is_in(town.door, town.database, comes_in(town.door))  # by the password alone


# ------------------------------------------------------------------ attacks


def test_the_passkey_of_another_officer_proves_nothing(town, enter, key):
    enter("binh", name="Bình")
    theirs, _, _ = town.enrol(comes_in(town.door, "binh"))
    token, asked = town.half_way()
    with pytest.raises(NotAccepted):
        town.finish(token, theirs.prove(asked))
    assert town.comes_in_by(key).login == "an"
    assert town.comes_in_by(theirs, "binh").login == "binh"


def test_a_stranger_who_claims_the_credential_proves_nothing(town, key):
    stranger = SecurityKey()
    stranger.credential = key.credential
    token, asked = town.half_way()
    with pytest.raises(NotAccepted):
        town.finish(token, stranger.prove(asked))


def test_an_answer_is_taken_once(town, key):
    session = town.session_of(town.comes_in_by(key))
    town.clock.go_on(minutes=6)
    answer = key.prove(town.asked_in(session))
    proved = town.prove(session, answer)
    town.clock.go_on(minutes=5, seconds=1)
    with pytest.raises(NotAccepted):
        town.prove(proved, answer)
    with pytest.raises(NotAccepted):
        town.finish(town.half_way()[0], answer)


def test_an_answer_is_taken_once_where_nothing_is_counted(town, uncounted):
    """Only the question stands against the same answer there."""
    asked_at, asked = town.half_way()
    answer = uncounted.prove(asked)
    assert town.finish(asked_at, answer).login == "an"
    with pytest.raises(NotAccepted):
        town.finish(town.half_way()[0], answer)

    session = town.session_of(town.comes_in_by(uncounted))
    town.clock.go_on(minutes=6)
    answer = uncounted.prove(town.asked_in(session))
    proved = town.prove(session, answer)
    town.door = replace(town.door, proved_for=town.door.proved_for * 0)
    town.clock.go_on(seconds=1)  # well before the question would be too old
    with pytest.raises(NotAccepted):
        town.prove(proved, answer)


@pytest.mark.parametrize(
    "origin",
    [
        "https://localhost",
        "http://localhost:8080",
        "http://localhost.example",
        "https://vetting.example.com",
        "",
    ],
)
def test_an_answer_given_to_another_site_is_refused(town, key, origin):
    token, asked = town.half_way()
    with pytest.raises(NotAccepted):
        town.finish(token, key.prove(asked, origin))


def test_a_passkey_bound_to_another_site_is_refused(town, key):
    token, asked = town.half_way()
    for answer, site in (
        (key.prove(asked, site="vetting.example.com"), SITE),
        (key.prove(asked), ELSEWHERE),
        (key.prove(asked), None),
    ):
        with pytest.raises(NotAccepted):
            town.finish(token, answer, site)


def test_the_question_of_another_session_is_no_question_here(town, key):
    here, there = (town.session_of(town.comes_in_by(key)) for _ in range(2))
    town.clock.go_on(minutes=6)
    with pytest.raises(NotAccepted):
        town.prove(here, key.prove(town.asked_in(there)))
    with pytest.raises(NotAccepted):
        town.finish(town.half_way()[0], key.prove(town.asked_in(here)))
    with pytest.raises(NotAccepted):
        town.finish(town.half_way()[0], key.prove(town.half_way()[1]))
    town.clock.go_on(minutes=1)  # nobody has to wait for what failed before
    assert town.prove(here, key.prove(town.asked_in(here))).principal.proved_with == "passkey"


def test_a_question_that_nobody_put_here_is_no_question(town, key):
    token, asked = town.half_way()
    made_up = json.dumps({**json.loads(asked), "challenge": "A" * 43})
    with pytest.raises(NotAccepted):
        town.finish(token, key.prove(made_up))


def test_the_question_for_a_new_passkey_proves_no_old_one(town, key):
    session = town.session_of(town.comes_in_by(key))
    town.clock.go_on(minutes=6)
    asked = json.dumps({**json.loads(town.invited(session)), "rpId": "localhost"})
    with pytest.raises(NotAccepted):
        town.prove(session, key.prove(asked))


@pytest.mark.parametrize(("seconds", "is_good"), [(300, True), (301, False)])
def test_a_question_is_good_for_five_minutes_to_the_second(town, key, seconds, is_good):
    session = town.session_of(town.comes_in_by(key))
    town.clock.go_on(minutes=6)
    answer = key.prove(town.asked_in(session))
    town.clock.go_on(seconds=seconds)
    if is_good:
        town.prove(session, answer)
    else:
        with pytest.raises(NotAccepted):
            town.prove(session, answer)


@pytest.mark.parametrize("count", [0, 1, 4, 5])
def test_a_counter_that_does_not_go_on_is_that_of_a_copy(town, key, count):
    key.count = 4
    town.comes_in_by(key)  # the fifth
    token, asked = town.half_way()
    key.count, key.counts = count, False
    with pytest.raises(MayBeCopied) as refusal:
        town.finish(token, key.prove(asked))
    assert "somebody may have copied it" in str(refusal.value.sentence)
    key.count, key.counts = 5, True
    assert town.comes_in_by(key).login == "an"


def test_who_cannot_sign_is_told_nothing_of_the_counter(town, key):
    town.comes_in_by(key)
    stranger = SecurityKey(counts=False)
    stranger.credential = key.credential
    token, asked = town.half_way()
    with pytest.raises(NotAccepted):
        town.finish(token, stranger.prove(asked))


def test_a_device_that_did_not_check_its_holder_is_refused(town, enter, key):
    enter("binh", name="Bình")
    session = town.comes_in("binh")
    with pytest.raises(NotAccepted):
        town.enter_key(session, SecurityKey(checks=False).make(town.invited(session)))
    token, asked = town.half_way()
    for flags in (PRESENT, 0x04):  # not checked; checked, and nobody there
        key.flags = flags
        with pytest.raises(NotAccepted):
            town.finish(token, key.prove(asked))


NO_ANSWERS = [
    "{}",
    "[]",
    "null",
    "\0",
    "9" * 30_000,
    "[" * 10_000,
    '{"id":"a","rawId":"a","type":"public-key","response":{}}',
    '{"id":1,"rawId":2,"type":3,"response":4}',
    "\ud800",
]


@pytest.mark.parametrize("text", NO_ANSWERS, ids=range(len(NO_ANSWERS)))
def test_whatever_is_no_answer_is_refused_alike(town, key, text):
    token, asked = town.half_way()
    with pytest.raises(NotAccepted):
        town.finish(token, text)
    entered = town.finish(token, key.prove(asked))
    with pytest.raises(NotAccepted):
        town.enter_key(town.session_of(entered), text)


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature"])
def test_every_part_of_an_answer_is_signed_or_compared(town, key, part):
    token, asked = town.half_way()
    good = json.loads(key.prove(asked))
    spoilt = good["response"][part]
    middle = len(spoilt) // 2
    other = "A" if spoilt[middle] != "A" else "B"
    response = {**good["response"], part: spoilt[:middle] + other + spoilt[middle + 1 :]}
    with pytest.raises(NotAccepted):
        town.finish(token, json.dumps({**good, "response": response}))
    assert town.finish(token, json.dumps(good)).login == "an"


def test_of_two_at_once_with_the_same_answer_one_comes_in(town, uncounted):
    token, asked = town.half_way()
    answer, together = uncounted.prove(asked), Barrier(2)

    def try_it(_):
        together.wait()
        try:
            return finish_sign_in(town.door, token, Answer(SITE, answer)).login
        except (BeginAgain, NotAccepted):
            return "refused"

    with ThreadPoolExecutor(2) as two:
        assert sorted(two.map(try_it, range(2))) == ["an", "refused"]


# ------------------------------------------------------------------ keeping one's own


def test_a_passkey_is_made_for_one_session_and_entered_once(town, enter):
    handle = enter()
    enter("binh", name="Bình")
    mine, another = town.comes_in(), town.comes_in("binh")
    key = SecurityKey()
    answer = key.make(town.invited(mine))
    for session, told, site in (
        (another, answer, SITE),
        (mine, key.make(town.invited(another)), SITE),
        (mine, key.make(town.invited(mine), "https://vetting.example.com"), SITE),
        (mine, key.make(town.invited(mine)), ELSEWHERE),
        (mine, key.prove(json.dumps({"rpId": "localhost", "challenge": "A" * 43})), SITE),
    ):
        with pytest.raises(NotAccepted):
            town.enter_key(session, told, site)
    town.enter_key(mine, answer)
    with pytest.raises(NotAccepted):
        town.enter_key(mine, answer)
    for session in (mine, another):
        with pytest.raises(OutOfTurn, match="is entered already"):
            town.enter_key(session, key.make(town.invited(session)))
    assert [row["name"] for row in rows(town.database, passkeys, handle)] == ["key"]


def test_a_passkey_is_entered_only_by_whom_a_moment_ago_proved_who_they_are(town, enter):
    enter()
    session = town.comes_in()
    asked = town.invited(session)
    town.clock.go_on(minutes=5, seconds=1)
    with pytest.raises(ProveAgain):
        town.enter_key(session, SecurityKey().make(asked))


def test_only_so_many_are_kept(town, enter):
    enter()
    entered = comes_in(town.door)
    for _ in range(5):
        _, entered, _ = town.enrol(entered)
    with pytest.raises(OutOfTurn, match="Remove one first"):
        town.enrol(entered)


def test_nothing_that_signs_and_no_question_as_it_was_put_is_kept(town, key):
    _, asked = town.half_way()
    with town.database.reading() as connection:
        kept = str(connection.execute(select(passkeys)).all())
        questions = str(connection.execute(select(passkey_questions)).all())
    assert key.name in kept
    assert f"{key.key.private_numbers().private_value:x}" not in kept
    assert json.loads(asked)["challenge"] not in questions


def test_a_passkey_in_another_officers_row_proves_its_first_officer_no_more(town, enter, key):
    token, asked = town.half_way()
    other = enter("binh", name="Bình")
    with as_owner(town.database).writing() as connection:
        connection.execute(update(passkeys).values(officer=other))
    with pytest.raises(NotAccepted):
        town.finish(token, key.prove(asked))


@pytest.mark.parametrize(
    "address", ["https://10.0.0.7", "https://[fd00::1]", "http://127.0.0.1:8000"]
)
def test_a_bare_number_is_no_site_for_passkeys(town, enter, address):
    enter()
    assert town.invited(town.comes_in(), Site(address)) == ""


def test_old_questions_are_forgotten(town, key):
    town.half_way()
    town.clock.go_on(minutes=6)
    town.half_way()
    with town.database.reading() as connection:
        assert len(connection.execute(select(passkey_questions)).all()) == 1
    assert key.count == 0
