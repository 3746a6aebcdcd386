"""What keeps duties apart is in the database too: raw SQL gets no further than the program does.

Every attempt is refused by the rule that it is listed under, and goes through once that rule is
taken away: no attempt is refused by accident, and no rule stands there for nothing.
"""

# ruff: noqa: S608  (the tables are named right here)

import importlib.util
import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import NamedTuple
from unittest.mock import patch

import pytest
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from tests.builders import ROOT, add_officer, as_owner, opinion, sent
from tests.disposing import CLASS, Disposing, schedule
from tests.records.test_impossible_states import OPINION, SIGN_OFF
from tests.usecases.test_body_acts import with_countersigners
from vetting.engine.amend import Decision
from vetting.engine.looks import Group, Showing
from vetting.engine.policy import Action
from vetting.engine.substitutes import Form
from vetting.engine.vocabulary import HAT_OF_ROLE, AmendmentKind, Ground, Hat, Role
from vetting.records.cases import cases, participations
from vetting.records.consultations import consultations
from vetting.records.officers import officers, role_assignments
from vetting.records.standing import Purpose
from vetting.records.triggers import SUPERVISES, Rule
from vetting.records.withheld import recusals
from vetting.usecases import dispose_of_record
from vetting.usecases.amend import amend_conclusion, countersign_amendment, draft_amendment
from vetting.usecases.draft_opinion import draft_and_pass_on
from vetting.usecases.keep_record import hold_record
from vetting.usecases.look import look
from vetting.usecases.open_in_emergency import (
    answer_emergency,
    ask_in_emergency,
    end_emergency,
)
from vetting.usecases.propose import propose, submit_proposals
from vetting.web.shown import SHOWN

pytestmark = pytest.mark.leaves_it_unwell


def rules() -> list[Rule]:
    """Return every rule that a migration has the database enforce, and no later one takes back."""
    found, taken_back = [], set()
    for file in sorted((ROOT / "migrations" / "versions").glob("*.py")):
        spec = importlib.util.spec_from_file_location(file.stem, file)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found += getattr(module, "RULES", ())
        taken_back |= set(getattr(module, "NO_MORE", ()))
    return [rule for rule in found if rule not in taken_back]


RULES = {rule.trigger: rule for rule in rules()}


class Attempt(NamedTuple):
    """What is tried with SQL, and which rule says no."""

    rule: str
    what: str
    sql: str


def an_entry(case: str, officer: str, role: str, organisation: str, verb: str = "") -> str:
    says = f"'{verb}'" if verb else "verb"
    return (
        f"INSERT INTO entries SELECT case_handle, 9000, {says}, '{officer}', '{organisation}', "
        f"'{role}', NULL, session, method, at, body, definition, payload_hash, algorithm, seal "
        f"FROM entries WHERE case_handle = '{case}' AND number = 1"
    )


ASKER, HEAD, RECUSED = "ban-to-chuc/bo1", "ban-to-chuc/bh1", "ban-to-chuc/recused"
UNIT = "so-y-te/co1"

# One officer of each hat that somebody wears in a case that was concluded.
WORN = {
    Hat.FILE: ("so-y-te/co1", "so-y-te"),
    Hat.COORDINATE: ("ban-to-chuc/bo1", "ban-to-chuc"),
    Hat.OPINE: ("thue/bo1", "thue"),
    Hat.CONCLUDE: ("thuong-truc/s1", "thuong-truc"),
}


def entries_of_another_hat(case: str) -> Iterator[Attempt]:
    for (worn, (officer, organisation)), role in product(WORN.items(), Role):
        if HAT_OF_ROLE[role] is not worn:
            yield Attempt(
                "entries_one_hat",
                f"whoever {worn.title} writes as {role.value}",
                an_entry(case, officer, role.value, organisation),
            )


class Handles(NamedTuple):
    """The cases that attempts are made on."""

    concluded: str
    ready: str
    consultation: str  # of the tax office, in the case that waits for its signature
    submitted: str
    proposed: str
    asked: str  # a request to read in an emergency, that waits
    taken_back: str  # one that its asker took back
    opened: str  # one that the Board's head agreed to
    opened_for: str  # one that the head agreed to in the place of somebody else
    over: str  # its schedule has run out, and two people agreed that it is destroyed
    agreed: str  # the same, with what says so
    annulled: str  # what was concluded in it was annulled
    destroyed: str  # it was, and the files were cleaned of it
    amending: str  # in it the tax office has drawn up what is to become of its opinion


def step_of(
    request: str,
    kind: str,
    officer: str,
    absent: str | None = None,
    at: str = "x",
    of: str = "ban-to-chuc",
) -> str:
    until = "'x'" if kind == "opened" else "NULL"
    in_place_of = f"'{absent}'" if absent else "NULL"
    return (
        "INSERT INTO emergency_steps (request, kind, officer, organisation, role, session, method, "
        f"sentence, at, until, on_behalf_of) VALUES ('{request}', '{kind}', '{officer}', "
        f"'{of}', 'board_head', 'x', 'x', 'x', '{at}', {until}, {in_place_of})"
    )


# Administrators: the first gives, to the second and to others; and a third.
AS_SHOWN = "as shown"
FIRST, SECOND, THIRD = "quan-tri/1", "quan-tri/2", "quan-tri/3"


# People of a gap: two who may no longer declare one, and those who are no second side.
GONE, PAST, YET, GIVEN = "quan-tri/gone", "quan-tri/past", "quan-tri/yet", "quan-tri/given"
BESIDE, APART = "giam-sat/beside", "quan-tri/apart"
WATCHES, WATCHED, LEFT = "uy-ban-kiem-tra/s1", "giam-sat/past", "giam-sat/gone"
# An evening in UTC: the legal day is the next one, on which roles begin and after which they end.
DECLARED_AT, DAY_BEFORE = "2026-03-01T18:00:00.000000Z", "2026-03-01T16:59:59.999999Z"
THE_DAY = "2026-03-02"


def gap_declared(
    confirmed_by: str = "NULL", by: str = FIRST, at: str = DECLARED_AT, handle: str = "x"
) -> str:
    """Say that the log lost what a witness signed."""
    confirmed_at = "NULL" if confirmed_by == "NULL" else f"'{at}'"
    return (
        "INSERT INTO gaps (handle, witnessed_size, witnessed_root, found_size, found_root, reason, "
        f"declared_by, declared_at, confirmed_by, confirmed_at) VALUES ('{handle}', 9, "
        f"'{handle:0>64}', 0, '', 'x', '{by}', '{at}', {confirmed_by}, {confirmed_at})"
    )


def gap_confirmed(by: str, gap: str = "waits", at: str = DECLARED_AT) -> str:
    """Say that a second person stands for it."""
    return f"UPDATE gaps SET confirmed_by = '{by}', confirmed_at = '{at}' WHERE handle = '{gap}'"


