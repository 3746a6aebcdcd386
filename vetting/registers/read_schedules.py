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
    found = [(_schedule(line), line.text("source")) for line in read_sheet(path, HEADINGS, faults)]
    codes = [one.code for one, _ in found]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        faults.add(0, say("The class “%(code)s” is written twice.", code=code))
    meant = [kind for one, _ in found for kind in one.case_types]
    for kind in sorted({kind for kind in meant if meant.count(kind) > 1}):
        faults.add(0, say("Two classes are meant for the case type “%(kind)s”.", kind=kind.value))
    faults.refuse_if_any()
    return tuple(found)


def _schedule(line: Line) -> Schedule:
    kinds = (line.member(word, "case_types", CaseType) for word in line.several("case_types"))
    years = _years(line)
    basis = line.required("basis") if years is not None else line.text("basis")
    return Schedule(
        line.code("code"),
        Title(vi=line.required("name_vi"), en=line.required("name_en")),
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
