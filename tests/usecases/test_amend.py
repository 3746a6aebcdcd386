"""What was signed is amended beside what it was, and whoever had it is told."""

import json
from dataclasses import replace

import pytest
from alembic import command
from sqlalchemy import select

from tests.builders import Cast, add_officer, as_owner, definitions, lose, opinion, sent
from tests.disposing import Disposing, schedule
from tests.usecases.test_body_acts import with_countersigners
from vetting.engine.amend import Decision
from vetting.engine.policy import Action, Relation
from vetting.engine.refusals import HeldBack, OutOfTurn, Stale, TwoHats, Unacceptable, Unknown
from vetting.engine.vocabulary import AmendmentKind, Ground, Role, Verdict
from vetting.queries.history_check import check_history
from vetting.queries.untold import untold
from vetting.records import projections
from vetting.records.amendments import amendments
from vetting.records.cases import cases
from vetting.records.conclusions import conclusions
from vetting.records.consultations import consultations, opinions
from vetting.records.history import noticed, with_payloads
from vetting.records.legal_bases import legal_bases
from vetting.records.migrate import configuration
from vetting.records.outbox import outbox, recipients
from vetting.records.rebuild import compare
from vetting.records.standing import Purpose
from vetting.usecases.amend import (
    Concluded,
    amend_conclusion,
    countersign_amendment,
    draft_amendment,
    refuse_amendment,
    sign_amendment,
    tell_candidate_again,
)
from vetting.usecases.draft_opinion import draft_opinion
from vetting.usecases.look import look
from vetting.usecases.propose import propose
from vetting.usecases.recuse import recuse_oneself
from vetting.usecases.tell_outcome import notify_units

BASIS = "58-QĐ/TW;2022-02-08;Bộ Chính trị"
INSTEAD = Concluded("not_concluded", "Chờ kết luận của cơ quan kiểm tra.", 10, 2, 1)


def enter_basis(connection):
    """Enter the legal basis on which everything here is amended."""
    number, day, issuer = BASIS.split(";")
    connection.execute(
        legal_bases.insert(),
        {
            "key": BASIS,
            "number": number,
            "date": day,
            "issuer": issuer,
            "subject": "protection",
            "title_vi": "Quy định",
            "title_en": "Regulation",
        },
    )


@pytest.fixture
def cast(database):
    with as_owner(database).writing() as connection:
        enter_basis(connection)
        add_officer(connection, "thuong-truc/s2", "thuong-truc", Role.SECRETARY)
        add_officer(connection, "thue/bo2", "thue", Role.BODY_OFFICER)
        add_officer(connection, "thue/bs2", "thue", Role.BODY_SIGNER)
    return Cast(database)


def decision(kind=AmendmentKind.CORRECTION, ground=Ground.OWN, **told):
    given = {
        "reason": "Ghi nhầm kết quả bỏ phiếu.",
        "basis": BASIS,
        "decided_on": "2026-03-02",
        "effective_on": "2026-04-01",
    }
    return Decision(kind, ground, **(given | told))


def second_secretary(cast):
    return cast.desk("thuong-truc", Role.SECRETARY, 2)


def told(cast, case, on):
    """Whom notices of a kind were for: organisation to people."""
    with cast.database.reading(Purpose.COMMAND) as connection:
        rows = connection.execute(
            select(outbox.c.organisation, recipients.c.officer)
            .outerjoin(recipients, recipients.c.notice == outbox.c.key)
            .where(outbox.c.case_handle == case, outbox.c.on_move == on)
        ).all()
    found = {}
    for organisation, officer in rows:
        found.setdefault(organisation, set()).update({officer} - {None})
    return found


def well(cast):
    """Nothing drifted, nothing was left untold, and the chain holds."""
    with cast.database.reading(Purpose.COMMAND) as connection:
        assert list(compare(connection)) == []
        assert check_history(connection).holds
        return untold(connection, definitions()).gaps


def rows(cast, table, case):
    with cast.database.reading(Purpose.COMMAND) as connection:
        of = table.c.handle if table is cases else table.c.case_handle
        return [dict(row) for row in connection.execute(select(table).where(of == case)).mappings()]