def role_changed(officer: str, by: str, kind: str = "given", confirmed: str = "NULL") -> str:
    return (
        "INSERT INTO role_changes (handle, officer, organisation, role, kind, value, done_by, at, "
        f"confirmed_by) VALUES ('x', '{officer}', 'thue', 'body_signer', '{kind}', '//3', {by}, "
        f"'x', {confirmed})"
    )


def role_proposed(by: str, officer: str, handle: str = "x") -> str:
    return (
        "INSERT INTO role_proposals (handle, officer, organisation, role, kind, valid_from, "
        "clearance, hash, proposed_by, session, method, at) "
        f"VALUES ('{handle}', '{officer}', 'thue', 'body_signer', 'given', '', 3, "
        f"'{AS_SHOWN}', '{by}', 'x', 'x', 'x')"
    )


def role_answered(by: str, proposal: str, kind: str = "confirmed", shown: str = AS_SHOWN) -> str:
    sentence = "x" if kind == "refused" else ""
    return (
        "INSERT INTO role_answers (proposal, kind, hash, answered_by, session, method, sentence, "
        f"at) VALUES ('{proposal}', '{kind}', '{shown}', '{by}', 'x', 'x', '{sentence}', 'x')"
    )


def factors_off(officer: str, by: str) -> str:
    return f"INSERT INTO factor_resets (officer, at, done_by) VALUES ('{officer}', 'x', {by})"


def account_changed(officer: str, by: str) -> str:
    return (
        "INSERT INTO officer_changes (handle, officer, kind, value, done_by, at) "
        f"VALUES ('x', '{officer}', 'let_in', '', {by}, 'x')"
    )


STONE = {
    "record_class": CLASS,
    "years": 20,
    "over_on": "2026-03-02",
    "runs_out_on": "2046-03-02",
    "asked_by": "ban-to-chuc/bo2",
    "approved_by": "uy-ban-kiem-tra/s1",
    "approved_at": "2047-03-02",
}


def stone(case: str, entry: str = "MAX(number)", **changes: object) -> str:
    told = {**STONE, **changes}
    return (
        f"INSERT INTO disposals (case_handle, {', '.join(told)}, entry, reference, case_type, "
        "unit, basis, plan, items, asked_at, salt, content) "
        f"SELECT '{case}', {', '.join(map(repr, told.values()))}, {entry}, 'x', 'x', 'so-y-te', "
        f"'x', 'x', 1, 'x', 'x', 'x' FROM entries WHERE case_handle = '{case}'"
    )


def named_by(by: str, handle: str, substitute: str) -> str:
    return (
        "INSERT INTO substitutions (handle, absence, absent, organisation, role, substitute, form, "
        f"case_types, named_by, named_at) VALUES ('{handle}', 'away', 'thue/bs1', 'thue', "
        f"'body_signer', '{substitute}', 'kt', '[]', '{by}', 'x')"
    )


def opinion_of(there: Handles, signed_by: str, drafted_by: str = "thue/bo1") -> str:
    return (
        f"INSERT INTO opinions ({OPINION}) "
        "SELECT handle, case_handle, body, turn, body, draft_verdict, "
        f"draft_reasons, '[]', '[]', draft_hash, '{drafted_by}', '{signed_by}', asked_at "
        f"FROM consultations WHERE handle = '{there.consultation}'"
    )


def sign_off_of(there: Handles, officer: str, kind: str = "sign", hashed="draft_hash") -> str:
    return (
        f"INSERT INTO sign_offs ({SIGN_OFF}) "
        f"SELECT handle, '{officer}', '{kind}', body, 'body_signer', "
        f"{hashed}, 'x', 'password', asked_at FROM consultations "
        f"WHERE handle = '{there.consultation}'"
    )


def proposal_of(case: str, by: str, submitted_by: str = "NULL") -> str:
    return (
        "INSERT INTO proposals (case_handle, entry, outcome, reasons, proposed_by, proposed_at, "
        f"submitted_by) VALUES ('{case}', 9000, 'meets', 'x', '{by}', 'x', {submitted_by})"
    )


def submission_of(case: str, changes: str) -> str:
    return f"UPDATE proposals SET {changes} WHERE case_handle = '{case}'"


def conclusion_of(case: str, by: str, authority: str = "thuong-truc") -> str:
    return (
        "INSERT INTO conclusions (case_handle, outcome, reasons, decided_on, authority, "
        f"recorded_by, recorded_at) VALUES ('{case}', 'meets', 'x', '2026-01-05', '{authority}', "
        f"'{by}', 'x')"
    )


def amendment_of(there: "Handles", **changes: str) -> str:
    """Annul the conclusion on a case, as its authority might."""
    row = {
        "case_handle": there.concluded,
        "kind": "annulment",
        "ground": "own",
        "reason": "x",
        "basis": "x",
        "decided_on": "x",
        "effective_on": "x",
        "conditions": "[]",
        "evidence": "[]",
        "signed_by": "thuong-truc/s1",
        "organisation": "thuong-truc",
        "signed_at": "x",
    } | changes
    names = ", ".join(row)
    values = ", ".join(f"'{value}'" for value in row.values())
    return (
        f"INSERT INTO amendments ({names}, entry, amends) SELECT {values}, MAX(number), 1 "
        f"FROM entries WHERE case_handle = '{row['case_handle']}'"
    )


def name_under_amendment(
    there: Handles,
    officer: str,
    absent: str = "NULL",
    role: str = "body_signer",
) -> str:
    """Put a name under what the tax office has drawn up."""
    role = "body_officer" if officer.endswith("bo1") else role
    return (
        "INSERT INTO sign_offs (consultation, officer, on_behalf_of, kind, organisation, role, "
        f"hash, session, method, at) SELECT c.handle, '{officer}', {absent}, 'countersign', "
        f"'{officer.split('/', 1)[0]}', '{role}', s.hash, 'x', 'x', '9999' FROM consultations c "
        "JOIN sign_offs s ON s.consultation = c.handle AND s.officer = 'thue/bs2' "
        f"WHERE c.case_handle = '{there.amending}' AND c.body = 'thue'"
    )


def amendment_signed(there: Handles, officer: str, absent: str = "NULL") -> str:
    """Sign what the tax office has drawn up."""
    return (
        "INSERT INTO amendments (case_handle, entry, amends, consultation, kind, ground, reason, "
        "basis, decided_on, effective_on, conditions, evidence, hash, drafted_by, signed_by, "
        "signed_for, organisation, signed_at) SELECT c.case_handle, (SELECT MAX(number) FROM "
        f"entries WHERE case_handle = '{there.amending}'), 1, c.handle, 'annulment', 'own', 'x', "
        f"'x', 'x', 'x', '[]', '[]', s.hash, 'thue/bo1', '{officer}', {absent}, 'thue', 'x' "
        "FROM consultations c JOIN sign_offs s ON s.consultation = c.handle "
        "AND s.officer = 'thue/bs2' "
        f"WHERE c.case_handle = '{there.amending}' AND c.body = 'thue'"
    )


