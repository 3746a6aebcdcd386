"""A province for tests of the Board's and the authority's acts: registers, officers, few cases.

The clock and the handles are handed in: a minute passes with every look at the clock.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from sqlalchemy import insert, select

from tests.builders import ALWAYS, proved
from vetting.config import ROOT
from vetting.engine.policy import Action, Principal
from vetting.engine.reading import Definitions, read_definitions
from vetting.engine.vocabulary import CaseType, Role, Verdict
from vetting.records.cases import case_of, cases
from vetting.records.consultations import consultation_of, consultations
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.officers import officers, role_assignments
from vetting.records.reads import write_lines
from vetting.records.standing import Purpose
from vetting.registers import read_registers
from vetting.usecases.check_completeness import accept_cases, take_up_cases
from vetting.usecases.desk import Desk, Sent
from vetting.usecases.draft_opinion import Opinion, draft_and_pass_on
from vetting.usecases.file_case import Request, file_case
from vetting.usecases.issue_consultations import Asking, issue_consultations
from vetting.usecases.load_registers import load_registers
from vetting.usecases.open_round import open_round
from vetting.usecases.propose import propose, submit_proposals
from vetting.usecases.sign_opinion import sign_opinion

BOARD = "ban-to-chuc-tinh-uy"
UNIT = "huyen-uy-huong-son"
OTHER_UNIT = "so-noi-vu"
AUTHORITY = "ban-thuong-vu-tinh-uy"
OVERSIGHT = "uy-ban-kiem-tra-tinh-uy-giam-sat"
LEVEL = "standing_committee"
BODIES = (
    "uy-ban-kiem-tra-tinh-uy",
    "ban-tuyen-giao-tinh-uy",
    "ban-noi-chinh-tinh-uy",
    "dang-uy-quan-su-tinh",
    "dang-uy-cong-an-tinh",
    "dang-uy-bo-doi-bien-phong-tinh",
    "thanh-tra-tinh",
    "so-ngoai-vu",
)


@dataclass
class Province:
    """A database with a province in it, and desks for whoever acts."""

    database: Database
    definitions: Definitions
    ids: Ids
    keys: Iterator[int] = field(default_factory=lambda: count(1))

    def desk(self, role: Role, organisation: str, officer: str | None = None) -> Desk:
        """The desk of an officer; each has the handle that role and organisation make."""
        handle = officer or officer_of(role, organisation)
        principal = proved(Principal(handle, handle, role, organisation, "session"))
        return Desk(principal, self.database, self.definitions, self.ids, proved_for=ALWAYS)

    @property
    def board(self) -> Desk:
        return self.desk(Role.BOARD_OFFICER, BOARD)

    @property
    def head(self) -> Desk:
        return self.desk(Role.BOARD_HEAD, BOARD)

    @property
    def secretary(self) -> Desk:
        return self.desk(Role.SECRETARY, AUTHORITY)

    @property
    def supervisor(self) -> Desk:
        return self.desk(Role.SUPERVISOR, OVERSIGHT)

    def sent(self, seen: int | None = None) -> Sent:
        """What a form carries: a key that no other form has."""
        return Sent(f"key-{next(self.keys)}", seen)

    def unit(self, code: str = UNIT) -> Desk:
        return self.desk(Role.CASE_OFFICER, code)

    def round(self, name: str = "Đợt quy hoạch 2026") -> str:
        answer = open_round(
            self.head, self.sent(), CaseType.PLANNING, name, f"{name} (en)", "2026-03-01"
        )
        return str(answer["round"])

    def filed(
        self,
        name: str = "Nguyễn Văn An",
        *,
        unit: str = UNIT,
        case_type: CaseType = CaseType.PLANNING,
        round: str | None = None,  # noqa: A002
        level: str | None = None,
    ) -> str:
        request = Request(
            case_type, name, "1980-02-03", "Trưởng phòng", round=round, management_level=level
        )
        return str(file_case(self.unit(unit), self.sent(), request)["case"])

    def accepted(self, name: str = "Nguyễn Văn An", **how: object) -> str:
        case = self.filed(name, **how)
        take_up_cases(self.board, self.sent(), [case])
        accept_cases(self.board, self.sent(), [case], management_level=LEVEL)
        return case

    def asked(
        self, name: str = "Nguyễn Văn An", asking: Asking | None = None, **how: object
    ) -> str:
        case = self.accepted(name, **how)
        issue_consultations(self.board, self.sent(), [case], asking)
        return case

    def assembled(self, name: str = "Nguyễn Văn An", **how: object) -> str:
        case = self.asked(name, **how)
        for body in BODIES:
            self.sign(case, body)
        return case

    def proposed(self, name: str = "Nguyễn Văn An", outcome: str = "meets", **how: object) -> str:
        case = self.assembled(name, **how)
        propose(self.board, self.sent(), [case], outcome, "Hồ sơ đủ, ý kiến đủ.")
        return case

    def submitted(self, name: str = "Nguyễn Văn An", outcome: str = "meets", **how: object) -> str:
        case = self.proposed(name, outcome, **how)
        submit_proposals(self.head, self.sent(), [case])
        return case

    def draft(
        self, case: str, body: str, verdict: Verdict = Verdict.NO_OBJECTION, reasons: str = "Không."
    ) -> str:
        """A body drafts and passes on; returns the consultation."""
        consultation = self.consultation(case, body)
        conditions = ("Bổ sung bằng cấp.",) if verdict is Verdict.CONDITIONS else ()
        draft_and_pass_on(
            self.desk(Role.BODY_OFFICER, body),
            self.sent(),
            consultation,
            Opinion(verdict, reasons, conditions),
        )
        return consultation

    def sign(
        self, case: str, body: str, verdict: Verdict = Verdict.NO_OBJECTION, reasons: str = "Không."
    ) -> str:
        """A body drafts, passes on, and its signer opens and signs."""
        consultation = self.draft(case, body, verdict, reasons)
        signer = self.desk(Role.BODY_SIGNER, body)
        draft = self.case(case).consultation(consultation).draft
        assert draft is not None
        with self.database.writing() as connection:
            write_lines(
                connection,
                signer.principal,
                self.ids.now(),
                Action.SIGN_OPINION,
                texts=[(case, consultation, draft.hash)],
            )
        sign_opinion(signer, self.sent(), consultation, draft.hash)
        return consultation

    def consultation(self, case: str, body: str) -> str:
        now = self.case(case)
        return next(one.handle for one in now.asked_now() if one.body == body)

    def case(self, handle: str):
        """The case as it stands."""
        with self.database.reading() as connection:
            row = connection.execute(select(cases).where(cases.c.handle == handle)).mappings().one()
            asked = connection.execute(
                select(consultations)
                .where(consultations.c.case_handle == handle)
                .order_by(consultations.c.turn, consultations.c.body)
            ).mappings()
            return case_of(row, [consultation_of(one) for one in asked])


def officer_of(role: Role, organisation: str) -> str:
    """The handle of the one officer whom a role has in an organisation."""
    return f"{role.value[:8]}.{organisation[-12:]}"


def make_province(url: str, start: datetime = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)) -> Province:
    """Load the registers and enter one officer for every role and organisation that tests use."""
    database = Database(url, purpose=Purpose.COMMAND)
    load_registers(database, read_registers(ROOT / "registers"))
    staff = [
        *((Role.CASE_OFFICER, unit) for unit in (UNIT, OTHER_UNIT)),
        (Role.BOARD_OFFICER, BOARD),
        (Role.BOARD_HEAD, BOARD),
        *((role, body) for body in BODIES for role in (Role.BODY_OFFICER, Role.BODY_SIGNER)),
        (Role.SECRETARY, AUTHORITY),
        (Role.SECRETARY, "thuong-truc-tinh-uy"),
        (Role.SUPERVISOR, OVERSIGHT),
        (Role.ADMINISTRATOR, BOARD),
    ]
    with database.writing() as connection:
        connection.execute(
            insert(officers),
            [
                {
                    "handle": officer_of(role, place),
                    "login": officer_of(role, place),
                    "name": f"{role.value} {place}",
                    "sort_key": place,
                    "password_hash": "!",
                }
                for role, place in staff
            ],
        )
        connection.execute(
            insert(role_assignments),
            [
                {"officer": officer_of(role, place), "organisation": place, "role": role.value}
                for role, place in staff
            ],
        )
    minutes, numbers = count(), count(1)
    ids = Ids(
        clock=lambda: start + timedelta(minutes=next(minutes)),
        random_handle=lambda: f"h{next(numbers):05d}",
    )
    return Province(database, _definitions(ROOT / "workflows"), ids)


_READ: dict[Path, Definitions] = {}


def _definitions(folder: Path) -> Definitions:
    if folder not in _READ:
        _READ[folder] = read_definitions(folder)
    return _READ[folder]
