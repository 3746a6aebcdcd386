"""The application as its own registries tell it: every route, every address, every visitor.

What runs over all routes asks here what there is. A route with an argument that `EXAMPLES` does not
know fails `test_examples.py`, so that no page can be left out by being forgotten.
"""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from argon2.profiles import CHEAPEST
from sqlalchemy import func, select, update
from werkzeug.routing import AnyConverter, Rule

from tests.builders import as_owner, definitions
from tests.house.province import BODY, OTHER_BODY, UNIT, VISITORS, Made, Province, is_to
from tests.web.browsing import Browser
from vetting.config import Settings
from vetting.engine.policy import PERMITTED, Action, Principal, Relation
from vetting.engine.vocabulary import CaseType, Role
from vetting.records.absences import absences
from vetting.records.base import METADATA
from vetting.records.cases import cases
from vetting.records.consultations import consultations
from vetting.records.database import Database
from vetting.records.emergencies import emergency_requests
from vetting.records.identity import Ids
from vetting.records.letters import letters
from vetting.records.officers import officers
from vetting.records.outbox import outbox, recipients
from vetting.records.passwords import Passwords
from vetting.records.standing import Purpose
from vetting.records.submissions import submissions
from vetting.web import create_app
from vetting.web.gate import ACTION_OF, FILES

ARGUMENT = re.compile(r"<(?:(?P<kind>\w+)(?:\([^)]*\))?:)?(?P<name>\w+)>")
SECRET = "a key for tests only"
NOBODY = "nobody"

Filled = Mapping[str, object]
Examples = Callable[[Province, Filled], list]


def _nothing(*_told: object) -> list[str]:
    """An argument that was forgotten; `test_examples.py` fails for it, and nothing else."""
    return ["forgotten"]


def _facts(province: Province, filled: Filled) -> list[str]:
    case_type = filled.get("case_type") or province.types[str(filled["handle"])]
    return list(_definition(str(case_type)).fact_by_name)


def _papers(province: Province, filled: Filled) -> list[str]:
    return list(_definition(province.types[str(filled["handle"])]).paper_by_name) or ["none"]


def _deadlines(province: Province, filled: Filled) -> list[str]:
    found = _definition(province.types[str(filled["handle"])]).deadlines
    return [one.name for one in found] or ["none"]


def _definition(case_type: str):
    return next(one for one in definitions() if one.case_type == case_type)


# By the last word of the address before it, and its name: what may stand in an argument.
EXAMPLES: Mapping[tuple[str, str], Examples] = {
    ("cases", "handle"): lambda province, _: list(province.cases.values()),
    ("new", "case_type"): lambda *_: [one.value for one in CaseType],
    ("facts", "name"): _facts,
    ("papers", "name"): _papers,
    ("deadlines", "name"): _deadlines,
    ("entries", "number"): lambda *_: ["1"],
    ("packages", "number"): lambda province, _: [str(province.package)],
    ("holds", "number"): lambda province, _: [str(province.hold)],
    ("requests", "number"): lambda province, _: [str(province.request)],
    ("consultations", "handle"): lambda province, _: list(province.consultations.values()),
    ("take-back", "consultation"): lambda province, filled: province.consultations_of.get(
        str(filled["handle"]), ["none"]
    )[:8],
    ("clarifications", "consultation"): lambda province, filled: province.consultations_of.get(
        str(filled["handle"]), ["none"]
    )[:8],
    ("questions", "number"): lambda *_: ["1"],
    ("more-time", "consultation"): lambda province, filled: province.consultations_of.get(
        str(filled["handle"]), ["none"]
    )[:8],
    ("lists", "handle"): lambda province, _: province.waiting_lists,
    ("submissions", "handle"): lambda province, _: province.submissions,
    ("letters", "handle"): lambda province, _: province.letters[:2],
    ("rounds", "handle"): lambda province, _: province.rounds,
    ("reports", "handle"): lambda province, _: province.reports,
    ("results", "key"): lambda province, _: province.results,
    ("officers", "handle"): lambda province, _: province.officers,
    ("role-proposals", "proposal"): lambda province, _: [province.proposed_role],
    ("sessions", "mark"): lambda province, _: list(province.elsewhere.values()),
    ("emergencies", "request"): lambda province, _: province.emergencies,
    ("notices", "telling"): lambda province, _: list(province.notices),
    ("notices", "move"): lambda province, filled: [province.notices[str(filled["telling"])]],
    ("absences", "absence"): lambda province, _: list(province.absences),
    ("substitutes", "naming"): lambda province, filled: province.absences[str(filled["absence"])],
    ("second-factor", "handle"): lambda province, _: [province.factor],
    ("workflows", "name"): lambda *_: sorted({one.case_type for one in definitions()}),
    ("v", "version"): lambda *_: [1],
}