def test_a_conclusion_is_corrected_beside_itself_and_everybody_who_had_it_is_told(cast):
    case = cast.closed()
    first = rows(cast, conclusions, case)
    amend_conclusion(cast.secretary, sent(), case, decision(document="9-KL/TU"), INSTEAD)
    assert rows(cast, conclusions, case) == first
    [row] = rows(cast, cases, case)
    assert (row["state"], row["outcome"], row["amended"]) == (
        "closed",
        "not_concluded",
        "correction",
    )
    [amended] = rows(cast, amendments, case)
    assert (amended["decided_on"], amended["effective_on"], amended["signed_at"][:4]) == (
        "2026-03-02",
        "2026-04-01",
        "2026",
    )
    assert (amended["signed_by"], amended["votes_for"]) == ("thuong-truc/s1", 10)
    assert told(cast, case, "conclusion_amended") == {
        "ban-to-chuc": {"ban-to-chuc/bo1", "ban-to-chuc/bh1"},
        "so-y-te": {"so-y-te/co1"},
        "thuong-truc": {"thuong-truc/s2"},
        "uy-ban-kiem-tra": {"uy-ban-kiem-tra/s1"},
        **{body: {f"{body}/bo1", f"{body}/bs1"} for body in cast.bodies},
        "thue": {"thue/bo1", "thue/bo2", "thue/bs1", "thue/bs2"},  # all of them had been asked
    }
    assert well(cast) == ()


def test_what_was_not_told_yet_reaches_only_who_had_it_and_is_told_as_it_stands_then(cast):
    case = cast.concluded()
    amend_conclusion(cast.secretary, sent(), case, decision(), INSTEAD)
    assert told(cast, case, "conclusion_amended").keys() == {
        "ban-to-chuc",
        "thuong-truc",
        "uy-ban-kiem-tra",
    }
    notify_units(cast.board, sent(), [case])
    with cast.database.reading(Purpose.COMMAND) as connection:
        last = [row for row in with_payloads(connection, case) if row["verb"] == "case.notified"]
    assert INSTEAD.reasons in last[0]["content"]
    assert "not_concluded" in last[0]["content"]
    assert well(cast) == ()


@pytest.mark.parametrize("kind", [AmendmentKind.ANNULMENT, AmendmentKind.REVOCATION])
def test_an_annulled_conclusion_stands_no_more_and_is_not_amended_again(cast, kind):
    case = cast.closed()
    amend_conclusion(cast.secretary, sent(), case, decision(kind))
    [row] = rows(cast, cases, case)
    assert (row["outcome"], row["amended"]) == (None, kind.value)
    with pytest.raises(OutOfTurn, match="stands no more"):
        amend_conclusion(cast.secretary, sent(), case, decision(), INSTEAD)
    assert well(cast) == ()


def test_a_review_is_decided_by_others_than_before(cast):
    case = cast.closed()
    with pytest.raises(OutOfTurn, match="does not decide on it in a review"):
        amend_conclusion(cast.secretary, sent(), case, decision(ground=Ground.REVIEW), INSTEAD)
    amend_conclusion(second_secretary(cast), sent(), case, decision(ground=Ground.REVIEW), INSTEAD)
    with pytest.raises(OutOfTurn, match="does not decide on it in a review"):
        amend_conclusion(
            second_secretary(cast),
            sent(),
            case,
            decision(AmendmentKind.REVOCATION, Ground.REVIEW),
        )
    amend_conclusion(cast.secretary, sent(), case, decision(AmendmentKind.REVOCATION))
    assert [row["ground"] for row in rows(cast, amendments, case)] == ["review", "own"]
    assert well(cast) == ()


def test_whoever_saw_it_as_it_was_before_corrects_nothing(cast):
    case = cast.closed()
    with cast.database.reading(Purpose.COMMAND) as connection:
        seen = noticed(connection, case, "thuong-truc", Relation.AUTHORITY)
    amend_conclusion(cast.secretary, sent(seen), case, decision(), INSTEAD)
    with pytest.raises(Stale):
        amend_conclusion(second_secretary(cast), sent(seen), case, decision(), INSTEAD)
    with pytest.raises(Unacceptable, match="the same as what stands"):
        amend_conclusion(second_secretary(cast), sent(), case, decision(), INSTEAD)


