"""A witness over real HTTP and by hand, as operators use it."""

import json
import threading
from base64 import b64encode
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import make_url
from werkzeug.serving import make_server

from tests.builders import Cast, add_officer
from tests.records.conftest import province
from vetting.commands.history import history
from vetting.commands.officers import officers
from vetting.commands.witness import witness
from vetting.commands.worker import worker
from vetting.config import Settings
from vetting.engine.vocabulary import Role
from vetting.records.sealing_key import make_sealing_key, read_sealing_key
from vetting.usecases.declare_gap import declare_gap
from vetting.web import create_app
from vetting.web.witness import create_witness
from vetting.worker.run import Worker
from vetting.worker.send import send

NAME = "thanh-tra.tinh"


@pytest.fixture
def here(sqlite_url, tmp_path, monkeypatch):
    """An installation with a sealed history."""
    folder = tmp_path / "here"
    for database in province(sqlite_url):
        Cast(database).filed()
        make_sealing_key(folder, "vetting/test")
        monkeypatch.setenv("VETTING_DATABASE_URL", sqlite_url)
        monkeypatch.setenv("VETTING_FOLDER", str(folder))
        monkeypatch.setenv("VETTING_LANGUAGE", "en")
        assert run(history, "seal")[0] == 0
        yield folder, database, sqlite_url


def run(group, *words, **told):
    done = CliRunner().invoke(group, words, **told)
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.exit_code, done.output


def ready(there, here):
    """Make a witness that knows the log, and that the log knows by hand."""
    key = run(witness, "init", "--folder", str(there), "--name", NAME)[1].strip()
    run(witness, "know", "--folder", str(there), str(here / "sealing_key.pub"))
    return key


def test_a_question_goes_there_by_hand_and_the_answer_comes_back(here, tmp_path):
    folder, _, _ = here
    there, question, answer = tmp_path / "there", tmp_path / "question", tmp_path / "answer"
    key = ready(there, folder)
    done = [
        run(history, "trust-witness", key),
        run(history, "ask", NAME, "-o", str(question)),
        run(witness, "sign", "--folder", str(there), str(question), "-o", str(answer)),
        run(history, "keep", NAME, str(answer)),
        run(history, "ask", NAME),
    ]
    assert done == [
        (0, f"{NAME} is asked from now on.\n"),
        (0, ""),
        (0, ""),
        (0, f"{NAME} has signed 2 entries.\n"),
        (0, "It has signed the latest checkpoint already.\n"),
    ]


def sign_by_hand(there):
    """Have the witness sign the latest checkpoint."""
    question, answer = there.parent / "question", there.parent / "answer"
    run(history, "seal")
    run(history, "ask", NAME, "-o", str(question))
    run(witness, "sign", "--folder", str(there), str(question), "-o", str(answer))
    assert run(history, "keep", NAME, str(answer))[0] == 0


def verified():
    """Verify, in words and as JSON; returns what concerns the witness."""
    (code, said), (same, told) = run(history, "verify"), run(history, "verify", "--json")
    told = json.loads(told)
    assert (code, told["holds"]) == (same, code == 0)
    there_is = "What there is of the history" if told["declared_gaps"] else "The history"
    assert said.endswith(f"{there_is} holds.\n") is told["holds"]
    sentence = told["unlike_witnessed"]
    assert sentence is None or f"{sentence}\n" in said
    return code, told["witnessed"], sentence, said.splitlines()