@dataclass(frozen=True)
class Route:
    """One address of the program, with one method."""

    rule: Rule
    method: str
    action: Action

    @property
    def endpoint(self) -> str:
        return str(self.rule.endpoint)

    @cached_property
    def arguments(self) -> list[tuple[str, str]]:
        """The keys of its arguments in `EXAMPLES`, in order."""
        keys, word, begun = [], "", 0
        for found in ARGUMENT.finditer(self.rule.rule):
            words = [one for one in self.rule.rule[begun : found.start()].split("/") if one]
            word, begun = (words or [word])[-1], found.end()
            keys.append((word, found["name"]))
        return keys

    def choices(self, name: str) -> list[str] | None:
        """The values that the route itself lists for an argument, if it does."""
        converter = self.rule._converters.get(name)  # noqa: SLF001  # told to nobody
        return sorted(converter.items) if isinstance(converter, AnyConverter) else None

    def filled(self, province: Province) -> Iterator[dict[str, object]]:
        """Every way of filling in its arguments with what there is."""
        yield from self._filled(province, self.arguments, {})

    def _filled(self, province, keys, so_far) -> Iterator[dict[str, object]]:
        if not keys:
            yield so_far
            return
        (key, *rest) = keys
        values = self.choices(key[1]) or EXAMPLES.get(key, _nothing)(province, so_far)
        for value in values:
            yield from self._filled(province, rest, {**so_far, key[1]: value})

    def address(self, filled: Filled) -> str:
        """The address with its arguments filled in, as they are: nothing is quoted."""
        return ARGUMENT.sub(lambda found: str(filled[found["name"]]), self.rule.rule)


def routes_of(app, method: str | None = None) -> list[Route]:
    """Return every route but those of static files."""
    return [
        Route(rule, one, ACTION_OF[app.view_functions[rule.endpoint]])
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in FILES
        for one in sorted(rule.methods - {"HEAD", "OPTIONS"})
        if method in {None, one}
    ]


