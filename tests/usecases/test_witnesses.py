"""What a witness has signed cannot be taken back: by no backup, and with no key of the log."""

import os
from base64 import b32encode
from contextlib import contextmanager

import pytest
from alembic import command
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pyotp import TOTP
from sqlalchemy import bindparam, delete, event, select, text, update

from tests.builders import Cast, add_officer, as_owner, as_superuser, sent, ticking
from vetting.engine.canonical import canonical
from vetting.engine.checkpoint import BadNote, Checkpoint
from vetting.engine.refusals import Forbidden, OutOfTurn, Unacceptable
from vetting.engine.seal import FIRST, seal_of
from vetting.engine.tree import Edge
from vetting.engine.vocabulary import Role
from vetting.engine.witnessing import Judgement, Question
from vetting.records.cases import cases
from vetting.records.factors import Authenticator, FactorKey, add_authenticator
from vetting.records.history import entries, sealed_columns
from vetting.records.log import checkpoints, log, write_edge
from vetting.records.migrate import configuration
from vetting.records.officers import officers, role_assignments
from vetting.records.sealing_key import SealingKey, make_sealing_key, read_sealing_key
from vetting.records.trigger_faults import trigger_fault
from vetting.records.witness_folder import (
    WitnessKey,
    checkpoint_in,
    know_log,
    last_signed,
    make_witness,
    read_witness_key,
)
from vetting.records.witnessed import (
    Behind,
    NotReadable,
    Witness,
    behind,
    bring_up,
    cosignatures,
    gaps,
    known_size,
    last_note,
    lost_for_good,
    remember_witnessed,
    trust_witness,
    unlike_witnessed,
)
from vetting.records.witnessed import notes as notes_of
from vetting.usecases.ask_witnesses import (
    Asked,
    Outcome,
    Reply,
    ask_witnesses,
    keep_cosignature,
    question_to,
)
from vetting.usecases.declare_gap import Declared, OfferedCode, declare_gap
from vetting.usecases.interrupt_case import withdraw_case
from vetting.usecases.prove_factor import NotProven
from vetting.usecases.seal_checkpoint import seal_checkpoint
from vetting.usecases.witness_checkpoint import (
    NotSigned,
    UnknownLog,
    begin_anew,
    witness_checkpoint,
)
from vetting.web.witness import create_witness

pytestmark = pytest.mark.leaves_it_unwell

ADDRESS = "http://thanh-tra.tinh"


class Scene:
    """An installation with a history, and a witness on a machine of its own."""

    def __init__(self, database, here, there):
        self.database, self.here, self.there = database, here, there
        self.cast = Cast(database)
        make_sealing_key(here, "vetting/test")
        make_witness(there, "thanh-tra.tinh")
        know_log(there, self.key.public)
        self.witness = Witness(read_witness_key(there).public, ADDRESS)
        trust_witness(here, self.witness)
        self.application = create_witness(str(there)).test_client()

    @property
    def key(self) -> SealingKey:
        return read_sealing_key(self.here)

    def send(self, address, question):
        assert address == ADDRESS
        answer = self.application.post("/add-checkpoint", data=question.encode())
        return Reply(answer.status_code, answer.get_data(as_text=True))

    def seal(self):
        return seal_checkpoint(self.database, self.key, ticking()).size

    def ask(self, send=None, **told):
        return ask_witnesses(self.database, self.here, send or self.send, ticking(), **told)

    def behind(self):
        with self.database.reading() as connection:
            return behind(connection, self.here)

    def write(self):
        """Have something happen."""
        case = self.cast.filed()
        withdraw_case(self.cast.unit, sent(), case, "Đã rút")

    def lose(self):
        """Have the witness sign six entries, and put the database back to three."""
        self.ask()
        self.write()
        self.seal()
        self.ask()
        cut_off(self.database, 3)

    def last_signed(self):
        return last_signed(self.there, self.key.public)


@pytest.fixture
def scene(database, tmp_path):
    scene = Scene(database, tmp_path / "here", tmp_path / "there")
    scene.write()
    scene.seal()
    return scene


