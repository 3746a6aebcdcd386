"""Settings for directories: whole or not at all, and never in the clear over a network."""

import sys

import pytest

from vetting.config import LDAPSettings, OIDCSettings, Settings
from vetting.directories.open_directories import open_directories

OIDC = {
    "VETTING_OIDC_ISSUER": "https://dang-nhap.tinh.example/realms/tinh",
    "VETTING_OIDC_CLIENT_ID": "vetting",
    "VETTING_OIDC_CLIENT_SECRET": "a secret",
    "VETTING_ADDRESS": "https://tham-dinh.tinh.example/",
}
LDAP = {"VETTING_LDAP_URL": "ldaps://thu-muc.tinh.example", "VETTING_LDAP_BASE": "dc=tinh,dc=vn"}


def test_without_settings_there_are_no_directories():
    settings = Settings.from_env({"VETTING_OIDC_NAME": " ", "VETTING_LDAP_URL": ""})

    assert (settings.oidc, settings.ldap) == (None, None)


def test_a_provider_is_told_by_four_settings():
    assert OIDCSettings.from_env(OIDC) == OIDCSettings(
        "https://dang-nhap.tinh.example/realms/tinh",
        "vetting",
        "a secret",
        "https://tham-dinh.tinh.example/sign-in/provider/back",
        "dang-nhap.tinh.example",
        "preferred_username",
        None,
    )


def test_a_directory_is_told_by_two_settings():
    assert LDAPSettings.from_env(LDAP) == LDAPSettings(
        "thu-muc.tinh.example",
        636,
        "ldaps",
        "dc=tinh,dc=vn",
        "thu-muc.tinh.example",
        "(uid={login})",
    )


@pytest.mark.parametrize(
    ("url", "port", "tls"),
    [
        ("ldap://thu-muc.tinh.example", 389, "starttls"),
        ("ldap://10.1.2.3:1389", 1389, "starttls"),
        ("ldaps://thu-muc.tinh.example:1636", 1636, "ldaps"),
        ("ldap://127.0.0.1", 389, "none"),
        ("ldap://localhost", 389, "none"),
        ("ldap://[::1]", 389, "none"),
        ("ldap://localhost.example", 389, "starttls"),
    ],
)
def test_passwords_travel_under_tls_or_within_this_machine(url, port, tls):
    settings = LDAPSettings.from_env({**LDAP, "VETTING_LDAP_URL": url})

    assert (settings.port, settings.tls) == (port, tls)


WRONG = {
    "an issuer alone": (
        {"VETTING_OIDC_ISSUER": OIDC["VETTING_OIDC_ISSUER"]},
        (
            "VETTING_OIDC_ISSUER is set, so these are needed too: VETTING_OIDC_CLIENT_ID, "
            "VETTING_OIDC_CLIENT_SECRET."
        ),
    ),
    "a name alone": (
        {"VETTING_LDAP_NAME": "Thư mục tỉnh"},
        "VETTING_LDAP_NAME is set, so these are needed too: VETTING_LDAP_URL, VETTING_LDAP_BASE.",
    ),
    "a setting that does not exist": (
        {**LDAP, "VETTING_LDAP_BASEDN": "dc=vn"},
        "There is no setting VETTING_LDAP_BASEDN.",
    ),
    "an issuer in the clear": (
        {**OIDC, "VETTING_OIDC_ISSUER": "http://dang-nhap.tinh.example"},
        "VETTING_OIDC_ISSUER must begin with https://.",
    ),
    "no address of our own": (
        {**OIDC, "VETTING_ADDRESS": ""},
        "VETTING_OIDC_ISSUER needs VETTING_ADDRESS",
    ),
    "an address of our own in the clear": (
        {**OIDC, "VETTING_ADDRESS": "http://tham-dinh.tinh.example"},
        "VETTING_ADDRESS must be the address",
    ),
    "an address of our own with a path": (
        {**OIDC, "VETTING_ADDRESS": "https://tinh.example/tham-dinh"},
        "VETTING_ADDRESS must be the address",
    ),
    "certificates that are not there": (
        {**OIDC, "VETTING_OIDC_CA": "/nothing/here.pem"},
        "VETTING_OIDC_CA names a file that is not there: /nothing/here.pem",
    ),
    "a name without a password": (
        {**LDAP, "VETTING_LDAP_BIND_DN": "cn=doc,dc=vn"},
        "VETTING_LDAP_BIND_DN and VETTING_LDAP_BIND_PASSWORD go together: set both or none.",
    ),
    "a password without a name": (
        {**LDAP, "VETTING_LDAP_BIND_PASSWORD": "x"},
        "VETTING_LDAP_BIND_DN and VETTING_LDAP_BIND_PASSWORD go together: set both or none.",
    ),
    **{
        f"the URL {url}": (
            {**LDAP, "VETTING_LDAP_URL": url},
            "VETTING_LDAP_URL must be ldaps://host or ldap://host, no more.",
        )
        for url in ("thu-muc", "https://thu-muc", "ldap://", "ldap://a:x", "ldap://a/dc=vn??sub")
    },
    **{
        f"the filter {within}": (
            {**LDAP, "VETTING_LDAP_FILTER": within},
            (
                "VETTING_LDAP_FILTER must be a filter in brackets with {login} where the log-in "
                "belongs, such as (&(objectClass=person)(uid={login}))."
            ),
        )
        for within in ("(uid=*)", "uid={login}", "(uid={login}))", ")(uid={login})(")
    },
    "an attribute that is none": (
        {**LDAP, "VETTING_LDAP_LOGIN": "uid)(x"},
        "VETTING_LDAP_LOGIN and VETTING_LDAP_SUBJECT must be names of attributes.",
    ),
}