def attempts(there: Handles) -> list[Attempt]:
    """Return everything that is tried."""
    own = "submitted_by = 'ban-to-chuc/bh1', submitted_at = 'x'"
    return [
        *entries_of_another_hat(there.concluded),
        Attempt(
            "gaps_declared_before_confirmed",
            "one row says that two declared what is missing",
            gap_declared(f"'{WATCHES}'"),
        ),
        *(
            Attempt("gaps_declared_by_who_may", what, gap_declared(by=by, at=at))
            for what, by, at in (
                ("the Board's head declares a gap", HEAD, DECLARED_AT),
                ("whoever is let in no more does", GONE, DECLARED_AT),
                ("whose role is over does", PAST, DECLARED_AT),
                ("whose role has not begun does", YET, DAY_BEFORE),
                ("whose password somebody else knows does", GIVEN, DECLARED_AT),
                ("nobody can say on which day", FIRST, "2026-03-01"),
            )
        ),
        *(
            Attempt("gaps_confirmed_by_another_side", what, sql)
            for what, sql in (
                ("another administrator confirms it", gap_confirmed(SECOND)),
                ("one of another organisation does", gap_confirmed(APART)),
                ("a supervisor of the same organisation", gap_confirmed(BESIDE)),
                ("the Board's head does", gap_confirmed(HEAD)),
                ("whoever is let in no more does", gap_confirmed(LEFT)),
                ("whose role is over does", gap_confirmed(WATCHED)),
                ("nobody can say on which day", gap_confirmed(WATCHES, at="2026-03-01")),
                ("who declared it is let in no more", gap_confirmed(WATCHES, "of the gone")),
                ("the role of who declared it is over", gap_confirmed(WATCHES, "of the past")),
                ("nobody confirms it", "UPDATE gaps SET confirmed_by = NULL"),
            )
        ),
        Attempt(
            "candidate_keys_stay_with_their_case",
            "a candidate's key is taken away",
            "UPDATE candidate_keys SET wrapped = ''",
        ),
        *(
            Attempt(
                "entries_one_hat",
                f"a {role} who plays no part writes {verb}",
                an_entry(there.concluded, f"{place}/{name}", role, place, verb),
            )
            for role, place, name, verb in (
                ("case_officer", "so-noi-vu", "co1", "case.exported"),
                ("secretary", "thuong-truc", "other", "case.exported"),
                ("supervisor", "uy-ban-kiem-tra", "s1", "case.closed"),
                ("board_head", "ban-to-chuc", "recused", "case.proposed"),
            )
        ),
        Attempt(
            "entries_one_hat",
            "whoever plays no part writes",
            an_entry(there.concluded, "so-noi-vu/co1", "case_officer", "so-noi-vu"),
        ),
        Attempt(
            "entries_one_hat",
            "whoever speaks for a body writes for another",
            an_entry(there.concluded, "thue/bo1", "body_officer", "cong-an"),
        ),
        *(
            Attempt("sign_offs_not_by_the_drafter", what, sql)
            for what, sql in (
                ("the drafter signs", sign_off_of(there, "thue/bo1")),
                ("the drafter countersigns", sign_off_of(there, "thue/bo1", "countersign")),
                ("whoever files signs", sign_off_of(there, "so-y-te/co1")),
                ("whoever coordinates signs", sign_off_of(there, "ban-to-chuc/bo1")),
                ("another body signs", sign_off_of(there, "cong-an/bs1")),
                ("whoever plays no part signs", sign_off_of(there, "thuong-truc/s1")),
                ("another text is signed", sign_off_of(there, "thue/bs1", hashed="'x'")),
            )
        ),
        *(
            Attempt("sign_offs_not_by_the_drafter", what, name_under_amendment(there, *told))
            for what, *told in (
                ("whoever drew it up countersigns", "thue/bo1"),
                ("another does, in the drafter's name", "thue/bs1", "'thue/bo1'"),
                ("whoever coordinates does", "ban-to-chuc/bo1"),
                ("another body does", "cong-an/bs1"),
                ("an officer as a signer", "thue/bo2", "NULL", "body_signer"),
                ("in a role that nobody countersigns in", "thue/bs1", "NULL", "supervisor"),
            )
        ),
        *(
            Attempt("sign_offs_each_by_somebody_else", what, name_under_amendment(there, *told))
            for what, *told in (
                ("a second time", "thue/bs2"),
                ("once more, through another", "thue/bs1", "'thue/bs2'"),
            )
        ),
        *(
            Attempt("amendments_signed_by_another", what, amendment_signed(there, *told))
            for what, *told in (
                ("whoever countersigned signs", "thue/bs2"),
                ("another does, in their name", "thue/bs1", "'thue/bs2'"),
                ("another does, in the drafter's name", "thue/bs1", "'thue/bo1'"),
            )
        ),
        *(
            Attempt("opinions_signed_by_the_body", what, sql)
            for what, sql in (
                ("whoever files gives the opinion", opinion_of(there, "so-y-te/co1")),
                ("whoever coordinates gives it", opinion_of(there, "ban-to-chuc/bo1")),
                ("another body gives it", opinion_of(there, "cong-an/bs1")),
                ("the drafter hides behind a name", opinion_of(there, "thue/bo1", "thue/bs1")),
            )
        ),
        *(
            Attempt(
                "consultations_redrafted_by_the_body",
                f"{officer} is said to have drafted",
                f"UPDATE consultations SET draft_by = '{officer}' "
                f"WHERE handle = '{there.consultation}'",
            )
            for officer in ("so-y-te/co1", "ban-to-chuc/bo1", "cong-an/bo1", "thuong-truc/s1")
        ),
        Attempt(
            "consultations_drafted_by_the_body",
            "a question comes with a draft of another's",
            "INSERT INTO consultations (handle, case_handle, body, turn, need, state, version, "
            "officer, letter, due_on, due_order, asked_at, draft_verdict, draft_reasons, "
            "draft_conditions, draft_evidence, draft_by, draft_hash, countersigned_by) "
            "SELECT 'another', case_handle, body, 9, need, 'withdrawn', version, officer, "
            "letter, due_on, due_order, asked_at, draft_verdict, draft_reasons, draft_conditions, "
            f"draft_evidence, 'cong-an/bo1', draft_hash, '[]' FROM consultations "
            f"WHERE handle = '{there.consultation}'",
        ),
        *(
            Attempt("proposals_drawn_up_by_the_board", what, sql)
            for what, sql in (
                ("whoever files proposes", proposal_of(there.proposed, "so-y-te/co1")),
                ("a body proposes", proposal_of(there.proposed, "thue/bo1")),
                ("whoever plays no part proposes", proposal_of(there.proposed, "thuong-truc/s1")),
                (
                    "a proposal is born submitted",
                    proposal_of(there.proposed, "ban-to-chuc/bo1", "'ban-to-chuc/bh1'"),
                ),
            )
        ),
        *(
            Attempt("proposals_submitted_once_by_the_board", what, sql)
            for what, sql in (
                (
                    "whoever files submits",
                    submission_of(
                        there.proposed, "submitted_by = 'so-y-te/co1', submitted_at = 'x'"
                    ),
                ),
                (
                    "a body submits",
                    submission_of(there.proposed, "submitted_by = 'thue/bs1', submitted_at = 'x'"),
                ),
                (
                    "its words change on the way",
                    submission_of(there.submitted, f"{own}, reasons = 'y'"),
                ),
                ("it is submitted twice", submission_of(there.submitted, own)),
                ("it is taken back", submission_of(there.submitted, "submitted_by = NULL")),
            )
        ),
        *(
            Attempt("conclusions_by_the_authority", what, sql)
            for what, sql in (
                ("whoever files concludes", conclusion_of(there.submitted, "so-y-te/co1")),
                (
                    "whoever coordinates concludes",
                    conclusion_of(there.submitted, "ban-to-chuc/bh1"),
                ),
                ("a body concludes", conclusion_of(there.submitted, "thue/bs1")),
                ("whoever plays no part", conclusion_of(there.submitted, "uy-ban-kiem-tra/s1")),
                (
                    "another authority is named",
                    conclusion_of(there.submitted, "thuong-truc/s1", "ban-to-chuc"),
                ),
            )
        ),
        *(
            Attempt(
                "recipients_are_only_opened",
                what,
                f"UPDATE recipients SET {changes} WHERE officer = 'ban-to-chuc/bo1'",
            )
            for what, changes in (
                ("a notice is for somebody else", "opened_at = 'x', officer = 'robot'"),
                ("it is for another body", "opened_at = 'x', organisation = 'so-noi-vu'"),
                ("it is told at another time", "opened_at = 'x', at = 'x'"),
                ("it is not opened", "opened_at = NULL"),
            )
        ),
        *(
            Attempt(
                "participations_robots_only_file",
                f"a robot {hat.title}",
                f"INSERT INTO participations VALUES ('{there.ready}', 'robot', '{hat}', 'thue')",
            )
            for hat in Hat
            if hat is not Hat.FILE
        ),
        *(
            Attempt(
                "role_assignments_robots_only_file",
                f"a robot becomes {role.value}",
                f"INSERT INTO role_assignments (officer, organisation, role) "
                f"VALUES ('robot', 'thue', '{role}')",
            )
            for role in Role
            if role is not Role.CASE_OFFICER
        ),
        Attempt(
            "role_assignments_robots_go_on_filing",
            "a robot's role becomes another",
            "UPDATE role_assignments SET role = 'body_signer' WHERE officer = 'robot'",
        ),
        Attempt(
            "login_sessions_no_robots",
            "a robot signs in",
            "INSERT INTO login_sessions (token_hash, mark, officer, organisation, role, method, "
            "began_at, seen_at) VALUES ('x', 'x', 'robot', 'so-y-te', 'case_officer', 'x', 'x', "
            "'x')",
        ),
        Attempt(
            "login_sessions_no_robots_later",
            "a session becomes a robot's",
            "UPDATE login_sessions SET officer = 'robot'",
        ),
        *(
            Attempt(
                "participations_not_of_what_one_supervised",
                f"who supervised {hat.title}",
                "INSERT INTO participations VALUES "
                f"('{there.ready}', 'uy-ban-kiem-tra/s1', '{hat}', 'thue')",
            )
            for hat in Hat
            if hat is not Hat.REVIEW
        ),
        *(
            Attempt(
                "reads_not_of_ones_own_work",
                f"whoever {worn.title} looks as a supervisor",
                "INSERT INTO reads (at, officer, organisation, role, session, action, "
                f"case_handle) VALUES ('x', '{officer}', 'uy-ban-kiem-tra', 'supervisor', 'x', "
                f"'{action}', '{there.concluded}')",
            )
            for (worn, (officer, _)), action in product(
                WORN.items(), ("see_case", "see_oversight", "search")
            )
        ),
        Attempt(
            "officers_robots_stay_robots",
            "a robot becomes a person",
            "UPDATE officers SET robot = 0 WHERE handle = 'robot'",
        ),
        *(
            Attempt(
                "calendar_days_entered_with_a_reason",
                what,
                "INSERT INTO calendar_days (calendar, day, entered_at, kind, name_vi, name_en, "
                f"entered_by) VALUES ('province', '2026-03-04', '{at}', 'closure', 'x', 'x', "
                f"'{by}')",
            )
            for what, at, by in (
                ("a day is closed without saying why", "y", HEAD),
                ("a day is closed under another's reason", "x", ASKER),
            )
        ),
        Attempt(
            "role_changes_by_another",
            "who changes their own",
            role_changed(HEAD, f"'{HEAD}'", "ended"),
        ),
        *(
            Attempt("role_changes_by_two", what, role_changed(officer, by, kind, confirmed))
            for what, officer, by, kind, confirmed in (
                ("one gives alone", "thue/bo1", f"'{FIRST}'", "given", "NULL"),
                ("nobody confirmed it", "thue/bo1", f"'{FIRST}'", "given", f"'{SECOND}'"),
                ("somebody else confirmed it", "thue/bs1", f"'{FIRST}'", "given", f"'{THIRD}'"),
                ("somebody else gave it", "thue/bs1", f"'{THIRD}'", "given", f"'{SECOND}'"),
                ("a clearance was never given", "thue/bs1", "NULL", "cleared", f"'{SECOND}'"),
            )
        ),
        Attempt("role_proposals_by_another", "who gives to themself", role_proposed(FIRST, FIRST)),
        Attempt(
            "role_proposals_by_an_administrator", "the head gives", role_proposed(HEAD, "thue/bo1")
        ),
        *(
            Attempt(f"role_answers_{rule}", what, role_answered(by, proposal, kind, shown))
            for rule, what, by, proposal, kind, shown in (
                ("by_a_second_person", "who gave confirms", FIRST, "waits", "confirmed", AS_SHOWN),
                ("by_a_second_person", "who gave refuses", FIRST, "waits", "refused", AS_SHOWN),
                (
                    "by_a_second_person",
                    "whose it is confirms",
                    SECOND,
                    "own",
                    "confirmed",
                    AS_SHOWN,
                ),
                ("by_a_second_person", "whose it is refuses", SECOND, "own", "refused", AS_SHOWN),
                (
                    "by_a_second_person",
                    "another takes it back",
                    SECOND,
                    "waits",
                    "taken_back",
                    AS_SHOWN,
                ),
                ("by_an_administrator", "the head confirms", HEAD, "waits", "confirmed", AS_SHOWN),
                ("of_what_was_shown", "not as it was shown", SECOND, "waits", "confirmed", "else"),
                ("of_what_was_shown", "refused unseen", SECOND, "waits", "refused", "else"),
            )
        ),
        Attempt("factor_resets_by_another", "who takes off theirs", factors_off(HEAD, f"'{HEAD}'")),
        Attempt(
            "officer_changes_by_another", "who lets themself in", account_changed(HEAD, f"'{HEAD}'")
        ),
        Attempt(
            "substitutions_by_another_at_first", "who names themself", named_by(HEAD, "x", HEAD)
        ),
        Attempt(
            "substitutions_by_another_later",
            "who takes the place of whom they named",
            f"UPDATE substitutions SET substitute = '{HEAD}' WHERE handle = 'named'",
        ),
        *(
            Attempt(f"emergency_steps_{rule}", what, step_of(request, kind, officer))
            for rule, what, request, kind, officer in (
                ("by_another_than_the_asker", "the asker agrees", there.asked, "opened", UNIT),
                ("by_another_than_the_asker", "the asker refuses", there.asked, "refused", UNIT),
                ("by_another_than_the_asker", "the asker reviews", there.opened, "reviewed", UNIT),
                ("of_what_another_agreed_to", "who agreed reviews", there.opened, "reviewed", HEAD),
                ("of_what_another_agreed_to", "another takes it back", there.asked, "ended", HEAD),
                ("not_by_the_recused", "the recused agrees", there.asked, "opened", RECUSED),
            )
        ),
        *(
            Attempt(f"disposals_{rule}", what, stone(there.over, **changes))
            for rule, what, changes in (
                ("by_two_who_do_nothing_else", "who coordinated asked", {"asked_by": ASKER}),
                ("by_two_who_do_nothing_else", "who submitted agreed", {"approved_by": HEAD}),
                ("by_two_who_do_nothing_else", "nobody said so there", {"entry": "MIN(number)"}),
                (
                    "not_before_its_time",
                    "no schedule is as short",
                    {"years": 1, "runs_out_on": "2027-03-02"},
                ),
                ("not_before_its_time", "no class is called so", {"record_class": "x"}),
                ("not_before_its_time", "it runs out later", {"approved_at": "2046-03-01"}),
                ("not_before_its_time", "on another day", {"runs_out_on": "2046-03-01"}),
                (
                    "not_before_its_time",
                    "it was over later",
                    {"over_on": "2025-03-02", "runs_out_on": "2045-03-02"},
                ),
            )
        ),
        *(
            Attempt(
                "disposals_carried_out_once",
                what,
                f"UPDATE disposals SET {changes} WHERE case_handle = '{there.agreed}'",
            )
            for what, changes in (
                ("the key is still there", "erased_at = 'x', remains = 'x'"),
                ("another list was agreed to", "plan = 'y'"),
            )
        ),
        *(
            Attempt(
                "disposals_cleaned_once",
                what,
                f"UPDATE disposals SET {changes} WHERE case_handle = '{there.destroyed}'",
            )
            for what, changes in (
                ("the files were cleaned on another day", "cleaned_at = 'y'"),
                ("they were not", "cleaned_at = NULL"),
                ("it was destroyed on another day", "erased_at = 'y'"),
            )
        ),
        *(
            Attempt("disposals_nothing_is_done_yet", what, stone(there.over, **changes))
            for what, changes in (
                ("it is destroyed already", {"erased_at": "x", "remains": "x"}),
                ("its files are cleaned already", {"cleaned_at": "x"}),
            )
        ),
        Attempt(
            "disposal_items_while_it_is_carried_out",
            "what nobody agreed to is listed",
            f"INSERT INTO disposal_items VALUES ('{there.concluded}', 'x')",
        ),
        *(
            Attempt(
                "emergency_steps_of_another_organisation", what, step_of(request, kind, HEAD, of=of)
            )
            for what, request, kind, of in (
                ("the asker's organisation agrees", there.asked, "opened", "so-y-te"),
                ("the asker's organisation refuses", there.asked, "refused", "so-y-te"),
                ("what was taken back is agreed to", there.taken_back, "opened", "ban-to-chuc"),
            )
        ),
        *(
            Attempt(
                f"emergency_steps_{rule}", what, step_of(request, kind, "thuong-truc/s1", absent)
            )
            for rule, what, request, kind, absent in (
                ("by_another_than_the_asker", "for the asker", there.asked, "opened", UNIT),
                ("of_what_another_agreed_to", "for who agreed", there.opened, "reviewed", HEAD),
                ("not_by_the_recused", "for the recused", there.asked, "opened", RECUSED),
            )
        ),
        *(
            Attempt(f"amendments_{rule}", what, amendment_of(there, **changes))
            for rule, what, changes in (
                ("by_whose_it_is", "whoever coordinated annuls", {"signed_by": ASKER}),
                ("by_whose_it_is", "a body annuls", {"signed_by": "thue/bs1"}),
                ("by_whose_it_is", "another authority does", {"organisation": "ban-to-chuc"}),
                ("reviewed_by_others", "who concluded reviews", {"ground": "review"}),
                ("of_what_stands", "what was annulled", {"case_handle": there.annulled}),
            )
        ),
        Attempt(
            "emergency_steps_of_what_another_agreed_to",
            "whoever it was agreed for reviews",
            step_of(there.opened_for, "reviewed", "thuong-truc/s1"),
        ),
        Attempt(
            "emergency_steps_reviewed_once_it_is_over",
            "it is reviewed while it is open",
            step_of(there.opened, "reviewed", "uy-ban-kiem-tra/s1", at="2000"),
        ),
    ]


