"""The package of a case: asked for with a reason and a proof, and nothing in it can be changed."""

import html
import json
import re
import struct
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from io import BytesIO

import pytest
from sqlalchemy import select, update

from tests.builders import Cast, as_owner, officer_of, opinion, sent, small_province
from tests.usecases.test_amend import BASIS, enter_basis
from tests.web.browsing import Browser, text_of
from tests.web.conftest import PASSWORD, Clock
from vetting.config import Settings
from vetting.engine.amend import Decision
from vetting.engine.checkpoint import read_checkpoint
from vetting.engine.policy import Action
from vetting.engine.verify_offline import (
    HISTORY,
    LOG,
    MANIFEST,
    WITNESS,
    Unreadable,
    Wrong,
    canonical,
    check_package,
    main,
    packed,
    read_key,
    unpacked,
)
from vetting.engine.vocabulary import AmendmentKind, Ground, Role, Verdict
from vetting.records.consultations import consultations
from vetting.records.database import Database
from vetting.records.history import entries, payloads
from vetting.records.identity import Ids
from vetting.records.officers import officers
from vetting.records.reads import reads
from vetting.records.rights import DatabaseRole
from vetting.records.sealing_key import make_sealing_key, read_sealing_key
from vetting.records.witness_folder import know_log, make_witness, read_witness_key
from vetting.records.witnessed import Witness, trust_witness
from vetting.usecases.amend import amend_conclusion, draft_amendment, sign_amendment
from vetting.usecases.ask_witnesses import Reply, ask_witnesses
from vetting.usecases.look import look
from vetting.usecases.restrict_case import restrict_case
from vetting.usecases.seal_checkpoint import seal_checkpoint
from vetting.web import create_app
from vetting.web.witness import create_witness

REASON = "Kiểm tra theo kế hoạch số 5-KH/UBKT"
ME = officer_of("uy-ban-kiem-tra", Role.SUPERVISOR)


class Log:
    """A log with a witness; `seal()` brings it up to date."""

    def __init__(self, database, folder, there):
        make_sealing_key(folder, "vetting/test")
        make_witness(there, "thanh-tra.tinh")
        self.database, self.folder, self.key = database, folder, read_sealing_key(folder)
        know_log(there, self.key.public)
        witness = read_witness_key(there).public
        trust_witness(folder, Witness(witness, "http://there"))
        self.witness = create_witness(str(there)).test_client()
        self.keys = read_key(str(self.key.public), LOG), [read_key(str(witness), WITNESS)]
        self.words = ("--log-key", str(self.key.public), "--witness-key", str(witness))

    def seal(self):
        seal_checkpoint(self.database, self.key)
        ask_witnesses(self.database, self.folder, self._ask)

    def _ask(self, _address, question):
        answer = self.witness.post("/add-checkpoint", data=question)
        return Reply(answer.status_code, answer.get_data(as_text=True))


@pytest.fixture
def log(database, settings, tmp_path):
    return Log(database, settings.folder, tmp_path / "witness")


def concluded(cast, board, clock):
    """A case that was concluded, and looked at before its package is asked for."""
    case = cast.concluded(name="Đặng Thị Gói")
    board.get(f"/cases/{case}")
    clock.go_on(seconds=10)
    return case


@pytest.fixture
def case(cast, browser_of, clock):
    return concluded(cast, browser_of(Role.BOARD_OFFICER), clock)


@pytest.fixture
def supervisor(browser_of):
    return browser_of(Role.SUPERVISOR)


def asked(browser, case, reason=REASON):
    """Ask for a package; return the address of its page."""
    answer = browser.send(f"/cases/{case}/package", reason=reason)
    assert answer.status_code == 303, text_of(answer)
    return answer.location


def taken_out(browser, case, log):
    """Take out a package; return the page that gives it, and its bytes."""
    page = asked(browser, case)
    log.seal()
    answer = browser.send(page)
    assert (answer.status_code, answer.mimetype) == (200, "application/zip"), text_of(answer)
    return page, answer.data


@dataclass
class Taken:
    """A package that was taken out, and the keys to check it with."""

    data: bytes
    keys: tuple
    words: tuple

    @property
    def files(self):
        return unpacked(self.data)


