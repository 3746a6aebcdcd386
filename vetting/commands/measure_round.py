"""The round: a whole planning round as one command plays it, from lists made for it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter

from vetting.commands.casting import GIVEN, MIDDLES, SURNAMES
from vetting.commands.demonstration import TARGETS
from vetting.config import PREFIX, ROOT
from vetting.engine.vocabulary import Kind
from vetting.registers import Registers

HEADINGS = ("Số TT", "Họ và tên", "Ngày, tháng, năm sinh", "Chức vụ", "Chức danh quy hoạch")
FIRST_ROW = 5


@dataclass(frozen=True)
class Round:
    """What was measured."""

    seconds: float
    peak_mb: int
    cases: int
    opinions: int


def measure_round(
    registers: Registers, lists: int, rows: int, folder: Path, tick: Callable[[int], None]
) -> Round:
    """Play a round of generated lists in a process of its own."""
    made = folder / "lists"
    made.mkdir()
    units = [unit for unit in registers.organisations if Kind.REQUESTING_UNIT in unit.kinds]
    for number in range(lists):
        share = range(rows * number // lists, rows * (number + 1) // lists)
        _write_list(made / f"{number:03}.xlsx", units[number % len(units)].name_vi, share)
    ours = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    done = subprocess.run(  # noqa: S603  # our own
        [sys.executable, "-m", "vetting.commands", "demo", "round", str(made), "--json"],
        cwd=ROOT,
        env=ours,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"the round ended with {done.returncode}:\n{done.stderr[-3000:]}")
    played = json.loads(done.stdout)
    if (played["cases"], played["closed"], played["history_holds"]) != (rows, rows, True):
        raise RuntimeError(f"the round did not come to its end: {played}")
    tick(1)
    return Round(played["seconds"], played["peak_mb"], played["cases"], played["opinions"])


def _write_list(file: Path, unit: str, people: range) -> None:
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("Danh sách")
        sheet.write(0, 0, "TỈNH ỦY HÀ TĨNH")
        sheet.write(1, 0, f"Đơn vị: {unit}")
        sheet.write(3, 0, "DANH SÁCH TRÍCH NGANG CÁN BỘ ĐỀ NGHỊ QUY HOẠCH")
        sheet.write_row(FIRST_ROW - 1, 0, HEADINGS)
        for row, person in enumerate(people):
            born = f"{1 + person % 28:02}/{1 + person % 12:02}/{1960 + person % 30}"
            cells = (row + 1, _name(person), born, "Chuyên viên", TARGETS[person % len(TARGETS)])
            sheet.write_row(FIRST_ROW + row, 0, cells)


def _name(number: int) -> str:
    parts = (SURNAMES, MIDDLES, GIVEN)
    chosen = []
    for part in parts:
        number, place = divmod(number, len(part))
        chosen.append(part[place])
    return " ".join(chosen)
