"""The demonstration province: people who do not exist, at work on cases in every state."""

from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path

from sqlalchemy import func, select

from vetting.commands.casting import (
    FIRST_LOG_IN,
    GIVEN,
    MIDDLES,
    OPERATORS,
    SURNAMES,
    cast_officers,
)
from vetting.commands.playing import Play
from vetting.engine.reading import Definitions
from vetting.engine.vocabulary import CaseType, Role
from vetting.lists import GoodRow, ReadList
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.records.officers import officers, role_assignments
from vetting.records.passwords import Passwords
from vetting.records.sealing_key import read_sealing_key
from vetting.usecases.check_completeness import return_case, take_up_cases
from vetting.usecases.desk import Desk
from vetting.usecases.file_case import Request, draft_case, file_case
from vetting.usecases.file_list import Covering, Taken, file_list
from vetting.usecases.keep_officers import Assignment, Keeper, NewOfficer, create_officer
from vetting.usecases.leave import clear_officer
from vetting.usecases.open_round import open_round
from vetting.usecases.seal_checkpoint import seal_checkpoint

PASSWORD = "nam con vit qua cau tre"  # noqa: S105  # of a demonstration only, and printed
# By how far their cases come: closed, with the bodies, accepted, being checked, just filed.
UNITS = ("so-y-te", "huyen-uy-huong-son", "tinh-doan", "thanh-uy-ha-tinh", "so-tai-chinh")
ROWS = 10  # a unit
TARGETS = ("Bí thư", "Phó Bí thư", "Ủy viên Ban Thường vụ", "Giám đốc", "Phó Giám đốc")
NOT_SIGNED = "dang-uy-cong-an-tinh"  # where a visitor finds drafts to sign


SECOND_ADMINISTRATOR = "quantri2"  # nobody changes their own account
# Up to which level of restricted cases the first officer of a role may know of them.
CLEARED = {Role.BOARD_OFFICER: 1, Role.BOARD_HEAD: 2, Role.SUPERVISOR: 2, Role.SECRETARY: 2}


def settle_in(database: Database, known: Definitions) -> bool:
    """Give the province its officers, unless it has some; tells whether it had none."""
    with database.reading() as connection:
        settled = connection.scalar(
            select(func.count()).where(officers.c.login.not_in(OPERATORS)).select_from(officers)
        )
    if settled:
        return False
    parts = cast_officers(database, Passwords().hash(PASSWORD), Ids())
    first = {part.role: part for part in parts if part.login == FIRST_LOG_IN[part.role]}
    keeper = Keeper(database, Ids(), by=None)
    create_officer(
        keeper,
        Passwords(),
        NewOfficer(
            SECOND_ADMINISTRATOR,
            "Phan Ngọc Diệp",
            PASSWORD,
            (Assignment(Role.ADMINISTRATOR, first[Role.ADMINISTRATOR].organisation),),
        ),
    )
    for role, level in CLEARED.items():
        part = first[role]
        clear_officer(keeper, known, part.officer, Assignment(role, part.organisation), level)
    return True


def still_opens(database: Database) -> bool:
    """Tell whether the printed password is still that of the province: it may be an older one."""
    with database.reading() as connection:
        kept = connection.scalar(
            select(officers.c.password_hash).where(
                officers.c.login == FIRST_LOG_IN[Role.CASE_OFFICER]
            )
        )
    return Passwords().fits(kept, PASSWORD)


def log_ins(database: Database) -> Iterator[tuple[Role, str, int]]:
    """Yield the log-ins that a visitor may use, role by role, and for what they are cleared."""
    o, a = officers.c, role_assignments.c
    with database.reading() as connection:
        rows = connection.execute(
            select(o.login, a.role, a.clearance)
            .join(role_assignments, a.officer == o.handle)
            .where(o.login.in_([*FIRST_LOG_IN.values(), SECOND_ADMINISTRATOR]))
        ).all()
    roles = list(Role)
    for row in sorted(rows, key=lambda row: (roles.index(Role(row.role)), row.login)):
        yield Role(row.role), row.login, row.clearance