@pytest.fixture(scope="module")
def package(shared_site_url, passwords, kept_password, tmp_path_factory):
    """One package for all that only read it."""
    folder, clock = tmp_path_factory.mktemp("package"), Clock()
    database = Database(shared_site_url, DatabaseRole.OWNER)
    with database.writing() as connection:
        small_province(connection)
        connection.execute(update(officers).values(password_hash=kept_password, language="en"))
    settings = Settings(
        database_url=shared_site_url, folder=folder, secret_key="a key for tests only"
    )
    ids, log = Ids(clock), Log(database, folder, folder / "witness")
    app = create_app(settings, ids=ids, passwords=passwords)
    app.test_client_class = Browser
    board, supervisor = app.test_client(), app.test_client()
    board.sign_in(officer_of("ban-to-chuc", Role.BOARD_OFFICER), PASSWORD)
    supervisor.sign_in(ME, PASSWORD)
    _, data = taken_out(supervisor, concluded(Cast(database, ids), board, clock), log)
    app.extensions["vetting"].database.close()
    database.close()
    return Taken(data, log.keys, log.words)


def lines_of(database):
    with database.reading() as connection:
        return connection.execute(select(reads).order_by(reads.c.number)).all()


# --------------------------------------------------------------- asking


def test_an_export_is_an_entry_and_a_look_with_its_reason(supervisor, case, log, database):
    page = asked(supervisor, case)
    with database.reading() as connection:
        entry = connection.execute(
            select(entries, payloads.c.content)
            .join(payloads)
            .where(entries.c.case_handle == case, entries.c.verb == "case.exported")
        ).one()
    assert (entry.officer, entry.role, entry.method) == (ME, "supervisor", "password/password")
    assert json.loads(entry.content)["reason"] == REASON
    assert page == f"/cases/{case}/packages/{entry.number}"
    waiting = supervisor.get(page)
    assert "The package is being sealed" in text_of(waiting)

    log.seal()
    before = len(lines_of(database))
    answer = supervisor.send(page)

    assert answer.headers["Content-Disposition"].endswith(f'-{entry.number}.zip"')
    look = lines_of(database)[-1]
    assert len(lines_of(database)) == before + 2  # the page, and the file
    assert (look.how, look.purpose, look.case_handle) == ("export", REASON, case)
    assert "took out the package of the case" in text_of(supervisor.get(f"/cases/{case}/history"))


def test_it_is_asked_again_who_it_is_before_the_entry_and_before_the_file(
    supervisor, case, log, database, clock
):
    clock.go_on(minutes=6)
    question = supervisor.send(f"/cases/{case}/package", reason=REASON)
    assert question.status_code == 401
    with database.reading() as connection:
        assert not connection.scalars(
            select(entries.c.number).where(entries.c.verb == "case.exported")
        ).all()
    answer = supervisor.send_form(question, proof_password=PASSWORD)
    assert answer.status_code == 303
    log.seal()

    clock.go_on(minutes=6)
    question = supervisor.send(answer.location)
    assert question.status_code == 401
    assert supervisor.send_form(question, proof_password=PASSWORD).mimetype == "application/zip"


def test_who_may_not_has_no_such_page_and_nobody_has_anothers(case, log, browser_of, cast):
    for role in (Role.CASE_OFFICER, Role.BOARD_OFFICER, Role.BODY_SIGNER, Role.SECRETARY):
        browser = browser_of(role)
        assert browser.get(f"/cases/{case}/package").status_code == 403
        assert "/package" not in browser.get(f"/cases/{case}").text
    head, supervisor = browser_of(Role.BOARD_HEAD), browser_of(Role.SUPERVISOR)
    page = asked(head, case)
    log.seal()
    assert supervisor.get(page).status_code == 404
    assert head.send(page).mimetype == "application/zip"
    assert supervisor.get(f"/cases/{case}/packages/1").status_code == 404

    restrict_case(cast.head, sent(), case, 0, [officer_of("so-y-te", Role.CASE_OFFICER)])
    assert supervisor.get(f"/cases/{case}/package").status_code == 404


def test_a_reason_is_needed_and_nothing_typed_is_lost(supervisor, case):
    answer = supervisor.send(f"/cases/{case}/package", reason=" ")
    assert answer.status_code == 422
    assert "Give a reason." in text_of(answer)
    long = "a" * 501
    answer = supervisor.send(f"/cases/{case}/package", reason=long)
    assert answer.status_code == 422
    assert long in answer.text


