"""The definitions that are shipped, and ways to break one."""

import tomllib
from functools import cache
from pathlib import Path

from vetting.engine.definition import Definition
from vetting.engine.reading import Definitions, read_definitions
from vetting.engine.vocabulary import CaseType

FOLDER = Path(__file__).parents[2] / "workflows"
CASE_TYPES = list(CaseType)
CADRE_TYPES = [
    CaseType.PLANNING,
    CaseType.PROMOTION,
    CaseType.APPOINTMENT,
    CaseType.REAPPOINTMENT,
    CaseType.ROTATION,
    CaseType.TRANSFER,
    CaseType.NOMINATION,
]


@cache
def shipped() -> Definitions:
    return read_definitions(FOLDER)


def definition(name) -> Definition:
    return shipped().of(name, 1)


def raw(name) -> dict:
    return tomllib.loads((FOLDER / name / "v1.toml").read_text(encoding="utf-8"))


def broken(name, break_it) -> Definition:
    """Return a shipped definition after *break_it* had its way with what the file says."""
    told = raw(name)
    break_it(told)
    return Definition.model_validate(told)


def named(told, kind, name) -> dict:
    return next(each for each in told[kind] if each["name"] == name)
