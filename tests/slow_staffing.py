"""Who could act, worked out slowly: everybody is tried, in every place, on every single day.

It reads whole tables and shares nothing with `records/stranding.py` and `engine/staffing.py` but
the names of what it finds.
"""

import json
from copy import copy
from datetime import date, timedelta
from itertools import combinations, permutations

from sqlalchemy import select

from vetting.engine.staffing import Duty
from vetting.engine.vocabulary import Role
from vetting.records.absences import absences, substitutions
from vetting.records.cases import cases, participations
from vetting.records.consultations import consultations
from vetting.records.history import entries
from vetting.records.officers import officers, role_assignments

KIND = {
    Role.CASE_OFFICER: "unit",
    Role.BOARD_OFFICER: "board",
    Role.BOARD_HEAD: "board",
    Role.BODY_OFFICER: "body",
    Role.BODY_SIGNER: "body",
    Role.SECRETARY: "authority",
}
PART = {"unit": "file", "board": "coordinate", "body": "opine", "authority": "conclude"}
STEPS = {  # where a case stands: what is to be done, by whom
    "draft": (Duty.COMPLETE, {Role.CASE_OFFICER}),
    "returned": (Duty.COMPLETE, {Role.CASE_OFFICER}),
    "filed": (Duty.CHECK, {Role.BOARD_OFFICER, Role.BOARD_HEAD}),
    "checking": (Duty.CHECK, {Role.BOARD_OFFICER, Role.BOARD_HEAD}),
    "accepted": (Duty.ASK, {Role.BOARD_OFFICER, Role.BOARD_HEAD}),
    "assembling": (Duty.PROPOSE, {Role.BOARD_OFFICER}),
    "proposed": (Duty.SUBMIT, {Role.BOARD_HEAD}),
    "submitted": (Duty.CONCLUDE, {Role.SECRETARY}),
    "concluded": (Duty.TELL, {Role.BOARD_OFFICER, Role.BOARD_HEAD}),
    "notified": (Duty.CLOSE, {Role.BOARD_OFFICER, Role.BOARD_HEAD}),
    "suspended": (Duty.RESUME, {Role.BOARD_OFFICER, Role.BOARD_HEAD}),
}
BOARD = "ban-to-chuc"


def slowly(people, signers, *, drafted, countersigned, countersigners, ready):
    """Try everybody in every place; return what stays impossible whatever is tried."""
    to_draft = 0 if drafted else 1
    spent = drafted | countersigned

    def ways(places, signer):
        """Yield whether the signature, and these many other places, can all be filled."""
        for chosen in permutations(sorted(people), to_draft + places):
            others = [frozenset({one}) for one in chosen]
            if any(chosen[to_draft + n] in spent for n in range(places)):
                continue
            named = [*others, *([signer] if signer else [])]
            if signer and signer & spent:
                continue
            if all(one.isdisjoint(other) for one, other in combinations(named, 2)):
                return True
        return False

    short = []
    if not ready and not people:
        short.append(Duty.DRAFT)
    good = [signer for signer in signers if ways(0, signer)]
    if not good:
        short.append(Duty.SIGN)
    can = [signer for signer in signers if not signer & spent] or [None]
    if countersigners and not any(ways(countersigners, signer) for signer in can):
        short.append(Duty.COUNTERSIGN)
    return tuple(short)


