"""Read the retention schedules that a province enters from its own rule."""

from pathlib import Path

from vetting.engine.definition import Title
from vetting.engine.retention import MOST_YEARS, Schedule
from vetting.engine.sentences import say
from vetting.engine.vocabulary import CaseType
from vetting.registers.read_sheet import Line, read_sheet
from vetting.registers.refusals import Faults

HEADINGS = ("code", "name_vi", "name_en", "case_types", "years", "basis", "source")


def read_schedules(path: Path) -> tuple[tuple[Schedule, str], ...]:
    """Return each schedule with its source; a file with anything wrong in it is refused whole."""
    faults = Faults(path.name)
    found: list[tuple[Schedule, str]] = []
    codes: set[str] = set()
    meant: set[CaseType] = set()
    for line in read_sheet(path, HEADINGS, faults):
        one = _schedule(line)
        if one.code in codes:
            faults.add(line.number, say("The class “%(code)s” is written twice.", code=one.code))
        for kind in sorted(one.case_types & meant):
            faults.add(
                line.number,
                say("Two classes are meant for the case type “%(kind)s”.", kind=kind.value),
            )
        codes.add(one.code)
        meant |= one.case_types
        found.append((one, line.text("source")))
    faults.refuse_if_any()
    return tuple(found)


def _schedule(line: Line) -> Schedule:
    kinds = (line.member(word, "case_types", CaseType) for word in line.several("case_types"))
    years = _years(line)
    basis = line.required("basis") if years is not None else line.text("basis")
    # Where a name is missing the file is refused; until then something has to stand there.
    name = Title(vi=line.required("name_vi") or "–", en=line.required("name_en") or "–")
    return Schedule(
        line.code("code"),
        name,
        frozenset(kind for kind in kinds if kind is not None),
        years,
        basis,
    )


def _years(line: Line) -> int | None:
    text = line.text("years")
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) < len(str(MOST_YEARS)) + 1:
        years = int(text)
        if 1 <= years <= MOST_YEARS:
            return years
    line.faults.add(
        line.number,
        say("“%(text)s” is no number of years from 1 to %(most)s.", text=text, most=MOST_YEARS),
    )
    return None