@pytest.fixture
def there(cast) -> Handles:
    """Cases at each point where duties meet, a robot, and a log-in session."""
    return meeting_points(cast)


@pytest.fixture
def there_on_postgresql(postgresql_cast) -> Handles:
    """The same, on PostgreSQL alone."""
    return meeting_points(postgresql_cast)


def meeting_points(cast) -> Handles:
    """Bring cases to each point where duties meet, and add a robot and a log-in session."""
    concluded = cast.concluded()
    ready = cast.consulting(name="Trần Văn Bình")
    consultation = cast.asked(ready)["thue"]
    draft_and_pass_on(cast.drafter("thue"), sent(), consultation, opinion())
    cast.sign(ready, "cong-an")
    submitted, proposed = cast.assembling(name="Lê Chi"), cast.assembling(name="Phan Dũng")
    propose(cast.board, sent(), [submitted, proposed], "meets", "Đạt.")
    submit_proposals(cast.head, sent(), [submitted])
    look(cast.desk("uy-ban-kiem-tra", Role.SUPERVISOR), Action.SEE_CASE, cases=[ready])
    reference = reference_of(cast.database, concluded)
    asked, taken_back, opened, opened_for = (
        str(ask_in_emergency(cast.unit, sent(), reference, "Gấp.", 1)["request"]) for _ in range(4)
    )
    end_emergency(cast.unit, sent(), taken_back)
    answer_emergency(cast.head, sent(), opened, agrees=True, sentence="Đồng ý.")
    in_place = replace(cast.head.principal, on_behalf_of="thuong-truc/s1", form=Form.KT)
    answer_emergency(
        replace(cast.head, principal=in_place), sent(), opened_for, agrees=True, sentence="Đồng ý."
    )
    with cast.database.writing() as connection:
        add_officer(connection, RECUSED, "ban-to-chuc", Role.BOARD_HEAD)
        connection.execute(insert(recusals), {"case_handle": concluded, "officer": RECUSED})
        connection.execute(
            insert(participations),
            [
                dict(zip(participations.c.keys(), part, strict=True))
                for part in (
                    (ready, "thue/bs1", "opine", "thue"),
                    (proposed, "ban-to-chuc/bh1", "coordinate", "ban-to-chuc"),
                    (submitted, "thuong-truc/s1", "conclude", "thuong-truc"),
                )
            ],
        )
        connection.execute(
            insert(officers),
            {
                "handle": "robot",
                "login": "robot",
                "name": "Máy",
                "sort_key": "may",
                "password_hash": "!",
                "robot": 1,
            },
        )
        connection.exec_driver_sql(
            "INSERT INTO absences (handle, officer, first_day, last_day, recorded_by, recorded_at) "
            f"VALUES ('away', 'thue/bs1', '2020-01-01', '2020-01-02', '{HEAD}', 'x')"
        )
        connection.exec_driver_sql(named_by(HEAD, "named", "thue/bo1"))
        for administrator in (FIRST, SECOND, THIRD):
            add_officer(connection, administrator, "ban-to-chuc", Role.ADMINISTRATOR)
        connection.exec_driver_sql(role_proposed(FIRST, "thue/bo1", "waits"))
        connection.exec_driver_sql(role_proposed(FIRST, SECOND, "own"))
        connection.exec_driver_sql(role_proposed(FIRST, "thue/bs1", "done"))
        connection.exec_driver_sql(role_answered(SECOND, "done"))
        connection.exec_driver_sql(
            "INSERT INTO calendars (code, name_vi, name_en, first_day, last_day, entered_at) "
            "VALUES ('province', 'x', 'x', '2026-01-01', '2026-12-31', 'x')"
        )
        connection.exec_driver_sql(
            "INSERT INTO calendar_changes VALUES "
            f"('x', 'province', 'x', '{HEAD}', 'ban-to-chuc', 'board_head', 'x', 0, 'x')"
        )
        connection.exec_driver_sql(
            "INSERT INTO role_assignments (officer, organisation, role) "
            "VALUES ('robot', 'so-y-te', 'case_officer')"
        )
        connection.exec_driver_sql(
            "INSERT INTO login_sessions (token_hash, mark, officer, organisation, role, method, "
            "began_at, seen_at) VALUES ('a', 'a', 'thue/bs1', 'thue', 'body_signer', 'x', 'x', 'x')"
        )
    with as_owner(cast.database).writing() as connection:
        gaps_half_declared(connection)
    annulled = annulled_by(cast)
    amending = amending_in(cast)
    destroyed, over, agreed = disposed_of(cast)
    return Handles(
        concluded,
        ready,
        consultation,
        submitted,
        proposed,
        asked,
        taken_back,
        opened,
        opened_for,
        over,
        agreed,
        annulled,
        destroyed,
        amending,
    )


