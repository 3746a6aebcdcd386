"""`vetting bench`: it measures what it says, and stops where a signature went astray."""

import json
import os
import subprocess
import sys

import pytest

from tests.builders import ROOT
from tests.web.browsing import the_form
from vetting.commands.bench_databases import PostgresqlDatabases, SqliteDatabases
from vetting.commands.floor import create_floor
from vetting.commands.init import registers_of
from vetting.commands.measure_signed_step import count_signed
from vetting.commands.opening import definitions
from vetting.commands.signing_ground import prepare
from vetting.config import Settings
from vetting.records.database import Database
from vetting.records.standing import Purpose
from vetting.records.tables import METADATA
from vetting.web import create_app


def bench(*arguments):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("VETTING_")}
    done = subprocess.run(
        [sys.executable, "-m", "vetting.commands", "bench", "--quick", "--json", *arguments],
        cwd=ROOT,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def shape(told):
    """Return the names in what was told, with the kinds of its numbers."""
    if isinstance(told, dict):
        return {name: shape(value) for name, value in told.items()}
    return type(told).__name__


STEP = {
    "ratio": "float",
    "per_second": "float",
    "p95_ms": "float",
    "slowest_over_fastest_client": "float",
    "floor_per_second": "float",
    "floor_p95_ms": "float",
}


def test_a_quick_run_on_sqlite_tells_everything_and_every_signature_was_counted():
    told = bench("--on", "sqlite")
    inbox, bulk = told["inbox"].pop("sqlite"), told["bulk_signing"].pop("sqlite")
    assert shape(told) == {
        "signed_step": {"sqlite": {"1": STEP, "8": STEP}},
        "inbox": {"cost_100k_over_1k": "float", "statements": "int"},
        "bulk_signing": {"cost_over_single": "float"},
        "round": {"seconds": "float", "peak_mb": "int", "cases": "int", "opinions": "int"},
    }
    assert inbox["statements"] == inbox["statements_over_few"] == told["inbox"]["statements"]
    assert bulk["opinions"] == 10
    assert (told["round"]["cases"], told["round"]["opinions"]) == (12, 96)


def test_an_answer_without_its_signature_in_the_database_stops_the_run(sqlite_url):
    count_signed(sqlite_url, 0)
    with pytest.raises(RuntimeError, match="1 answers, 0 opinions"):
        count_signed(sqlite_url, 1)


@pytest.mark.parametrize(
    "kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def test_the_floor_leaves_the_rows_that_the_product_leaves(kind, request, tmp_path):
    url = request.getfixturevalue(f"{kind}_url")
    databases = (
        SqliteDatabases(tmp_path)
        if kind == "sqlite"
        else PostgresqlDatabases(str(request.getfixturevalue("postgresql_server")))
    )
    database = Database(url, purpose=Purpose.COMMAND)
    ground = prepare(database, definitions(), registers_of(ROOT / "registers"), 2, lambda _: None)
    database.close()
    floors = databases.copy(url, "floor")

    app, floor = create_app(Settings(url, tmp_path, SECRET)).test_client(), create_floor(floors)
    signers = {signer.body: signer for signer in ground.signers}
    for ready in ground.cases[0]:
        signer = signers[ready.body]
        page = f"/consultations/{ready.consultation}"
        app.set_cookie("officer", signer.token)
        token = the_form(app.get(page), {"text"}, f"{page}/sign").filled["csrf_token"][0]
        sent = {"key": ready.consultation, "text": ready.text, "seen": str(ready.version)}
        assert app.post(f"{page}/sign", data={**sent, "csrf_token": token}).status_code == 303
        told = {"officer": signer.officer, "body": signer.body, "session": signer.session}
        sent |= {**told, "board": ground.board}
        assert floor.test_client().post(f"{page}/sign", data=sent).status_code == 303

    floor.extensions["floor"].close()
    app.application.extensions["vetting"].database.close()

    signed, left = (rows_of(one, without=NOT_COMPARED) for one in (url, floors))
    assert left == signed
    assert len(signed["opinions"]) == 8
    assert {row["state"] for row in signed["cases"]} == {"assembling", "consulting"}
    if kind == "postgresql":
        databases.drop_all()


SECRET = "of a test"
READING = {"reads", "seen_cases", "seen_counts", "read_alarms", "notice_steps"}
# What the floor computes no hash for, or is random, or tells the moment; and the ledger of reads,
# of notices that were opened, and of where a session is used, which the product's pages wrote.
NOT_COMPARED = {
    *("at", "changed_at", "since", "signed_at", "written_at", "seen_at", "telling"),
    *("opened_at", "address", "device"),
    *("last_seal", "seal", "payload_hash", "salt", "content", "content_hash", "answer"),
}


def rows_of(url, without):
    """Return what each table holds, but for some columns and for the ledger of reads."""
    database = Database(url, purpose=Purpose.COMMAND)
    found = {}
    with database.reading() as connection:
        for table in METADATA.sorted_tables:
            if table.name not in READING:
                rows = connection.execute(table.select()).mappings()
                kept = [
                    {name: value for name, value in row.items() if name not in without}
                    for row in rows
                ]
                found[table.name] = sorted(kept, key=str)
    database.close()
    return found