def raw(database, *statements):
    """Run SQL as somebody who may do everything: no trigger stands in the way."""
    with as_superuser(database) as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            names = connection.scalars(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            ).all()
            for name in names:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
        for statement in statements:
            connection.execute(statement)
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        else:
            connection.exec_driver_sql("SET session_replication_role = origin")


def test_a_witness_signs_what_grew_and_its_line_is_kept(scene):
    first = scene.ask()
    scene.write()
    size = scene.seal()
    second, third = scene.ask(), scene.ask()

    name = "thanh-tra.tinh"
    assert first == [Asked(name, Outcome.SIGNED, 3)]
    assert second == [Asked(name, Outcome.SIGNED, size)]
    assert third == [Asked(name, Outcome.NOTHING_NEW)]
    assert scene.last_signed().size == size == 6
    with scene.database.reading() as connection:
        kept = connection.execute(select(cosignatures.c.size).order_by("size")).scalars().all()
    assert (kept, scene.behind()) == ([3, 6], None)


def test_a_database_that_was_put_back_is_behind_what_was_signed(scene):
    """Nothing in the database tells; the file beside it and the witness do."""
    scene.ask()
    scene.write()
    scene.seal()
    scene.ask()
    signed = scene.last_signed()
    cut_off(scene.database, 3)

    assert scene.behind() == Behind(6, signed.root.hex(), 3, root_at(scene.database, 3))
    (scene.here / "witnessed").unlink()
    assert scene.behind() is None  # so far it knows of nothing
    assert scene.ask() == [Asked("thanh-tra.tinh", Outcome.NOTHING_NEW)]
    assert scene.ask(even_if_signed=True) == [Asked("thanh-tra.tinh", Outcome.AHEAD, 6)]
    assert scene.behind() == Behind(6, "", 3, root_at(scene.database, 3))


def test_a_history_rewritten_with_every_key_of_the_log_gets_no_signature(scene):
    scene.ask()
    signed = scene.last_signed()
    rewrite(scene)
    scene.write()
    scene.seal()

    assert scene.behind().signed_root == signed.root.hex()
    assert scene.ask() == [Asked("thanh-tra.tinh", Outcome.REFUSED)]
    assert scene.last_signed() == signed


def test_two_people_of_two_sides_declare_a_gap_and_the_witness_goes_on_by_hand(scene):
    scene.lose()
    administrator, supervisor = "quan-tri", "uy-ban-kiem-tra/s1"
    add_administrator(scene.database, administrator)

    def declare(officer, reason="", *, confirms=False):
        return declare_gap(
            scene.database, scene.here, officer, reason, ticking(), confirms=confirms
        )

    why = "Khôi phục bản sao lưu"
    with pytest.raises(Forbidden):
        declare("ban-to-chuc/bo1", why)
    with pytest.raises(Unacceptable):
        declare(administrator, " ")
    assert declare(administrator, why) == Declared(6, 3, why, confirmed=False)
    assert scene.behind() is not None
    with pytest.raises(Forbidden):
        declare(administrator)
    for told in ({"reason": "Một lý do khác", "confirms": True}, {}):
        with pytest.raises(OutOfTurn, match=f"declared with this reason: “{why}”"):
            declare(supervisor, **told)
    assert declare(supervisor, confirms=True) == Declared(6, 3, why, confirmed=True)
    assert scene.behind() is None
    with pytest.raises(OutOfTurn):
        declare(supervisor)
    # What the witness signed before the gap is no reason to forget what it signed.
    kept = (scene.here / "witnessed").read_text()
    with scene.database.reading() as connection:
        notes = {checkpoint_in(one).size: one for one in notes_of(connection)}
        remember_witnessed(connection, scene.here, notes[3])
    assert (scene.here / "witnessed").read_text() == kept

    scene.write()
    scene.seal()
    assert scene.ask() == [Asked("thanh-tra.tinh", Outcome.REFUSED)]
    with scene.database.reading() as connection:
        note = last_note(connection)
    assert begin_anew(scene.there, note).size == 6
    scene.write()
    size = scene.seal()
    assert scene.ask() == [Asked("thanh-tra.tinh", Outcome.SIGNED, size)]
    cut_off(scene.database, 3)
    assert scene.behind().signed_size == size
    raw(scene.database, delete(gaps))
    with scene.database.reading() as connection:
        lost = lost_for_good(connection, scene.here)
    assert [(one.signed_size, one.size, one.reason) for one in lost] == [(6, 3, why)]


