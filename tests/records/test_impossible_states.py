"""What the rules forbid the database refuses as well, even from raw SQL."""

from typing import NamedTuple

import pytest
from sqlalchemy.exc import IntegrityError

from tests.builders import as_owner, sent
from vetting.usecases.propose import propose

pytestmark = pytest.mark.leaves_it_unwell


class Deed(NamedTuple):
    """What is tried, and what says no: on PostgreSQL, and on SQLite where it says it otherwise."""

    sql: str
    constraint: str
    on_sqlite: str | None = None
    after: str = ""  # what is written first, and is nothing wrong


# A question of a turn of its own, drafted as the first one was.
ANOTHER = (
    "INSERT INTO consultations (handle, case_handle, body, turn, need, state, version, due_order, "
    "asked_at, draft_by, draft_hash, draft_conditions, draft_evidence, countersigned_by) "
    "SELECT 'another', case_handle, body, 9, need, 'withdrawn', 1, due_order, asked_at, draft_by, "
    "draft_hash, '[]', '[]', '[]' FROM consultations WHERE body = 'thue' "
    "AND case_handle IN (SELECT case_handle FROM conclusions)"
)
OPINION = (
    "consultation, case_handle, body, turn, body_name, verdict, reasons, conditions, evidence, "
    "hash, drafted_by, signed_by, signed_at"
)
SIGN_OFF = "consultation, officer, kind, organisation, role, hash, session, method, at"
CONCLUDES = (
    "INSERT INTO participations SELECT handle, 'thuong-truc/s1', 'conclude', 'thuong-truc' "
    "FROM cases WHERE outcome IS NULL"
)

