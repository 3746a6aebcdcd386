"""A province with something in every state, made once through the use cases and then copied.

Everything that a page can show is in it: cases in each state, a consultation in each of its states
at one body, a second turn, an admission with the full membership that follows it, a draft, a list
that waits, letters, a round. Every visitor has a log-in session.
"""

import base64
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path

from argon2.profiles import CHEAPEST
from sqlalchemy import URL, make_url, select

from tests import postgres
from tests.builders import ALWAYS, definitions
from vetting.commands.casting import cast, cast_officers
from vetting.commands.playing import NOTHING_KNOWN, Play, drafts_of
from vetting.config import ROOT
from vetting.engine.amend import Decision
from vetting.engine.more_time import Wanted
from vetting.engine.policy import Action, Matter, Principal, Relation, relation
from vetting.engine.questions import Question, Reply
from vetting.engine.sentences import say
from vetting.engine.substitutes import Form
from vetting.engine.verify_offline import MANIFEST
from vetting.engine.vocabulary import AmendmentKind, CaseType, Ground, Role, Verdict
from vetting.lists import GoodRow, ReadList
from vetting.lists.answers import Reason, RefusedRow
from vetting.records import factors
from vetting.records.absences import substitutions
from vetting.records.cases import cases
from vetting.records.consultations import consultations
from vetting.records.database import Database
from vetting.records.factors import Authenticator
from vetting.records.history import entries
from vetting.records.identity import Ids
from vetting.records.letters import letters
from vetting.records.migrate import upgrade
from vetting.records.officers import login_sessions
from vetting.records.outbox import outbox
from vetting.records.passwords import Passwords
from vetting.records.role_proposals import waiting
from vetting.records.sealing_key import read_sealing_key
from vetting.records.sessions import token_hash
from vetting.records.standing import Purpose
from vetting.records.withheld import restrictions
from vetting.registers import read_registers
from vetting.usecases.amend import Concluded, amend_conclusion, draft_amendment
from vetting.usecases.answer_candidate import Asked, Draft, prepare_answer, record_request
from vetting.usecases.ask_unit import (
    answer_questions,
    ask_clarification,
    close_questions,
    decline_clarification,
    put_questions,
)
from vetting.usecases.check_completeness import accept_cases, return_case, take_up_cases
from vetting.usecases.conclude import Conclusion, conclude_cases, return_proposal
from vetting.usecases.desk import Desk, Sent
from vetting.usecases.draft_opinion import Opinion, draft_opinion, draft_opinions
from vetting.usecases.export_case import export_case
from vetting.usecases.file_case import Request, draft_case, file_draft
from vetting.usecases.file_list import Covering, Taken, file_list, preview_list
from vetting.usecases.give_more_time import answer_more_time, ask_more_time
from vetting.usecases.interrupt_case import (
    resume_case,
    suspend_case,
    take_back_consultation,
    withdraw_case,
)
from vetting.usecases.issue_consultations import Asking, issue_consultations
from vetting.usecases.keep_officers import (
    Assignment,
    Keeper,
    NewOfficer,
    assign_role,
    create_officer,
)
from vetting.usecases.keep_record import hold_record
from vetting.usecases.leave import clear_officer
from vetting.usecases.load_registers import load_registers
from vetting.usecases.look import look
from vetting.usecases.make_report import make_report, run_again
from vetting.usecases.open_in_emergency import (
    answer_emergency,
    ask_in_emergency,
    end_emergency,
    review_emergency,
)
from vetting.usecases.open_round import open_round
from vetting.usecases.propose import propose, rework_proposal, submit_proposals
from vetting.usecases.receive_consultation import assign_consultations, receive_consultations
from vetting.usecases.record_absence import Absence, Place, record_absence
from vetting.usecases.record_fact import record_fact, record_paper
from vetting.usecases.recuse import recuse_oneself
from vetting.usecases.restrict_case import restrict_case
from vetting.usecases.seal_checkpoint import ensure_key, seal_checkpoint
from vetting.usecases.sign_in import Attempt, Door, Entered, sign_in
from vetting.usecases.sign_opinion import countersign_opinion, send_opinions_back
from vetting.usecases.tell_outcome import close_cases, notify_units

PASSWORD = "mot mat khau dai"
UNIT, OTHER_UNIT = "huyen-uy-huong-son", "so-y-te"
BODY, OTHER_BODY = "dang-uy-cong-an-tinh", "thanh-tra-tinh"
AUTHORITY = "ban-thuong-vu-tinh-uy"
BEGUN = "2026-09-01T01:00:00.000000Z"
BEGINNING = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)  # 08:00 where the officers are

# Where each case of the unit's list is left.
PLACES = (
    "filed",
    "checking",
    "returned",
    "accepted",
    "asked",
    "received",
    "drafting",
    "ready",
    "signed",
    "taken_back",
    "second_turn",
    "assembling",
    "proposed",
    "submitted",
    "concluded",
    "against",
    "notified",
    "told",
    "closed",
    "withdrawn",
    "suspended",
)
AT_THE_BODIES = PLACES[PLACES.index("asked") : PLACES.index("second_turn")]
ANSWERED = (*PLACES[PLACES.index("second_turn") : PLACES.index("withdrawn")],)
PROPOSED = ANSWERED[ANSWERED.index("proposed") :]