def test_what_was_declared_of_one_database_says_nothing_of_another(scene):
    scene.lose()
    add_administrator(scene.database, "quan-tri")
    declare_gap(scene.database, scene.here, "quan-tri", "Khôi phục", ticking())
    declare_gap(scene.database, scene.here, "uy-ban-kiem-tra/s1", ids=ticking(), confirms=True)
    assert scene.behind() is None

    raw(scene.database, update(gaps).values(found_size=2))
    assert scene.behind().signed_size == 6
    raw(scene.database, update(gaps).values(found_size=3, found_root="0" * 64))
    assert scene.behind().signed_size == 6


def test_whoever_is_disabled_has_declared_nothing_and_another_begins(scene):
    scene.lose()
    for login in ("quan-tri", "quan-tri-2"):
        add_administrator(scene.database, login)
    declare_gap(scene.database, scene.here, "quan-tri", "Khôi phục", ticking())
    raw(
        scene.database,
        update(officers).where(officers.c.handle == "quan-tri").values(disabled_at=ticking().now()),
    )
    supervisor = "uy-ban-kiem-tra/s1"
    with pytest.raises(Unacceptable):
        declare_gap(scene.database, scene.here, supervisor, ids=ticking())
    declared = [
        declare_gap(scene.database, scene.here, "quan-tri-2", "Lại khôi phục", ticking()),
        declare_gap(scene.database, scene.here, supervisor, ids=ticking(), confirms=True),
    ]
    assert declared == [
        Declared(6, 3, "Lại khôi phục", confirmed=False),
        Declared(6, 3, "Lại khôi phục", confirmed=True),
    ]


def test_whose_role_has_run_out_or_whose_password_is_not_their_own_declares_nothing(scene):
    scene.lose()
    for login in ("quan-tri", "quan-tri-2"):
        add_administrator(scene.database, login)
    a, supervisor = role_assignments.c, "uy-ban-kiem-tra/s1"
    declare_gap(scene.database, scene.here, "quan-tri", "Khôi phục", ticking())
    raw(
        scene.database,
        update(role_assignments).where(a.officer == "quan-tri").values(valid_to="2020-01-01"),
        update(officers).where(officers.c.handle == "quan-tri-2").values(password_given_at="x"),
    )
    with pytest.raises(Forbidden, match="Somebody else gave"):
        declare_gap(scene.database, scene.here, "quan-tri-2", "Lại khôi phục", ticking())
    for reason in ("\u200b", "a\x1b[31m", "\udcff"):
        with pytest.raises(Unacceptable):
            declare_gap(scene.database, scene.here, supervisor, reason, ticking())
    assert declare_gap(scene.database, scene.here, supervisor, "Đĩa\nhỏng", ticking()) == Declared(
        6, 3, "Đĩa hỏng", confirmed=False
    )


def test_a_step_back_keeps_one_half_of_each_gap_and_the_next_one_forward_holds(scene):
    """What two people declared of the log that there is, or else what was declared first."""
    for login in ("quan-tri", "quan-tri-2"):
        add_administrator(scene.database, login)
    root, now = root_at(scene.database, 3), ticking()
    kept = {"lost", "first", "both", "alone"}
    with scene.database.writing() as connection:
        for handle, size, found_root, by, confirmed in (
            ("beside", 6, root, "quan-tri", False),
            ("lost", 6, root, "quan-tri-2", True),
            ("first", 7, root, "quan-tri-2", False),
            ("second", 7, root, "quan-tri", False),
            ("of another log", 8, "x", "quan-tri", True),
            ("both", 8, root, "quan-tri-2", True),
            ("alone", 9, root, "quan-tri", False),
        ):
            connection.execute(
                gaps.insert().values(
                    handle=handle,
                    witnessed_size=size,
                    witnessed_root="x",
                    found_size=3,
                    found_root=found_root,
                    reason="x",
                    declared_by=by,
                    declared_at=now.now(),
                )
            )
            if confirmed:
                connection.execute(
                    update(gaps)
                    .where(gaps.c.handle == handle)
                    .values(confirmed_by="uy-ban-kiem-tra/s1", confirmed_at=now.now())
                )
    before = [row for row in gaps_in(scene.database) if row.handle in kept]
    for _ in range(2):  # once more changes nothing
        with as_owner(scene.database).engine.connect() as connection:
            command.downgrade(configuration(connection), "0054")
            connection.commit()
            command.upgrade(configuration(connection), "head")
            connection.commit()
        assert gaps_in(scene.database) == before
    with scene.database.reading() as connection:
        assert trigger_fault(connection) is None