def test_a_database_that_was_put_back_does_not_verify_until_two_people_said_so(here, tmp_path):
    folder, database, url = here
    there, file = tmp_path / "there", Path(make_url(url).database)
    run(history, "trust-witness", ready(there, folder))
    nothing_known = (
        "Nothing is known to have been signed by a witness: a database that was put back would "
        "not be found."
    )
    assert verified()[:3] == (0, None, None)
    assert nothing_known in verified()[3]
    sign_by_hand(there)
    before = file.read_bytes()
    Cast(database).filed()
    sign_by_hand(there)
    assert verified()[:3] == (0, 5, None)
    assert nothing_known not in verified()[3]

    database.close()
    file.write_bytes(before)
    code, size, sentence, said = verified()
    assert (code, size, said[-1]) == (1, 5, "The history does not hold.")
    assert sentence.startswith(
        "A witness has signed a history of 5 entries that this database does not have: it has 2,"
    )
    with pytest.raises(SystemExit) as refused:
        create_app(Settings(database_url=url, folder=folder, secret_key="a key for tests"))
    assert str(refused.value) == sentence

    with database.writing() as connection:
        add_officer(connection, "quan-tri", "ban-to-chuc", Role.ADMINISTRATOR)
    declare_gap(database, folder, "quan-tri", "Khôi phục bản sao lưu")
    assert json.loads(run(history, "verify", "--json")[1])["declared_gaps"] == []
    declare_gap(database, folder, "uy-ban-kiem-tra/s1", confirms=True)
    code, size, sentence, said = verified()
    missing = (
        "Entries are missing, or others stand in their place: a witness has signed 5, and the log "
        "had 2 when two people declared the gap. The common log’s page says who, when and why."
    )
    assert (code, size, sentence) == (0, 5, None)
    assert said[1:] == [missing, "What there is of the history holds."]
    [gap] = json.loads(run(history, "verify", "--json")[1])["declared_gaps"]
    assert {name: value for name, value in gap.items() if not name.endswith("_at")} == {
        "signed_size": 5,
        "size": 2,
        "reason": "Khôi phục bản sao lưu",
        "declared_by": "quan-tri",
        "confirmed_by": "uy-ban-kiem-tra/s1",
    }
    (folder / "declared_gaps").write_text("rubbish\n")
    assert verified()[2] == (
        "declared_gaps does not say what people declared to be missing. Bring it back."
    )


def test_nothing_goes_on_in_a_database_that_was_put_back(here, tmp_path):
    """An old answer of the witness undoes nothing; nobody is entered who would then declare."""
    folder, database, url = here
    there, file = tmp_path / "there", Path(make_url(url).database)
    run(history, "trust-witness", ready(there, folder))
    sign_by_hand(there)
    before, old = file.read_bytes(), (tmp_path / "answer").read_bytes()
    Cast(database).filed()
    sign_by_hand(there)
    database.close()
    file.write_bytes(before)
    signed = (folder / "witnessed").read_text()
    (tmp_path / "old").write_bytes(old)

    behind = f"Error: {verified()[2]}\n"
    enter = ("--name", "x", "--role", "administrator", "--organisation", "ban-to-chuc")
    assert [
        run(history, "keep", NAME, str(tmp_path / "old")),
        run(history, "ask", NAME, "--from", "5"),
        run(history, "seal"),
        run(officers, "add", "mot", *enter, "--password", "mot hai ba bon nam"),
        run(officers, "password", "uy-ban-kiem-tra/s1", "--password", "mot hai ba bon nam"),
        run(officers, "disable", "uy-ban-kiem-tra/s1"),
    ] == [(2, behind)] * 6
    assert ((folder / "witnessed").read_text(), verified()[0]) == (signed, 1)


def test_a_witness_is_not_asked_about_a_database_without_its_triggers(here, tmp_path):
    folder, database, _ = here
    run(history, "trust-witness", ready(tmp_path / "there", folder))
    with database.engine.connect() as connection:
        connection.exec_driver_sql("DROP TRIGGER entries_no_update")
    code, said = run(history, "ask", NAME)
    assert (code, said.partition(". ")[0]) == (2, "Error: The trigger entries_no_update is missing")


def test_a_witness_is_not_asked_from_beyond_the_end_of_the_log(here, tmp_path):
    folder, _, _ = here
    run(history, "trust-witness", ready(tmp_path / "there", folder))
    code, said = run(history, "ask", NAME, "--from", "7")
    assert (code, said.partition(": a witness")[0]) == (2, "Error: This log has 2 entries")