def gaps_half_declared(connection: Connection) -> None:
    """Have gaps wait for a second person: of somebody who may declare one, and of two who may not.

    Roles end with the day before the legal day of the evening, or begin with it.
    """
    for officer in (GONE, PAST, YET, GIVEN):
        add_officer(connection, officer, "ban-to-chuc", Role.ADMINISTRATOR)
    add_officer(connection, APART, "thuong-truc", Role.ADMINISTRATOR)
    add_officer(connection, BESIDE, "ban-to-chuc", Role.SUPERVISOR)
    for officer in (LEFT, WATCHED):
        add_officer(connection, officer, "uy-ban-kiem-tra", Role.SUPERVISOR)
    for by, handle in ((FIRST, "waits"), (GONE, "of the gone"), (PAST, "of the past")):
        connection.exec_driver_sql(gap_declared(by=by, handle=handle))
    o, a = officers.c, role_assignments.c
    for changed, given in (
        (update(officers).where(o.handle.in_((GONE, LEFT))), {"disabled_at": DECLARED_AT}),
        (update(officers).where(o.handle == GIVEN), {"password_given_at": DECLARED_AT}),
        (
            update(role_assignments).where(a.officer.in_((PAST, WATCHED))),
            {"valid_to": "2026-03-01"},
        ),
        (update(role_assignments).where(a.officer == YET), {"valid_from": THE_DAY}),
    ):
        connection.execute(changed.values(given))


