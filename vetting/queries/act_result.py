"""What came of an act on many consultations: a line each, as often as it is asked for."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from vetting.engine.policy import Action, Principal
from vetting.engine.refusals import Unknown
from vetting.engine.sentences import Sentence, say
from vetting.records import acts
from vetting.records.cases import cases
from vetting.records.consultations import consultations
from vetting.records.scope import addressed_to

CHUNK = 500


@dataclass(frozen=True)
class ResultRow:
    """One consultation of the act."""

    handle: str
    case: str
    reference: str
    name: str
    target: str
    unit: str
    refused: Sentence | None  # why not; None: it was done


@dataclass(frozen=True)
class ActResult:
    """What was done, by whom and when, a line each."""

    action: Action
    at: str
    rows: tuple[ResultRow, ...]

    @property
    def done(self) -> int:
        """How many were done."""
        return sum(row.refused is None for row in self.rows)

    @property
    def refused(self) -> int:
        """How many were not."""
        return len(self.rows) - self.done

    @property
    def handles(self) -> list[str]:
        """The cases shown."""
        return [row.case for row in self.rows]


_ON_MANY = frozenset(
    {
        Action.RECEIVE_CONSULTATION,
        Action.ASSIGN_CONSULTATION,
        Action.PASS_OPINION_ON,
        Action.SEND_OPINION_BACK,
        Action.SIGN_OPINION,
    }
)


def act_result(connection: Connection, principal: Principal, key: str) -> ActResult:
    """Return what came of the reader's own act with this key; what was refused comes first."""
    act = acts.FIND(connection, {"key": key}).mappings().first()
    if act is None or act["officer"] != principal.officer or act["action"] not in _ON_MANY:
        raise Unknown(say("There is no such result."))
    answer = json.loads(act["answer"])
    refused = {
        one["consultation"]: Sentence(one["msgid"], tuple(one["params"].items()))
        for one in answer.get("refused", ())
    }
    done = answer.get("done") or [name for name in (answer.get("consultation"),) if name]
    order = [*refused, *done]
    found = _found(connection, principal, order)
    return ActResult(
        action=Action(act["action"]),
        at=act["at"],
        rows=tuple(
            ResultRow(**found[handle], refused=refused.get(handle))
            for handle in order
            if handle in found
        ),
    )


def _found(
    connection: Connection, principal: Principal, handles: list[str]
) -> Mapping[str, dict[str, Any]]:
    c, k = consultations.c, cases.c
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(handles), CHUNK):
        rows = connection.execute(
            select(
                c.handle,
                c.case_handle.label("case"),
                k.reference,
                k.name,
                k.target,
                k.unit,
            )
            .join(cases, k.handle == c.case_handle)
            .where(c.handle.in_(handles[start : start + CHUNK]), addressed_to(principal))
        ).mappings()
        found |= {row["handle"]: dict(row) for row in rows}
    return found
