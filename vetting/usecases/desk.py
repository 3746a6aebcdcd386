"""The desk: what every act is given first, and the one road that every act takes.

In one transaction: find out whether the act was done already, check the policy, and for what asks
again that the officer proved a moment ago who they are; open the cases it is about, let the engine
decide, state the facts, write everything, keep the answer for a second click, commit.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from re import compile as compile_pattern

from sqlalchemy import Connection

from vetting.engine.canonical import Json, canonical, digest, moment
from vetting.engine.plain_text import has_unseen
from vetting.engine.policy import PROVED_FOR, Action, Principal, may, proven
from vetting.engine.reading import Definitions
from vetting.engine.refusals import Forbidden, KeyReused, Refusal, Unacceptable
from vetting.engine.sentences import say
from vetting.records import acts
from vetting.records.book import Book
from vetting.records.database import Database, Row, on_clash
from vetting.records.identity import Ids
from vetting.records.sessions import standing

Answer = Mapping[str, Json]
_REUSED = say("This form was already sent with another content. Open it again and repeat.")
# What somebody else did under a key is not shown to whoever sends the key again.
on_clash("pk_acts", KeyReused(_REUSED))


@dataclass(frozen=True)
class Sent:
    """What an unsafe request carries beside its content.

    *key* was made when the form was rendered: the same key is the same act. *seen* is the version
    of what the form showed: the number of a case's entries, or a consultation's version.
    """

    key: str
    seen: int | None = None


@dataclass(frozen=True)
class Desk:
    """Where one officer's acts are done."""

    principal: Principal
    database: Database
    definitions: Definitions
    ids: Ids = field(default_factory=Ids)
    connection: Connection | None = None  # the request's own, where there is one
    proved_for: timedelta = PROVED_FOR
    in_session: bool = False  # of a log-in, which has to stand still when the act is written

    def act(
        self,
        action: Action,
        sent: Sent,
        content: Mapping[str, Json],
        do: Callable[[Book], Answer],
    ) -> Answer:
        """Do an act once, wholly or not at all; a second click gets the first one's answer."""
        if not may(self.principal, action):
            raise Forbidden(say("Your role does not allow this."))
        refuse_unwritable(content)
        content_hash = digest(
            "vetting act v1", canonical({"action": action.value, "content": content})
        )
        try:
            return self._act(action, sent, content_hash, do)
        except Refusal:
            # Two clicks at once: the second may have waited for the first and come too late.
            done = self._done(sent.key)
            if done is None:
                raise
        return self._answered_before(done, content_hash)

    def _act(
        self, action: Action, sent: Sent, content_hash: str, do: Callable[[Book], Answer]
    ) -> Answer:
        with self.database.writing(self.connection, self.principal) as connection:
            done = acts.FIND(connection, {"key": sent.key}).mappings().first()
            if done is not None:
                return self._answered_before(done, content_hash)
            now = self.ids.clock()
            by = proven(self.principal, action, now, self.proved_for)
            book = Book(connection, by, self.definitions, self.ids, moment(now))
            answer = do(book)
            book.insert(
                acts.INSERT,
                {
                    "key": sent.key,
                    "officer": self.principal.officer,
                    "action": action.value,
                    "content_hash": content_hash,
                    "answer": json.dumps(answer, ensure_ascii=False),
                    "at": book.at,
                    "wrote": " ".join(book.wrote),
                },
            )
            book.write(standing(by, book.today) if self.in_session else None)
        return answer

    def _done(self, key: str) -> Row | None:
        if self.connection is not None:
            return acts.FIND(self.connection, {"key": key}).mappings().first()
        with self.database.reading(self.principal) as connection:
            return acts.FIND(connection, {"key": key}).mappings().first()

    def _answered_before(self, done: Row, content_hash: str) -> Answer:
        if (done["officer"], done["content_hash"]) != (self.principal.officer, content_hash):
            raise KeyReused(_REUSED)
        answer: Answer = json.loads(done["answer"])
        return answer


# Half characters and controls but for line breaks and tabs: no database and no page keeps them.
_UNWRITABLE = compile_pattern("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def refuse_unwritable(content: Json) -> None:
    """Refuse text that cannot be written down as it is, or read as it is written."""
    if isinstance(content, str):
        if _UNWRITABLE.search(content) or has_unseen(content):
            raise Unacceptable(say("This text has characters that cannot be written down."))
    elif isinstance(content, Mapping):
        for inner in content.values():
            refuse_unwritable(inner)
    elif isinstance(content, Sequence):
        for inner in content:
            refuse_unwritable(inner)