def test_what_was_declared_before_the_database_asked_who_stays_and_is_confirmed_by_nobody(scene):
    add_administrator(scene.database, "quan-tri")
    half = {
        "witnessed_size": 6,
        "witnessed_root": "x",
        "found_size": 3,
        "found_root": "x",
        "reason": "x",
        "declared_at": ticking().now(),
    }
    confirmed = {"confirmed_by": "uy-ban-kiem-tra/s1", "confirmed_at": ticking().now()}
    with as_owner(scene.database).engine.connect() as connection:
        command.downgrade(configuration(connection), "0055")
        connection.execute(gaps.insert().values(**half, handle="may", declared_by="quan-tri"))
        connection.execute(gaps.insert().values(**half, handle="not", declared_by="thue/bo1"))
        connection.commit()
        command.upgrade(configuration(connection), "head")
        connection.commit()
    told = {}
    for handle in ("may", "not"):
        try:
            with scene.database.writing() as connection:
                connection.execute(update(gaps).where(gaps.c.handle == handle).values(**confirmed))
        except OutOfTurn as refusal:
            told[handle] = str(refusal)
    assert told == {"not": "Somebody else acted on this just now. Look again."}
    assert [(row.handle, row.confirmed_by) for row in gaps_in(scene.database)] == [
        ("may", "uy-ban-kiem-tra/s1"),
        ("not", None),
    ]


def gaps_in(database):
    with database.reading() as connection:
        return connection.execute(select(gaps).order_by(gaps.c.handle)).all()


def test_a_file_that_says_less_than_the_signatures_in_the_database_is_brought_up(scene):
    """Else an old one would be put there first, and then an old database beside it."""
    file = scene.here / "witnessed"
    scene.ask()
    old = file.read_text()
    scene.write()
    scene.seal()
    scene.ask()
    new = file.read_text()

    found = {}
    for name, become in (
        ("an older note", lambda: file.write_text(old)),
        ("nothing", file.unlink),
        ("a link to an older note", lambda: relink(file, scene.here / "old", old)),
        ("the note", lambda: relink(file, scene.here / "new", new)),
    ):
        become()
        with scene.database.reading() as connection:
            assert unlike_witnessed(connection, scene.here) is None
            assert known_size(connection, scene.here) == 6
            bring_up(connection, scene.here)
        found[name] = file.read_text()
    assert found == dict.fromkeys(found, new)

    file.unlink()
    file.symlink_to(scene.here / "nowhere")
    with scene.database.reading() as connection:
        assert str(unlike_witnessed(connection, scene.here)) == (
            "witnessed is no checkpoint. It says what a witness has signed; bring it back, or ask "
            "the witness for its last checkpoint."
        )


def relink(file, to, content):
    file.unlink()
    to.write_text(content)
    file.symlink_to(to)


def test_a_dangling_link_is_no_file_that_was_never_there(scene):
    """Whichever of the files it is that say what others signed, declared or may sign."""
    told = {}
    for name in ("witnessed", "witness_ahead", "declared_gaps"):
        (scene.here / name).symlink_to(scene.here / "nowhere")
        with scene.database.reading() as connection:
            told[name] = str(unlike_witnessed(connection, scene.here)).partition(" ")[0]
        (scene.here / name).unlink()
    assert told == {name: name for name in told}
    assert scene.behind() is None
    file = scene.here / "witnesses"
    file.unlink()
    file.symlink_to(scene.here / "nowhere")
    with pytest.raises(NotReadable, match="does not say who the witnesses are"):
        scene.ask()


def far_too_large(place):
    place.touch()
    os.truncate(place, 1 << 40)