def test_another_log_of_the_size_that_was_signed_does_not_verify(here, tmp_path):
    folder, _, _ = here
    run(history, "trust-witness", ready(tmp_path / "there", folder))
    sign_by_hand(tmp_path / "there")
    lines = (folder / "witnessed").read_text().splitlines(keepends=True)
    lines[2] = f"{b64encode(bytes(32)).decode()}\n"
    (folder / "witnessed").write_text("".join(lines))

    code, size, sentence, _ = verified()
    assert (code, size) == (1, 2)
    assert "it has 2, or others in their place" in sentence


def test_a_file_that_does_not_say_what_was_signed_is_named_and_nothing_holds(here, tmp_path):
    folder, _, url = here
    run(history, "trust-witness", ready(tmp_path / "there", folder))
    sign_by_hand(tmp_path / "there")
    for name in ("witnessed", "witness_ahead"):
        file = folder / name
        before = file.read_bytes() if file.exists() else None
        for content in (b"rubbish\n", b"\xff\xfe", b"", b"w -5\n", b"w 1_0\n", b"9" * 25):
            file.write_bytes(content)
            code, size, sentence, _ = verified()
            assert (code, size) == (1, None)
            assert sentence.startswith(file.name)
            with pytest.raises(SystemExit, match=name):
                create_app(Settings(database_url=url, folder=folder, secret_key="a key for tests"))
            done = run(worker)
            assert done == (2, f"Error: {sentence}\n")
        file.unlink()
        if before is not None:
            file.write_bytes(before)
        assert verified()[:3] == (0, 2, None)
    (folder / "witnessed").unlink()
    code, size, sentence, said = verified()
    assert (code, size, sentence) == (0, 2, None)  # the signatures in the database say so
    assert not any(line.startswith("Nothing is known") for line in said)


def test_a_file_of_witnesses_that_says_something_else_is_named(here, tmp_path):
    folder, _, _ = here
    key, file = ready(tmp_path / "there", folder), folder / "witnesses"
    (tmp_path / "answer").write_text("nothing")
    for content in (b"rubbish\n", b"\xff\xfe"):
        file.write_bytes(content)
        for words in (
            ("ask", NAME),
            ("keep", NAME, str(tmp_path / "answer")),
            ("trust-witness", key),
        ):
            code, said = run(history, *words)
            assert (code, said.count("\n")) == (2, 1)
            assert said.startswith(f"Error: {file.name} does not say who the witnesses are.")
        code, said = run(worker)
        assert (code, said.count("\n")) == (2, 1)


@pytest.mark.parametrize(
    "address",
    ["file:///a", "thanh-tra.tinh", "https://", "ftp://a", "http://a:x", "http://a\nb"],
)
def test_a_witness_is_entered_with_an_address_of_the_web_only(here, tmp_path, address):
    folder, _, _ = here
    key = ready(tmp_path / "there", folder)
    assert run(history, "trust-witness", key, "--address", address) == (
        2,
        "Error: A witness is asked over http or https; this is no such address.\n",
    )
    assert not (folder / "witnesses").exists()
    for right in ("http://10.0.0.1:5010", "https://thanh-tra.tinh/vetting"):
        assert run(history, "trust-witness", key, "--address", right)[0] == 0