# Who visits: one of each role who meets the cases, and others whom the same cases do not concern.
VISITORS: Mapping[str, tuple[Role, str]] = {
    "unit": (Role.CASE_OFFICER, UNIT),
    "board": (Role.BOARD_OFFICER, "ban-to-chuc-tinh-uy"),
    "head": (Role.BOARD_HEAD, "ban-to-chuc-tinh-uy"),
    "body": (Role.BODY_OFFICER, BODY),
    "signer": (Role.BODY_SIGNER, BODY),
    "authority": (Role.SECRETARY, AUTHORITY),
    "supervisor": (Role.SUPERVISOR, "uy-ban-kiem-tra-tinh-uy-giam-sat"),
    "administrator": (Role.ADMINISTRATOR, "ban-to-chuc-tinh-uy"),
    "other unit": (Role.CASE_OFFICER, OTHER_UNIT),
    "other body": (Role.BODY_OFFICER, OTHER_BODY),
    "other signer": (Role.BODY_SIGNER, OTHER_BODY),
    "other authority": (Role.SECRETARY, "thuong-truc-tinh-uy"),
}
# To whom a case is open in an emergency that is kept from them otherwise.
IN_FORCE = {
    "unit": "kept by name",
    "board": "kept by name",
    "body": "kept by level",
    "authority": "kept by level",
    "supervisor": "kept by level",
}
ONE_A_ROLE = tuple(VISITORS)[: len(Role)]


@dataclass
class Province:
    """What stands in the database, by what it is an example of."""

    cases: dict[str, str] = field(default_factory=dict)  # place: handle
    types: dict[str, str] = field(default_factory=dict)  # handle: case type
    consultations: dict[str, str] = field(default_factory=dict)  # place: handle, at BODY
    consultations_of: dict[str, list[str]] = field(default_factory=dict)  # case: handles
    submissions: list[str] = field(default_factory=list)
    waiting_lists: list[str] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)
    rounds: list[str] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)
    results: list[str] = field(default_factory=list)  # keys of acts on many
    officers: list[str] = field(default_factory=list)
    emergencies: list[str] = field(default_factory=list)  # requests of every standing
    clearances: dict[str, int] = field(default_factory=dict)  # officer: the level
    opened: dict[str, list[str]] = field(default_factory=dict)  # officer: cases, in an emergency
    notices: dict[str, str] = field(default_factory=dict)  # telling: move, one of each move
    absences: dict[str, list[str]] = field(default_factory=dict)  # handle: those of its namings
    tokens: dict[str, str] = field(default_factory=dict)  # visitor: of the session
    principals: dict[str, list[str]] = field(default_factory=dict)
    package: int = 0  # the entry by which the supervisor had one made of the closed case
    request: int = 0  # the entry that recorded what the candidate of the closed case asks
    hold: int = 0  # the entry by which the head of the Board held the closed case
    factor: str = ""  # the supervisor's authenticator
    proposed_role: str = ""  # what waits for a second administrator; the visitor gave it
    elsewhere: dict[str, str] = field(default_factory=dict)  # visitor: mark of a second session
    now: str = ""

    def principal(self, visitor: str) -> Principal:
        """Return who a visitor is."""
        role, organisation = VISITORS[visitor]
        officer, name, session = self.principals[visitor]
        return self.entrusted(officer, name, role, organisation, session)

    def entrusted(
        self, officer: str, name: str, role: Role, organisation: str, session: str = ""
    ) -> Principal:
        """Return who an officer is in a capacity: cleared as they are, with what is open to them.

        It is open as long as `now` lasts; what was ended or is over is not.
        """
        return Principal(
            officer,
            name,
            role,
            organisation,
            session,
            clearance=self.clearances.get(officer, 0),
            emergency=frozenset(self.opened.get(officer, ())),
        )

    def clock(self) -> datetime:
        """Return a moment after all that happened."""
        return datetime.fromisoformat(self.now)


@dataclass(frozen=True)
class Made:
    """A province kept in a folder: what stands in it, and the database to copy."""

    province: Province
    file: Path
    template: URL | None = None  # the database, where it is on PostgreSQL

    def copy_to(self, file: Path) -> str:
        """Copy the database; return the URL of the copy, which goes by the name of *file*."""
        if self.template is None:
            shutil.copyfile(self.file, file)
            return f"sqlite:///{file}"
        server, source = self.template.set(database="postgres"), str(self.template.database)
        name = f"{source}_{sha256(str(file).encode()).hexdigest()[:12]}"
        postgres.drop_database(server, name)
        copy = postgres.create_database(server, name, source)
        return copy.render_as_string(hide_password=False)


def make_once(folder: Path, template: URL | None = None) -> Made:
    """Make the province in *folder*, or in a new database that becomes a *template*, once."""
    told, file = folder / "province.json", folder / "province.sqlite"
    if not told.exists():
        for left in folder.glob("province.sqlite*"):  # by a maker who did not finish
            left.unlink()
        url = f"sqlite:///{file}"
        if template is not None:
            server = template.set(database="postgres")
            postgres.drop_database(server, str(template.database))
            postgres.create_database(server, str(template.database))
            url = template.render_as_string(hide_password=False)
        province = make(url, folder)
        told.write_text(json.dumps(asdict(province), ensure_ascii=False), "utf-8")
    return Made(Province(**json.loads(told.read_text("utf-8"))), file, template)


