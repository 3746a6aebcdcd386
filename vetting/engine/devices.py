"""Devices: on what kind of device and in which browser a session goes on. Pure.

What a browser says of itself is long, is different for every version, and can be anything. Kept is
one of a few known kinds, so that nothing that somebody sends is ever kept or shown again.
"""

from dataclasses import dataclass
from ipaddress import ip_address

from vetting.engine.sentences import mark
from vetting.engine.vocabulary import Named

LOOKED_AT = 500  # signs of what a browser says of itself
UNKNOWN_ADDRESS = "unknown"


class Browser(Named):
    """A browser that is told apart."""

    COC_COC = "coc_coc", mark("Cốc Cốc")
    EDGE = "edge", mark("Edge")
    OPERA = "opera", mark("Opera")
    SAMSUNG = "samsung", mark("Samsung Internet")
    FIREFOX = "firefox", mark("Firefox")
    CHROME = "chrome", mark("Chrome")
    SAFARI = "safari", mark("Safari")
    OTHER = "other", mark("another browser")


class System(Named):
    """An operating system that is told apart."""

    WINDOWS = "windows", mark("Windows")
    ANDROID = "android", mark("Android")
    IOS = "ios", mark("iPhone or iPad")
    MACOS = "macos", mark("Mac")
    LINUX = "linux", mark("Linux")
    OTHER = "other", mark("another system")


# In this order: most of them say that they are Chrome and Safari as well.
_BROWSERS = (
    (Browser.COC_COC, ("coc_coc",)),
    (Browser.EDGE, ("edg/", "edga/", "edgios/")),
    (Browser.OPERA, ("opr/", "opera")),
    (Browser.SAMSUNG, ("samsungbrowser/",)),
    (Browser.FIREFOX, ("firefox/", "fxios/")),
    (Browser.CHROME, ("chrome/", "crios/", "chromium/")),
    (Browser.SAFARI, ("safari/",)),
)
_SYSTEMS = (
    (System.WINDOWS, ("windows",)),
    (System.ANDROID, ("android",)),
    (System.IOS, ("iphone", "ipad")),
    (System.MACOS, ("mac os x", "macintosh")),
    (System.LINUX, ("linux", "cros")),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """From where a session was used, and on what."""

    address: str
    browser: Browser
    system: System

    @property
    def device(self) -> str:
        """The kind of device, as it is kept."""
        return f"{self.browser.value}/{self.system.value}"


def read_device(kept: str | None) -> tuple[Browser, System]:
    """Return what is kept of a device."""
    browser, _, system = (kept or "").partition("/")
    return (
        Browser(browser) if browser in set(Browser) else Browser.OTHER,
        System(system) if system in set(System) else System.OTHER,
    )


def seen(address: str | None, user_agent: str) -> Seen:
    """Return from where and on what a request comes, as it may be kept."""
    said = user_agent[:LOOKED_AT].lower()
    return Seen(
        _address(address),
        next((kind for kind, words in _BROWSERS if _says(said, words)), Browser.OTHER),
        next((kind for kind, words in _SYSTEMS if _says(said, words)), System.OTHER),
    )


def _says(said: str, words: tuple[str, ...]) -> bool:
    return any(word in said for word in words)


def _address(given: str | None) -> str:
    """Return an address as it is written, or that nobody knows it."""
    try:
        return str(ip_address((given or "").partition("%")[0]))
    except ValueError:
        return UNKNOWN_ADDRESS
