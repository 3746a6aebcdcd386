"""Bodies are added, and asked instead of another, while consultations run; nothing is lost."""

from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from tests.builders import Cast, add_organisation, as_owner, definitions, opinion, sent
from vetting.engine.refusals import OutOfTurn, Refusal, Unacceptable
from vetting.engine.vocabulary import Kind, Verdict
from vetting.queries.case_history import case_history
from vetting.queries.consultation_page import consultation_page
from vetting.queries.untold import untold
from vetting.records.consultations import consultations
from vetting.records.history import entries
from vetting.records.letters import letters
from vetting.records.outbox import outbox
from vetting.records.rebuild import compare
from vetting.usecases.change_bodies import add_body
from vetting.usecases.draft_opinion import draft_opinion
from vetting.usecases.interrupt_case import take_back_consultation
from vetting.usecases.issue_consultations import Asking, issue_consultations
from vetting.usecases.sign_opinion import sign_opinion

NEW, WHY = "cong-thuong", "Có việc thuộc lĩnh vực này."


@pytest.fixture
def cast(database):
    with as_owner(database).writing() as connection:
        add_organisation(connection, NEW, Kind.CONSULTED_BODY)
    return Cast(database)


def well(cast):
    with cast.database.reading() as connection:
        assert list(compare(connection)) == []
        assert untold(connection, definitions()).gaps == ()


def row(cast, consultation):
    c = consultations.c
    with cast.database.reading() as connection:
        found = connection.execute(select(consultations).where(c.handle == consultation))
        return found.mappings().one()


def test_a_body_is_added_with_a_letter_of_its_own_and_the_case_waits_for_it(cast):
    case = cast.consulting()
    answer = add_body(cast.board, sent(), case, NEW, WHY, due_on="2026-04-01")
    for body in cast.bodies:
        cast.sign(case, body)
    asked = row(cast, answer["consultation"])
    assert (asked["turn"], asked["need"], asked["due_on"]) == (1, "must", "2026-04-01")
    assert list(cast.asked(case)) == [NEW]  # it is waited for
    with cast.database.reading() as connection:
        letter = connection.execute(select(letters).where(letters.c.receiver == NEW)).one()
        told = connection.scalars(select(outbox.c.on_move).where(outbox.c.organisation == NEW))
        assert (letter.handle, list(told)) == (asked["letter"], ["body_added"])
    cast.sign(case, NEW)
    well(cast)


def test_another_is_asked_instead_and_neither_learns_of_the_other(cast):
    case = cast.consulting()
    one = cast.asked(case)["thue"]
    draft_opinion(cast.drafter("thue"), sent(), one, opinion(Verdict.OBJECTION, "Đang xem xét."))
    answer = add_body(cast.board, sent(), case, NEW, WHY, instead_of=one)

    before, after = row(cast, one), row(cast, answer["consultation"])
    assert (before["state"], before["draft_reasons"]) == ("withdrawn", "Đang xem xét.")
    assert (after["body"], after["need"]) == (NEW, before["need"])
    with cast.database.reading() as connection:
        lines = case_history(connection, cast.board.principal, definitions(), case).lines
        said = [str(line.told.did) for line in lines]
        assert "asked Office cong-thuong instead of Office thue." in said
        for body in (NEW, "cong-an"):
            desk = cast.drafter(body)
            lines = case_history(connection, desk.principal, definitions(), case).lines
            assert not any("thue" in str(line.told.did) for line in lines)
    well(cast)


def test_what_was_in_flight_is_there_when_the_body_is_asked_again(cast):
    case = cast.consulting()
    one = cast.asked(case)["thue"]
    draft_opinion(cast.drafter("thue"), sent(), one, opinion(reasons="Đang xem xét."))
    take_back_consultation(cast.board, sent(), case, one, "Nhầm.")
    for body in ("cong-an", "thanh-tra"):
        cast.sign(case, body)
    issue_consultations(cast.board, sent(), [case], Asking(reason="Hỏi lại."))
    with cast.database.reading() as connection:
        page = consultation_page(
            connection,
            cast.drafter("thue").principal,
            definitions(),
            cast.asked(case)["thue"],
            cast.ids,
        )
    assert (page.draft, page.kept.reasons) == (None, "Đang xem xét.")


def test_who_cannot_be_added_is_said(cast):
    case = cast.consulting()
    for body, words in (("so-y-te", "consulted body"), ("nobody", "consulted body")):
        with pytest.raises(Unacceptable, match=words):
            add_body(cast.board, sent(), case, body, WHY)
    with pytest.raises(Unacceptable, match="Give a reason"):
        add_body(cast.board, sent(), case, NEW, " ")
    with pytest.raises(OutOfTurn, match="in this turn already"):
        add_body(cast.board, sent(), case, "thue", WHY)
    with pytest.raises(Refusal):
        add_body(cast.drafter("thue"), sent(), case, NEW, WHY)
    with pytest.raises(OutOfTurn, match="waits for opinions"):
        add_body(cast.board, sent(), cast.accepted(name="Lê An"), NEW, WHY)


def test_signing_and_replacing_at_once_leave_one_of_them(cast):
    case = cast.consulting()
    one = cast.asked(case)["thue"]
    text = cast.ready(case, one, "thue")
    together, said = Barrier(2), []

    def run(act):
        together.wait()
        try:
            act()
            said.append("done")
        except Refusal:
            said.append("refused")

    acts = (
        lambda: sign_opinion(cast.signer("thue"), sent(), one, text),
        lambda: add_body(cast.board, sent(), case, NEW, WHY, instead_of=one),
    )
    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["done", "refused"]
    with cast.database.reading() as connection:
        e = entries.c
        verbs = list(connection.scalars(select(e.verb).where(e.case_handle == case)))
    assert ("opinion.signed" in verbs) != ("body.added" in verbs)
    well(cast)