def test_a_pipe_a_folder_and_what_is_far_too_large_are_no_files_that_say_what_was_signed(scene):
    """Nobody waits for what never comes, nor reads what fills the memory."""
    told = {}
    for name in ("witnessed", "witness_ahead", "declared_gaps"):
        place = scene.here / name
        told[name] = []
        for make, remove in (
            (os.mkfifo, os.unlink),
            (os.mkdir, os.rmdir),
            (far_too_large, os.unlink),
        ):
            make(place)
            with scene.database.reading() as connection:
                told[name].append(str(unlike_witnessed(connection, scene.here)).split()[0])
            remove(place)
    assert told == {name: [name] * 3 for name in told}
    assert scene.behind() is None


def test_what_a_witness_signs_where_a_gap_was_declared_is_more_than_the_file_says(scene):
    """It had signed less of another log: its new signature is kept, and the lost one remembered."""
    scene.ask()
    add_administrator(scene.database, "quan-tri")
    rewrite(scene)
    scene.write()
    scene.seal()
    declare_gap(scene.database, scene.here, "quan-tri", "Khôi phục", ticking())
    declare_gap(scene.database, scene.here, "uy-ban-kiem-tra/s1", ids=ticking(), confirms=True)
    lost = (scene.here / "witnessed").read_text()
    with scene.database.reading() as connection:
        begin_anew(scene.there, last_note(connection))
    assert scene.ask() == [Asked("thanh-tra.tinh", Outcome.SIGNED, 6)]
    assert ((scene.here / "witnessed").read_text(), scene.behind()) == (lost, None)
    scene.write()
    scene.seal()
    assert scene.ask() == [Asked("thanh-tra.tinh", Outcome.SIGNED, 9)]
    assert scene.behind() is None
    last = (scene.here / "witnessed").read_text()
    (scene.here / "witnessed").write_text(lost)
    with scene.database.reading() as connection:
        bring_up(connection, scene.here)
    assert ((scene.here / "witnessed").read_text(), scene.behind()) == (last, None)


def test_what_is_asked_every_few_seconds_takes_two_statements(scene):
    scene.ask()
    with scene.database.reading() as connection, statements_of(connection) as said:
        assert behind(connection, scene.here) is None
    assert len(said) == 2


@contextmanager
def statements_of(connection):
    """Give the statements that a block runs on a connection."""
    said = []

    def note(*told):
        said.append(told[2])

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(connection, "before_cursor_execute", note)


def test_whoever_has_a_second_factor_declares_nothing_without_it(scene):
    """Whichever way in asks: the use case itself does not forget it."""
    scene.lose()
    add_administrator(scene.database, "quan-tri")
    key, shows = FactorKey(b"x"), TOTP(b32encode(b"0" * 20).decode())
    sealed = key.seal("quan-tri", b"0" * 20)
    with scene.database.writing() as connection:
        new = Authenticator("device", "x", sealed, 0, ticking().now())
        add_authenticator(connection, "quan-tri", new)
    code = shows.at(ticking().clock())

    def declare(offered=None):
        return declare_gap(
            scene.database, scene.here, "quan-tri", "Khôi phục", ticking(), offered=offered
        )

    with pytest.raises(Forbidden, match="second factor"):
        declare()
    with pytest.raises(NotProven):
        declare(OfferedCode(code, FactorKey(b"another installation's")))
    assert declare(OfferedCode(code, key)) == Declared(6, 3, "Khôi phục", confirmed=False)
    with pytest.raises(NotProven):
        declare(OfferedCode(code, key))


@pytest.mark.parametrize("body", ["9" * 25, "9" * 5_000, "-5", "1_0"])
def test_a_witness_that_says_a_size_no_log_has_is_refused(scene, body):
    assert scene.ask(lambda *_: Reply(409, body)) == [Asked("thanh-tra.tinh", Outcome.REFUSED)]
    assert scene.behind() is None


def test_a_signature_of_no_moment_that_could_be_written_down_is_none(scene):
    with scene.database.reading() as connection:
        note = last_note(connection)
    text = note.partition("\n\n")[0] + "\n"
    line = read_witness_key(scene.there).cosign(text, 2**62)
    with pytest.raises(BadNote):
        keep_cosignature(scene.database, scene.here, scene.witness, line, ticking())


