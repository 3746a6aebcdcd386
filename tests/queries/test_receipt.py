"""A receipt holds on its own, is given to the body that signed, and breaks at any change."""

import json
from copy import deepcopy
from functools import partial

import pytest

from tests.builders import Cast
from tests.records.conftest import province
from vetting.engine import verify_offline
from vetting.engine.policy import Relation
from vetting.engine.refusals import OutOfTurn, Unknown
from vetting.engine.verify_offline import (
    LOG,
    WITNESS,
    Wrong,
    canonical,
    check,
    check_receipt,
    digest,
    read_key,
)
from vetting.engine.vocabulary import Role
from vetting.queries.receipt import package_of_case, receipt_of_opinion
from vetting.records.sealing_key import make_sealing_key, read_sealing_key
from vetting.records.witness_folder import know_log, make_witness, read_witness_key
from vetting.records.witnessed import Witness, trust_witness
from vetting.usecases.ask_witnesses import Reply, ask_witnesses
from vetting.usecases.seal_checkpoint import seal_checkpoint
from vetting.web.witness import create_witness

BODY = "cong-an"


@pytest.fixture
def scene(engine_url, tmp_path):
    """A case that was concluded, in a log that a witness has signed."""
    for database in province(engine_url):
        scene = Cast(database)
        case = scene.consulting()
        scene.consultation = scene.asked(case)[BODY]
        scene.other = scene.asked(case)["thanh-tra"]
        for body in scene.bodies:
            scene.sign(case, body)
        scene.filed()
        make_sealing_key(tmp_path, "vetting/test")
        scene.key = read_sealing_key(tmp_path)
        seal_checkpoint(database, scene.key)
        make_witness(tmp_path / "there", "thanh-tra.tinh")
        know_log(tmp_path / "there", scene.key.public)
        scene.witness = read_witness_key(tmp_path / "there").public
        trust_witness(tmp_path, Witness(scene.witness, "http://there"))
        answers = create_witness(str(tmp_path / "there")).test_client()

        ask_witnesses(database, tmp_path, partial(sent_to, answers))
        scene.case = case
        yield scene


def sent_to(witness, _address, question):
    answer = witness.post("/add-checkpoint", data=question)
    return Reply(answer.status_code, answer.get_data(as_text=True))


def receipt(scene, desk, consultation):
    with scene.database.reading(desk.principal) as connection:
        return receipt_of_opinion(connection, desk.principal, consultation, scene.key.public).told


def package(scene, seen_as=Relation.OVERSEER):
    principal = scene.signer(BODY).principal
    with scene.database.reading() as connection:
        return package_of_case(connection, principal, seen_as, scene.case, scene.key.public).told


def keys(scene):
    log = read_key(str(scene.key.public), LOG)
    return log, [read_key(str(scene.witness), WITNESS)]


def test_the_body_that_signed_gets_a_receipt_that_holds_on_its_own(scene):
    told = json.loads(json.dumps(receipt(scene, scene.signer(BODY), scene.consultation)))
    found = check(told, *keys(scene))

    said = json.loads(told["entries"][0]["payload"]["content"])
    assert (said["consultation"], said["verdict"]) == (scene.consultation, "no_objection")
    assert (found["case"], found["entries"], found["hidden"]) == (scene.case, 1, 0)
    assert (list(found["witnessed"]), found["warnings"]) == (["thanh-tra.tinh"], [])


def test_nobody_else_gets_it_and_what_is_not_signed_has_none(scene):
    for desk in (scene.signer("thanh-tra"), scene.board, scene.unit):
        with pytest.raises(Unknown):
            receipt(scene, desk, scene.consultation)
    with pytest.raises(Unknown):
        receipt(scene, scene.signer(BODY), "none")
    another = scene.consulting()
    with pytest.raises(OutOfTurn):
        receipt(scene, scene.signer(BODY), scene.asked(another)[BODY])


def test_what_the_log_has_not_reached_has_no_receipt_yet(scene):
    case = scene.consulting()
    consultation = scene.asked(case)[BODY]
    scene.sign(case, BODY)
    with pytest.raises(OutOfTurn):
        receipt(scene, scene.signer(BODY), consultation)


