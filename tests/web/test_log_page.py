"""The page of the common log: the line to keep, its picture, and a line that somebody kept."""

import re
from base64 import b64encode
from html import unescape
from urllib.parse import quote

import pytest
import segno
from sqlalchemy import text

from tests.builders import as_superuser
from tests.web.browsing import errors_at, text_of
from vetting.engine.vocabulary import Role
from vetting.records.sealing_key import make_sealing_key, read_sealing_key
from vetting.usecases.seal_checkpoint import seal_checkpoint


@pytest.fixture
def sealed(cast, database, settings, ids):
    """A log of two checkpoints, and the name of it."""
    make_sealing_key(settings.folder, "vetting/test")
    key = read_sealing_key(settings.folder)
    cast.filed()
    seal_checkpoint(database, key, ids)
    return lambda: (cast.filed(), seal_checkpoint(database, key, ids))


def line_on(page) -> str:
    return unescape(re.search(r'<code class="key">(.*?)</code>', page.text)[1])


def asked(browser, line):
    return browser.get(f"/log?line={quote(line)}")


@pytest.mark.usefixtures("sealed")
def test_the_line_stands_beside_its_picture(browser_of):
    page = browser_of(Role.CASE_OFFICER).get("/log")
    line = line_on(page)
    assert re.fullmatch(r"vetting/test [1-9]\d* [0-9a-f]{64}", line)
    drawn = segno.make(line, error="m", micro=False)
    assert unescape(re.search(r'<img class="qr"\s+src="([^"]+)"', page.text)[1]) == (
        drawn.svg_data_uri(scale=4, border=4, light="#fff")
    )
    assert 'alt="The line beside it, as a QR code"' in page.text
    assert "img-src 'self' data:" in page.headers["Content-Security-Policy"]


def test_a_kept_line_still_holds_after_the_log_has_grown(sealed, browser_of):
    browser = browser_of(Role.BODY_OFFICER)
    line = line_on(browser.get("/log"))
    sealed()
    assert line_on(browser.get("/log")) != line
    name, size, root = line.split()
    for written in (line, f"  {name}\n{size}  {root[:30].upper()}\n {root[30:]} "):
        page = asked(browser, written)
        assert page.status_code == 200
        assert f"still contains that history: its first {size} entries" in text_of(page)
        assert "tell whoever supervises" not in text_of(page)


@pytest.mark.usefixtures("sealed")
def test_a_line_of_another_history_is_told_as_such(browser_of):
    browser = browser_of(Role.SUPERVISOR)
    name, size, root = line_on(browser.get("/log")).split()
    other = root[:-1] + ("0" if root[-1] != "0" else "1")
    for line, said in (
        (f"{name} {size} {other}", "have another root than the line says"),
        (f"{name} {int(size) + 1} {root}", f"and the log has {size}"),
        (f"{name} {int(size) - 1} {root}", "have another root than the line says"),
    ):
        page = asked(browser, line)
        assert page.status_code == 200
        assert "does not contain that history" in text_of(page)
        assert said in text_of(page)
        assert "tell whoever supervises" in text_of(page)
        assert line in text_of(page), "what was typed stays in its field"


@pytest.mark.usefixtures("sealed")
def test_a_log_whose_entries_were_changed_says_so_though_what_is_kept_beside_it_was_not(
    browser_of, database
):
    browser = browser_of(Role.SUPERVISOR)
    line = line_on(browser.get("/log"))
    with as_superuser(database) as connection:
        if connection.dialect.name == "sqlite":
            named = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'log'"
            for trigger in connection.scalars(text(named)).all():
                connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
        changed = text("UPDATE log SET seal = :seal WHERE position = 0")
        connection.execute(changed, {"seal": "ab" * 32})
        connection.commit()
    assert line_on(browser.get("/log")) == line
    assert "does not contain that history" in text_of(asked(browser, line))


@pytest.mark.usefixtures("sealed")
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("vetting/other 3 " + "a" * 64, "This line is of another log."),
        ("vetting/test 3 " + "a" * 63, "This is no line of a log."),
        ("vetting/test 0 " + "a" * 64, "This is no line of a log."),
        ("vetting/test ² " + "a" * 64, "This is no line of a log."),
        ("vetting/test 3 " + b64encode(b"a" * 32).decode(), "This is no line of a log."),
        ("9" * 90, "This is no line of a log."),
        ("vetting/test " + "9" * 400 + " " + "a" * 64, "This is no line of a log."),
        ("<b>ba</b>", "This is no line of a log."),
        (" ", "Write the line."),
    ],
)
def test_what_is_no_line_of_this_log_is_refused_at_its_field(browser_of, line, said):
    page = asked(browser_of(Role.CASE_OFFICER), line)
    assert page.status_code == 422
    [error] = errors_at(page, "line")
    assert said in error
    assert line.strip() in text_of(page), "what was typed stays in its field"


def test_before_anything_was_sealed_there_is_no_line_to_check(browser_of):
    browser = browser_of(Role.CASE_OFFICER)
    assert "Nothing was sealed yet." in text_of(browser.get("/log"))
    assert "Compare it with the log" not in text_of(browser.get("/log"))
    assert asked(browser, "vetting/test 3 " + "a" * 64).status_code == 422


def test_whoever_reads_the_page_is_told_where_the_witnesses_are_not_known(browser_of, settings):
    (settings.folder / "witnesses").write_text("nonsense", "utf-8")
    page = browser_of(Role.CASE_OFFICER).get("/log")
    assert page.status_code == 200
    assert "witnesses does not say who the witnesses are" in text_of(page)
    assert "No witness is named yet" not in text_of(page)