@dataclass
class Site:
    """The application on a copy of the province, with everybody signed in."""

    made: Made
    file: Path
    language: str = "vi"
    tls: bool = False  # behind a proxy that speaks TLS
    make: Callable = create_app
    browsers: dict[str, Browser] = field(default_factory=dict)

    def __post_init__(self) -> None:
        url = self._copy()
        self.now = self.province.clock()
        settings = Settings(
            database_url=url, folder=self.file.parent, secret_key=SECRET, secure_cookies=self.tls
        )
        self.app = self.make(settings, ids=Ids(lambda: self.now), passwords=Passwords(CHEAPEST))
        self.app.config["PREFERRED_URL_SCHEME"] = "https" if self.tls else "http"
        self.app.test_client_class = Browser
        self.database = as_owner(self.served)

    @property
    def province(self) -> Province:
        return self.made.province

    @property
    def served(self) -> Database:
        """The database as the application has it; `database` is its owner's."""
        database: Database = self.app.extensions["vetting"].database
        return database

    def routes(self, method: str | None = None) -> list[Route]:
        return routes_of(self.app, method)

    def browser(self, visitor: str) -> Browser:
        """The browser of a visitor; `nobody` has not signed in."""
        if visitor not in self.browsers:
            browser = self.browsers[visitor] = self.app.test_client()
            ours = "__Host-" if self.tls else ""
            browser.set_cookie(f"{ours}language", self.language, secure=self.tls)
            if visitor != NOBODY:
                token = self.province.tokens[visitor]
                browser.set_cookie(f"{ours}officer", token, secure=self.tls)
        return self.browsers[visitor]

    def principal(self, visitor: str) -> Principal:
        return self.province.principal(visitor)

    def role(self, visitor: str) -> Role:
        return VISITORS[visitor][0]

    def restore(self) -> None:
        """Bring the database and the browsers back to what they were; all forms stay good."""
        self.served.close()
        self._copy()
        self.browsers.clear()

    def _copy(self) -> str:
        for ending in ("-wal", "-shm"):
            self.file.with_name(self.file.name + ending).unlink(missing_ok=True)
        url = self.made.copy_to(self.file)
        if self.language != "vi":
            database = Database(url, purpose=Purpose.COMMAND)
            with database.writing() as connection:
                connection.execute(update(officers).values(language=self.language))
            database.close()
        return url

    def close(self) -> None:
        self.served.close()

    def counts(self) -> dict[str, int]:
        """How much is kept: rows of every table but reads, sessions, and questions to devices."""
        with self.database.reading() as connection:
            return dict(connection.execute(COUNTS).mappings().one())

    @cached_property
    def concerns(self) -> "Concerns":
        return Concerns(self)


READING = {
    "reads",
    "seen_cases",
    "seen_counts",
    "read_alarms",
    "notice_steps",
    "recipients",  # that a notice was opened with its case
}  # what a look itself writes
COMING_IN = {"login_sessions", "failed_logins", "half_sign_ins"}
ASKING = {"passkey_questions"}  # what a page puts to a device, for five minutes
NOT_COUNTED = {*READING, *COMING_IN, *ASKING}
COUNTS = select(
    *(
        select(func.count()).select_from(table).scalar_subquery().label(name)
        for name, table in METADATA.tables.items()
        if name not in NOT_COUNTED
    ),
    select(func.sum(cases.c.entry_count)).scalar_subquery().label("entries by the cases"),
)


@contextmanager
def opened(made: Made, folder: Path, **wishes) -> Iterator[Site]:
    """Open a site in a folder, and let go of it afterwards."""
    log = logging.getLogger("vetting.web")
    level = log.level
    site = Site(made, folder / "site.sqlite", **wishes)
    log.setLevel(logging.CRITICAL)  # thousands of refusals are meant
    try:
        yield site
    finally:
        log.setLevel(level)
        site.close()