def make(url: str, folder: Path) -> Province:
    """Make the province in an empty database."""
    upgrade(url)
    ids = _ids()
    database = Database(url, purpose=Purpose.COMMAND)
    load_registers(database, read_registers(ROOT / "registers"))
    passwords = Passwords(CHEAPEST)
    cast_officers(database, passwords.hash(PASSWORD), ids)
    play = Play(database, definitions(), ids)
    province = Province()
    _play_planning(play, province)
    _play_other_types(play, province)
    _play_membership(play, province)
    _play_detours(play, province)
    _play_kept_from_some(play, province)
    _note_what_there_is(database, province)
    _go_away(play, database, province)
    _give_roles(play, database, passwords, province)
    _open_in_emergency(play, province)
    _open_what_is_kept(play, province)
    _have_a_package_made(play, province)
    _record_a_request(play, province)
    _hold_a_record(play, database, province)
    _amend_what_was_signed(play, province)
    _note_the_notices(database, province)
    ensure_key(folder)
    seal_checkpoint(database, read_sealing_key(folder), ids)
    _make_a_report(play, province)
    _sign_everybody_in(Door(database, passwords, ids), database, province)
    _give_a_factor(database, province)
    province.now = ids.now()
    if make_url(url).get_backend_name() == "sqlite":
        with database.engine.connect() as connection:  # one file, whole in itself
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return province


def matter(connection, case: str) -> Matter:
    """Return what decides whom a case concerns, from the records."""
    row = connection.execute(select(cases).where(cases.c.handle == case)).one()
    asked = connection.scalars(
        select(consultations.c.body).where(
            consultations.c.case_handle == case, consultations.c.state != "withdrawn"
        )
    ).all()
    wrote = connection.execute(
        select(entries.c.officer, entries.c.on_behalf_of, entries.c.role).where(
            entries.c.case_handle == case
        )
    )
    return Matter(
        row.unit,
        row.reference is not None,
        asked,
        row.authority,
        bool(row.before_authority),
        handle=case,
        recused=json.loads(row.recused),
        level=row.level,
        named=json.loads(row.named),
        took_part={
            name
            for one in wrote
            if one.role != Role.SUPERVISOR.value
            for name in (one.officer, one.on_behalf_of)
            if name is not None
        },
        case_type=CaseType(row.case_type),
    )


def is_to(connection, principal: Principal, case: str) -> Relation:
    """Return, by the policy and from the records, what a case is to somebody."""
    return relation(principal, matter(connection, case))


def person(number: int) -> str:
    """Return the name of somebody who does not exist."""
    surnames, given = ("Nguyễn", "Trần", "Lê", "Phạm"), ("Ánh", "Bình", "Đức", "Hường", "Tuệ")
    return f"{surnames[number % 4]} Văn {given[number % 5]} {chr(65 + number % 26)}"


def _ids() -> Ids:
    """Return moments a second apart, and handles that look like handles and are always the same."""
    seconds, numbers = count(), count()

    def handle() -> str:
        made = sha256(f"handle {next(numbers)}".encode()).digest()[:16]
        return base64.urlsafe_b64encode(made).decode().rstrip("=")

    return Ids(lambda: BEGINNING + timedelta(seconds=next(seconds)), handle)


def _play_planning(play: Play, province: Province) -> None:
    board, head = play.desk(Role.BOARD_OFFICER), play.desk(Role.BOARD_HEAD)
    opened = open_round(
        board,
        play.sent(),
        CaseType.PLANNING,
        "Đợt quy hoạch nhiệm kỳ 2025-2030",
        "Planning round, term 2025-2030",
        play.ids.today(),
    )
    province.rounds.append(str(opened["round"]))
    covering = Covering(CaseType.PLANNING, province.rounds[0], "standing_committee", "12-CV/HU")
    unit, other = (play.desk(Role.CASE_OFFICER, code) for code in (UNIT, OTHER_UNIT))
    at = province.cases
    at |= dict(zip(PLACES, _filed(play, unit, covering, len(PLACES)), strict=True))
    at |= dict(
        zip(
            ("another's", "another's submitted"),
            _filed(play, other, covering, 2, first=len(PLACES)),
            strict=True,
        )
    )

    taken_up = [at[place] for place in PLACES if place not in {"filed", "withdrawn"}]
    _done(take_up_cases(board, Sent("taken-up"), [*taken_up, at["another's submitted"]]))
    province.results.append("taken-up")
    return_case(board, play.sent(), at["returned"], "Thiếu giấy tờ.", ["Bản kê khai tài sản"])
    accepted = [at[place] for place in PLACES[3:] if place != "withdrawn"]
    accepted.append(at["another's submitted"])
    _done(accept_cases(board, play.sent(), accepted))
    asked = [handle for handle in accepted if handle not in {at["accepted"], at["suspended"]}]
    _done(issue_consultations(board, play.sent(), asked, Asking(symbol="45-CV/BTC")))
    suspend_case(board, play.sent(), at["suspended"], "Chờ kết luận thanh tra.")
    withdraw_case(unit, play.sent(), at["withdrawn"], "Nhân sự chuyển công tác.")

    _answer(play, province, at)
    _conclude(play, at, board, head)
    _done(
        issue_consultations(
            board, play.sent(), [at["second_turn"]], Asking(reason="Có tình tiết mới.")
        )
    )

    draft = draft_case(
        unit, play.sent(), Request(CaseType.PLANNING, "Lê Thị Nháp", "1984", "Phó Bí thư")
    )
    at["draft"] = str(draft["case"])
    listed = "STT,Họ và tên,Ngày sinh,Chức danh quy hoạch\n1,Trần Văn Đợi,02/03/1981,Bí thư\n"
    listed += "2,,02/03/1981,Bí thư\n"
    waiting = preview_list(unit, play.sent(), listed.encode(), "danh-sach.csv", covering)
    province.waiting_lists.append(str(waiting["list"]))


