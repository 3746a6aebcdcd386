"""What is taken out as a file asks again who it is, and the line of it keeps the answer."""

from sqlalchemy import select

from tests.web.browsing import links_of, text_of
from tests.web.conftest import PASSWORD
from vetting.engine.looks import How
from vetting.engine.vocabulary import Role
from vetting.records.reads import reads
from vetting.records.sealing_key import make_sealing_key, read_sealing_key
from vetting.usecases.seal_checkpoint import seal_checkpoint
from vetting.web.shown import SHOWN

NAME = "Đặng Kín"


def a_result(cast, browser_of):
    """What became of an act of the Board's on a case: its browser, and the address."""
    officer = browser_of(Role.BOARD_OFFICER)
    case = cast.filed(name=NAME)
    answer = officer.send_form(officer.get(f"/work/take-up?case={case}"))
    assert answer.status_code == 303, text_of(answer)
    return officer, answer.location


def test_a_file_is_asked_for_once_more_and_its_line_keeps_how(cast, browser_of, clock, database):
    officer, page = a_result(cast, browser_of)
    clock.go_on(minutes=6)

    asked = officer.get(f"{page}.csv")
    wrong = officer.send_form(asked, proof_password="another one")
    right = officer.send_form(asked, proof_password=PASSWORD)

    assert (asked.status_code, wrong.status_code, right.status_code) == (401, 422, 200)
    assert NAME not in asked.text + wrong.text
    assert "You take data out as a file" in text_of(asked)
    assert page in links_of(asked)
    assert NAME in right.text
    with database.reading() as connection:
        lines = connection.execute(
            select(reads.c.method, reads.c.asked).where(reads.c.how == How.EXPORT.value)
        ).all()
    assert lines == [("password/password", "result")]
    assert officer.get(f"{page}.csv").status_code == 200  # proved a moment ago


def test_a_receipt_is_asked_for_once_more_too(cast, browser_of, clock, database, ids, tmp_path):
    make_sealing_key(tmp_path, "vetting/test")
    case = cast.consulting()
    asked = cast.asked(case)["cong-an"]
    cast.sign(case, "cong-an")
    seal_checkpoint(database, read_sealing_key(tmp_path), ids)
    signer = browser_of(Role.BODY_SIGNER, "cong-an")
    clock.go_on(minutes=6)

    question = signer.get(f"/consultations/{asked}/receipt")
    answer = signer.send_form(question, proof_password=PASSWORD)

    assert (question.status_code, answer.status_code) == (401, 200)
    assert "/signed" in links_of(question)
    assert answer.mimetype == "application/json"


def test_a_page_keeps_no_proof(cast, browser_of, database):
    officer, page = a_result(cast, browser_of)

    officer.get(page)

    with database.reading() as connection:
        methods = set(connection.scalars(select(reads.c.method)))
    assert methods == {None}


def test_who_has_seen_a_case_is_told_with_what_a_file_was_proved(cast, browser_of, clock):
    officer, page = a_result(cast, browser_of)
    clock.go_on(minutes=6)
    officer.send_form(officer.get(f"{page}.csv"), proof_password=PASSWORD)

    [case] = {link for link in links_of(officer.get(page)) if link.startswith("/cases/")}
    told = text_of(officer.get(f"{case}/readers"))

    assert "took out as a file" in told
    assert "Proved by: password; proved again by password" in told


def test_a_file_that_calls_itself_a_page_does_not_leave(cast, browser_of, monkeypatch):
    """The planted defect: what is a view by its line would ask nobody for a proof."""
    officer, page = a_result(cast, browser_of)
    view = SHOWN["results.show"]
    monkeypatch.setitem(SHOWN, "results.download", view)
    monkeypatch.setattr(officer.application, "testing", False)

    assert officer.get(f"{page}.csv").status_code == 500