def play_demonstration(database: Database, known: Definitions, folder: Path) -> None:
    """File a small round and take its cases to every state; other acts beside it."""
    play = Play(database, known)
    board = play.desk(Role.BOARD_OFFICER)
    opened = open_round(
        board,
        play.sent(),
        CaseType.PLANNING,
        "Đợt quy hoạch nhiệm kỳ 2025-2030",
        "Planning round, term 2025-2030",
        play.ids.today(),
    )
    covering = Covering(CaseType.PLANNING, str(opened["round"]), "standing_committee")
    filed = {
        unit: _file(play, play.desk(Role.CASE_OFFICER, unit), number, covering)
        for number, unit in enumerate(UNITS)
    }
    closed, waiting, accepted, to_check = (filed[unit] for unit in UNITS[:4])
    play.check([*closed, *waiting, *accepted])
    play.ask([*closed, *waiting])
    for body in play.bodies():
        play.answer(body, [*closed, *waiting[: ROWS // 2]], signing=body != NOT_SIGNED)
        if body == NOT_SIGNED:
            signer = play.desk(Role.BODY_SIGNER, body, place=-1)
            play.sign(signer, play.ready(body, closed))
    play.propose(closed)
    play.conclude(closed[:7])
    play.tell(play.in_state("concluded", closed[:5]))
    take_up_cases(board, play.sent(), to_check[:4])
    return_case(
        board,
        play.sent(),
        to_check[0],
        "Hồ sơ chưa có bản kê khai tài sản của năm gần nhất.",
        ["Bản kê khai tài sản năm gần nhất"],
    )
    _others(play)
    seal_checkpoint(database, read_sealing_key(folder))


def _file(play: Play, desk: Desk, number: int, covering: Covering) -> list[str]:
    rows = tuple(
        GoodRow(
            row=row + 8,
            name=_name(number * ROWS + row),
            born=date(1968 + (number * ROWS + row) % 22, 1 + row, 3 + row).isoformat(),
            target=TARGETS[row % len(TARGETS)],
        )
        for row in range(ROWS)
    )
    read = ReadList("Danh sách", None, rows, ("Dân tộc", "Tôn giáo"))
    file_name = f"danh-sach-{desk.principal.organisation}.xlsx"
    taken = Taken(file_name, sha256(file_name.encode()).hexdigest(), read)
    cases = file_list(desk, play.sent(), taken, covering)["cases"]
    if not isinstance(cases, dict):
        raise TypeError("a filed list answers with its cases")
    return [str(told["case"]) for told in cases.values()]


def _others(play: Play) -> None:
    """File a case of some other types, and leave a draft."""
    unit = play.desk(Role.CASE_OFFICER, "huyen-uy-huong-son")
    for case_type, name, target in (
        (CaseType.APPOINTMENT, "Trần Thị Minh Nguyệt", "Trưởng phòng Nội vụ"),
        (CaseType.ROTATION, "Lê Quốc Khánh", "Phó Chủ tịch Ủy ban nhân dân xã"),
        (CaseType.NOMINATION, "Phạm Đức Thắng", "Ứng cử đại biểu Hội đồng nhân dân tỉnh"),
    ):
        asked = Request(case_type, name, "1982", target, management_level="standing_committee")
        file_case(unit, play.sent(), asked)
    draft_case(
        unit,
        play.sent(),
        Request(CaseType.PARTY_ADMISSION, "Hồ Thị Thu Hà", "1999-05-19", "Kết nạp đảng viên"),
    )


def _name(number: int) -> str:
    return " ".join(
        (
            SURNAMES[number * 5 % len(SURNAMES)],
            MIDDLES[number * 2 % len(MIDDLES)],
            GIVEN[number // 2 * 5 % len(GIVEN)],
        )
    )