def _answer(play: Play, province: Province, at: Mapping[str, str]) -> None:
    """Have every body answer what is to be answered; at one body, leave each state once."""
    answered = [at[place] for place in ANSWERED] + [at["another's submitted"]]
    for body in play.bodies():
        play.answer(body, answered)
    play.answer(OTHER_BODY, [at["ready"]])
    officer = play.desk(Role.BODY_OFFICER, BODY)
    here = {place: _question(play.database, at[place]) for place in AT_THE_BODIES}
    known = Opinion(Verdict.NO_OBJECTION, NOTHING_KNOWN, (), ("Văn bản số 12",))
    bare = Opinion(Verdict.CONDITIONS, "Hồ sơ cơ bản đạt.", ("Bổ sung bản kê khai.",))
    _done(receive_consultations(officer, Sent("received"), [here["received"]]))
    province.results.append("received")
    draft_opinion(officer, play.sent(), here["drafting"], bare)
    draft_opinions(officer, play.sent(), [(here["ready"], known)])
    play.answer(BODY, [at["signed"]])
    take_back_consultation(
        play.desk(Role.BOARD_OFFICER),
        play.sent(),
        at["taken_back"],
        here["taken_back"],
        "Không còn cần thiết.",
    )
    province.consultations |= here


def _conclude(play: Play, at: Mapping[str, str], board: Desk, head: Desk) -> None:
    """Take cases on from where every body has answered."""
    against = [at["against"]]
    heard = {"held_on": play.ids.today(), "said": "Nhân sự đã trình bày."}
    _done(record_fact(board, play.sent(), against, "hearing", heard))
    well = [at[place] for place in PROPOSED if place != "against"] + [at["another's submitted"]]
    _done(propose(board, play.sent(), well, "meets", "Các cơ quan không phản đối."))
    _done(propose(board, play.sent(), against, "does_not_meet", "Có cơ quan không đồng ý."))
    submitted = [*(handle for handle in well if handle != at["proposed"]), *against]
    _done(submit_proposals(head, play.sent(), submitted))
    secretary = play.desk(Role.SECRETARY, AUTHORITY)
    day = play.ids.today()
    left = {at["submitted"], at["another's submitted"]}
    for outcome, chosen in (
        ("meets", [one for one in submitted if one not in {*left, *against}]),
        ("does_not_meet", against),
    ):
        conclusion = Conclusion(outcome, "Thống nhất với đề xuất.", day, "7-KL/TU", 15, 0, 1)
        _done(conclude_cases(secretary, play.sent(), chosen, conclusion))
    _done(notify_units(board, play.sent(), [at["notified"], at["told"], at["closed"]]))
    told = {"told_on": day, "how": "Bằng văn bản"}
    ended = [at["told"], at["closed"]]
    _done(record_fact(board, play.sent(), ended, "candidate_told", told))
    _done(close_cases(board, play.sent(), [at["closed"]]))


def _play_other_types(play: Play, province: Province) -> None:
    """File one case of each other type for cadres, and ask about one of them."""
    unit = play.desk(Role.CASE_OFFICER, UNIT)
    for number, case_type in enumerate(list(CaseType)[1:7], 40):
        wish = Request(
            case_type,
            person(number),
            "1982-04-30",
            "Trưởng phòng Nội vụ",
            position="Phó Trưởng phòng",
            management_level="standing_committee",
        )
        drafted = str(draft_case(unit, play.sent(), wish)["case"])
        file_draft(unit, play.sent(), drafted)
        province.cases[case_type.value] = drafted
    asked = [province.cases["appointment"]]
    play.check(asked)
    play.ask(asked)
    _ask_for_more_time(play, province.cases["promotion"])
    province.consultations["longer"] = _question(play.database, province.cases["promotion"])
    _ask_the_unit(play, province.cases["asked"])


def _ask_for_more_time(play: Play, case: str) -> None:
    """Have bodies ask for more time: one is given it, one is not and asks again."""
    board = play.desk(Role.BOARD_OFFICER)
    play.check([case])
    _done(issue_consultations(board, play.sent(), [case], Asking(due_on="2026-09-25")))
    for body, gives in ((BODY, True), (OTHER_BODY, False)):
        asked, officer = _question(play.database, case, body), play.desk(Role.BODY_OFFICER, body)
        ask_more_time(
            officer, play.sent(), asked, Wanted(until="2026-10-09"), "Chờ xác minh tại cơ sở."
        )
        reason = "Đồng ý." if gives else "Hội đồng họp cuối tháng."
        answer_more_time(board, play.sent(), case, asked, gives=gives, reason=reason)
    ask_more_time(officer, play.sent(), asked, Wanted(until="2026-09-28"), "Chỉ thêm một ngày.")


def _ask_the_unit(play: Play, case: str) -> None:
    """Have the unit asked, with one question answered; a body wants more, and is declined once."""
    board, unit = play.desk(Role.BOARD_OFFICER), play.desk(Role.CASE_OFFICER, UNIT)
    asked = [Question("Bản kê khai của năm nào?"), Question("Ai xác nhận bản kê khai?")]
    put_questions(board, play.sent(), case, asked, "Hồ sơ chưa rõ.", answer_by="2026-09-30")
    answer_questions(unit, play.sent(), case, 1, {1: Reply("Năm 2025.")})
    officer, question = play.desk(Role.BODY_OFFICER, BODY), _question(play.database, case)
    for text in ("Thời gian công tác ở xã?", "Chức vụ khi đó?"):
        ask_clarification(officer, play.sent(), question, [text], "Để đối chiếu sổ.")
        if text.startswith("Thời"):
            decline_clarification(board, play.sent(), case, question, "Đã có trong lý lịch.")
    put_questions(board, play.sent(), case, [Question("Nơi lưu bản gốc?")], "Cần biết thêm.")
    close_questions(board, play.sent(), case, 2, "Không cần nữa.")