def annulled_by(cast) -> str:
    """Have a case concluded and its conclusion annulled; something else came after that."""
    case = cast.concluded(name="Đinh Hủy")
    with as_owner(cast.database).writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO legal_bases (key, number, date, issuer, subject, title_vi, title_en) "
            "VALUES ('1;2020-01-01;x', '1', '2020-01-01', 'x', 'protection', 'x', 'x')"
        )
    annuls = Decision(
        AmendmentKind.ANNULMENT, Ground.OWN, "x", "1;2020-01-01;x", "2026-03-02", "2026-03-02"
    )
    amend_conclusion(cast.secretary, sent(), case, annuls)
    hold_record(cast.head, sent(), case, "Có đơn khiếu nại.")
    return case


def amending_in(cast) -> str:
    """Have a body draw up what becomes of its opinion, and a signer countersign it."""
    case = cast.assembling(name="Lý Đính Chính")
    with cast.database.writing() as connection:
        add_officer(connection, "thue/bo2", "thue", Role.BODY_OFFICER)
        add_officer(connection, "thue/bs2", "thue", Role.BODY_SIGNER)
        asked = connection.scalar(
            select(consultations.c.handle).where(
                consultations.c.case_handle == case, consultations.c.body == "thue"
            )
        )
        part = {"case_handle": case, "hat": "opine", "organisation": "thue"}
        connection.execute(insert(participations), [part | {"officer": "thue/bo2"}])
    annuls = Decision(
        AmendmentKind.ANNULMENT, Ground.OWN, "x", "1;2020-01-01;x", "2026-03-02", "2026-03-02"
    )
    draft_amendment(cast.drafter("thue"), sent(), asked, annuls)
    with cast.database.reading(Purpose.COMMAND) as connection:
        c = consultations.c
        drawn_up = json.loads(connection.scalar(select(c.amendment).where(c.handle == asked)))
    second = with_countersigners(cast.desk("thue", Role.BODY_SIGNER, 2), 1)
    look(second, Action.COUNTERSIGN_AMENDMENT, texts=[(case, asked, drawn_up["hash"])])
    countersign_amendment(second, sent(), asked, drawn_up["hash"])
    return case


def disposed_of(cast) -> tuple[str, str, str]:
    """Have a record destroyed, and two agreed to be; of the first its history alone says so."""
    schedule(cast.database)
    people = Disposing(cast)
    destroyed = cast.closed(name="Võ Đã Hủy")
    over, agreed = cast.closed(name="Võ Hết Hạn"), cast.closed(name="Võ Thống Nhất")
    people.let_pass()
    people.dispose(destroyed)
    people.ask(over)
    people.ask(agreed)
    with patch.object(dispose_of_record, "_write_stone", lambda *_: None):
        people.agree(over)
    people.agree(agreed)
    return destroyed, over, agreed


