"""`vetting history line`: a line that was kept on paper, compared with the log."""

import pytest
from click.testing import CliRunner

from tests.builders import Cast
from tests.records.conftest import province
from vetting.commands import main
from vetting.records.sealing_key import make_sealing_key, read_sealing_key
from vetting.records.witness_folder import checkpoint_in
from vetting.usecases.seal_checkpoint import seal_checkpoint


@pytest.fixture
def kept(sqlite_url, tmp_path, monkeypatch):
    """The line of a log that has grown since."""
    monkeypatch.setenv("VETTING_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("VETTING_FOLDER", str(tmp_path))
    monkeypatch.setenv("VETTING_LANGUAGE", "en")
    for database in province(sqlite_url):
        make_sealing_key(tmp_path, "vetting/test")
        cast, key = Cast(database), read_sealing_key(tmp_path)
        cast.filed()
        sealed = seal_checkpoint(database, key)
        cast.filed(name="Lê Văn Bình")
        seal_checkpoint(database, key)
        yield checkpoint_in(sealed.note).line


def run(*words):
    done = CliRunner().invoke(main, ["history", "line", *words])
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.exit_code, done.output


def test_it_tells_by_its_code_whether_the_log_still_contains_the_line(kept):
    name, size, root = kept.split()
    code, said = run(kept)
    assert (code, "still contains that history" in said) == (0, True)
    assert run(name, size, root)[0] == 0
    code, said = run(f"{name} {int(size) + 1} {root}")
    assert (code, "does not contain that history" in said) == (1, True)
    code, said = run(f"{name} {size}000 {root}")
    assert (code, "and the log has" in said) == (1, True)
    code, said = run(f"other {size} {root}")
    assert (code, "This line is of another log." in said) == (2, True)
    code, said = run("không phải một dòng")
    assert (code, "This is no line of a log." in said) == (2, True)