class Concerns:
    """Whether what stands in an argument exists for a visitor, by the policy and the records."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._known: dict[tuple, bool] = {}

    def __call__(self, visitor: str, key: tuple[str, str], value: object, filled: Filled) -> bool:
        asked = visitor, key, value, filled.get("handle")
        if asked not in self._known:
            concerns = CONCERNS.get(key, Concerns.everybody)
            self._known[asked] = concerns(self, self.site.principal(visitor), str(value), filled)
        return self._known[asked]

    def wanted(self, visitor: str, route: Route, filled: Filled) -> int | None:
        """The status that the policy demands of whom the route is open, or None for any."""
        concerned = all(
            self(visitor, key, filled[key[1]], filled)
            for key in route.arguments
            if route.choices(key[1]) is None
        )
        if not concerned:
            return 404
        return 403 if self.only_to_be_read(visitor, route, filled) else None

    def only_to_be_read(self, visitor: str, route: Route, filled: Filled) -> bool:
        """Tell whether a route would act on a case that is open in an emergency, to be read."""
        if route.action in READ_IN_EMERGENCY or not {*route.arguments} & OF_A_CASE:
            return False
        c, handle = consultations.c, filled["handle"]
        with self.site.database.reading() as connection:
            if ("consultations", "handle") in route.arguments:
                handle = connection.scalar(select(c.case_handle).where(c.handle == handle))
            seen_as = is_to(connection, self.site.principal(visitor), str(handle))
        return seen_as is Relation.EMERGENCY

    def case(self, principal: Principal, handle: str, _filled: Filled) -> bool:
        with self.site.database.reading() as connection:
            return is_to(connection, principal, handle) is not Relation.NONE

    def consultation(self, principal: Principal, handle: str, _filled: Filled) -> bool:
        c = consultations.c
        with self.site.database.reading() as connection:
            row = connection.execute(
                select(c.body, c.state, c.case_handle).where(c.handle == handle)
            ).one()
            seen_as = is_to(connection, principal, row.case_handle)
        theirs = row.body == principal.organisation and row.state != "withdrawn"
        return theirs and seen_as is not Relation.NONE

    def asked_now(self, _principal: Principal, handle: str, filled: Filled) -> bool:
        """A question can be taken back only while it is of the turn that counts."""
        c = consultations.c
        with self.site.database.reading() as connection:
            newest = select(func.max(c.turn)).where(c.case_handle == filled["handle"])
            found = connection.scalar(
                select(c.handle).where(
                    c.handle == handle,
                    c.case_handle == filled["handle"],
                    c.turn == newest.scalar_subquery(),
                )
            )
        return found is not None

    def submission(self, principal: Principal, handle: str, _filled: Filled) -> bool:
        with self.site.database.reading() as connection:
            unit = connection.scalar(
                select(submissions.c.unit).where(submissions.c.handle == handle)
            )
        return principal.role is not Role.CASE_OFFICER or unit == principal.organisation

    def letter(self, principal: Principal, handle: str, _filled: Filled) -> bool:
        """A letter is there for its two ends, unless every case in it is kept from somebody."""
        c = consultations.c
        with self.site.database.reading() as connection:
            ends = connection.execute(
                select(letters.c.sender, letters.c.receiver).where(letters.c.handle == handle)
            ).one()
            about = connection.scalars(select(c.case_handle).where(c.letter == handle)).all()
            known = any(is_to(connection, principal, one) is not Relation.NONE for one in about)
        return principal.organisation in ends and known

    def result(self, principal: Principal, key: str, _filled: Filled) -> bool:
        whose = {"taken-up": Role.BOARD_OFFICER, "received": Role.BODY_OFFICER}
        return principal.role is whose[key] and principal.organisation != OTHER_BODY

    def waiting(self, principal: Principal, _handle: str, _filled: Filled) -> bool:
        return principal.organisation == UNIT

    def own_session(self, principal: Principal, mark: str, _filled: Filled) -> bool:
        whose = {other: visitor for visitor, other in self.site.province.elsewhere.items()}
        return self.site.principal(whose[mark]).officer == principal.officer

    def absence(self, principal: Principal, handle: str, _filled: Filled) -> bool:
        with self.site.database.reading() as connection:
            officer = connection.scalar(
                select(absences.c.officer).where(absences.c.handle == handle)
            )
        return officer == principal.officer or principal.role is Role.ADMINISTRATOR

    def own_factor(self, principal: Principal, _handle: str, _filled: Filled) -> bool:
        return self.site.principal("supervisor").officer == principal.officer

    def own_package(self, principal: Principal, _number: str, filled: Filled) -> bool:
        """A package is theirs who had it made, and of one case; in an emergency none is given."""
        with self.site.database.reading() as connection:
            if is_to(connection, principal, str(filled["handle"])) is Relation.EMERGENCY:
                return True
        mine = self.site.principal("supervisor").officer == principal.officer
        return mine and filled["handle"] == self.site.province.cases["closed"]

    def hold(self, principal: Principal, _number: str, filled: Filled) -> bool:
        """A hold is there in its case; in an emergency nobody gets as far as looking for it."""
        with self.site.database.reading() as connection:
            if is_to(connection, principal, str(filled["handle"])) is Relation.EMERGENCY:
                return True
        return filled["handle"] == self.site.province.cases["closed"]

    def questions(self, principal: Principal, number: str, filled: Filled) -> bool:
        """A set is there in its case; in an emergency nobody gets as far as looking for it."""
        with self.site.database.reading() as connection:
            if is_to(connection, principal, str(filled["handle"])) is Relation.EMERGENCY:
                return True
            sets = select(cases.c.question_sets).where(cases.c.handle == filled["handle"])
            return int(number) <= (connection.scalar(sets) or 0)

    def one_of_the_case(self, _principal: Principal, name: str, _filled: Filled) -> bool:
        return name != "none"

    def asked_in_emergency(self, principal: Principal, value: str, _filled: Filled) -> bool:
        """A request is its asker's, and everybody's who can be a second person."""
        r = emergency_requests.c
        with self.site.database.reading() as connection:
            asker = connection.scalar(select(r.officer).where(r.handle == value))
        return asker == principal.officer or principal.role in PERMITTED[Action.ANSWER_EMERGENCY]

    def notice(self, principal: Principal, telling: str, filled: Filled) -> bool:
        """A notice is theirs who were told by name, in the organisation they were told for.

        One act may tell several organisations of several things.
        """
        with self.site.database.reading() as connection:
            found = connection.scalar(
                select(recipients.c.notice)
                .join(outbox, outbox.c.key == recipients.c.notice)
                .where(
                    outbox.c.telling == telling,
                    outbox.c.on_move == filled["move"],
                    recipients.c.officer == principal.officer,
                    recipients.c.organisation == principal.organisation,
                )
            )
        return found is not None

    def everybody(self, *_told: object) -> bool:
        return True


OF_A_CASE = {("cases", "handle"), ("consultations", "handle")}
# What whoever reads a case in an emergency can open of it; to recuse oneself is always possible.
READ_IN_EMERGENCY = {
    Action.SEE_CASE,
    Action.SEE_HISTORY,
    Action.SEE_READERS,
    Action.SEE_MATRIX,
    Action.SEE_PAST,
    Action.SEE_CONSULTATION,
    Action.SEE_OVERSIGHT,
    Action.RECUSE,
}
CONCERNS: Mapping[tuple[str, str], Callable] = MappingProxyType(
    {
        ("cases", "handle"): Concerns.case,
        ("consultations", "handle"): Concerns.consultation,
        ("take-back", "consultation"): Concerns.asked_now,
        ("more-time", "consultation"): Concerns.asked_now,
        ("clarifications", "consultation"): Concerns.asked_now,
        ("questions", "number"): Concerns.questions,
        ("submissions", "handle"): Concerns.submission,
        ("letters", "handle"): Concerns.letter,
        ("results", "key"): Concerns.result,
        ("lists", "handle"): Concerns.waiting,
        ("sessions", "mark"): Concerns.own_session,
        ("emergencies", "request"): Concerns.asked_in_emergency,
        ("notices", "telling"): Concerns.notice,
        ("notices", "move"): Concerns.everybody,
        ("absences", "absence"): Concerns.absence,
        ("second-factor", "handle"): Concerns.own_factor,
        ("papers", "name"): Concerns.one_of_the_case,
        ("deadlines", "name"): Concerns.one_of_the_case,
        ("packages", "number"): Concerns.own_package,
        ("holds", "number"): Concerns.hold,
        ("requests", "number"): Concerns.hold,  # it is there in the same case
        **dict.fromkeys(
            [
                ("new", "case_type"),
                ("facts", "name"),
                ("rounds", "handle"),
                ("reports", "handle"),
                ("entries", "number"),
                ("substitutes", "naming"),
                ("officers", "handle"),
                ("role-proposals", "proposal"),
                ("workflows", "name"),
                ("v", "version"),
            ],
            Concerns.everybody,
        ),
    }
)
assert BODY != OTHER_BODY