def reference_of(database, case: str) -> str:
    with database.reading() as connection:
        return connection.scalar(select(cases.c.reference).where(cases.c.handle == case))


def outcome(connection: Connection, sql: str, *, without: Rule | None = None) -> str:
    """Try SQL, in the end take it back, and return what said no."""
    connection.exec_driver_sql("BEGIN")
    try:
        if without is not None:
            on = f" ON {without.table}" if connection.dialect.name == "postgresql" else ""
            connection.exec_driver_sql(f"DROP TRIGGER {without.trigger}{on}")
        many = connection.exec_driver_sql(sql).rowcount
    except (IntegrityError, ProgrammingError) as refused:
        return str(refused.orig).splitlines()[0]
    else:
        return "went through" if many else "met nothing"
    finally:
        connection.exec_driver_sql("ROLLBACK")


def test_every_attempt_is_refused_by_its_rule_and_only_by_it(cast, there):
    told, unguarded = {}, {}
    with as_owner(cast.database).engine.connect() as connection:
        for attempt in attempts(there):
            told[attempt] = outcome(connection, attempt.sql)
            without = RULES[attempt.rule]
            unguarded[attempt] = outcome(connection, attempt.sql, without=without)

    assert told == {it: f"{RULES[it.rule].about}: {it.rule}" for it in told}
    assert unguarded == dict.fromkeys(unguarded, "went through")
    assert {it.rule for it in told} == set(RULES)


@pytest.mark.postgresql
def test_the_application_gets_no_further_with_any_of_them(postgresql_cast, there_on_postgresql):
    """Where it may write at all the rule says no; else it lacks the right, which comes first."""
    told = {}
    with postgresql_cast.database.reading() as connection:  # who may send SQL sees what they like
        for attempt in attempts(there_on_postgresql):
            told[attempt] = outcome(connection, attempt.sql)

    rule = {it: f"{RULES[it.rule].about}: {it.rule}" for it in told}
    no_right = {it: f"permission denied for table {RULES[it.rule].table}" for it in told}
    assert {it for it in told if told[it] not in {rule[it], no_right[it]}} == set()
    assert {it.rule for it in told if told[it] == no_right[it]} == {
        "candidate_keys_stay_with_their_case",
        "disposal_items_while_it_is_carried_out",
        "disposals_carried_out_once",
        "disposals_cleaned_once",
        "login_sessions_no_robots_later",
        "officers_robots_stay_robots",
        "proposals_submitted_once_by_the_board",
        "recipients_are_only_opened",
        "role_assignments_robots_go_on_filing",
        "substitutions_by_another_later",
    }
    assert {it.rule for it in told if told[it] == rule[it]} == {*(it.rule for it in told)} - {
        "candidate_keys_stay_with_their_case",
        "disposal_items_while_it_is_carried_out",
        "disposals_carried_out_once",
        "disposals_cleaned_once",
        "login_sessions_no_robots_later",
        "officers_robots_stay_robots",
        "role_assignments_robots_go_on_filing",
        "substitutions_by_another_later",
    }


def test_what_was_answered_is_answered_once_whoever_says_so(cast, there):
    """Also by the application, which may add answers and nothing else."""
    assert there
    again = [
        role_answered(by, "done", kind)
        for by, kind in ((SECOND, "confirmed"), (THIRD, "refused"), (FIRST, "taken_back"))
    ]
    with cast.database.reading() as connection:
        told = {sql: outcome(connection, sql) for sql in again}
    no = {
        "sqlite": "the history is never changed: role_answers",
        "postgresql": 'duplicate key value violates unique constraint "pk_role_answers"',
    }
    assert told == dict.fromkeys(again, no[cast.database.engine.dialect.name])


def test_what_the_rules_let_through_goes_through(cast, there):
    well = [
        an_entry(there.concluded, officer, role.value, organisation)
        for (worn, (officer, organisation)), role in product(WORN.items(), Role)
        if HAT_OF_ROLE[role] is worn
    ]
    well += [
        an_entry(there.concluded, officer, role, place, "case.exported")
        for officer, role, place in (
            ("uy-ban-kiem-tra/s1", "supervisor", "uy-ban-kiem-tra"),
            ("ban-to-chuc/recused", "board_head", "ban-to-chuc"),
        )
    ]
    well += [
        stone(there.over),
        an_entry(there.concluded, HEAD, "board_head", "ban-to-chuc", "record.held"),
        an_entry(there.concluded, "nobody", "supervisor", "uy-ban-kiem-tra", "hold.lifted"),
        gap_declared(),
        gap_declared(by=WATCHES),
        gap_declared(by=YET),
        gap_declared(by=PAST, at=DAY_BEFORE),
        gap_confirmed(WATCHES),
        gap_confirmed(WATCHED, at=DAY_BEFORE),
        step_of(there.asked, "refused", HEAD),
        step_of(there.opened, "reviewed", "uy-ban-kiem-tra/s1"),
        step_of(there.opened, "ended", UNIT),
        step_of(there.asked, "ended", UNIT),
        role_changed(HEAD, f"'{ASKER}'", "ended"),
        role_changed(HEAD, f"'{ASKER}'", "cleared"),  # for less
        role_changed(HEAD, "NULL"),  # on the machine itself
        role_changed("thue/bs1", f"'{FIRST}'", confirmed=f"'{SECOND}'"),
        role_proposed(FIRST, "thue/bo1"),
        role_answered(SECOND, "waits"),
        role_answered(THIRD, "waits", "refused"),
        role_answered(FIRST, "waits", "taken_back"),
        role_answered(THIRD, "own"),
        factors_off(HEAD, f"'{ASKER}'"),
        factors_off(HEAD, "NULL"),
        sign_off_of(there, "thue/bs1"),
        sign_off_of(there, "thue/bs1", "countersign"),
        name_under_amendment(there, "thue/bs1"),
        name_under_amendment(there, "thue/bo2", "NULL", "body_officer"),
        amendment_signed(there, "thue/bs1"),
        opinion_of(there, "thue/bs1"),
        proposal_of(there.proposed, "ban-to-chuc/bo1"),
        submission_of(there.proposed, "submitted_by = 'ban-to-chuc/bh1', submitted_at = 'x'"),
        "UPDATE recipients SET opened_at = 'x'",
        f"UPDATE consultations SET draft_by = 'thue/bs1' WHERE handle = '{there.consultation}'",
        f"INSERT INTO participations VALUES ('{there.ready}', 'robot', 'file', 'so-y-te')",
    ]
    well.append(
        "INSERT INTO participations VALUES "
        f"('{there.ready}', 'uy-ban-kiem-tra/s1', 'review', 'uy-ban-kiem-tra')"
    )
    well.append(
        "INSERT INTO reads (at, officer, organisation, role, session, action, case_handle) "
        f"VALUES ('x', 'thue/bo1', 'thue', 'body_officer', 'x', 'see_case', '{there.concluded}')"
    )
    with as_owner(cast.database).engine.connect() as connection:
        assert {sql: outcome(connection, sql) for sql in well} == dict.fromkeys(
            well, "went through"
        )