def test_what_a_witness_signed_before_it_began_anew_is_kept_each_time(scene):
    scene.ask()
    with scene.database.reading() as connection:
        note = last_note(connection)
    scene.write()
    scene.seal()
    scene.ask()
    signed = scene.last_signed().size
    begin_anew(scene.there, note)
    begin_anew(scene.there, note)
    kept = sorted(
        (file.name, checkpoint_in(file.read_text()).size)
        for file in scene.there.glob("log-*/last_checkpoint_before_*")
    )
    assert kept == [("last_checkpoint_before_3", signed), ("last_checkpoint_before_3_2", 3)]


def test_an_old_answer_kept_once_more_does_not_undo_that_something_is_missing(scene):
    scene.ask()
    old, name = scene.here / "witnessed", "thanh-tra.tinh"
    line = old.read_text().splitlines(keepends=True)[-1]
    scene.write()
    scene.seal()
    scene.ask()
    signed = old.read_text()
    cut_off(scene.database, 3)

    with pytest.raises(OutOfTurn):
        keep_cosignature(scene.database, scene.here, scene.witness, line, ticking())
    scene.write()
    scene.seal()
    answer = Reply(200, line)
    assert scene.ask(lambda *_: answer) == [Asked(name, Outcome.AHEAD, 6)]
    assert (old.read_text(), scene.behind().signed_size) == (signed, 6)


def test_a_question_carried_by_hand_and_its_answer_are_as_good(scene):
    with scene.database.reading() as connection:
        question = question_to(connection, scene.witness)
    answer = witness_checkpoint(scene.there, question.text, ticking().clock)
    kept = keep_cosignature(scene.database, scene.here, scene.witness, answer.line, ticking())
    again = keep_cosignature(scene.database, scene.here, scene.witness, answer.line, ticking())

    assert (answer.judgement, kept, again) == (Judgement.SIGN, 3, 3)
    with scene.database.reading() as connection:
        assert question_to(connection, scene.witness) is None


def test_a_line_of_somebody_else_or_over_something_else_is_not_kept(scene):
    with scene.database.reading() as connection:
        note = last_note(connection)
    stranger = WitnessKey("thanh-tra.tinh", Ed25519PrivateKey.generate())
    lines = [
        stranger.cosign(note.partition("\n\n")[0] + "\n", 5),
        read_witness_key(scene.there).cosign("vetting/test\n1\nAAAA\n", 5),
        "",
        "— thanh-tra.tinh AAAA\n",
        "no line at all",
    ]
    for line in lines:
        with pytest.raises(BadNote):
            keep_cosignature(scene.database, scene.here, scene.witness, line, ticking())
        assert scene.ask(lambda *_, line=line: Reply(200, line)) == [
            Asked("thanh-tra.tinh", Outcome.REFUSED)
        ]
    assert scene.behind() is None


def test_a_witness_that_hangs_or_is_out_of_its_mind_costs_nothing(scene):
    def hangs(*_):
        raise TimeoutError

    for send, outcome in [
        (hangs, Outcome.NOT_THERE),
        (lambda *_: Reply(500, "?"), Outcome.REFUSED),
        (lambda *_: Reply(409, "many"), Outcome.REFUSED),
        (lambda *_: Reply(409, "1"), Outcome.REFUSED),
    ]:
        assert scene.ask(send) == [Asked("thanh-tra.tinh", outcome)]
    assert scene.ask() == [Asked("thanh-tra.tinh", Outcome.SIGNED, 3)]


def test_whose_answer_was_lost_is_asked_again_from_where_it_stands(scene):
    scene.ask(lambda *told: (scene.send(*told), Reply(502, ""))[1])
    scene.write()
    size = scene.seal()

    assert scene.ask() == [Asked("thanh-tra.tinh", Outcome.SIGNED, size)]


def test_a_witness_judges_each_question_by_what_it_signed_last(scene):
    scene.ask()
    with scene.database.reading() as connection:
        again = question_to(connection, scene.witness, 3)
    note = again.note
    shrunk = scene.key.sign(Checkpoint("vetting/test", 1, b"\1" * 32))
    other = scene.key.sign(Checkpoint("vetting/test", 3, b"\1" * 32))
    larger = scene.key.sign(Checkpoint("vetting/test", 4, b"\1" * 32))

    def judged(question):
        return witness_checkpoint(scene.there, question.text, ticking().clock).judgement

    assert [
        judged(again),
        judged(Question(3, (), shrunk)),
        judged(Question(0, (), note)),
        judged(Question(3, (), other)),
        judged(Question(3, (b"\0" * 32,), larger)),
    ] == [
        Judgement.SIGN,
        Judgement.BACKWARDS,
        Judgement.NOT_MY_LAST,
        Judgement.ANOTHER_LOG,
        Judgement.NOT_GROWN,
    ]