def _play_membership(play: Play, province: Province) -> None:
    """Take an admission through to its ceremony, and file what follows it."""
    unit, board = play.desk(Role.CASE_OFFICER, UNIT), play.desk(Role.BOARD_OFFICER)
    day, today = "2025-08-15", play.ids.today()  # a full membership comes after twelve months
    wish = Request(CaseType.PARTY_ADMISSION, "Hồ Thị Thu Hà", "1999-05-19", "Kết nạp đảng viên")
    admission, waiting = (
        str(draft_case(unit, play.sent(), wish)["case"]),
        str(draft_case(unit, play.sent(), wish)["case"]),
    )
    resolution = {
        "passed_on": day,
        "number": "3-NQ/CB",
        "votes_for": "9",
        "votes_against": "0",
        "official_members": "9",
    }
    paper = {"number": "", "dated_on": day, "custodian": "Chi bộ 1", "pages": "2"}
    for case in (admission, waiting):
        for name, details in (
            ("cell_resolution", resolution),
            ("verification_asked", {"asked_on": day, "asked_of": "Đảng ủy xã"}),
            ("verification_reply", {"replied_on": day, "replied_by": "Đảng ủy xã"}),
            ("certification", {"certified_on": day, "certified_by": "Đảng ủy xã"}),
        ):
            _done(record_fact(unit, play.sent(), [case], name, details))
        for name in ("application", "applicant_cv"):
            record_paper(unit, play.sent(), case, name, paper)
    file_draft(unit, play.sent(), admission)
    _through(play, admission, "admit")
    for name, details in (
        ("decision_issued", {"issued_on": day, "number": "8-QĐ/TU"}),
        ("candidate_told", {"told_on": day, "how": "Trực tiếp"}),
        ("ceremony", {"held_on": day}),
    ):
        _done(record_fact(board, play.sent(), [admission], name, details))
    follows = Request(
        CaseType.FULL_MEMBERSHIP,
        wish.name,
        wish.born,
        "Công nhận đảng viên chính thức",
        admission=admission,
    )
    member = str(draft_case(unit, play.sent(), follows)["case"])
    _done(
        record_fact(
            unit, play.sent(), [member], "cell_resolution", {**resolution, "passed_on": today}
        )
    )
    file_draft(unit, play.sent(), member)
    raised = {"raised_on": today, "document": "5-BC/ĐU"}
    _done(record_fact(board, play.sent(), [member], "matter_raised", raised))
    province.cases |= {
        "party_admission": admission,
        "party_admission draft": waiting,
        "full_membership": member,
    }


def _play_detours(play: Play, province: Province) -> None:
    """Take a case through all that can come in between, and let another be withdrawn halfway."""
    unit, board, head = (
        play.desk(Role.CASE_OFFICER, UNIT),
        play.desk(Role.BOARD_OFFICER),
        play.desk(Role.BOARD_HEAD),
    )
    at = province.cases
    for place, number in (("detours", 70), ("withdrawn halfway", 71)):
        wish = Request(
            CaseType.APPOINTMENT,
            person(number),
            "1979-09-02",
            "Chánh Văn phòng",
            position="Phó Chánh Văn phòng",
            management_level="standing_committee",
        )
        at[place] = str(draft_case(unit, play.sent(), wish)["case"])
        file_draft(unit, play.sent(), at[place])
    both = [at["detours"], at["withdrawn halfway"]]
    play.check(both)
    left_out = Asking({"so-ngoai-vu": "Không thuộc phạm vi quản lý."})
    _done(issue_consultations(board, play.sent(), both, left_out))
    play.answer(OTHER_BODY, [at["withdrawn halfway"]])
    withdraw_case(unit, play.sent(), at["withdrawn halfway"], "Nhân sự xin rút.")
    suspend_case(board, play.sent(), at["detours"], "Chờ bổ sung giấy tờ.")
    resume_case(board, play.sent(), at["detours"], "Đã bổ sung.")
    _draft_twice(play, at["detours"])
    for body in play.bodies():
        play.answer(body, [at["detours"]])
    for again in (rework_proposal, None):
        _done(propose(board, play.sent(), [at["detours"]], "meets", "Đủ điều kiện."))
        if again is not None:
            again(head, play.sent(), at["detours"], "Cần nêu rõ hơn.")
    _done(submit_proposals(head, play.sent(), [at["detours"]]))
    secretary = play.desk(Role.SECRETARY, AUTHORITY)
    return_proposal(secretary, play.sent(), at["detours"], "Đề nghị làm rõ.")


