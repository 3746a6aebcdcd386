"""Two people declare a gap at a terminal, each with all that proves who they are."""

from base64 import b32encode
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from pyotp import TOTP
from sqlalchemy import func, select, update

from tests.builders import Cast, add_officer
from tests.records.conftest import province
from vetting.commands.history import history
from vetting.engine.canonical import moment
from vetting.engine.vocabulary import Role
from vetting.records import factors
from vetting.records.factors import Authenticator, FactorKey, authenticators, recovery_codes
from vetting.records.officers import failed_logins, officers
from vetting.records.passkeys import Passkey, add_passkey
from vetting.records.passwords import Passwords
from vetting.records.sealing_key import make_sealing_key
from vetting.records.witnessed import gaps
from vetting.usecases.prove_factor import SECONDS, written_code

SECRET, PASSWORD = "a key for tests", "đầu năm bàn chuyện cây lúa"
ADMINISTRATOR, SUPERVISOR = "quan-tri", "uy-ban-kiem-tra/s1"
REASON = "Khôi phục bản sao lưu"
DECLARED = (
    "A witness signed 9 entries, this log has 2.\n"
    f"The reason: {REASON}\n"
    "A second person of another role and organisation has to confirm it.\n"
)
CONFIRMED = (
    "A witness signed 9 entries, this log has 2.\n"
    f"The reason: {REASON}\n"
    "Two people have declared the gap. The application can be started.\n"
)
NOT_RIGHT = "Error: This code is not right, or it was used before.\n"
ASKS_CODE = "Code that your authenticator shows, or a recovery code: "
ASKS_RECOVERY = "A passkey cannot be used at a terminal.\nOne of your recovery codes: "
PASSKEY_ONLY = (
    "A passkey cannot be used at a terminal, and this officer has no authenticator and no recovery "
    "code left. Another administrator or supervisor has to declare it."
)
MINUTE = timedelta(minutes=1)
MOMENT = "2026-01-01T00:00:00.000000Z"


class Place:
    """An installation behind what a witness signed, and two people who may declare it."""

    def __init__(self, database):
        self.database, self.shows = database, TOTP(b32encode(b"0" * 20).decode())
        with database.writing() as connection:
            add_officer(connection, ADMINISTRATOR, "ban-to-chuc", Role.ADMINISTRATOR)
            connection.execute(
                update(officers)
                .where(officers.c.handle.in_((ADMINISTRATOR, SUPERVISOR)))
                .values(password_hash=Passwords().hash(PASSWORD))
            )

    def has_authenticator(self, officer):
        sealed = FactorKey(SECRET.encode()).seal(officer, b"0" * 20)
        with self.database.writing() as connection:
            factors.add_authenticator(
                connection, officer, Authenticator("device", "x", sealed, 0, MOMENT)
            )

    def has_passkey(self, officer):
        with self.database.writing() as connection:
            add_passkey(connection, officer, Passkey("key", "x", "x", "x", 0, MOMENT))

    def has_recovery_code(self, officer, code):
        with self.database.writing() as connection:
            factors.replace_recovery_codes(connection, officer, [written_code(code)])

    def wrong(self):
        now = datetime.now(UTC)
        shown = {self.shows.at(now, counter_offset=off) for off in range(-2, 3)}
        return next(f"{n:06}" for n in range(9) if f"{n:06}" not in shown)

    def count(self, table, *where):
        with self.database.reading() as connection:
            return connection.scalar(select(func.count()).select_from(table).where(*where))

    def last_step(self):
        with self.database.reading() as connection:
            return connection.scalar(select(authenticators.c.last_step))


@pytest.fixture
def place(sqlite_url, tmp_path, monkeypatch):
    for database in province(sqlite_url):
        Cast(database).filed()
        make_sealing_key(tmp_path, "vetting/test")
        (tmp_path / "secret_key").write_text(f"{SECRET}\n")
        monkeypatch.setenv("VETTING_DATABASE_URL", sqlite_url)
        monkeypatch.setenv("VETTING_FOLDER", str(tmp_path))
        monkeypatch.setenv("VETTING_LANGUAGE", "en")
        assert CliRunner().invoke(history, ["seal"]).exit_code == 0
        (tmp_path / "witness_ahead").write_text("thanh-tra.tinh 9\n")
        yield Place(database)


def declare(login, *words, typed=None):
    told = ["declare-gap", login, "--password", PASSWORD, *words]
    done = CliRunner().invoke(history, told, input=typed)
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.exit_code, done.output


def test_who_has_no_second_factor_declares_with_the_password_alone(place):
    assert declare(ADMINISTRATOR, "--reason", REASON) == (0, DECLARED)
    assert declare(SUPERVISOR, "--confirm") == (0, CONFIRMED)
    assert place.count(failed_logins) == 0


