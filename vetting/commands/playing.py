"""Playing: a whole round through the use cases, by the officers whose work it is.

What the bodies say is drawn by lot with a fixed seed: it stands for people's judgement in a
demonstration, and only there.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from vetting.commands.casting import Part, cast, desk_of
from vetting.engine.canonical import Json
from vetting.engine.policy import Action
from vetting.engine.reading import Definitions
from vetting.engine.vocabulary import Role, Verdict
from vetting.records.cases import cases
from vetting.records.consultations import consultations, opinions
from vetting.records.database import Database
from vetting.records.identity import Ids
from vetting.usecases.check_completeness import accept_cases, take_up_cases
from vetting.usecases.conclude import Conclusion, conclude_cases
from vetting.usecases.desk import Answer, Desk, Sent
from vetting.usecases.draft_opinion import Opinion, draft_opinions
from vetting.usecases.issue_consultations import Asking, issue_consultations
from vetting.usecases.look import look
from vetting.usecases.propose import propose, submit_proposals
from vetting.usecases.receive_consultation import receive_consultations
from vetting.usecases.record_fact import record_fact
from vetting.usecases.sign_opinion import sign_opinions
from vetting.usecases.tell_outcome import close_cases, notify_units

BATCH = 500  # as many as people tick and sign at a time
SEED = 2018
WITH_REMARKS = 10  # one opinion in so many has conditions or an objection

NOTHING_KNOWN = "Không có thông tin về vấn đề chính trị cần xem xét đối với nhân sự."
REMARKS: Sequence[tuple[Verdict, str, tuple[str, ...]]] = (
    (
        Verdict.CONDITIONS,
        "Hồ sơ cơ bản đạt; còn nội dung cần được bổ sung trước khi quyết định.",
        ("Bổ sung bản kê khai tài sản năm gần nhất.",),
    ),
    (
        Verdict.CONDITIONS,
        "Đủ tiêu chuẩn nếu hoàn thành chương trình lý luận chính trị theo quy định.",
        ("Hoàn thành chương trình lý luận chính trị theo quy định của chức danh.",),
    ),
    (Verdict.OBJECTION, "Đang trong thời gian thi hành kỷ luật, chưa đủ điều kiện.", ()),
    (Verdict.OBJECTION, "Còn nội dung đơn thư chưa được giải quyết dứt điểm.", ()),
)


@dataclass
class Play:
    """One round being played: the cast at their desks, and how far it has come."""

    database: Database
    definitions: Definitions
    ids: Ids = field(default_factory=Ids)
    seed: int = SEED
    tick: Callable[[int], None] = lambda _: None  # told how many pieces of work were done
    _cast: list[Part] = field(default_factory=list)

    def desk(self, role: Role, organisation: str | None = None, place: int = 0) -> Desk:
        """Return the desk of the officer of a role, in an organisation where it matters."""
        if not self._cast:
            self._cast = cast(self.database)
        fitting = [
            part
            for part in self._cast
            if part.role is role and organisation in {None, part.organisation}
        ]
        return desk_of(fitting[place], self.database, self.definitions, self.ids)

    def sent(self) -> Sent:
        """Return what a form would carry."""
        return Sent(self.ids.handle())

    def in_state(self, state: str, only: Sequence[str] | None = None) -> list[str]:
        """Return the cases that stand in a state."""
        with self.database.reading() as connection:
            found = connection.scalars(
                select(cases.c.handle).where(cases.c.state == state).order_by(cases.c.handle)
            ).all()
        return [handle for handle in found if only is None or handle in set(only)]

    def check(self, only: Sequence[str]) -> None:
        """Take the cases up and accept them."""
        board = self.desk(Role.BOARD_OFFICER)
        for batch in batches(only):
            _all_done(take_up_cases(board, self.sent(), batch))
            _all_done(
                accept_cases(board, self.sent(), batch, management_level="standing_committee")
            )
            self.tick(len(batch))

    def ask(self, only: Sequence[str]) -> None:
        """Ask all bodies under one letter each."""
        board = self.desk(Role.BOARD_OFFICER)
        _all_done(issue_consultations(board, self.sent(), only, Asking()))
        self.tick(len(only))

    def answer(self, body: str, only: Sequence[str] | None = None, *, signing: bool = True) -> None:
        """Let one body receive, draft, read and sign everything it was asked."""
        lot = random.Random(f"{self.seed}/{body}")  # noqa: S311  # a demonstration, no secret
        officer, signer = self.desk(Role.BODY_OFFICER, body), self.desk(Role.BODY_SIGNER, body)
        for batch in batches(self._asked(body, only)):
            _all_done(receive_consultations(officer, self.sent(), batch))
            drafts = [(consultation, opinion_by_lot(lot)) for consultation in batch]
            draft_opinions(officer, self.sent(), drafts)
            if signing:
                self.sign(signer, batch)
            self.tick(len(batch))

    def sign(self, signer: Desk, batch: Sequence[str]) -> None:
        """Open each draft, then sign them in one act."""
        with self.database.reading() as connection:
            texts = drafts_of(connection, batch)
        look(
            signer,
            Action.SIGN_OPINION,
            texts=[(case, consultation, text) for consultation, (case, text) in texts.items()],
        )
        hashes = {consultation: text for consultation, (_, text) in texts.items()}
        _all_done(sign_opinions(signer, self.sent(), hashes))

    def propose(self, only: Sequence[str]) -> None:
        """Draw up and submit the proposals; who has an objection against them is heard first."""
        officer, head = self.desk(Role.BOARD_OFFICER), self.desk(Role.BOARD_HEAD)
        against = self._objected(only)
        for outcome, reasons, chosen in (
            ("meets", "Các cơ quan phối hợp không có ý kiến phản đối.", set(only) - against),
            ("does_not_meet", "Có cơ quan phối hợp không đồng ý, nêu rõ lý do.", against),
        ):
            for batch in batches(sorted(chosen)):
                if outcome == "does_not_meet":
                    heard = {"held_on": self.ids.today(), "said": "Nhân sự đã trình bày ý kiến."}
                    _all_done(record_fact(officer, self.sent(), batch, "hearing", heard))
                _all_done(propose(officer, self.sent(), batch, outcome, reasons))
                _all_done(submit_proposals(head, self.sent(), batch))
                self.tick(len(batch))

    def conclude(self, only: Sequence[str]) -> None:
        """Record the authority's conclusion on what was proposed to it."""
        for (authority, outcome), chosen in self._proposed(only).items():
            secretary = self.desk(Role.SECRETARY, authority)
            conclusion = Conclusion(
                outcome=outcome,
                reasons="Ban Thường vụ thống nhất với đề xuất của Ban Tổ chức.",
                decided_on=self.ids.today(),
                votes_for=15,
                votes_against=0,
            )
            for batch in batches(chosen):
                _all_done(conclude_cases(secretary, self.sent(), batch, conclusion))
                self.tick(len(batch))

    def tell(self, only: Sequence[str], *, closing: bool = True) -> None:
        """Notify the units, record that the candidates were told, close."""
        board = self.desk(Role.BOARD_OFFICER)
        told: Mapping[str, str] = {"told_on": self.ids.today(), "how": "Bằng văn bản"}
        for batch in batches(only):
            _all_done(notify_units(board, self.sent(), batch))
            if closing:
                _all_done(record_fact(board, self.sent(), batch, "candidate_told", told))
                _all_done(close_cases(board, self.sent(), batch))
            self.tick(len(batch))

    def ready(self, body: str, only: Sequence[str]) -> list[str]:
        """Return the drafts of a body that wait for a signature."""
        c = consultations.c
        with self.database.reading() as connection:
            rows = connection.execute(
                select(c.handle, c.case_handle).where(c.body == body, c.state == "ready")
            ).all()
        return [row.handle for row in rows if row.case_handle in set(only)]

    def bodies(self) -> list[str]:
        """Return the bodies that were asked anything."""
        with self.database.reading() as connection:
            return list(
                connection.scalars(
                    select(consultations.c.body).distinct().order_by(consultations.c.body)
                )
            )

    def _asked(self, body: str, only: Sequence[str] | None) -> list[str]:
        c = consultations.c
        with self.database.reading() as connection:
            rows = connection.execute(
                select(c.handle, c.case_handle)
                .join(cases, cases.c.handle == c.case_handle)
                .where(c.body == body, c.state == "asked")
                .order_by(cases.c.reference)  # so that each play of a list goes the same way
            ).all()
        chosen = None if only is None else set(only)
        return [row.handle for row in rows if chosen is None or row.case_handle in chosen]

    def _objected(self, only: Sequence[str]) -> set[str]:
        with self.database.reading() as connection:
            found = connection.scalars(
                select(opinions.c.case_handle).where(opinions.c.verdict == Verdict.OBJECTION.value)
            )
            return set(found) & set(only)

    def _proposed(self, only: Sequence[str]) -> dict[tuple[str, str], list[str]]:
        c, chosen = cases.c, set(only)
        found: dict[tuple[str, str], list[str]] = {}
        with self.database.reading() as connection:
            rows = connection.execute(
                select(c.handle, c.authority, c.proposed_outcome)
                .where(c.state == "submitted")
                .order_by(c.handle)
            )
            for row in rows:
                if row.handle in chosen:
                    found.setdefault((row.authority, row.proposed_outcome), []).append(row.handle)
        return found


def opinion_by_lot(lot: random.Random) -> Opinion:
    """Return what a body says in a demonstration."""
    if lot.randrange(WITH_REMARKS):
        return Opinion(Verdict.NO_OBJECTION, NOTHING_KNOWN)
    return Opinion(*lot.choice(REMARKS))


def drafts_of(connection: Connection, batch: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return the case and the text's hash of each consultation."""
    c = consultations.c
    rows = connection.execute(
        select(c.handle, c.case_handle, c.draft_hash).where(c.handle.in_(batch))
    )
    return {row.handle: (row.case_handle, row.draft_hash) for row in rows}


def batches(handles: Sequence[str]) -> Iterator[list[str]]:
    """Yield as many at a time as people tick in a list."""
    for start in range(0, len(handles), BATCH):
        yield list(handles[start : start + BATCH])


def _all_done(answer: Answer) -> None:
    refused: Json = answer.get("refused")
    if refused:
        raise RuntimeError(f"the play went wrong: {refused}")
