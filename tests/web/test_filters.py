"""What pages write is written in the reader's language."""

import pytest
from flask_babel import force_locale

from vetting.web.filters import proofs


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