def test_who_has_an_authenticator_is_asked_its_code_and_it_is_good_for_one_declaration(place):
    place.has_authenticator(ADMINISTRATOR)
    reason, code = ("--reason", REASON), place.shows.now()
    assert declare(ADMINISTRATOR, *reason, typed=f"{code}\n") == (
        0,
        f"{ASKS_CODE}{code}\n{DECLARED}",
    )
    step = int(datetime.now(UTC).timestamp()) // SECONDS
    assert abs(place.last_step() - step) <= 1
    assert place.count(failed_logins) == 0
    assert declare(ADMINISTRATOR, *reason, "--code", code) == (2, NOT_RIGHT)
    assert place.count(failed_logins) > 0


def test_a_wrong_code_is_refused_and_counted(place):
    place.has_authenticator(ADMINISTRATOR)
    wrong = place.wrong()
    assert declare(ADMINISTRATOR, "--reason", REASON, typed=f"{wrong}\n") == (
        2,
        f"{ASKS_CODE}{wrong}\n{NOT_RIGHT}",
    )
    assert (place.count(gaps), place.last_step()) == (0, 0)
    assert place.count(failed_logins) > 0


@pytest.mark.parametrize("code", ["", "\udcff", "1" * 5_000, "0" * 16])
def test_what_is_no_code_is_refused_as_a_wrong_one(place, code):
    place.has_authenticator(ADMINISTRATOR)
    assert declare(ADMINISTRATOR, "--reason", REASON, "--code", code) == (2, NOT_RIGHT)
    assert place.count(gaps) == 0


def test_a_code_with_which_nothing_was_declared_is_not_used_up(place):
    """The second person reads the reason first, and is not kept waiting for the next code."""
    place.has_authenticator(SUPERVISOR)
    declare(ADMINISTRATOR, "--reason", REASON)
    code = place.shows.now()
    told, said = declare(SUPERVISOR, "--code", code)
    assert (told, f"declared with this reason: “{REASON}”" in said) == (2, True)
    assert (place.last_step(), place.count(failed_logins)) == (0, 0)
    assert declare(SUPERVISOR, "--confirm", "--code", code) == (0, CONFIRMED)


def test_a_recovery_code_stands_in_for_a_passkey_once(place):
    place.has_passkey(SUPERVISOR)
    place.has_recovery_code(SUPERVISOR, "ABCD-EFGH-JKMN-PQRS")
    declare(ADMINISTRATOR, "--reason", REASON)
    typed = "abcd efgh jkmn pqrs"
    assert declare(SUPERVISOR, "--confirm", typed=f"{typed}\n") == (
        0,
        f"{ASKS_RECOVERY}{typed}\n{CONFIRMED}",
    )
    assert place.count(recovery_codes, recovery_codes.c.used_at.is_not(None)) == 1


def test_who_has_a_passkey_and_nothing_else_is_told_what_can_be_done(place):
    place.has_passkey(ADMINISTRATOR)
    for words in ((), ("--code", "123456")):
        assert declare(ADMINISTRATOR, "--reason", REASON, *words) == (
            2,
            f"Error: {PASSKEY_ONLY}\n",
        )
    assert (place.count(gaps), place.count(failed_logins)) == (0, 0)


def test_whoever_does_not_know_the_password_is_asked_no_code(place):
    place.has_authenticator(ADMINISTRATOR)
    told = ["declare-gap", ADMINISTRATOR, "--password", "mot hai ba bon nam", "--reason", REASON]
    done = CliRunner().invoke(history, told)
    assert (done.exit_code, done.output) == (
        2,
        "Error: The log-in or the password is not right.\n",
    )


def test_codes_are_not_guessed_quickly(place):
    place.has_authenticator(ADMINISTRATOR)
    said = [declare(ADMINISTRATOR, "--code", place.wrong())[1] for _ in range(4)]
    assert said[0] == NOT_RIGHT
    assert said[-1].startswith("Error: Too many attempts. Wait ")
    assert place.count(gaps) == 0


def test_who_waited_after_a_wrong_code_is_let_in_with_the_next_right_one(place):
    """The password has waited for both: its own try keeps no code waiting that comes with it."""
    place.has_authenticator(ADMINISTRATOR)
    assert declare(ADMINISTRATOR, "--code", place.wrong()) == (2, NOT_RIGHT)
    with place.database.writing() as connection:
        connection.execute(update(failed_logins).values(at=moment(datetime.now(UTC) - MINUTE)))
    assert declare(ADMINISTRATOR, "--reason", REASON, "--code", place.shows.now()) == (0, DECLARED)
    assert place.count(failed_logins) == 0


def test_without_the_secret_key_no_authenticator_can_be_asked(place, tmp_path):
    place.has_authenticator(ADMINISTRATOR)
    (tmp_path / "secret_key").unlink()
    assert declare(ADMINISTRATOR, "--code", "123456") == (
        2,
        "Error: There is no secret key yet. Run `vetting init`, or set VETTING_SECRET_KEY.\n",
    )