@pytest.mark.parametrize(
    ("wrong", "instead", "said"),
    [
        ({"reason": " "}, INSTEAD, "Give a reason"),
        ({"basis": "không có"}, INSTEAD, "not in the register"),
        ({"decided_on": "2026-03-09"}, INSTEAD, "future"),
        ({"decided_on": "2026-01-04"}, INSTEAD, "before what it is about"),
        ({"effective_on": "2026-02-30"}, INSTEAD, "no such day"),
        ({}, None, "Only a correction"),
        ({"kind": AmendmentKind.ANNULMENT}, INSTEAD, "Only a correction"),
        ({}, Concluded("meets", "Đủ tiêu chuẩn."), "the same as what stands"),
        ({}, Concluded("admit", "Kết nạp."), "Choose what the authority concluded"),
        ({}, Concluded("meets", " "), "Give the reasons"),
        ({}, Concluded("meets", "Khác.", -1), "whole numbers"),
        ({}, Concluded("does_not_meet", "Không đạt."), "was not heard"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(cast, wrong, instead, said):
    case = cast.concluded()
    with pytest.raises((Unacceptable, HeldBack), match=said):
        amend_conclusion(cast.secretary, sent(), case, decision(**wrong), instead)
    assert rows(cast, amendments, case) == []


def test_nobody_amends_what_is_not_concluded_not_theirs_or_kept_from_them(cast):
    early, case = cast.assembling(), cast.closed(name="Trần Văn Bình")
    with pytest.raises(Unknown):  # it is not before the authority
        amend_conclusion(cast.secretary, sent(), early, decision(), INSTEAD)
    recuse_oneself(second_secretary(cast), sent(), case)
    with pytest.raises(Unknown):
        amend_conclusion(second_secretary(cast), sent(), case, decision(), INSTEAD)


def amendment_of(cast, consultation):
    with cast.database.reading(Purpose.COMMAND) as connection:
        c = consultations.c
        return connection.execute(
            select(c.amendment, c.amended, c.verdict).where(c.handle == consultation)
        ).one()


def drawn_up(cast, case, consultation, what=None, instead=None, nth=1):
    """Have an officer of the tax office draw something up; every signer opens it."""
    drafter = cast.desk("thue", Role.BODY_OFFICER, nth)
    draft_amendment(drafter, sent(), consultation, what or decision(), instead)
    text = json.loads(amendment_of(cast, consultation).amendment)["hash"]
    for signer in (1, 2):
        desk = cast.desk("thue", Role.BODY_SIGNER, signer)
        look(desk, Action.SIGN_AMENDMENT, texts=[(case, consultation, text)])
    return text


def of_the_tax_office(cast, case):
    with cast.database.reading(Purpose.COMMAND) as connection:
        c = consultations.c
        return connection.scalar(select(c.handle).where(c.case_handle == case, c.body == "thue"))


OBJECTS = opinion(Verdict.OBJECTION, "Có vi phạm về thuế.")


def test_an_opinion_is_corrected_by_another_signer_than_drew_it_up(cast):
    case = cast.assembling()
    asked = of_the_tax_office(cast, case)
    first = rows(cast, opinions, case)
    text = drawn_up(cast, case, asked, instead=OBJECTS)
    assert told(cast, case, "amendment_drafted") == {"thue": {"thue/bs1"}}
    sign_amendment(cast.signer("thue"), sent(), asked, text)
    assert rows(cast, opinions, case) == first
    found = amendment_of(cast, asked)
    assert (found.amendment, found.amended, found.verdict) == (None, "correction", "objection")
    assert told(cast, case, "opinion_amended").keys() == {"ban-to-chuc", "thue", "uy-ban-kiem-tra"}
    assert well(cast) == ()


def test_nobody_signs_their_own_correction_of_an_opinion_or_one_they_have_not_opened(cast):
    case = cast.assembling()
    asked = of_the_tax_office(cast, case)
    signer = cast.signer("thue")
    draft_amendment(signer, sent(), asked, decision(), OBJECTS)
    text = json.loads(amendment_of(cast, asked).amendment)["hash"]
    with pytest.raises(OutOfTurn, match="drew this up yourself"):
        sign_amendment(signer, sent(), asked, text)
    other = cast.desk("thue", Role.BODY_SIGNER, 2)
    with pytest.raises(OutOfTurn, match="have not opened"):
        sign_amendment(other, sent(), asked, text)
    with pytest.raises(Stale):
        sign_amendment(other, sent(), asked, "0" * 64)
    refuse_amendment(other, sent(), asked, "Chưa đủ căn cứ.")
    with pytest.raises(OutOfTurn, match="Nothing has been drawn up"):
        sign_amendment(other, sent(), asked, text)
    assert amendment_of(cast, asked) == (None, None, "no_objection")
    assert well(cast) == ()


def test_in_a_review_of_an_opinion_nobody_of_before_draws_up_or_signs(cast):
    case = cast.assembling()
    asked = of_the_tax_office(cast, case)
    review = decision(ground=Ground.REVIEW)
    with pytest.raises(OutOfTurn, match="does not decide on it in a review"):
        draft_amendment(cast.drafter("thue"), sent(), asked, review, OBJECTS)
    text = drawn_up(cast, case, asked, review, OBJECTS, nth=2)
    with pytest.raises(OutOfTurn, match="does not decide on it in a review"):
        sign_amendment(cast.signer("thue"), sent(), asked, text)
    sign_amendment(cast.desk("thue", Role.BODY_SIGNER, 2), sent(), asked, text)
    assert well(cast) == ()


def test_without_an_opinion_that_stands_nothing_is_proposed(cast):
    case = cast.assembling()
    asked = of_the_tax_office(cast, case)
    text = drawn_up(cast, case, asked, decision(AmendmentKind.ANNULMENT))
    sign_amendment(cast.signer("thue"), sent(), asked, text)
    with pytest.raises(HeldBack, match="stands no more"):
        propose(cast.board, sent(), [case], "meets", "Đạt.")
    with pytest.raises(OutOfTurn, match="stands no more"):
        draft_amendment(cast.drafter("thue"), sent(), asked, decision(), OBJECTS)
    assert well(cast) == ()


def test_while_a_case_waits_for_opinions_one_can_only_be_corrected(cast):
    case = cast.consulting()
    asked = of_the_tax_office(cast, case)
    with pytest.raises(OutOfTurn, match="change the draft"):
        draft_amendment(cast.drafter("thue"), sent(), asked, decision(), OBJECTS)
    cast.sign(case, "thue")
    with pytest.raises(HeldBack, match="only be corrected"):
        draft_amendment(cast.drafter("thue"), sent(), asked, decision(AmendmentKind.REVOCATION))
    with pytest.raises(Unknown):  # another body's
        draft_amendment(cast.drafter("cong-an"), sent(), asked, decision(), OBJECTS)
    text = drawn_up(cast, case, asked, instead=OBJECTS)
    sign_amendment(cast.signer("thue"), sent(), asked, text)
    assert well(cast) == ()


def test_that_the_candidate_was_told_again_is_on_record(cast):
    case = cast.closed()
    with pytest.raises(OutOfTurn, match="Nothing became"):
        tell_candidate_again(cast.board, sent(), case, "2026-03-02", "Gặp trực tiếp")
    amend_conclusion(cast.secretary, sent(), case, decision(), INSTEAD)
    with pytest.raises(Unacceptable, match="nothing new"):
        tell_candidate_again(cast.unit, sent(), case, "2026-03-01", "Gặp trực tiếp")
    tell_candidate_again(cast.unit, sent(), case, "2026-03-02", "Gặp trực tiếp")
    assert well(cast) == ()


def test_the_other_hats_do_not_amend(cast):
    case = cast.closed()
    board = cast.desk("ban-to-chuc", Role.BOARD_OFFICER)
    as_secretary = replace(
        board,
        principal=replace(board.principal, role=Role.SECRETARY, organisation="thuong-truc"),
    )
    with pytest.raises(TwoHats):
        amend_conclusion(as_secretary, sent(), case, decision(), INSTEAD)


def test_a_disposal_takes_what_was_amended_too(cast):
    schedule(cast.database)
    case = cast.closed()
    amend_conclusion(cast.secretary, sent(), case, decision(), INSTEAD)
    asked = of_the_tax_office(cast, case)
    drawn_up(cast, case, asked, instead=OBJECTS)
    people = Disposing(cast)
    people.let_pass()
    assert people.dispose(case).erased == (case,)
    assert rows(cast, amendments, case) == []
    assert amendment_of(cast, asked) == (None, None, None)
    with pytest.raises(Unknown):
        amend_conclusion(cast.secretary, sent(), case, decision(), INSTEAD)
    assert well(cast) == ()


def test_an_opinion_is_amended_by_as_many_people_as_its_body_countersigns_with(cast):
    case = cast.assembling()
    asked = of_the_tax_office(cast, case)
    text = drawn_up(cast, case, asked, instead=OBJECTS)
    one, other, drafter, second = (
        with_countersigners(cast.desk("thue", role, nth), 1)
        for role, nth in (
            (Role.BODY_SIGNER, 1),
            (Role.BODY_SIGNER, 2),
            (Role.BODY_OFFICER, 1),
            (Role.BODY_OFFICER, 2),
        )
    )
    with pytest.raises(HeldBack, match="1 more countersignatures are needed"):
        sign_amendment(one, sent(), asked, text)
    with pytest.raises(OutOfTurn, match="have not opened this draft"):
        countersign_amendment(second, sent(), asked, text)
    for desk in (drafter, second):
        look(desk, Action.COUNTERSIGN_AMENDMENT, texts=[(case, asked, text)])
    with pytest.raises(OutOfTurn, match="You drew this up yourself"):
        countersign_amendment(drafter, sent(), asked, text)
    with pytest.raises(Stale):
        countersign_amendment(second, sent(), asked, "0" * 64)
    countersign_amendment(other, sent(), asked, text)
    with pytest.raises(OutOfTurn, match="No more countersignatures"):
        countersign_amendment(second, sent(), asked, text)
    with pytest.raises(OutOfTurn, match="already countersigned"):
        sign_amendment(other, sent(), asked, text)
    # Drawn up anew it is another text, whatever it says.
    draft_amendment(drafter, sent(), asked, decision(), OBJECTS)
    with pytest.raises(HeldBack, match="1 more countersignatures are needed"):
        sign_amendment(one, sent(), asked, text)
    countersign_amendment(second, sent(), asked, text)
    with pytest.raises(OutOfTurn, match="already countersigned"):
        countersign_amendment(with_countersigners(second, 2), sent(), asked, text)
    sign_amendment(one, sent(), asked, text)
    assert amendment_of(cast, asked).verdict == "objection"
    with cast.database.reading(Purpose.COMMAND) as connection:
        [said] = [
            json.loads(row["content"])
            for row in with_payloads(connection, case)
            if row["verb"] == "opinion.amended"
        ]
    assert said["countersigned_by"] == ["thue/bo2"]
    assert well(cast) == ()


@pytest.fixture
def countersigned(cast):
    """What the tax office drew up and one of its signers countersigned, with who goes on."""
    case = cast.assembling()
    asked = of_the_tax_office(cast, case)
    text = drawn_up(cast, case, asked, instead=OBJECTS)
    one, other, second = (
        with_countersigners(cast.desk("thue", role, nth), 1)
        for role, nth in ((Role.BODY_SIGNER, 1), (Role.BODY_SIGNER, 2), (Role.BODY_OFFICER, 2))
    )
    countersign_amendment(other, sent(), asked, text)
    return case, asked, text, one, other, second


def test_whoever_steps_aside_takes_their_countersignature_along(cast, countersigned):
    case, asked, text, one, other, second = countersigned
    recuse_oneself(other, sent(), case)
    assert "countersigned_by" not in json.loads(amendment_of(cast, asked).amendment)
    assert told(cast, case, "amendment_released") == {"thue": {"thue/bo1", "thue/bs1"}}
    assert well(cast) == ()
    with pytest.raises(HeldBack, match="1 more countersignatures are needed"):
        sign_amendment(one, sent(), asked, text)
    look(second, Action.COUNTERSIGN_AMENDMENT, texts=[(case, asked, text)])
    countersign_amendment(second, sent(), asked, text)
    sign_amendment(one, sent(), asked, text)
    [said] = rows(cast, amendments, case)
    assert said["signed_by"] == "thue/bs1"
    assert well(cast) == ()


def test_it_is_missed_where_nobody_was_told_that_a_name_is_gone(cast, countersigned):
    case, _, _, _, other, _ = countersigned
    open_question = cast.consulting(name="Lý Đang Hỏi")
    with_a_draft = cast.asked(open_question)["thue"]
    draft_opinion(cast.drafter("thue"), sent(), with_a_draft, opinion())
    recuse_oneself(cast.drafter("thue"), sent(), open_question)  # of which nobody is told so
    recuse_oneself(other, sent(), case)

    lose(cast, outbox, outbox.c.on_move == "amendment_released")

    assert [(gap.case, gap.on, gap.organisation) for gap in well(cast)] == [
        (case, "amendment_released", "thue")
    ]


def test_where_whoever_drew_it_up_steps_aside_it_is_drawn_up_anew(cast, countersigned):
    case, asked, text, one, other, second = countersigned
    recuse_oneself(cast.drafter("thue"), sent(), case)
    assert amendment_of(cast, asked).amendment is None
    with pytest.raises(OutOfTurn, match="Nothing has been drawn up"):
        sign_amendment(one, sent(), asked, text)
    draft_amendment(second, sent(), asked, decision(), OBJECTS)
    look(other, Action.COUNTERSIGN_AMENDMENT, texts=[(case, asked, text)])
    countersign_amendment(other, sent(), asked, text)  # the same words, and another time
    sign_amendment(one, sent(), asked, text)
    assert amendment_of(cast, asked).verdict == "objection"
    assert well(cast) == ()


def test_what_was_signed_stands_whoever_steps_aside_later(cast, countersigned):
    case, asked, text, one, other, _ = countersigned
    sign_amendment(one, sent(), asked, text)
    recuse_oneself(other, sent(), case)
    assert amendment_of(cast, asked).verdict == "objection"
    assert told(cast, case, "amendment_released") == {}
    assert well(cast) == ()


def test_names_from_before_they_had_rows_get_them(cast, monkeypatch):
    case = cast.assembling()
    asked = of_the_tax_office(cast, case)
    text = drawn_up(cast, case, asked, instead=OBJECTS)
    kept = projections.rows_of
    monkeypatch.setattr(
        "vetting.records.book.rows_of",
        lambda fact, *more: () if fact.verb == "amendment.countersigned" else kept(fact, *more),
    )
    other = with_countersigners(cast.desk("thue", Role.BODY_SIGNER, 2), 1)
    countersign_amendment(other, sent(), asked, text)
    before = [one.sentence for one in compared(cast)]
    for _ in range(2):  # the step back leaves them
        with as_owner(cast.database).engine.connect() as connection:
            command.downgrade(configuration(connection), "0048")
            connection.commit()
            command.upgrade(configuration(connection), "head")
            connection.commit()
    assert len(before) == 1
    assert well(cast) == ()


def compared(cast):
    with cast.database.reading(Purpose.COMMAND) as connection:
        return list(compare(connection))


def test_where_no_rule_asks_for_it_nobody_countersigns(cast):
    case = cast.assembling()
    asked = of_the_tax_office(cast, case)
    text = drawn_up(cast, case, asked, instead=OBJECTS)
    with pytest.raises(OutOfTurn, match="No more countersignatures are needed"):
        countersign_amendment(cast.desk("thue", Role.BODY_SIGNER, 2), sent(), asked, text)