def test_a_witness_answers_strangers_as_the_protocol_says(scene):
    stranger = SealingKey("vetting/test", Ed25519PrivateKey.generate())
    unknown = SealingKey("vetting/other", Ed25519PrivateKey.generate())
    checkpoint = Checkpoint("vetting/test", 2, b"\1" * 32)
    questions = [
        Question(0, (), stranger.sign(checkpoint)).text,
        Question(0, (), unknown.sign(Checkpoint("vetting/other", 2, b"\1" * 32))).text,
        "old 0\n\n",
        "old -1\n\nx\n\n",
        "\0" * 100,
        "x" * 20_000,
    ]
    found = [scene.send(ADDRESS, question).status for question in questions]

    assert found == [403, 404, 400, 400, 400, 413]
    with pytest.raises(NotSigned):
        witness_checkpoint(scene.there, questions[0], ticking().clock)
    with pytest.raises(UnknownLog):
        witness_checkpoint(scene.there, questions[1], ticking().clock)


def test_what_a_witness_signed_is_on_its_disk_before_the_line_leaves(scene, monkeypatch):
    """Had it signed first and died, it could be led to sign a second past."""
    monkeypatch.setattr(WitnessKey, "cosign", lambda *_: pytest.fail("signed"))
    with scene.database.reading() as connection:
        question = question_to(connection, scene.witness)
    with pytest.raises(pytest.fail.Exception):
        witness_checkpoint(scene.there, question.text, ticking().clock)

    assert scene.last_signed().size == 3


def cut_off(database, size):
    """Put the database back to when the log had this size."""
    e = entries.c
    gone = select(log.c.case_handle).where(log.c.position >= size).distinct()
    with database.reading() as connection:
        handles = connection.scalars(gone).all()
    raw(
        database,
        text("DELETE FROM payloads WHERE case_handle IN :handles").bindparams(
            bindparam_of(handles)
        ),
        delete(entries).where(e.case_handle.in_(handles)),
        text("DELETE FROM participations WHERE case_handle IN :handles").bindparams(
            bindparam_of(handles)
        ),
        delete(log).where(log.c.position >= size),
        delete(checkpoints).where(checkpoints.c.size > size),
        delete(cosignatures).where(cosignatures.c.size > size),
        delete(cases).where(cases.c.handle.in_(handles)),
    )


def bindparam_of(handles):
    return bindparam("handles", handles, expanding=True)


def root_at(database, size):
    with database.reading() as connection:
        return connection.scalar(select(checkpoints.c.root).where(checkpoints.c.size == size))


def rewrite(scene):
    """Change who did the first thing, and compute everything anew with the log's own key."""
    with scene.database.reading() as connection:
        rows = connection.execute(select(entries).order_by(entries.c.number)).mappings().all()
    previous, seals, deeds = FIRST, [], []
    for row in rows:
        entry = {name: row[name] for name in sealed_columns()} | {"officer": "somebody else"}
        previous = seal_of(previous, canonical(entry))
        seals.append(bytes.fromhex(previous))
        deeds.append(
            update(entries)
            .where(entries.c.number == row["number"])
            .values(officer="somebody else", seal=previous)
        )
        deeds.append(update(log).where(log.c.number == row["number"]).values(seal=previous))
    edge = Edge().grown(seals)
    note = scene.key.sign(Checkpoint("vetting/test", edge.size, edge.root()))
    raw(
        scene.database,
        *deeds,
        update(cases).values(last_seal=previous),
        update(checkpoints).values(root=edge.root().hex(), edge=write_edge(edge), note=note),
    )


def add_administrator(database, officer):
    with database.writing() as connection:
        add_officer(connection, officer, "ban-to-chuc", Role.ADMINISTRATOR)