def test_an_export_outdates_no_form_about_the_case(cast, browser_of, supervisor):
    case = cast.filed(name="Ai Đó")
    board = browser_of(Role.BOARD_OFFICER)
    opened = board.get(f"/cases/{case}/take-up")
    asked(supervisor, case)

    assert board.send_form(opened).status_code == 303


def test_a_package_is_out_of_date_after_a_day_and_when_a_name_in_it_has_changed(
    supervisor, case, log, database, clock, browser_of
):
    page = asked(supervisor, case)
    log.seal()
    opened = supervisor.get(page)
    with database.writing() as connection:
        connection.execute(update(officers).where(officers.c.handle == ME).values(name="Khác"))
    answer = supervisor.send_form(opened)
    assert answer.status_code == 409
    assert "has changed since you asked for it" in text_of(answer)
    with database.writing() as connection:
        connection.execute(update(officers).where(officers.c.handle == ME).values(name=ME))
    assert supervisor.send(page).mimetype == "application/zip"

    clock.go_on(days=1, minutes=1)
    supervisor = browser_of(Role.SUPERVISOR)
    assert "more than a day ago" in text_of(supervisor.get(page))


# --------------------------------------------------------------- what is in it


def test_the_same_package_has_the_same_bytes(supervisor, case, log, clock):
    page, data = taken_out(supervisor, case, log)
    clock.go_on(seconds=10)
    asked(supervisor, case, "Một lần nữa")
    supervisor.get(f"/cases/{case}")
    log.seal()

    assert supervisor.send(page).data == data


def test_it_tells_the_whole_case_in_both_languages_and_says_what_it_withholds(package):
    files = package.files
    assert sorted(files) == [
        "README.txt",
        "case.html",
        "history.json",
        "ho-so.html",
        "manifest.json",
        "verify_offline.py",
        "workflow-consultation-v1.toml",
        "workflow-planning-v1.toml",
    ]
    english, vietnamese = files["case.html"].decode(), files["ho-so.html"].decode()
    for page in (english, vietnamese):
        assert "Đặng Thị Gói" in page
        assert REASON in page
        assert "<script" not in page
        assert "http://" not in page
    for words in ("signed the opinion of", "Withheld:", "Late steps", "Who has seen it", "Meets"):
        assert words in english
    assert 'lang="vi"' in vietnamese
    assert "Proved by: password" in english
    assert "Xác thực bằng: mật khẩu" in vietnamese
    assert "Xác thực bằng: password" not in vietnamese
    history = json.loads(files["history.json"])
    hidden = [line for line in history["entries"] if line["entry"] is None]
    assert hidden
    assert english.count("Withheld:") == len(hidden)
    assert "opinion.drafted" not in files["history.json"].decode()
    readme = files["README.txt"].decode()
    assert "--log-key" in readme
    assert "How to check it:" in readme


