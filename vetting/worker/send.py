"""Send: put a question to a witness over the network."""

from urllib.error import HTTPError
from urllib.request import Request, urlopen

from vetting.usecases.ask_witnesses import Reply

SECONDS_TO_ANSWER = 10
LARGEST_ANSWER = 4096  # bytes


def send(address: str, question: str) -> Reply:
    """Return what a witness answers; raises `OSError` where none comes."""
    if not address.startswith(("http://", "https://")):
        raise OSError("a witness is asked over http or https")
    request = Request(  # noqa: S310  # its scheme was looked at
        f"{address.rstrip('/')}/add-checkpoint",
        question.encode(),
        {"Content-Type": "text/plain; charset=utf-8"},
    )
    try:
        with urlopen(request, timeout=SECONDS_TO_ANSWER) as answer:  # noqa: S310  # as above
            return Reply(answer.status, _text(answer.read(LARGEST_ANSWER)))
    except HTTPError as refused:
        with refused:
            return Reply(refused.code, _text(refused.read(LARGEST_ANSWER)))


def _text(answer: bytes) -> str:
    return answer.decode("utf-8", "replace")