def _draft_twice(play: Play, case: str) -> None:
    """Let one body assign, draft, countersign and send back before it signs."""
    officer, signer = play.desk(Role.BODY_OFFICER, BODY), play.desk(Role.BODY_SIGNER, BODY)
    asked = _question(play.database, case)
    _done(receive_consultations(officer, play.sent(), [asked]))
    colleague = officer.principal.officer
    _done(assign_consultations(signer, play.sent(), [asked], colleague))
    opinion = Opinion(Verdict.NO_OBJECTION, NOTHING_KNOWN)
    _done(draft_opinions(officer, play.sent(), [(asked, opinion)]))
    reader = play.desk(Role.BODY_OFFICER, BODY, 1)
    with play.database.reading() as connection:
        [(_, text)] = drafts_of(connection, [asked]).values()
    look(reader, Action.SIGN_OPINION, texts=[(case, asked, text)])
    countersign_opinion(reader, play.sent(), asked, text)
    _done(send_opinions_back(signer, play.sent(), [asked], "Nêu rõ căn cứ."))
    _done(draft_opinions(officer, play.sent(), [(asked, opinion)]))
    play.sign(signer, [asked])


def _play_kept_from_some(play: Play, province: Province) -> None:
    """Keep one case to a level and one to some by name; and one from who is to supervise it.

    All bodies have answered and the unit is told, so that these are something to every role.
    """
    unit, head = play.desk(Role.CASE_OFFICER, UNIT), play.desk(Role.BOARD_HEAD)
    signer, supervisor = play.desk(Role.BODY_SIGNER, BODY), play.desk(Role.SUPERVISOR)
    at = province.cases
    for place, number in (("kept by level", 80), ("kept by name", 81)):
        wish = Request(
            CaseType.APPOINTMENT,
            person(number),
            "1980-11-03",
            "Chánh Thanh tra",
            position="Phó Chánh Thanh tra",
            management_level="standing_committee",
        )
        at[place] = str(draft_case(unit, play.sent(), wish)["case"])
        file_draft(unit, play.sent(), at[place])
        _through(play, at[place], "meets")
    province.consultations["kept by level"] = _question(play.database, at["kept by level"])
    recused = play.desk(Role.BODY_SIGNER, OTHER_BODY)
    for one in (recused, play.desk(Role.SUPERVISOR, place=1)):  # of a body, and of none
        recuse_oneself(one, play.sent(), at["kept by name"])
    cleared = head.principal.officer
    province.clearances[cleared] = 3
    keeper = Keeper(play.database, play.ids, by=None)
    capacity = Assignment(Role.BOARD_HEAD, head.principal.organisation)
    clear_officer(keeper, definitions(), cleared, capacity, 3)
    head = replace(head, principal=replace(head.principal, clearance=3))
    named = [signer.principal.officer, supervisor.principal.officer]
    restrict_case(head, play.sent(), at["kept by level"], 2)
    restrict_case(head, play.sent(), at["kept by name"], 0, named)

    # What a supervisor filed for a unit, in another capacity, is not theirs to supervise.
    wish = Request(CaseType.APPOINTMENT, person(82), "1981-01-20", "Trưởng phòng", position="Phó")
    filing = replace(supervisor.principal, role=Role.CASE_OFFICER, organisation=UNIT)
    own = replace(supervisor, principal=filing)
    at["filed by its supervisor"] = str(draft_case(own, play.sent(), wish)["case"])
    file_draft(own, play.sent(), at["filed by its supervisor"])


def _amend_what_was_signed(play: Play, province: Province) -> None:
    """Correct a conclusion that was told, and draw up the correction of an opinion."""
    day = play.ids.today()
    corrects = Decision(
        AmendmentKind.CORRECTION,
        Ground.OWN,
        "Ghi nhầm số phiếu.",
        "58-QĐ/TW;2022-02-08;Bộ Chính trị",
        day,
        day,
        "9-KL/TU",
    )
    secretary = play.desk(Role.SECRETARY, AUTHORITY)
    instead = Concluded("meets", "Thống nhất với đề xuất.", 14, 1, 1)
    amend_conclusion(secretary, play.sent(), province.cases["told"], corrects, instead)
    officer = play.desk(Role.BODY_OFFICER, BODY)
    objects = Opinion(Verdict.OBJECTION, "Có vi phạm chưa được kết luận.")
    draft_amendment(officer, play.sent(), province.consultations["signed"], corrects, objects)


def _open_what_is_kept(play: Play, province: Province) -> None:
    """Open what is kept to one of each role in an emergency; and to some who read no more."""
    desks = {visitor: play.desk(*VISITORS[visitor]) for visitor in VISITORS}
    over = _opened(play, province, desks["signer"], "kept by level", 1)
    for _ in range(60 * 60):  # until it is over; each look at the clock takes a second
        play.ids.clock()
    ended = _opened(play, province, desks["other body"], "kept by level", 4)
    end_emergency(desks["other body"], play.sent(), ended)
    review_emergency(desks["supervisor"], play.sent(), over, "Đã xem, đúng quy định.")
    refused = _asked(play, province, desks["other body"], "kept by name", 1)
    told = "Không cần gấp như vậy."
    answer_emergency(desks["head"], play.sent(), refused, agrees=False, sentence=told)
    of_recused = _opened(play, province, desks["other signer"], "kept by name", 24)
    province.emergencies += [over, ended, refused, of_recused]
    for visitor, place in IN_FORCE.items():
        desk = desks[visitor]
        province.emergencies.append(_opened(play, province, desk, place, 24))
        province.opened.setdefault(desk.principal.officer, []).append(province.cases[place])


def open_again(database: Database, province: Province) -> None:
    """Open what is open in an emergency once more, for whoever looks on a later day."""
    play = Play(database, definitions(), Ids())
    for visitor, place in IN_FORCE.items():
        _opened(play, province, play.desk(*VISITORS[visitor]), place, 24)


