"""The history in sentences: one for every verb, and only what the reader may know."""

import pytest
from sqlalchemy import update

from tests.builders import as_owner, definitions, opinion, sent
from vetting.engine.facts import FACTS
from vetting.engine.refusals import Unknown
from vetting.engine.vocabulary import CaseType, Verdict
from vetting.queries.history_sentences import SENTENCES, Names, told_of
from vetting.records.history import entries
from vetting.records.organisations import organisations
from vetting.usecases.check_completeness import return_case, take_up_cases
from vetting.usecases.record_fact import record_paper
from vetting.usecases.tell_outcome import notify_units


def said(history):
    return [(line.who, str(line.told.did)) for line in history.lines]


def test_every_verb_has_a_sentence():
    assert set(SENTENCES) == set(FACTS.values())


@pytest.mark.parametrize("verb", sorted(FACTS))
def test_a_sentence_is_said_without_any_name_known(verb):
    kind = FACTS[verb]
    told = {
        name: {
            "case_type": "planning",
            "verdict": "no_objection",
            "kind": "view" if verb.startswith("request.") else "annulment",
            "ground": "own",
            "answers": {"1": "Có."},
            "way": "answer",
            "manner": "in_person",
            "turn": 2,
            "definition_version": 1,
            "missing": ("x",),
            "moved": ("decision/2026-01-02/-",),
            "details": {},
            "born": "1975",
        }.get(name, "2026-01-02")
        for name, field in kind.__dataclass_fields__.items()
        if field.default is field.default_factory  # no default of either kind
    }

    sentence = str(told_of(kind(**told), Names(definitions().of("planning", 1), {}, {})).did)

    assert sentence[-1] == "."
    assert "%(" not in sentence


def test_a_supervisor_reads_who_did_what_for_whom_in_which_role(cast):
    case = cast.filed()
    take_up_cases(cast.board, sent(), [case])
    return_case(cast.board, sent(), case, "Thiếu giấy tờ.", ["Bản 2C"])

    history = cast.history(cast.overseer, case)

    assert [
        (line.number, line.who, line.organisation.en, line.role.value, str(line.told.did))
        for line in history.lines
    ] == [
        (1, "so-y-te/co1", "Office so-y-te", "case_officer", "began the case. Act: Planning."),
        (
            2,
            "so-y-te/co1",
            "Office so-y-te",
            "case_officer",
            "filed the case; its reference is QH-2026-SOYTE-0001-54.",
        ),
        (
            3,
            "ban-to-chuc/bo1",
            "Office ban-to-chuc",
            "board_officer",
            "began to check whether the file is complete.",
        ),
        (
            4,
            "ban-to-chuc/bo1",
            "Office ban-to-chuc",
            "board_officer",
            "returned the case for completion. It is not a refusal.",
        ),
    ]
    assert [(str(label), text) for label, text in history.lines[3].told.words] == [
        ("Reason", "Thiếu giấy tờ."),
        ("Missing", "Bản 2C"),
    ]


def test_the_inner_work_of_a_body_is_read_by_that_body_alone(cast):
    case = cast.consulting()
    cast.sign(case, "thue", opinion(Verdict.OBJECTION, "Còn nợ thuế."))

    own = [did for _, did in said(cast.history(cast.signer("thue"), case))]
    for desk in (cast.board, cast.overseer):
        theirs = [did for _, did in said(cast.history(desk, case))]
        assert "drafted the opinion." not in theirs
        assert "signed the opinion of Office thue." in theirs
    assert own[-3:] == [
        "drafted the opinion.",
        "passed the draft on for signing.",
        "signed the opinion of Office thue.",
    ]


def test_a_body_reads_nothing_of_another_body_and_no_number_that_tells_of_it(cast):
    case = cast.consulting()
    cast.sign(case, "thue", opinion(reasons="Bí mật của thuế"))

    history = cast.history(cast.signer("cong-an"), case)

    assert said(history) == [
        ("so-y-te/co1", "filed the case; its reference is QH-2026-SOYTE-0001-54."),
        ("ban-to-chuc/bo1", "accepted the case. Competent to conclude: Office thuong-truc."),
        ("ban-to-chuc/bo1", "asked the bodies for their opinions."),
        ("ban-to-chuc/bo1", "asked Office cong-an for its opinion; no due date was entered."),
    ]
    assert "Bí mật" not in str(history)
    assert {line.number for line in history.lines} == {None}


def test_the_unit_reads_of_the_outcome_only_once_it_was_notified(cast):
    case = cast.concluded()
    assert "meets" not in str(cast.history(cast.unit, case)).lower()

    notify_units(cast.board, sent(), [case])

    assert said(cast.history(cast.unit, case))[-1] == (
        "ban-to-chuc/bo1",
        "notified the unit of the outcome: Meets the political standard.",
    )


@pytest.mark.leaves_it_unwell
def test_a_supervisor_is_shown_that_the_history_holds_or_from_where_it_does_not(cast):
    case = cast.closed()
    history = cast.history(cast.overseer, case)
    assert (history.checked, history.broken_at) == (True, None)

    with as_owner(cast.database).writing() as connection:
        if connection.dialect.name == "sqlite":
            for (name,) in connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'entries'"
            ).all():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql("ALTER TABLE entries DISABLE TRIGGER USER")
        connection.execute(
            update(entries)
            .where(entries.c.case_handle == case, entries.c.number == 3)
            .values(officer="somebody")
        )

    assert cast.history(cast.overseer, case).broken_at == 3
    assert cast.history(cast.board, case).checked is False


def test_for_whom_the_case_does_not_concern_there_is_no_history(cast):
    with pytest.raises(Unknown):
        cast.history(cast.other_unit, cast.filed())


def test_the_dates_and_titles_of_a_recorded_paper_are_read_in_words(cast):
    case = cast.filed(case_type=CaseType.APPOINTMENT)
    take_up_cases(cast.board, sent(), [case])
    record_paper(
        cast.board, sent(), case, "cv_2c", {"dated_on": "2025-12-31", "custodian": "Văn phòng"}
    )

    told = cast.history(cast.unit, case).lines[-1].told
    assert str(told.did) == "referred to a paper: Curriculum vitae, form 2C."
    assert [(str(label), text) for label, text in told.words] == [
        ("Dated", "31/12/2025"),
        ("Kept by", "Văn phòng"),
    ]


def test_a_body_that_is_called_otherwise_by_now_keeps_the_name_it_signed_under(cast):
    """Its English name of then is on no record, so that it is not given another."""
    case = cast.consulting()
    cast.sign(case, "thue", opinion(Verdict.OBJECTION, "Còn nợ thuế."))
    with as_owner(cast.database).writing() as connection:
        connection.execute(
            update(organisations)
            .where(organisations.c.code == "thue")
            .values(name_vi="Cơ quan khác", name_en="Another office")
        )
    assert "signed the opinion of Cơ quan thue." in [
        did for _, did in said(cast.history(cast.board, case))
    ]