class World:
    """Everything that bears on who can act, read whole; a test changes it as it likes."""

    def __init__(self, connection):
        def rows(table):
            return [dict(row) for row in connection.execute(select(table)).mappings()]

        shut_out = {o["handle"] for o in rows(officers) if o["disabled_at"] or o["robot"]}
        self.roles = [r for r in rows(role_assignments) if r["officer"] not in shut_out]
        self.absences = {a["handle"]: a for a in rows(absences) if not a["ended_at"]}
        self.namings = [n for n in rows(substitutions) if not n["revoked_at"]]
        self.parts = rows(participations)
        self.entries = rows(entries)
        self.cases = {c["handle"]: c for c in rows(cases)}
        self.asked = rows(consultations)
        self.kept_from = set()  # pairs of an officer and a case
        self.only = {}  # case: officers
        self.idle_on = {}  # what was worked out already

    def changed(self, apply):
        """Return the world as a change makes it."""
        then = copy(self)
        then.roles, then.namings = list(self.roles), list(self.namings)
        then.absences, then.only = dict(self.absences), dict(self.only)
        then.kept_from, then.idle_on = set(self.kept_from), {}
        apply(then)
        return then

    def has(self, officer, organisation, role, day):
        return any(
            (r["officer"], r["organisation"], r["role"]) == (officer, organisation, role)
            and r["valid_from"] <= day
            and (r["valid_to"] is None or day <= r["valid_to"])
            for r in self.roles
        )

    def is_away(self, officer, day):
        return any(
            a["officer"] == officer and a["first_day"] <= day <= a["last_day"]
            for a in self.absences.values()
        )

    def acting_for(self, absent, organisation, role, case_type, day, *, chain=()):
        """Yield who acts in the end and who stands between, from one to whom they named, and on."""
        for n in self.namings:
            absence = self.absences.get(n["absence"])
            if absence is None or not absence["first_day"] <= day <= absence["last_day"]:
                continue
            types = json.loads(n["case_types"])
            same = (n["absent"], n["organisation"], n["role"]) == (absent, organisation, role)
            fits = not types or case_type in types
            other = n["substitute"]
            works = any(
                self.has(other, organisation, r, day) for r in KIND if KIND[r] == KIND[role]
            )
            if not same or not fits or not works or other in chain:
                continue
            if self.is_away(other, day):
                further = (*chain, absent)
                yield from self.acting_for(other, organisation, role, case_type, day, chain=further)
            else:
                yield other, frozenset((*chain, absent)[1:])

    def hands(self, organisation, roles, case, day):
        """Return by whose word somebody can act in one of these roles in a case."""
        found = set()
        for role in roles:
            for officer in {r["officer"] for r in self.roles}:
                if not self.has(officer, organisation, role, day):
                    continue
                if not self.is_away(officer, day):
                    found.add((frozenset({officer}), frozenset()))
                    continue
                kind = self.cases[case]["case_type"]
                for other, between in self.acting_for(officer, organisation, role, kind, day):
                    found.add((frozenset({officer, other}), between))
        part = PART[KIND[next(iter(roles))]]
        return {
            names | between
            for names, between in found
            if all(self.is_free(name, case, part, organisation) for name in names | between)
            and all(self.may_know(name, case, organisation) for name in names)
        }

    def may_know(self, officer, case, organisation):
        if officer not in self.only.get(case, {officer}):
            return False
        kept = self.cases[case]
        named = json.loads(kept["named"]) or [officer]
        cleared = max(
            (
                r["clearance"]
                for r in self.roles
                if (r["officer"], r["organisation"]) == (officer, organisation)
            ),
            default=-1,
        )
        return officer in named and kept["level"] <= cleared

    def is_free(self, officer, case, part, organisation):
        if (officer, case) in self.kept_from or officer in json.loads(self.cases[case]["recused"]):
            return False
        if any(
            p["case_handle"] == case and p["officer"] == officer and p["hat"] != part
            for p in self.parts
        ):
            return False
        return part != "opine" or not any(
            e["case_handle"] == case
            and e["officer"] == officer
            and e["organisation"] != organisation
            for e in self.entries
        )

    def idle(self, wanted, day):
        """Return every step that waits and that nobody could take on *day*."""
        if (wanted, day) not in self.idle_on:
            self.idle_on[wanted, day] = self._idle(wanted, day)
        return self.idle_on[wanted, day]

    def _idle(self, wanted, day):
        found = set()
        for handle, case in self.cases.items():
            if case["state"] not in STEPS:
                continue
            duty, roles = STEPS[case["state"]]
            kind = KIND[next(iter(roles))]
            place = {"unit": case["unit"], "authority": case["authority"]}.get(kind, BOARD)
            able = self.hands(place, roles, handle, day)
            if duty is Duty.SUBMIT:
                able = {names for names in able if case["proposed_by"] not in names}
            if not able:
                found.add((duty, handle, None))
        for asked in self.asked:
            case = self.cases[asked["case_handle"]]
            if asked["state"] in {"signed", "withdrawn"} or case["state"] != "consulting":
                continue
            both = {Role.BODY_OFFICER, Role.BODY_SIGNER}
            handle, ready = case["handle"], asked["state"] == "ready"
            names = self.hands(asked["body"], both, handle, day)
            drafted = {asked["draft_by"], asked["draft_for"]} - {None}
            if any((one, handle) in self.kept_from for one in drafted):
                ready, drafted = False, set()  # their draft goes with them
            done = json.loads(asked["countersigned_by"]) if ready else []
            for duty in slowly(
                {one for n in names if len(n) == 1 for one in n},
                self.hands(asked["body"], {Role.BODY_SIGNER}, handle, day),
                drafted=frozenset(drafted),
                countersigned=frozenset(done),
                countersigners=max(0, wanted - len(done)),
                ready=ready,
            ):
                found.add((duty, handle, asked["handle"]))
        return found


def stranded_slowly(before, after, wanted, first, last, days=183):
    """Return the steps that the change strands, each with the first day on which it does."""
    found = {}
    day = date.fromisoformat(first)
    for _ in range(days + 1):
        if day.isoformat() > last:
            break
        new = after.idle(wanted, day.isoformat()) - before.idle(wanted, day.isoformat())
        for step in new:
            found.setdefault(step, day.isoformat())
        day += timedelta(days=1)
    return found