LIST_ONLY = {Group.CANDIDATE.value, Group.STANDING.value, Group.READERS.value}


def read_by(officer: str, case: str, action: str, fields: str) -> str:
    return (
        "INSERT INTO reads (at, officer, organisation, role, session, action, case_handle, fields) "
        f"VALUES ('x', '{officer}', 'uy-ban-kiem-tra', 'supervisor', 'x', '{action}', '{case}', "
        f"'{fields}')"
    )


def part_of(officer: str, case: str) -> str:
    return f"INSERT INTO participations VALUES ('{case}', '{officer}', 'opine', 'thue')"


def test_whatever_page_shows_words_of_a_case_to_a_supervisor_it_counts(cast):
    """Every page there is, by what it shows: nobody reads others' opinions and then gives one."""
    case = cast.consulting()
    with cast.database.writing() as connection:
        add_officer(connection, "thue/other", "thue", Role.BODY_OFFICER)
    shown = {one.to(Role.SUPERVISOR) for one in SHOWN.values() if isinstance(one, Showing)}
    told = {}
    with as_owner(cast.database).engine.connect() as connection:
        for fields in sorted(shown):
            connection.exec_driver_sql("BEGIN")
            connection.exec_driver_sql(read_by("thue/other", case, "any_page", fields))
            told[fields] = goes_through(connection, part_of("thue/other", case))
            connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("BEGIN")
        connection.exec_driver_sql(read_by("thue/other", case, "see_readers", "readers"))
        assert not goes_through(connection, part_of("thue/other", case))
        connection.exec_driver_sql("ROLLBACK")
    assert told == {fields: set(fields.split()) <= LIST_ONLY for fields in shown}
    assert set(told.values()) == {True, False}


@pytest.mark.parametrize("reads_first", [True, False])
def test_two_transactions_at_once_do_not_pass_by_who_supervises(postgresql_cast, reads_first):
    database, case = postgresql_cast.database, postgresql_cast.consulting()
    with database.writing() as connection:
        add_officer(connection, "thue/other", "thue", Role.BODY_OFFICER)
    both = [read_by("thue/other", case, "see_case", "opinions"), part_of("thue/other", case)]
    first, second = both if reads_first else both[::-1]
    with database.reading() as one, database.reading() as other:
        one.exec_driver_sql("BEGIN")
        other.exec_driver_sql("BEGIN")
        one.exec_driver_sql(first)
        other.exec_driver_sql("SET LOCAL lock_timeout = '50ms'")
        other.exec_driver_sql("SAVEPOINT before")
        with pytest.raises(OperationalError, match="lock timeout"):
            other.exec_driver_sql(second)
        other.exec_driver_sql("ROLLBACK TO SAVEPOINT before")
        one.exec_driver_sql("COMMIT")
        with pytest.raises(IntegrityError, match=SUPERVISES):
            other.exec_driver_sql(second)
        other.exec_driver_sql("ROLLBACK")


def test_an_officer_has_one_of_the_seven_hats_in_a_case_and_no_other(cast, there):
    with cast.database.writing() as connection:
        add_officer(connection, "thue/other", "thue", Role.BODY_OFFICER)
    told = {}
    with as_owner(cast.database).engine.connect() as connection:
        for first, second in product([*Hat, "seal"], repeat=2):
            connection.exec_driver_sql("BEGIN")
            told[first, second] = [
                goes_through(
                    connection,
                    f"INSERT INTO participations VALUES ('{there.ready}', 'thue/other', '{hat}', "
                    "'thue')",
                )
                for hat in (first, second)
            ]
            connection.exec_driver_sql("ROLLBACK")
    assert told == {
        (first, second): [first in set(Hat), first not in set(Hat) and second in set(Hat)]
        for first, second in product([*Hat, "seal"], repeat=2)
    }


def test_a_temporary_table_of_the_same_name_hides_nothing(postgresql_cast):
    case = postgresql_cast.concluded()
    with postgresql_cast.database.reading() as connection:
        connection.exec_driver_sql("BEGIN")
        connection.exec_driver_sql("CREATE TEMPORARY TABLE participations (LIKE participations)")
        connection.exec_driver_sql(
            f"INSERT INTO pg_temp.participations VALUES ('{case}', 'thue/bo1', 'conclude', 'x')"
        )
        with pytest.raises(IntegrityError, match="separation of duties: entries_one_hat"):
            connection.exec_driver_sql(an_entry(case, "thue/bo1", "secretary", "thuong-truc"))
        connection.exec_driver_sql("ROLLBACK")


def test_the_hats_of_roles_are_the_same_in_the_program_and_in_the_database(cast, there):
    """Every role may write under its own hat, and there is no role without one."""
    assert set(HAT_OF_ROLE) == set(Role)
    with as_owner(cast.database).engine.connect() as connection:
        for role in Role:
            handle = f"thue/{role.value}"
            connection.exec_driver_sql("BEGIN")
            add_officer(connection, handle, "thue", role)
            for hat in Hat:
                connection.exec_driver_sql("SAVEPOINT one")
                connection.exec_driver_sql(
                    f"INSERT INTO participations VALUES ('{there.ready}', '{handle}', '{hat}', "
                    "'thue')"
                )
                told = goes_through(connection, an_entry(there.ready, handle, role.value, "thue"))
                assert told == (HAT_OF_ROLE[role] is hat), (role, hat)
                connection.exec_driver_sql("ROLLBACK TO SAVEPOINT one")
            connection.exec_driver_sql("ROLLBACK")


def goes_through(connection: Connection, sql: str) -> bool:
    """Tell whether SQL goes through, and go on in the same transaction."""
    connection.exec_driver_sql("SAVEPOINT here")
    try:
        connection.exec_driver_sql(sql)
    except IntegrityError:
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT here")
        return False
    return True


def test_what_is_played_is_kept_with_the_organisation_it_is_played_for(cast, there):
    p = participations.c
    with cast.database.reading() as connection:
        rows = connection.execute(
            select(p.officer, p.hat, p.organisation).where(p.case_handle == there.concluded)
        )
        kept = {officer: (hat, organisation) for officer, hat, organisation in rows}
    assert kept == {
        "so-y-te/co1": ("file", "so-y-te"),
        "ban-to-chuc/bo1": ("coordinate", "ban-to-chuc"),
        "ban-to-chuc/bh1": ("coordinate", "ban-to-chuc"),
        "thuong-truc/s1": ("conclude", "thuong-truc"),
        **{
            f"{body}/{officer}": ("opine", body)
            for body, officer in product(cast.bodies, ("bo1", "bs1"))
        },
    }
