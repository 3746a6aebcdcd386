"""What became of an act on many cases: each that was done, each that was refused and why."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from vetting.engine.policy import Action, Principal
from vetting.engine.reading import Definitions
from vetting.engine.refusals import Unknown
from vetting.engine.sentences import Sentence, say
from vetting.queries.case_lines import CaseLine, chosen
from vetting.records.acts import acts


@dataclass(frozen=True)
class Refused:
    """A case that the act did not touch."""

    line: CaseLine
    why: Sentence


@dataclass(frozen=True)
class DoneAct:
    """One act of the reader's own, with its result case by case."""

    key: str
    action: Action
    at: str
    done: tuple[CaseLine, ...]
    refused: tuple[Refused, ...]
    letters: Mapping[str, str]  # body: handle of the letter written to it

    @property
    def handles(self) -> list[str]:
        """Every case the act was about."""
        return [line.handle for line in self.done] + [row.line.handle for row in self.refused]


def done_act(
    connection: Connection, principal: Principal, definitions: Definitions, key: str
) -> DoneAct:
    """Return an act that the reader did, by the key of its form; nobody else's exists."""
    row = connection.execute(
        select(acts.c.action, acts.c.at, acts.c.answer).where(
            acts.c.key == key, acts.c.officer == principal.officer
        )
    ).first()
    answer: dict[str, Any] = json.loads(row.answer) if row is not None else {}
    if row is None or "refused" not in answer or any("case" not in no for no in answer["refused"]):
        raise Unknown(say("There is no such result."))
    handles = [*answer["done"], *(refused["case"] for refused in answer["refused"])]
    lines = {line.handle: line for line in chosen(connection, principal, definitions, handles)}
    return DoneAct(
        key=key,
        action=Action(row.action),
        at=row.at,
        done=tuple(lines[handle] for handle in answer["done"] if handle in lines),
        refused=tuple(
            Refused(
                lines[refused["case"]],
                Sentence(refused["msgid"], tuple(refused["params"].items())),
            )
            for refused in answer["refused"]
            if refused["case"] in lines
        ),
        letters=answer.get("letters", {}),
    )