@pytest.mark.parametrize(("env", "sentence"), WRONG.values(), ids=WRONG)
def test_wrong_or_half_settings_refuse_the_start(env, sentence):
    with pytest.raises(SystemExit) as refusal:
        Settings.from_env(env)

    assert str(refusal.value).startswith(sentence)


def test_a_base_that_is_no_name_refuses_the_start(clock_of_now):
    settings = Settings.from_env({**LDAP, "VETTING_LDAP_BASE": "tinh"})

    with pytest.raises(SystemExit, match="VETTING_LDAP_BASE must be a name in the directory"):
        open_directories(settings, clock_of_now)


@pytest.mark.parametrize(
    ("env", "library", "sentence"),
    [
        (
            OIDC,
            "authlib.integrations.requests_client",
            (
                "VETTING_OIDC_ISSUER is set, but authlib is not "
                "installed. Run `pip install '.[oidc]'`, or leave the setting out."
            ),
        ),
        (
            LDAP,
            "ldap3",
            (
                "VETTING_LDAP_URL is set, but ldap3 is not installed. "
                "Run `pip install '.[ldap]'`, or leave the setting out."
            ),
        ),
    ],
)
def test_an_extra_that_is_missing_is_named(monkeypatch, clock_of_now, env, library, sentence):
    monkeypatch.setitem(sys.modules, library, None)  # as if it were not installed
    for ours in ("ask_ldap", "ask_provider"):
        monkeypatch.delitem(sys.modules, f"vetting.directories.{ours}", raising=False)

    with pytest.raises(SystemExit) as refusal:
        open_directories(Settings.from_env(env), clock_of_now)

    assert str(refusal.value) == sentence


def test_without_settings_no_extra_is_loaded(python_knows):
    assert python_knows("import vetting.web", "authlib", "joserfc", "ldap3", "requests") == []


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("", None),
        ("https://tham-dinh.tinh.example/", "https://tham-dinh.tinh.example"),
        ("https://Tham-Dinh.tinh.example:443", "https://tham-dinh.tinh.example"),
        ("https://tham-dinh.tinh.example:8443", "https://tham-dinh.tinh.example:8443"),
        ("http://localhost:5000", "http://localhost:5000"),
        ("https://[FD00::1]:8443", "https://[fd00::1]:8443"),
    ],
)
def test_the_address_is_written_as_browsers_write_it(given, address):
    assert Settings.from_env({"VETTING_ADDRESS": given}).address == address


@pytest.mark.parametrize(
    "given",
    ["tham-dinh.tinh.example", "http://tham-dinh.tinh.example", "ftp://localhost", "https://"],
)
def test_an_address_that_is_none_refuses_the_start(given):
    with pytest.raises(SystemExit, match="VETTING_ADDRESS must be the address"):
        Settings.from_env({"VETTING_ADDRESS": given})
