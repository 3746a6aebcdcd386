"""What filters make of words that the records keep in short."""

import pytest

from vetting.web.filters import way_in, workflow


@pytest.mark.parametrize(
    ("method", "vietnamese", "english"),
    [
        ("password", "mật khẩu", "password"),
        (
            "password+totp/passkey",
            "mật khẩu và ứng dụng xác thực; xác nhận lại bằng khóa truy cập",
            "password and authenticator; again by passkey",
        ),
        ("command line", "lệnh trên máy chủ", "a command on the server"),
        ("what nobody knows", "what nobody knows", "what nobody knows"),
    ],
)
def test_how_somebody_proved_who_they_are_is_said(app, method, vietnamese, english):
    said = []
    for language in ("vi", "en"):
        with app.test_request_context(headers={"Cookie": f"language={language}"}):
            said.append(way_in(method))

    assert said == [vietnamese, english]


def test_a_workflow_is_named_and_not_quoted(app):
    with app.test_request_context():
        assert workflow("planning/v2") == "Quy hoạch, phiên bản 2"