@pytest.mark.parametrize("reads", ["head", "overseer"])
def test_a_package_holds_for_whoever_the_database_gives_not_all_of_its_rows(scene, reads):
    seen_as, desk = {
        "head": (Relation.BOARD, scene.head),
        "overseer": (Relation.OVERSEER, scene.desk("uy-ban-kiem-tra", Role.SUPERVISOR)),
    }[reads]
    with scene.database.reading(desk.principal) as connection:
        told = package_of_case(
            connection, desk.principal, seen_as, scene.case, scene.key.public
        ).told

    assert check(told, *keys(scene))["entries"] == len(told["entries"])


def test_a_package_holds_and_shows_what_its_reader_may_know(scene):
    told = package(scene)
    found = check(told, *keys(scene))
    shown = [line["entry"]["verb"] for line in told["entries"] if line["entry"]]

    assert found["entries"] == len(told["entries"])
    assert found["hidden"] == found["entries"] - len(shown) > 0
    assert "opinion.signed" in shown
    assert "opinion.drafted" not in shown


def test_a_receipt_of_which_anything_was_changed_does_not_hold(scene):
    """Every text and number in it, one at a time."""
    whole = receipt(scene, scene.signer(BODY), scene.consultation)
    log_key, witnesses = keys(scene)
    tried = 0
    for path in list(paths(whole)):
        if path in {("log_key",), ("entries", 0, "number")}:
            continue  # not what is trusted; a receipt's number stands in the entry too
        changed = deepcopy(whole)
        change(changed, path)
        tried += 1
        with pytest.raises((Wrong, KeyError, TypeError, ValueError)):
            check(changed, log_key, witnesses)
    assert tried > 25


def test_a_package_with_an_entry_left_out_or_moved_does_not_hold(scene):
    whole = package(scene)
    log_key, witnesses = keys(scene)
    size = len(whole["entries"])
    for at in range(size):
        without, swapped, hidden = deepcopy(whole), deepcopy(whole), deepcopy(whole)
        del without["entries"][at]
        lines = swapped["entries"]
        lines[at], lines[at - 1] = lines[at - 1], lines[at]
        hidden["entries"][at] |= {"entry": None, "position": None}
        for forged in (without, swapped, hidden):
            with pytest.raises(Wrong):
                check(forged, log_key, witnesses)


def said_anew(line, previous):
    """The line of an entry that says another thing, with every hash of it made anew."""
    said = json.loads(line["payload"]["content"]) | {"verdict": "objection"}
    payload = line["payload"] | {"content": json.dumps(said)}
    committed = f"{payload['salt']}\n{payload['content']}".encode()
    entry = line["entry"] | {"payload_hash": digest("vetting payload v1", committed)}
    seal = digest("vetting entry v1", previous.encode() + b"\n" + canonical(entry))
    return line | {"entry": entry, "payload": payload, "seal": seal}


@pytest.mark.parametrize("position", ["none", "its own"])
def test_a_receipt_that_says_another_thing_with_all_its_hashes_anew_does_not_hold(scene, position):
    whole = receipt(scene, scene.signer(BODY), scene.consultation)
    [line] = whole["entries"]
    nowhere = {"position": None, "proof": []} if position == "none" else {}
    forged = said_anew(line, whole["previous"]) | nowhere
    after = said_anew(line, line["seal"]) | nowhere
    for entries in ([forged], [line, after]):
        with pytest.raises(Wrong):
            check(whole | {"entries": entries}, *keys(scene))


def test_nothing_stands_in_a_receipt_that_was_not_checked(scene):
    whole = receipt(scene, scene.signer(BODY), scene.consultation)
    [line] = whole["entries"]
    others = [
        line | {"entry": None},
        line | {"conclusion": "objection"},
        line | {"payload": line["payload"] | {"verdict": "objection"}},
        line | {"number": float(line["number"])},
        line | {"position": float(line["position"])},
        line | {"proof": [step.upper() for step in line["proof"]]},
        line | {"proof": dict.fromkeys(line["proof"], "objection")},
        {name: said for name, said in line.items() if name != "proof"},
    ]
    for forged in [*(whole | {"entries": [one]} for one in others), whole | {"conclusion": "no"}]:
        with pytest.raises((Wrong, KeyError)):
            check(forged, *keys(scene))


