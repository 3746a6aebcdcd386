"""Random histories: people of a small province act at random, over months, often near midnight."""

from datetime import UTC, datetime, timedelta
from random import Random

from tests.builders import BODIES, Cast, as_owner, definitions, officer_of, request, sent
from tests.records.test_rebuild import Walk
from tests.usecases.test_amend import BASIS, INSTEAD, OBJECTS, enter_basis, of_the_tax_office
from vetting.engine.amend import Decision
from vetting.engine.policy import Action
from vetting.engine.refusals import Refusal
from vetting.engine.vocabulary import AmendmentKind, CaseType, Ground, Role
from vetting.queries.amendment_page import opinion_to_amend
from vetting.records.identity import Ids
from vetting.records.sealing_key import make_sealing_key, read_sealing_key
from vetting.usecases.amend import amend_conclusion, draft_amendment, sign_amendment
from vetting.usecases.interrupt_case import resume_case, suspend_case
from vetting.usecases.issue_consultations import Asking, issue_consultations
from vetting.usecases.look import look
from vetting.usecases.open_round import open_round
from vetting.usecases.restrict_case import restrict_case
from vetting.usecases.seal_checkpoint import seal_checkpoint

# Everybody whose work a case may be: it is kept from the supervisors alone.
WORKING = [
    officer_of(code, role)
    for code, roles in {
        "so-y-te": [Role.CASE_OFFICER],
        "ban-to-chuc": [Role.BOARD_OFFICER, Role.BOARD_HEAD],
        "thuong-truc": [Role.SECRETARY],
        **{body: [Role.BODY_OFFICER, Role.BODY_SIGNER] for body in BODIES},
    }.items()
    for role in roles
]
BEGAN = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


class Restless:
    """A clock that goes on by leaps, from within a second to days, often to the edge of a day."""

    def __init__(self, seed):
        self.random = Random(seed)  # noqa: S311  # a history that can be made again
        self.now = BEGAN

    def __call__(self):
        self.now += timedelta(microseconds=self.random.randrange(1, 900_000))
        return self.now

    def leap(self):
        kind = self.random.randrange(6)
        if kind == 0:  # the last moment of a legal day, or the first of the next
            edge = self.now.replace(hour=16, minute=59, second=59, microsecond=999_998)
            self.now = max(self.now, edge)
        elif kind == 1:
            self.now += timedelta(days=self.random.randrange(1, 4))
        elif kind == 2:
            self.now += timedelta(hours=self.random.randrange(1, 20))


class LongWalk(Walk):
    """The same acts, with rounds, days that are set and missed, restrictions and suspensions."""

    def __init__(self, cast, seed):
        super().__init__(cast, seed)
        self.round = open_round(
            cast.board, sent(), CaseType.PLANNING, "Đợt quy hoạch", "Planning round", "2026-01-05"
        )["round"]

    def request(self):
        kind = self.random.choice((CaseType.PLANNING, CaseType.PROMOTION))
        of = self.round if kind is CaseType.PLANNING and self.random.random() < 0.7 else None
        return request(
            name=self.name(), case_type=kind, born="1980", position=self.name(), round=of
        )

    def issue(self, board, case):
        out = {body: "Không liên quan" for body in BODIES if self.random.random() < 0.2}
        today = datetime.fromisoformat(self.cast.ids.today())
        due = today + timedelta(days=self.random.randrange(4))
        due_on = due.date().isoformat() if self.random.random() < 0.8 else None
        asking = Asking(left_out=out, reason="Hỏi", due_on=due_on)
        issue_consultations(board, sent(), [case], asking)

    def acts(self, case, state):
        self.cast.ids.clock.leap()
        if self.random.random() < 0.01:
            return [lambda: restrict_case(self.cast.head, sent(), case, 0, WORKING)]
        if state == "consulting" and self.random.random() < 0.06:
            return [lambda: self.pause(case)]
        return super().acts(case, state)

    def pause(self, case):
        """Suspend a case while its bodies are at work, for some time."""
        suspend_case(self.cast.board, sent(), case, "Chờ")
        self.cast.ids.clock.leap()
        if self.random.random() < 0.8:
            resume_case(self.cast.board, sent(), case, "Tiếp tục")


def random_history(database, folder, seed, steps):
    """Walk at random in a settled province; returns its people. All of it is in the log."""
    cast = Cast(database, Ids(clock=Restless(seed)))
    walk = LongWalk(cast, seed)
    for _ in range(4):
        walk.cast.filed(name=walk.name(), round=walk.round)
    for _ in range(steps):
        try:
            walk.step()
        except Refusal:
            continue
    at_the_edge(cast)
    folder.mkdir(exist_ok=True)
    make_sealing_key(folder, "vetting/test")
    seal_checkpoint(database, read_sealing_key(folder), cast.ids)
    return cast


def at_the_edge(cast):
    """What chance may leave out: an end, answers around midnight, and a case kept to some."""
    cast.concluded(name="Phạm Thị Tư")
    clock = cast.ids.clock
    clock.now = clock.now.replace(hour=2) + timedelta(days=1)
    case = cast.accepted(name="Lê Thị Ba")
    issue_consultations(cast.board, sent(), [case], Asking(due_on=cast.ids.today()))
    clock.now = clock.now.replace(hour=16, minute=59, second=50)
    cast.sign(case, BODIES[0])  # within the last seconds of the day
    clock.now = clock.now.replace(hour=17, minute=0, second=0)
    cast.sign(case, BODIES[1])  # within the first of the next
    kept = cast.consulting(name="Trần Văn Kín")
    cast.sign(kept, BODIES[0])
    restrict_case(cast.head, sent(), kept, 0, WORKING)
    amend(cast)


def amend(cast):
    """Have what was signed corrected, annulled and revoked."""
    with as_owner(cast.database).writing() as connection:
        enter_basis(connection)
    asked, other = cast.assembling(name="Vũ Thị Sửa"), cast.concluded(name="Vũ Văn Hủy")
    day = cast.ids.today()
    told = {"reason": "Nhầm.", "basis": BASIS, "decided_on": day, "effective_on": day}
    drafter, signer = (cast.desk("thue", role) for role in (Role.BODY_OFFICER, Role.BODY_SIGNER))
    consultation = of_the_tax_office(cast, asked)
    for kind, instead in (
        (AmendmentKind.CORRECTION, OBJECTS),
        (AmendmentKind.REVOCATION, None),
    ):
        draft_amendment(drafter, sent(), consultation, Decision(kind, Ground.OWN, **told), instead)
        with cast.database.reading() as connection:
            text = opinion_to_amend(
                connection, signer.principal, definitions(), consultation
            ).amendment.hash
        look(signer, Action.SIGN_AMENDMENT, texts=[(asked, consultation, text)])
        sign_amendment(signer, sent(), consultation, text)
    for kind, instead in (
        (AmendmentKind.CORRECTION, INSTEAD),
        (AmendmentKind.ANNULMENT, None),
    ):
        amend_conclusion(cast.secretary, sent(), other, Decision(kind, Ground.OWN, **told), instead)
