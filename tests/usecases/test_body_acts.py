"""What a consulted body does with a question, and what holds it back."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.builders import (
    Cast,
    add_officer,
    as_owner,
    definitions,
    officer_of,
    opinion,
    sent,
)
from vetting.engine.policy import Action
from vetting.engine.reading import Definitions
from vetting.engine.refusals import (
    Forbidden,
    HeldBack,
    MoveNotOffered,
    OutOfTurn,
    Stale,
    TwoHats,
    Unacceptable,
    Unknown,
)
from vetting.engine.vocabulary import Role, Verdict
from vetting.records.cases import cases
from vetting.records.consultations import consultations, opinions, sign_offs
from vetting.records.database import Database
from vetting.records.history import entries
from vetting.records.officers import role_assignments
from vetting.records.standing import Purpose
from vetting.usecases.draft_opinion import (
    draft_and_pass_on,
    draft_opinion,
    pass_opinions_on,
)
from vetting.usecases.look import look
from vetting.usecases.receive_consultation import assign_consultations, receive_consultations
from vetting.usecases.recuse import recuse_oneself
from vetting.usecases.sign_opinion import (
    countersign_opinion,
    send_opinions_back,
    sign_opinion,
    sign_opinions,
)

BODY = "thanh-tra"


@pytest.fixture
def cast(province_url):
    database = Database(province_url, purpose=Purpose.COMMAND)
    with as_owner(database).writing() as connection:
        for nth in (2, 3):
            add_officer(
                connection, officer_of(BODY, Role.BODY_OFFICER, nth), BODY, Role.BODY_OFFICER
            )
    yield Cast(database)
    database.close()


@pytest.fixture
def case(cast):
    return cast.consulting()


@pytest.fixture
def asked(cast, case):
    return cast.asked(case)[BODY]


def kept(cast, consultation):
    with cast.database.reading() as connection:
        return (
            connection.execute(select(consultations).where(consultations.c.handle == consultation))
            .mappings()
            .one()
        )


def text_of(cast, consultation):
    return kept(cast, consultation)["draft_hash"]


def with_countersigners(desk, count):
    """The same desk, under a rule that asks for countersignatures."""
    by_name = {
        name: definition.model_copy(
            update={
                "consultation": tuple(
                    rule.model_copy(update={"countersigners": count})
                    for rule in definition.consultation
                )
            }
        )
        for name, definition in definitions().by_name.items()
    }
    return replace(desk, definitions=Definitions(by_name))


def test_the_drafter_never_signs_whatever_role_they_come_in(cast, case, asked):
    signer = cast.signer(BODY)
    draft_and_pass_on(signer, sent(), asked, opinion())
    text = text_of(cast, asked)
    look(signer, Action.SIGN_OPINION, texts=[(case, asked, text)])

    with pytest.raises(HeldBack, match="You drafted this opinion; another person must sign it"):
        sign_opinion(signer, sent(), asked, text)
    with pytest.raises(HeldBack):
        countersign_opinion(signer, sent(), asked, text)


@pytest.mark.parametrize("many", [False, True], ids=["one", "many"])
def test_nobody_speaks_for_two_bodies_in_one_case(cast, case, asked, many):
    text = cast.ready(case, asked, BODY)
    sign_opinion(cast.signer(BODY), sent(), asked, text)
    other = cast.asked(case)["thue"]
    signer = cast.signer(BODY)
    moved = replace(signer, principal=replace(signer.principal, organisation="thue"))
    cast.ready(case, other, "thue")
    text = text_of(cast, other)
    look(moved, Action.SIGN_OPINION, texts=[(case, other, text)])
    elsewhere = cast.asked(cast.consulting(name="Trần Thị Bình"))["thue"]

    wanted = {elsewhere: text, other: text} if many else {other: text}
    with pytest.raises(TwoHats):
        sign_opinions(moved, sent(), wanted)

    assert kept(cast, other)["state"] == "ready"
    receive_consultations(moved, sent(), [elsewhere])  # another case is another matter
    assert kept(cast, elsewhere)["state"] == "received"


def test_an_officer_who_is_no_signer_does_not_sign(cast, case, asked):
    text = cast.ready(case, asked, BODY)

    with pytest.raises(Forbidden):
        sign_opinion(cast.desk(BODY, Role.BODY_OFFICER, 2), sent(), asked, text)


def test_what_is_signed_is_signed_once(cast, case, asked):
    text = cast.ready(case, asked, BODY)
    sign_opinion(cast.signer(BODY), sent(), asked, text)

    with pytest.raises(MoveNotOffered):
        sign_opinion(cast.signer(BODY), sent(), asked, text)
    with cast.database.reading() as connection:
        signed = connection.execute(select(opinions.c.consultation, opinions.c.hash)).all()
        names = connection.execute(select(sign_offs.c.kind, sign_offs.c.hash)).all()
    assert [tuple(row) for row in signed] == [(asked, text)]
    assert [tuple(row) for row in names] == [("sign", text)]


def test_a_signer_signs_only_what_was_opened_as_it_stands(cast, case, asked):
    draft_and_pass_on(cast.drafter(BODY), sent(), asked, opinion())
    text = text_of(cast, asked)

    with pytest.raises(OutOfTurn, match="You have not opened this draft as it stands now"):
        sign_opinion(cast.signer(BODY), sent(), asked, text)
    look(cast.drafter(BODY), Action.SIGN_OPINION, texts=[(case, asked, text)])
    with pytest.raises(OutOfTurn, match="You have not opened"):
        sign_opinion(cast.signer(BODY), sent(), asked, text)


def test_a_text_that_changed_is_not_signed(cast, case, asked):
    text = cast.ready(case, asked, BODY)
    send_opinions_back(cast.signer(BODY), sent(), [asked], "Nêu rõ hơn")
    draft_and_pass_on(cast.drafter(BODY), sent(), asked, opinion(reasons="Khác."))

    with pytest.raises(Stale, match="The text has changed since you opened it"):
        sign_opinion(cast.signer(BODY), sent(), asked, text)
    assert kept(cast, asked)["state"] == "ready"


def test_a_rule_that_asks_for_countersignatures_holds_the_signature_until_they_are_there(
    cast, case, asked
):
    text = cast.ready(case, asked, BODY)
    signer = with_countersigners(cast.signer(BODY), 1)
    second = with_countersigners(cast.desk(BODY, Role.BODY_OFFICER, 2), 1)

    with pytest.raises(HeldBack, match="1 more countersignatures are needed"):
        sign_opinion(signer, sent(), asked, text)
    with pytest.raises(OutOfTurn, match="You have not opened"):
        countersign_opinion(second, sent(), asked, text)
    look(second, Action.SEE_CONSULTATION, texts=[(case, asked, text)])
    countersign_opinion(second, sent(), asked, text)
    with pytest.raises(HeldBack, match="You have already countersigned this draft"):
        countersign_opinion(second, sent(), asked, text)
    sign_opinion(signer, sent(), asked, text)

    assert kept(cast, asked)["state"] == "signed"


def test_an_edit_makes_countersignatures_void(cast, case, asked):
    text = cast.ready(case, asked, BODY)
    second = with_countersigners(cast.desk(BODY, Role.BODY_OFFICER, 2), 1)
    signer = with_countersigners(cast.signer(BODY), 1)
    look(second, Action.SEE_CONSULTATION, texts=[(case, asked, text)])
    countersign_opinion(second, sent(), asked, text)
    send_opinions_back(signer, sent(), [asked], "Nêu rõ hơn")
    draft_and_pass_on(cast.drafter(BODY), sent(), asked, opinion(reasons="Khác."))
    changed = text_of(cast, asked)
    look(signer, Action.SIGN_OPINION, texts=[(case, asked, changed)])

    assert kept(cast, asked)["countersigned_by"] == "[]"
    with pytest.raises(HeldBack, match="1 more countersignatures are needed"):
        sign_opinion(signer, sent(), asked, changed)


def test_another_bodys_question_does_not_exist(cast, case):
    others = cast.asked(case)["cong-an"]
    officer, signer = cast.drafter(BODY), cast.signer(BODY)

    for act in (
        lambda: receive_consultations(officer, sent(), [others]),
        lambda: assign_consultations(officer, sent(), [others], officer.principal.officer),
        lambda: draft_opinion(officer, sent(), others, opinion()),
        lambda: pass_opinions_on(officer, sent(), [others]),
        lambda: sign_opinion(signer, sent(), others, "0" * 64),
        lambda: sign_opinions(signer, sent(), {others: "0" * 64}),
        lambda: countersign_opinion(officer, sent(), others, "0" * 64),
        lambda: send_opinions_back(signer, sent(), [others], "Sửa"),
        lambda: receive_consultations(officer, sent(), [cast.asked(case)[BODY], others]),
    ):
        with pytest.raises(Unknown):
            act()
    assert kept(cast, cast.asked(case)[BODY])["state"] == "asked"


def test_a_question_is_given_to_an_officer_of_the_own_body_only(cast, asked):
    with pytest.raises(Unacceptable, match="Choose an officer of your own body"):
        assign_consultations(cast.drafter(BODY), sent(), [asked], "cong-an/bo1")

    assign_consultations(cast.drafter(BODY), sent(), [asked], f"{BODY}/bo2")

    assert kept(cast, asked)["officer"] == f"{BODY}/bo2"


@pytest.mark.parametrize(
    "wrong",
    [
        opinion(reasons="  "),
        opinion(Verdict.CONDITIONS),
        opinion(Verdict.OBJECTION, conditions=("Một.",)),
    ],
)
def test_a_draft_that_says_too_little_or_too_much_is_not_taken(cast, asked, wrong):
    with pytest.raises(Unacceptable):
        draft_opinion(cast.drafter(BODY), sent(), asked, wrong)
    assert kept(cast, asked)["draft_hash"] is None


def test_a_draft_is_kept_only_over_the_version_that_was_seen(cast, asked):
    seen = kept(cast, asked)["version"]
    draft_opinion(cast.drafter(BODY), sent(seen), asked, opinion())

    with pytest.raises(Stale):
        draft_opinion(cast.drafter(BODY), sent(seen), asked, opinion(reasons="Khác."))


def test_nothing_goes_back_without_a_reason(cast, case, asked):
    cast.ready(case, asked, BODY)

    with pytest.raises(Unacceptable, match="Give a reason"):
        send_opinions_back(cast.signer(BODY), sent(), [asked], " ")


def test_many_are_signed_in_one_act_and_each_that_is_not_is_named_with_its_reason(cast):
    cases = [cast.consulting(name=f"Lê {n}") for n in range(4)]
    asked = [cast.asked(case)[BODY] for case in cases]
    texts = {one: cast.ready(case, one, BODY) for case, one in zip(cases[:2], asked, strict=False)}
    draft_and_pass_on(cast.drafter(BODY), sent(), asked[2], opinion())
    texts[asked[2]] = text_of(cast, asked[2])  # never opened
    texts[asked[3]] = "0" * 64  # nothing was drafted

    answer = sign_opinions(cast.signer(BODY), sent(), texts)

    assert answer["done"] == asked[:2]
    assert [(one["consultation"], one["msgid"]) for one in answer["refused"]] == [
        (asked[2], "You have not opened this draft as it stands now. Read it first."),
        (asked[3], "“%(move)s” is not possible while it stands here."),
    ]
    with cast.database.reading() as connection:
        signed = connection.scalars(
            select(entries.c.case_handle).where(entries.c.verb == "opinion.signed")
        ).all()
    assert sorted(signed) == sorted(cases[:2])


def test_a_signature_completes_the_replies_though_a_body_gets_no_question_of_another(cast):
    """The case's row counts who still owes, and a signature takes one off."""
    case = cast.consulting()
    stands = []
    for body in cast.bodies:
        cast.sign(case, body)
        with cast.database.reading() as connection:
            k = cases.c
            row = connection.execute(select(k.state, k.owing).where(k.handle == case)).one()
        stands.append(tuple(row))
    assert stands == [("consulting", 2), ("consulting", 1), ("assembling", 0)]