# What is tried, and the constraint that says no. On SQLite a unique one is told by its columns.
REFUSED = {
    "a case being assembled owes opinions": Deed(
        "UPDATE cases SET owing = 1 WHERE state = 'concluded'",
        "every_reply_in",
    ),
    "less than nothing is owed": Deed(
        "UPDATE cases SET owing = -1, state = 'consulting'",
        "owing_counts",
    ),
    "an outcome without a proposal": Deed(
        "UPDATE cases SET proposed_outcome = NULL",
        "proposal_first",
    ),
    "an outcome without an authority": Deed(
        "UPDATE cases SET authority = NULL",
        "authority_concludes",
    ),
    "bodies asked under no regulation": Deed(
        "UPDATE cases SET regulation = NULL",
        "regulation_first",
    ),
    "a signed consultation without a verdict": Deed(
        "UPDATE consultations SET verdict = NULL",
        "signed_has_verdict",
    ),
    "a verdict that nobody signed": Deed(
        "UPDATE consultations SET state = 'drafting'",
        "signed_has_verdict",
    ),
    "a consultation ready to be signed without a draft": Deed(
        "UPDATE consultations SET state = 'ready', verdict = NULL, draft_hash = NULL",
        "ready_has_draft",
    ),
    "the same body asked twice in one turn": Deed(
        "INSERT INTO consultations (handle, case_handle, body, turn, need, state, version, "
        "due_order, asked_at, draft_conditions, draft_evidence, countersigned_by) "
        "SELECT 'another', case_handle, body, turn, need, 'withdrawn', 1, due_order, asked_at, "
        "'[]', '[]', '[]' FROM consultations WHERE body = 'thue'",
        "uq_consultations_case_handle_body_turn",
        "consultations.case_handle, consultations.body, consultations.turn",
    ),
    "two live questions to one body": Deed(
        "INSERT INTO consultations (handle, case_handle, body, turn, need, state, version, "
        "due_order, asked_at, draft_conditions, draft_evidence, countersigned_by) "
        "SELECT 'again' || added, case_handle, body, turn + added, need, 'asked', 1, due_order, "
        "asked_at, '[]', '[]', '[]' FROM consultations, (SELECT 1 AS added UNION SELECT 2) AS two "
        "WHERE body = 'thue' AND case_handle IN (SELECT case_handle FROM conclusions)",
        "uq_consultations_one_live",
        "consultations.case_handle, consultations.body",
    ),
    "an opinion signed by its drafter": Deed(
        f"INSERT INTO opinions ({OPINION}) "  # noqa: S608  # our own words only
        "SELECT 'another', case_handle, body, 9, body_name, verdict, reasons, "
        "conditions, evidence, hash, drafted_by, drafted_by, signed_at FROM opinions "
        "WHERE body = 'thue' AND case_handle IN (SELECT case_handle FROM conclusions)",
        "drafter_never_signs",
        after=ANOTHER,
    ),
    "a verdict that is not in the list": Deed(
        f"INSERT INTO opinions ({OPINION}) "  # noqa: S608  # our own words only
        "SELECT 'another', case_handle, body, 9, body_name, 'perhaps', "
        "reasons, conditions, evidence, hash, drafted_by, signed_by, signed_at FROM opinions "
        "WHERE body = 'thue' AND case_handle IN (SELECT case_handle FROM conclusions)",
        "known_verdict",
        after=ANOTHER,
    ),
    "two signatures under one opinion": Deed(
        f"INSERT INTO sign_offs ({SIGN_OFF}) "  # noqa: S608  # our own words only
        "SELECT consultation, 'so-noi-vu/co1', kind, organisation, role, "
        "hash, session, method, at FROM sign_offs WHERE organisation = 'thue'",
        "uq_sign_offs_one_signature",
        "never changed: sign_offs",
        after="INSERT INTO participations SELECT case_handle, 'so-noi-vu/co1', 'opine', 'thue' "
        "FROM opinions WHERE body = 'thue'",
    ),
    "two hats in one case": Deed(
        "INSERT INTO participations SELECT case_handle, officer, 'conclude', organisation "
        "FROM participations",
        "pk_participations_one_hat",
        "never changed: participations",
    ),
    "a second conclusion": Deed(
        "INSERT INTO conclusions SELECT * FROM conclusions",
        "pk_conclusions",
        "never changed: conclusions",
    ),
    "a conclusion without reasons": Deed(
        "INSERT INTO conclusions (case_handle, outcome, reasons, decided_on, authority, "
        "recorded_by, recorded_at) SELECT handle, conclusions.outcome, '', decided_on, "
        "conclusions.authority, recorded_by, recorded_at FROM conclusions, cases "
        "WHERE cases.outcome IS NULL",
        "reasoned",
        after=CONCLUDES,
    ),
    "votes below nothing": Deed(
        "INSERT INTO conclusions (case_handle, outcome, reasons, decided_on, authority, "
        "recorded_by, recorded_at, votes_for) SELECT handle, conclusions.outcome, reasons, "
        "decided_on, conclusions.authority, recorded_by, recorded_at, -1 FROM conclusions, cases "
        "WHERE cases.outcome IS NULL",
        "votes_for_count",
        after=CONCLUDES,
    ),
    "a proposal submitted by whoever drew it up": Deed(
        "UPDATE proposals SET submitted_by = proposed_by, submitted_at = proposed_at "
        "WHERE submitted_by IS NULL",
        "two_people",
    ),
    "an entry written twice": Deed(
        "INSERT INTO entries SELECT * FROM entries WHERE number = 1",
        "pk_entries",
        "never changed: entries",
    ),
    "what no entry says": Deed(
        "INSERT INTO payloads SELECT case_handle, number + 1000, salt, content FROM payloads",
        "fk_payloads_case_handle_number",
        "FOREIGN KEY constraint failed",
    ),
    "two cases with one reference": Deed(
        "INSERT INTO cases (handle, reference, case_type, definition_version, state, unit, name, "
        "name_folded, name_sort, born, target, turn, owing, recorded, missing, before_authority, "
        "opened_at, changed_at, since, entry_count, last_seal) SELECT 'another', reference, "
        "case_type, definition_version, state, unit, name, name_folded, name_sort, born, target, "
        "0, 0, '{}', '[]', 0, opened_at, changed_at, since, 0, last_seal FROM cases",
        "uq_cases_reference",
        "cases.reference",
    ),
}


@pytest.fixture
def concluded(cast):
    cast.concluded()
    propose(cast.board, sent(), [cast.assembling(name="Trần Văn Bình")], "meets", "Đạt.")
    return cast.database


def test_each_impossible_state_is_refused_by_its_own_constraint(concluded):
    sqlite = concluded.engine.dialect.name == "sqlite"
    told = {}
    for state, (deed, constraint, on_sqlite, after) in REFUSED.items():
        with as_owner(concluded).engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            if after:
                connection.exec_driver_sql(after)
            try:
                connection.exec_driver_sql(deed)
            except IntegrityError as refused:
                wanted = on_sqlite if sqlite and on_sqlite else constraint
                told[state] = wanted if wanted in str(refused.orig) else str(refused.orig)
            else:
                told[state] = "went through"
            connection.exec_driver_sql("ROLLBACK")
    assert told == {
        state: on_sqlite if sqlite and on_sqlite else constraint
        for state, (_, constraint, on_sqlite, _) in REFUSED.items()
    }
