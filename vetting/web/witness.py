"""The witness's own small application: one address, on which a log asks (C2SP tlog-witness).

It runs on somebody else's machine than the log's, knows no case and no officer, and has no pages.
"""

from pathlib import Path

from flask import Flask, Response, request

from vetting.engine.checkpoint import BadNote
from vetting.engine.witnessing import LARGEST_QUESTION, Judgement
from vetting.records.identity import Ids
from vetting.usecases.witness_checkpoint import NotSigned, UnknownLog, witness_checkpoint

SIZE = "text/x.tlog.size"
_STATUS = {
    Judgement.SIGN: 200,
    Judgement.BACKWARDS: 400,
    Judgement.NOT_MY_LAST: 409,
    Judgement.ANOTHER_LOG: 409,
    Judgement.NOT_GROWN: 422,
}


def create_witness(folder: str) -> Flask:
    """Put the witness's application together."""
    app = Flask("witness", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_QUESTION

    @app.post("/add-checkpoint")
    def add_checkpoint() -> Response:
        try:
            text = request.get_data().decode("utf-8")
            answer = witness_checkpoint(Path(folder), text, Ids().clock)
        except (BadNote, UnicodeDecodeError):
            return _plain("this is not a question to a witness\n", 400)
        except UnknownLog:
            return _plain("this witness does not know that log\n", 404)
        except NotSigned:
            return _plain("the log has not signed this checkpoint\n", 403)
        status = _STATUS[answer.judgement]
        if status == 409:  # noqa: PLR2004  # Conflict
            return Response(f"{answer.size}\n", status, content_type=SIZE)
        return _plain(answer.line or f"{answer.judgement.value}\n", status)

    return app


def _plain(text: str, status: int) -> Response:
    return Response(text, status, content_type="text/plain; charset=utf-8")
