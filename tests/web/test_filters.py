"""What pages write is written in the reader's language."""

import pytest
from flask_babel import force_locale

from vetting.commands.speak import spoken
from vetting.engine.sentences import Years, say
from vetting.web.filters import proofs, said


@pytest.mark.parametrize(
    ("method", "vietnamese", "english"),
    [
        ("command line", "lệnh trên máy chủ", "a command on the server"),
        (
            "password/password",
            "mật khẩu; xác nhận lại bằng mật khẩu",
            "password; proved again by password",
        ),
        ("ldap+totp", "thư mục + ứng dụng xác thực", "directory + authenticator"),
    ],
)
def test_how_somebody_proved_who_they_are_is_said_in_words(app, method, vietnamese, english):
    with app.test_request_context():
        with force_locale("vi"):
            assert proofs(method) == vietnamese
        with force_locale("en"):
            assert proofs(method) == english


@pytest.mark.parametrize(
    ("count", "vietnamese", "english"), [(1, "1 năm", "1 year"), (20, "20 năm", "20 years")]
)
def test_years_in_a_sentence_are_counted_as_the_language_counts(
    app, monkeypatch, count, vietnamese, english
):
    sentence = say("%(years)s", years=Years(count))
    for language, written in (("vi", vietnamese), ("en", english)):
        with app.test_request_context(), force_locale(language):
            assert said(sentence) == written
        monkeypatch.setenv("VETTING_LANGUAGE", language)
        assert spoken(sentence) == written
    assert str(sentence) == english