def test_its_own_program_checks_it_alone(package, tmp_path):
    for name, content in package.files.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "package.zip").write_bytes(package.data)
    told = subprocess.run(  # what the package itself brings
        [sys.executable, "-I", "verify_offline.py", "package.zip", *package.words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stdout.startswith("KHỚP / HOLDS\n")
    for words in ("Nhân chứng thanh-tra.tinh đã ký lúc", "Witnessed by thanh-tra.tinh at"):
        assert words in told.stdout
    assert "Note:" not in told.stdout
    assert "Lưu ý:" not in told.stdout
    plain = subprocess.run(  # on a console without Vietnamese letters
        [sys.executable, "verify_offline.py", "package.zip"],
        cwd=tmp_path,
        env={"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert plain.returncode == 0, plain.stderr
    assert plain.stdout.startswith(b"KHOP / HOLDS\nHo so ")
    assert b"Luu y: khoa cua nhat ky chung lay tu chinh tep nay" in plain.stdout


def test_it_says_what_became_of_what_was_signed_and_until_when_it_holds(
    cast, browser_of, database, log, clock, with_validity
):
    clock.go_on(days=60)
    case = cast.closed()
    with as_owner(database).writing() as connection:
        enter_basis(connection)
        asked_of = select(consultations.c.handle).where(consultations.c.body == "thue")
        asked = connection.scalar(asked_of)
    drawn_up = Decision(
        AmendmentKind.CORRECTION, Ground.OWN, "Ghi nhầm số thuế.", BASIS, "2026-03-06", "2026-04-01"
    )
    instead = opinion(Verdict.OBJECTION, "Có vi phạm về thuế.")
    draft_amendment(cast.drafter("thue"), sent(), asked, drawn_up, instead)
    with database.reading() as connection:
        c = consultations.c
        written = connection.scalar(select(c.amendment).where(c.handle == asked))
    text = json.loads(written)["hash"]
    look(cast.signer("thue"), Action.SIGN_AMENDMENT, texts=[(case, asked, text)])
    sign_amendment(cast.signer("thue"), sent(), asked, text)
    with_validity()
    browser = browser_of(Role.SUPERVISOR)
    _, data = taken_out(browser, case, log)

    said = text_in(unpacked(data)["case.html"])
    first = said.index("As first signed; since corrected, annulled or revoked:")
    stands = said.index("Correction: Objection Có vi phạm về thuế.")
    assert stands < said.index("Ghi nhầm số thuế.", stands) < first
    assert "In force from 01/04/2026" in said[stands:first]
    assert said.index("No objection", first) < said.index("Signed by", first)
    assert "Valid until 05/04/2026 3 months from the day on which the authority decided (R)" in said
    assert "Có hiệu lực đến 05/04/2026" in text_in(unpacked(data)["ho-so.html"])
    check_package(data, *log.keys)

    annuls = Decision(
        AmendmentKind.ANNULMENT, Ground.OWN, "Sai thẩm quyền.", BASIS, "2026-03-06", "2026-04-01"
    )
    amend_conclusion(cast.secretary, sent(), case, annuls)
    clock.go_on(seconds=10)
    _, data = taken_out(browser, case, log)

    said = text_in(unpacked(data)["case.html"])
    gone = said.index("Conclusion of the authority Annulment")
    assert gone < said.index("Sai thẩm quyền.", gone) < said.index("As first signed", gone)
    assert "Valid until" not in said
    check_package(data, *log.keys)


def text_in(page):
    """What a page of a package says, without what it is marked up with."""
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(page.decode())).split())


# --------------------------------------------------------------- what is done to it


def judged(data, package):
    """Return what the checker says: what holds, with its files, or why not."""
    try:
        found = check_package(data, *package.keys)
        assert found["moment"] == "Asked for"
    except (Wrong, Unreadable) as wrong:
        return str(wrong)
    except (LookupError, TypeError, AttributeError, ValueError) as broken:
        return repr(broken)
    return {"holds": unpacked(data), "notes": found["warnings"]}


def test_no_flipped_bit_changes_what_a_package_shows(package):
    whole = judged(package.data, package)
    assert whole["notes"] == []
    step, unseen = max(1, len(package.data) // 700), []
    positions = {
        *range(0, len(package.data), step),
        *range(len(package.data) - 250, len(package.data)),
    }
    for at in sorted(positions):
        changed = bytearray(package.data)
        changed[at] ^= 1 << at % 8
        found = judged(bytes(changed), package)
        if isinstance(found, dict) and (found["holds"] != whole["holds"] or not found["notes"]):
            unseen.append(at)

    assert unseen == []
    assert len(positions) > 900


def test_no_byte_of_any_file_can_be_changed_with_its_sums_put_right(package):
    """As somebody would who packs it anew: no sum of the ZIP tells."""
    files, unseen, tried = package.files, [], 0
    for name, content in files.items():
        for at in range(0, len(content), max(1, len(content) // 60)):
            changed = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
            tried += 1
            if isinstance(judged(packed({**files, name: changed}), package), dict):
                unseen.append((name, at))

    assert unseen == []
    assert tried > 300


def test_files_put_in_left_out_or_exchanged_are_named(package):
    files = package.files
    for name in files:
        without = {one: content for one, content in files.items() if one != name}
        assert not isinstance(judged(packed(without), package), dict), name
    assert judged(packed({**files, "more.html": b"x"}), package) == "a file was put in: more.html"
    swapped = {**files, "case.html": files["ho-so.html"]}
    assert judged(packed(swapped), package) == "a file was changed: case.html"


def test_what_an_entry_says_cannot_be_left_out_as_if_it_were_withheld(package):
    """Each entry hidden, emptied, taken away, or the end cut off, with the list put right."""
    files = package.files
    whole = json.loads(files[HISTORY])
    for at, line in enumerate(whole["entries"]):
        forgeries = [[*whole["entries"][:at], *whole["entries"][at + 1 :]]]
        if line["entry"] is not None:
            forgeries.append(with_line(whole, at, {**line, "entry": None}))
            bare = {name: value for name, value in line.items() if name != "payload"}
            forgeries.append(with_line(whole, at, bare))
        for forged in forgeries:
            told = {**whole, "entries": forged, "last_seal": forged[-1]["seal"]}
            data = packed({**files, HISTORY: canonical(told)})
            assert not isinstance(judged(data, package), dict), at


def with_line(told, at, line):
    return [*told["entries"][:at], line, *told["entries"][at + 1 :]]


def test_a_package_that_was_packed_anew_does_not_hold(package):
    """Another program may unpack from it what ours never looked at."""
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in package.files.items():
            archive.writestr(name, content)
    whole = packed(package.files)
    assert judged(whole, package)["holds"] == package.files
    for anew in (written.getvalue(), whole + b"\0", whole[:-2] + b"\1\0x", b"PK" + whole):
        assert not isinstance(judged(anew, package), dict)
    spaced = {
        **package.files,
        MANIFEST: package.files[MANIFEST].replace(b":", b": ", 1),
    }
    assert not isinstance(judged(packed(spaced), package), dict)


def named(*names, content=b"x"):
    written = BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name in names:
            archive.writestr(name, content)
    return written.getvalue()


def test_no_name_leads_out_of_it_and_nothing_in_it_grows_without_end(tmp_path):
    for name in ("../x", "/etc/passwd", "a/b", "..", "C:\\x", "a\\b", ".x", "x" * 200, "ẹ"):
        with pytest.raises(Wrong, match="a name that no file of a package has"):
            unpacked(named(name))
    with pytest.raises(Unreadable, match="larger"):
        unpacked(named(*(f"f{number}" for number in range(65))))
    small, place = named("bomb", content=b"\0" * 1_000), 24  # where a ZIP says how large it is
    for says in (2**30, 10):  # larger than any package, and smaller than it is
        lying = bytearray(small)
        at = lying.rfind(b"PK\x01\x02") + place
        lying[at : at + 4] = struct.pack("<I", says)
        with pytest.raises(Unreadable):
            unpacked(bytes(lying))
    twice = packed({"one": b"1", "two": b"2"}).replace(b"two", b"one")
    with pytest.raises(Wrong, match="two files"):
        unpacked(twice)
    assert list(tmp_path.iterdir()) == [] or not (tmp_path / "x").exists()


def test_whatever_is_no_package_is_told_with_a_sentence(package, tmp_path, capsys):
    file = tmp_path / "package.zip"
    other = "vetting/other+" + package.words[1].split("+", 1)[1]
    for content, words in (
        (b"", package.words),
        (b"PK", package.words),
        (package.data[: len(package.data) // 2], package.words),
        (package.data[:-1], package.words),
        (package.data[100:], package.words),
        (named("x"), package.words),
        (named("history.json", "manifest.json"), package.words),
        (named("history.json", "manifest.json", content=b"[" * 200_000), package.words),
        (named("history.json", "manifest.json", content=b"{}"), package.words),
        (named("history.json", "manifest.json", content=b'{"format":1}'), package.words),
        (package.data, ("--log-key", other)),
    ):
        file.write_bytes(content)
        assert main([str(file), *words]) in {1, 2}
        told = capsys.readouterr()
        assert re.search("Không đọc được: .+\nThis cannot be read: .+\n", told.err) or (
            told.out.startswith("KHÔNG KHỚP / DOES NOT HOLD\nLý do: ") and "\nWhy: " in told.out
        )


def test_a_checkpoint_of_another_installation_is_no_proof(package, tmp_path):
    make_sealing_key(tmp_path / "elsewhere", "vetting/elsewhere")
    elsewhere = read_sealing_key(tmp_path / "elsewhere")
    key = read_key(str(elsewhere.public), LOG)
    with pytest.raises(Wrong, match="of the log vetting/test, not of vetting/elsewhere"):
        check_package(package.data, key, [])
    files = package.files
    told = json.loads(files[HISTORY])
    text = told["checkpoint"].partition("\n\n")[0] + "\n"
    theirs = read_checkpoint(text.replace("vetting/test", "vetting/elsewhere"))
    told |= {"checkpoint": elsewhere.sign(theirs), "log_key": str(elsewhere.public)}
    forged = packed({**files, HISTORY: canonical(told)})

    with pytest.raises(Wrong, match="of the log vetting/elsewhere, not of vetting/test"):
        check_package(forged, *package.keys)
    assert check_package(forged, None, [])["warnings"]  # by itself it is never more than that