def test_a_name_that_stands_twice_is_refused(scene, tmp_path, capsys):
    whole = json.dumps(receipt(scene, scene.signer(BODY), scene.consultation))
    file = tmp_path / "receipt.json"
    for text, ended in (
        (whole, 0),
        (whole.replace('"payload": {', '"payload": {"content": "{}", '), 1),
        (whole.replace('"case": ', '"case": "another", "case": ', 1), 1),
    ):
        file.write_text(text, encoding="utf-8")
        assert verify_offline.main([str(file), "--log-key", str(scene.key.public)]) == ended
    said = capsys.readouterr().out
    assert '"verdict": "no_objection"' in said.partition("KHÔNG KHỚP")[0]
    assert said.count("a name stands in it twice") == 2


def test_the_history_of_a_package_alone_is_no_receipt(scene):
    log_key, witnesses = keys(scene)
    whole = package(scene)
    hidden = deepcopy(whole)
    hidden["entries"][0] |= {"entry": None, "payload": {"salt": "", "content": "{}"}}
    with pytest.raises(Wrong, match="a hidden entry says something"):
        check(hidden, log_key, witnesses)
    with pytest.raises(Wrong, match="this is no receipt"):
        check_receipt(json.dumps(whole).encode(), log_key, witnesses)


def test_where_what_an_entry_says_is_not_in_the_file_that_is_said(scene):
    whole = receipt(scene, scene.signer(BODY), scene.consultation)
    del whole["entries"][0]["payload"]
    found = check(whole, *keys(scene))
    assert found["says"][0]["content"] is None
    assert found["warnings"] == [
        "what the entry says is not in the file: it was erased, or taken out of the file"
    ]


def test_nothing_in_a_file_commands_the_console(scene, tmp_path, capsys):
    whole = receipt(scene, scene.signer(BODY), scene.consultation)
    file, forged = tmp_path / "receipt.json", "\x1b[2J\x1b[HHOLDS\nCase one\u202e\x9b8m"
    for told in (
        whole | {forged: 1},
        whole | {"checkpoint": whole["checkpoint"].replace("vetting/test", "\x1b[2Jvetting", 1)},
    ):
        file.write_text(json.dumps(told), encoding="utf-8")
        assert verify_offline.main([str(file), "--log-key", str(scene.key.public)]) == 1
    out = capsys.readouterr().out
    assert "\\x1b[2J\\x1b[HHOLDS\\nCase one\\u202e\\x9b8m" in out
    assert all(sign.isprintable() or sign == "\n" for sign in out)


def test_an_empty_key_is_none_and_an_older_key_of_a_witness_takes_nothing_away(scene, tmp_path):
    whole = receipt(scene, scene.signer(BODY), scene.consultation)
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(whole), encoding="utf-8")
    assert verify_offline.main([str(file), "--log-key", ""]) == 2
    make_witness(tmp_path / "older", "thanh-tra.tinh")
    log_key, signed = keys(scene)
    older = [read_key(str(read_witness_key(tmp_path / "older").public), WITNESS)]
    for witnesses in (signed + older, older + signed):
        assert list(check(whole, log_key, witnesses)["witnessed"]) == ["thanh-tra.tinh"]


def test_of_several_witnesses_one_has_to_have_signed_and_the_others_are_named(scene, tmp_path):
    whole = receipt(scene, scene.signer(BODY), scene.consultation)
    log_key, signed = keys(scene)
    make_witness(tmp_path / "elsewhere", "noi-chinh.tinh")
    silent = [read_key(str(read_witness_key(tmp_path / "elsewhere").public), WITNESS)]

    found = check(whole, log_key, signed + silent)
    assert list(found["witnessed"]) == ["thanh-tra.tinh"]
    assert found["warnings"] == [
        "another witness has signed the checkpoint, and these have not: noi-chinh.tinh"
    ]
    with pytest.raises(Wrong, match="no witness whose key was given has signed"):
        check(whole, log_key, silent)


def paths(value, before=()):
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from paths(inner, (*before, name))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from paths(inner, (*before, at))
    else:
        yield before


def change(told, path):
    *steps, last = path
    for step in steps:
        told = told[step]
    value = told[last]
    if isinstance(value, int):
        told[last] = value + 1
    elif value is None:
        told[last] = "something"
    else:
        at = len(value) // 2
        told[last] = value[:at] + ("0" if value[at : at + 1] != "0" else "1") + value[at + 1 :]