def _opened(play: Play, province: Province, asker: Desk, place: str, hours: int) -> str:
    """Ask for a case, and have the head of the Board agree; or, for one of theirs, a supervisor."""
    request, second = _asked(play, province, asker, place, hours), play.desk(Role.BOARD_HEAD)
    if second.principal.organisation == asker.principal.organisation:
        second = play.desk(*VISITORS["supervisor"])
    answer_emergency(second, play.sent(), request, agrees=True, sentence="Đồng ý.")
    return request


def _asked(play: Play, province: Province, asker: Desk, place: str, hours: int) -> str:
    with play.database.reading() as connection:
        wanted = select(cases.c.reference).where(cases.c.handle == province.cases[place])
        reference = str(connection.scalar(wanted))
    told = ask_in_emergency(asker, play.sent(), reference, "Phải trả lời trong hôm nay.", hours)
    return str(told["request"])


def _through(play: Play, case: str, outcome: str) -> None:
    """Take one case from its filing to where its unit is told."""
    board, head = play.desk(Role.BOARD_OFFICER), play.desk(Role.BOARD_HEAD)
    _done(take_up_cases(board, play.sent(), [case]))
    _done(
        accept_cases(
            board, play.sent(), [case], authority=AUTHORITY, authority_reason="Theo phân cấp."
        )
    )
    play.ask([case])
    for body in play.bodies():
        play.answer(body, [case])
    _done(propose(board, play.sent(), [case], outcome, "Đủ điều kiện."))
    _done(submit_proposals(head, play.sent(), [case]))
    conclusion = Conclusion(outcome, "Thống nhất.", play.ids.today())
    _done(conclude_cases(play.desk(Role.SECRETARY, AUTHORITY), play.sent(), [case], conclusion))
    _done(notify_units(board, play.sent(), [case]))


def _filed(play: Play, desk: Desk, covering: Covering, how_many: int, first: int = 0) -> list[str]:
    rows: Sequence[GoodRow | RefusedRow] = [
        *(
            GoodRow(number + 8, person(first + number), f"19{70 + number % 20}", "Phó Bí thư")
            for number in range(how_many)
        ),
        RefusedRow(99, Reason.NAME_MISSING, say("Row %(row)s has no name.", row=99)),
    ]
    read = ReadList("Danh sách", None, tuple(rows), ("Dân tộc",))
    name = f"{desk.principal.organisation}.xlsx"
    taken = Taken(name, sha256(name.encode()).hexdigest(), read)
    told = file_list(desk, play.sent(), taken, covering)["cases"]
    assert isinstance(told, dict)
    return [str(one["case"]) for one in told.values()]


def _question(database: Database, case: str, body: str = BODY) -> str:
    c = consultations.c
    with database.reading() as connection:
        return connection.scalars(
            select(c.handle).where(c.case_handle == case, c.body == body)
        ).one()


def _go_away(play: Play, database: Database, province: Province) -> None:
    """Let an officer of the Board be away in some weeks, and the head act meanwhile."""
    away, head = (play.desk(role).principal for role in (Role.BOARD_OFFICER, Role.BOARD_HEAD))
    place = Place(away.organisation, away.role, head.officer, Form.KT)
    absence = record_absence(
        database,
        play.ids,
        definitions(),
        away,
        Absence(away.officer, "2026-09-20", "2026-09-25", (place,)),
        proved_for=ALWAYS,
    )
    s = substitutions.c
    with database.reading() as connection:
        province.absences[absence] = list(
            connection.scalars(select(s.handle).where(s.absence == absence))
        )


def _give_roles(play: Play, database: Database, passwords: Passwords, province: Province) -> None:
    """Have the administrator who visits and a second one each give a role that waits."""
    visits = play.desk(Role.ADMINISTRATOR).principal
    administers = Assignment(Role.ADMINISTRATOR, visits.organisation)
    new = NewOfficer("quantri2", "Phan Ngọc Diệp", PASSWORD, (administers,))
    second = create_officer(Keeper(database, play.ids, by=None), passwords, new)
    given = Assignment(Role.BODY_OFFICER, OTHER_BODY, "2027-01-01")
    for by in (visits, replace(visits, officer=second, name=new.name)):
        assign_role(Keeper(database, play.ids, by=None, named=by), province.officers[0], given)
        given = replace(given, valid_from="2027-02-01")
    with database.reading() as connection:
        [first, _] = waiting(connection)
    province.proposed_role = first.handle


def _open_in_emergency(play: Play, province: Province) -> None:
    """Have an officer ask for three cases: one is open to them, one was, and one waits."""
    officer, head = play.desk(Role.BODY_OFFICER, OTHER_BODY), play.desk(Role.BOARD_HEAD)
    with play.database.reading() as connection:
        c = cases.c
        asked = [
            str(connection.scalar(select(c.reference).where(c.handle == province.cases[place])))
            for place in ("asked", "received", "another's")
        ]
    for reference in asked:
        told = ask_in_emergency(officer, play.sent(), reference, "Phải trả lời trong hôm nay.", 24)
        province.emergencies.append(str(told["request"]))
    for request in province.emergencies[:2]:
        answer_emergency(head, play.sent(), request, agrees=True, sentence="Đồng ý.")
    end_emergency(officer, play.sent(), province.emergencies[1])