def test_many_signed_at_once_complete_the_replies_of_each_case_that_no_other_owes(cast):
    """The same for a whole list: the cases that others have answered go on, the others wait."""
    complete, waiting = cast.consulting(), cast.consulting()
    for body in cast.bodies[1:]:
        cast.sign(complete, body)
    last = cast.bodies[0]
    asked = {case: cast.asked(case)[last] for case in (complete, waiting)}
    texts = {one: cast.ready(case, one, last) for case, one in asked.items()}
    sign_opinions(cast.signer(last), sent(), texts)
    with cast.database.reading() as connection:
        k = cases.c
        stands = {row.handle: row.state for row in connection.execute(select(k.handle, k.state))}
    assert stands == {complete: "assembling", waiting: "consulting"}


def test_whoever_is_recused_in_one_body_gives_back_what_they_hold_in_another(cast):
    """What is theirs may lie where the capacity in which they declare it gets no row."""
    case = cast.consulting()
    asked = cast.asked(case)
    both = cast.drafter(BODY).principal.officer
    with as_owner(cast.database).writing() as connection:
        connection.execute(
            role_assignments.insert(),
            {"officer": both, "organisation": "thue", "role": Role.BODY_OFFICER.value},
        )
    for body in (BODY, "thue"):
        assign_consultations(cast.drafter(body), sent(), [asked[body]], both)
    recuse_oneself(cast.drafter(BODY), sent(), case)
    assert {kept(cast, one)["officer"] for one in asked.values()} == {None}
