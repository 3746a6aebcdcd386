"""Passwords that somebody would guess, in Vietnamese, in English and by the officer's own names."""

import pytest

from vetting.commands.casting import FIRST_LOG_IN, GIVEN, MIDDLES, SURNAMES
from vetting.commands.demonstration import PASSWORD
from vetting.engine.names import folded
from vetting.records import guessable_passwords
from vetting.records.guessable_passwords import MOST_WEIGHED, WORDS, is_guessable

ME = ("an.nv", "Nguyễn Văn Ân")


@pytest.mark.parametrize(
    "password",
    [
        "matkhau123456",
        "Mật khẩu 2026!",
        "MẬT-KHẨU_MỚI",
        "m4tkh4u@2026",
        "m@t kh@u 2026",
        "123456a@123456a@",
        "Hatinh123456a@",
        "Tình yêu Việt Nam",
        "bantochuctinhuyhatinh",
        "Anh yêu em 2610",
        "emyeuanhnhieulam",
        "conyeume1975",
        "Tháng mười hai 2026",
        "Quản trị hệ thống",
        "admin1234567",
        "iloveyou2026",
        "Trần Thị Mai 1980",
        "0912345678901",
        "02/03/1979 - 2026",
        "!!!!!!!!!!!!",
        "            ",
    ],
)
def test_common_words_and_numbers_are_guessed_however_they_are_written(password):
    assert is_guessable(password)


@pytest.mark.parametrize(
    "password",
    [
        "qwertyuiop[]",
        "abababababababab",
        "zxcvbnm,./asdf",
        "princess2468",
        "correctcorrectcorrect",
        "x" * 256,
    ],
)
def test_what_zxcvbn_knows_is_guessed(password):
    assert is_guessable(password)


@pytest.mark.parametrize(
    "password",
    [
        "NguyễnVănÂn1980",
        "an.nv an.nv an.nv",
        "nguyen-van-an-!!",
        "Ân Nguyễn 02031979",
        "4n.nv-2026-2026",
    ],
)
def test_ones_own_names_are_guessed(password):
    assert is_guessable(password, ME)


def test_a_log_in_with_digits_is_guessed_as_well():
    assert is_guessable("thanh-tra/bs1 2026", ("thanh-tra/bs1", ""))
    assert is_guessable("canbo.17 canbo.17", ("canbo.17", ""))


def test_another_officers_names_may_be_a_good_password():
    assert is_guessable("thieu.quyen.2026", ("thieu.quyen", "Thiều Quyên"))
    assert not is_guessable("thieu.quyen.2026", ME)


@pytest.mark.parametrize(
    "password",
    [
        "con trâu đứng ngắm mưa",
        "mot-mat-khau-dai",
        "correct horse battery staple",
        "Kx7#mQ2$vR9!",
        "жёлтый верблюд поёт",
        "bốn mươi hộp bút chì xanh",
    ],
)
def test_words_that_have_nothing_to_do_with_each_other_are_not_guessed(password):
    assert not is_guessable(password, ME)


def test_the_words_stand_there_as_they_are_compared():
    assert [word for word in WORDS if word != folded(word) or not word.isalpha()] == []
    assert len(set(WORDS)) == len(WORDS) > 200


def test_what_is_weighed_is_cut_where_weighing_becomes_slow(monkeypatch):
    seen = []
    monkeypatch.setattr(
        guessable_passwords,
        "zxcvbn",
        lambda password, _words, max_length: seen.append((password, max_length)) or {"score": 4},
    )
    is_guessable("ưở" * 128)

    assert seen == [("uo" * (MOST_WEIGHED // 2), MOST_WEIGHED)]
    assert MOST_WEIGHED <= 100


def test_the_demonstrations_password_would_be_taken_from_any_of_its_officers():
    names = [f"{s} {m} {g}" for s in SURNAMES for m in MIDDLES[:3] for g in GIVEN[:4]]

    assert not any(is_guessable(PASSWORD, (login, "")) for login in FIRST_LOG_IN.values())
    assert not any(is_guessable(PASSWORD, ("", name)) for name in names)