def _have_a_package_made(play: Play, province: Province) -> None:
    """Leave an entry of a package, and none that has its hash: making one takes the pages."""
    told = export_case(
        play.desk(Role.SUPERVISOR, VISITORS["supervisor"][1]),
        play.sent(),
        province.cases["closed"],
        "Kiểm tra theo kế hoạch.",
        lambda *_: "0" * 64,
    )
    province.package = int(str(told["number"]))


def nothing_made(*_):
    """Make the package of nothing."""
    return {MANIFEST: b"{}"}


def _record_a_request(play: Play, province: Province) -> None:
    """Leave a request that has no acknowledgement yet, and an answer that waits for a second."""
    case = province.cases["closed"]
    asked = Asked(
        "copy",
        play.ids.today(),
        "Đơn đề nghị cung cấp dữ liệu",
        "Văn thư Huyện ủy",
        "Đề nghị cung cấp dữ liệu về tôi.",
    )
    told = record_request(play.desk(Role.CASE_OFFICER, UNIT), play.sent(), case, asked)
    province.request = int(str(told["number"]))
    draft = Draft("answer", "Cung cấp theo đề nghị.", withheld={"outcome": "Căn cứ thử nghiệm."})
    prepare_answer(
        play.desk(Role.BOARD_OFFICER), play.sent(), case, province.request, draft, nothing_made
    )


def _hold_a_record(play: Play, database: Database, province: Province) -> None:
    """Leave a hold on the record of the closed case; no schedule was entered."""
    case = province.cases["closed"]
    hold_record(play.desk(Role.BOARD_HEAD), play.sent(), case, "Có đơn chưa giải quyết.")
    with database.reading() as connection:
        kept = connection.scalar(select(cases.c.holds).where(cases.c.handle == case))
    [province.hold] = json.loads(kept)


def _make_a_report(play: Play, province: Province) -> None:
    """Have everything counted that the log has, and counted again."""
    desk = play.desk(Role.SUPERVISOR, VISITORS["supervisor"][1])
    since, until = "2020-01-01", "2039-12-31"
    told = make_report(desk, play.sent(), since, until)
    province.reports.append(str(told["report"]))
    run_again(desk, play.sent(), province.reports[0])


def _note_what_there_is(database: Database, province: Province) -> None:
    c = consultations.c
    with database.reading() as connection:
        province.types = {
            row.handle: row.case_type
            for row in connection.execute(select(cases.c.handle, cases.c.case_type))
        }
        for row in connection.execute(select(c.handle, c.case_handle).order_by(c.handle)):
            province.consultations_of.setdefault(row.case_handle, []).append(row.handle)
        province.letters = list(
            connection.scalars(
                select(letters.c.handle)
                .where(
                    letters.c.receiver == BODY,
                    # One about nothing but what is kept from the Board is not there for it.
                    letters.c.handle.in_(
                        select(c.letter).where(
                            c.case_handle.not_in(select(restrictions.c.case_handle))
                        )
                    ),
                )
                .order_by(letters.c.handle)
            )
        )
        province.submissions = _submissions(connection)
    province.officers = [part.officer for part in cast(database)][:3]


def _note_the_notices(database: Database, province: Province) -> None:
    """Note one notice of each kind, the first; of what a body was told, one of BODY's."""
    o = outbox.c
    with database.reading() as connection:
        rows = connection.execute(
            select(o.telling, o.on_move, o.organisation).order_by(o.written_at, o.key)
        ).all()
    first: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: row.organisation != BODY):
        if row.telling not in first.values():
            first.setdefault(row.on_move, row.telling)
    province.notices = {telling: move for move, telling in first.items()}


def _submissions(connection) -> list[str]:
    from vetting.records.submissions import submissions  # noqa: PLC0415

    found = connection.execute(select(submissions.c.handle, submissions.c.unit)).all()
    return [row.handle for row in sorted(found, key=lambda row: row.unit != UNIT)]


def _sign_everybody_in(door: Door, database: Database, province: Province) -> None:
    people = cast(database)
    for visitor, (role, organisation) in VISITORS.items():
        part = next(
            part for part in people if (part.role, part.organisation) == (role, organisation)
        )
        province.elsewhere[visitor] = _mark_of(
            database, sign_in(door, Attempt(part.login, PASSWORD, "192.0.2.2"))
        )
        entered = sign_in(door, Attempt(part.login, PASSWORD, "192.0.2.1"))
        province.tokens[visitor] = entered.token
        mark = _mark_of(database, entered)
        province.principals[visitor] = [part.officer, part.name, mark]


def _give_a_factor(database: Database, province: Province) -> None:
    """Give the supervisor an authenticator that nobody can read, and recovery codes."""
    officer, province.factor = province.principals["supervisor"][0], "an-authenticator"
    with database.writing() as connection:
        factors.add_authenticator(
            connection, officer, Authenticator(province.factor, "", "sealed", 0, BEGUN)
        )
        factors.replace_recovery_codes(connection, officer, ["a code", "another"])


def _mark_of(database: Database, entered: Entered) -> str:
    s = login_sessions.c
    with database.reading() as connection:
        return connection.scalars(
            select(s.mark).where(s.token_hash == token_hash(entered.token))
        ).one()


def _done(answer: Mapping[str, object]) -> None:
    refused = answer.get("refused")
    if refused:
        raise AssertionError(f"the play went wrong: {refused}")


def file_of(url: str) -> Path:
    """Return the file of a SQLite database."""
    return Path(str(make_url(url).database))


def every(kind: Iterable[str]) -> list[str]:
    """Return each once, in order."""
    return list(dict.fromkeys(kind))