def test_what_is_wrong_is_said(here, tmp_path):
    folder, _, _ = here
    there, question = tmp_path / "there", tmp_path / "question"
    key = ready(there, folder)
    run(history, "trust-witness", key)
    run(history, "ask", NAME, "-o", str(question))
    other = tmp_path / "other"
    run(witness, "init", "--folder", str(other), "--name", "khac")
    question_of_nothing = tmp_path / "nothing"
    question_of_nothing.write_text("nothing")

    assert [
        run(witness, "init", "--folder", str(tmp_path / "bad"), "--name", "a b"),
        run(witness, "sign", "--folder", str(other), str(question)),
        run(witness, "sign", "--folder", str(there), str(question_of_nothing)),
        run(witness, "sign", "--folder", str(tmp_path / "none"), str(question)),
        run(history, "trust-witness", "key"),
        run(history, "ask", "nobody"),
        run(history, "keep", NAME, str(question_of_nothing)),
    ] == [
        (2, "Error: A witness's name has no blank and no plus sign.\n"),
        (2, "Error: The witness does not know this log.\n"),
        (2, "Error: This is not a question to a witness.\n"),
        (2, f"Error: {tmp_path / 'none'} holds no key of a witness.\n"),
        (2, "Error: This is not a witness's public key.\n"),
        (
            2,
            "Error: There is no such witness. Name one with `vetting history trust-witness`.\n",
        ),
        (2, "Error: This witness has not signed any checkpoint of this log with it.\n"),
    ]


def test_a_worker_has_a_witness_sign_over_the_network_and_stops_when_behind(here, tmp_path):
    """The witness stands behind a socket; the database is then put back under the worker."""
    folder, database, url = here
    there = tmp_path / "there"
    key = ready(there, folder)
    with served(there) as address:
        run(history, "trust-witness", key, "--address", address)
        asked = []
        at_work = Worker(database, read_sealing_key(folder), folder, ask=lambda: asked.append(1))
        at_work.work_once()
        signed = (folder / "witnessed").read_text()
        Cast(database).filed()
        (folder / "witnessed").write_text(signed.replace("\n2\n", "\n9\n"))
        at_work.work_once()
        assert len(asked) == 1  # no job, and nobody is reminded, by a history that is not believed
        sealed = run(history, "verify", "--json")[1]

    assert '"in_log": 2' in sealed
    with pytest.raises(SystemExit, match="A witness has signed a history of 9 entries"):
        create_app(Settings(database_url=url, folder=folder, secret_key="a key for tests"))
    assert send_to_nobody(address) is None


def send_to_nobody(address):
    try:
        return send(address, "old 0\n\n")
    except OSError:
        return None


@contextmanager
def served(there):
    server = make_server("127.0.0.1", 0, create_witness(str(there)), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_witness_goes_on_after_a_declared_gap_from_the_file_that_the_log_writes(here, tmp_path):
    folder, database, url = here
    there, file, carried = tmp_path / "there", Path(make_url(url).database), tmp_path / "carried"
    run(history, "trust-witness", ready(there, folder))
    sign_by_hand(there)
    before = file.read_bytes()
    Cast(database).filed()
    sign_by_hand(there)
    database.close()
    file.write_bytes(before)
    with database.writing() as connection:
        add_officer(connection, "quan-tri", "ban-to-chuc", Role.ADMINISTRATOR)
    declare_gap(database, folder, "quan-tri", "Khôi phục bản sao lưu")
    declare_gap(database, folder, "uy-ban-kiem-tra/s1", confirms=True)

    Cast(database).filed()
    run(history, "seal")
    assert run(history, "ask", NAME, "-o", str(carried))[0] == 0
    anew = ("begin-anew", "--folder", str(there), str(carried))
    asks = "Did two people declare the gap, and did you see it in writing? [y/N]: "
    assert run(witness, "sign", "--folder", str(there), str(carried))[0] == 1
    assert run(witness, *anew, input="n\n") == (1, f"{asks}n\nAborted!\n")
    goes_on = "The witness had signed 5 entries; it goes on from 5.\n"
    assert run(witness, *anew, input="y\n") == (0, f"{asks}y\n{goes_on}")
    assert run(witness, *anew, "--yes")[0] == 0
    carried.write_text("old 3\n\nrubbish")
    assert run(witness, *anew, "--yes") == (
        2,
        "Error: This is no checkpoint of a log that the witness knows.\n",
    )
