"""What a browser says of itself becomes one of a few kinds, whatever it says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vetting.engine.devices import Browser, System, read_device, seen

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
ANDROID = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
CHROME = "Chrome/126.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("user_agent", "browser", "system"),
    [
        (WINDOWS + CHROME, Browser.CHROME, System.WINDOWS),
        (WINDOWS + CHROME + " Edg/126.0.0.0", Browser.EDGE, System.WINDOWS),
        (WINDOWS + "coc_coc_browser/130.0 " + CHROME, Browser.COC_COC, System.WINDOWS),
        (WINDOWS + CHROME + " OPR/111.0", Browser.OPERA, System.WINDOWS),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
            Browser.FIREFOX,
            System.LINUX,
        ),
        (IPHONE + "Version/17.5 Mobile/15E148 Safari/604.1", Browser.SAFARI, System.IOS),
        (IPHONE + "CriOS/126.0 Mobile/15E148 Safari/604.1", Browser.CHROME, System.IOS),
        (ANDROID + "SamsungBrowser/25.0 " + CHROME, Browser.SAMSUNG, System.ANDROID),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Safari/605.1",
            Browser.SAFARI,
            System.MACOS,
        ),
        ("", Browser.OTHER, System.OTHER),
        ("curl/8.5.0", Browser.OTHER, System.OTHER),
        (" " * 500 + "Firefox/1", Browser.OTHER, System.OTHER),
    ],
)
def test_the_kinds_that_are_told_apart(user_agent, browser, system):
    kept = seen("192.0.2.1", user_agent)

    assert (kept.browser, kept.system) == (browser, system)
    assert read_device(kept.device) == (browser, system)


@given(st.text(), st.text())
def test_nothing_that_is_sent_is_kept(address, user_agent):
    kept = seen(address, user_agent)

    assert kept.browser in set(Browser)
    assert kept.system in set(System)
    assert len(kept.device) <= 40
    assert len(kept.address) <= 45
    assert set(kept.address) <= set("0123456789abcdef:.") or kept.address == "unknown"


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:DB8::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("<script>", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_an_address_is_one_or_is_unknown(given, address):
    assert seen(given, "").address == address


@pytest.mark.parametrize("kept", [None, "", "/", "x/y", "chrome"])
def test_what_was_kept_before_is_read_as_unknown(kept):
    assert read_device(kept)[1] is System.OTHER
