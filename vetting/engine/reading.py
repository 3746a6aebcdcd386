"""Reading: from a workflow's file to a definition, and from the folder to all of them.

A definition that was published is frozen: `published.sha256` holds the hash of every published
file, and a file that no longer has its hash is not read.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from re import fullmatch, search
from types import MappingProxyType
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from vetting.engine.candidate_requests import RequestRules, read_request_rules
from vetting.engine.definition import CONSULTATION, LONGEST, Definition
from vetting.engine.problem import BadDefinition, Problem
from vetting.engine.sentences import Sentence, say
from vetting.engine.vocabulary import CaseType

SEALS = "published.sha256"


@dataclass(frozen=True, slots=True)
class Definitions:
    """Every definition that was read: loaded once, asked often."""

    by_name: Mapping[tuple[str, int], Definition]
    # What candidates may ask about their own data, version by version.
    requests: Mapping[int, RequestRules] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Definition]:
        """Yield every definition, in the order of its name and version."""
        return iter(self.by_name.values())

    def of(self, case_type: str, version: int) -> Definition:
        """Return the version of a workflow that a case is pinned to."""
        try:
            return self.by_name[case_type, version]
        except KeyError:
            raise LookupError(f"there is no workflow {case_type}/v{version}") from None

    def current(self, case_type: str, on: date) -> Definition:
        """Return the version that a case opened on a day begins under."""
        valid = [
            definition
            for (name, _), definition in self.by_name.items()
            if name == case_type and (definition.valid_from is None or definition.valid_from <= on)
        ]
        if not valid:
            raise LookupError(f"no workflow {case_type} is valid on {on}")
        return max(valid, key=lambda definition: definition.version)

    def following(self, on: date) -> tuple[Definition, ...]:
        """Return the workflows, as they are on a day, whose cases follow another."""
        types = sorted({str(one.case_type) for one in self if one.follows is not None})
        current = (self.current(name, on) for name in types)
        return tuple(one for one in current if one.follows is not None)

    def consultation(self, version: int = 1) -> Definition:
        """Return a version of the consultation's own small workflow."""
        return self.of(CONSULTATION, version)


def read_definition(text: str, where: str) -> Definition:
    """Return the definition that a file's text holds; *where* names the file in what is wrong."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        place = search(r"\(at (.+)\)", str(wrong))
        raise BadDefinition(
            [
                Problem(
                    where,
                    place[1] if place else "",
                    say("This is not TOML: %(why)s.", why=str(wrong).partition(" (at ")[0]),
                    say("Write it as TOML 1.0 asks."),
                )
            ]
        ) from None
    try:
        return Definition.model_validate(raw)
    except ValidationError as wrong:
        found = {
            (problem.where, problem.sentence): problem
            for error in wrong.errors(include_url=False)
            for problem in (_problem(error, raw, where),)
        }
        raise BadDefinition(found.values()) from None


def read_definitions(folder: Path, *, published_only: bool = False) -> Definitions:
    """Return every definition in *folder*, unless one is wrong or was changed since published."""
    wrong: list[Problem] = list(broken_seals(folder))
    read: dict[tuple[str, int], Definition] = {}
    sealed = read_seals(folder)
    for file in definition_files(folder):
        where = file.relative_to(folder).as_posix()
        if published_only and where not in sealed:
            wrong.append(
                Problem(
                    where,
                    SEALS,
                    say("This workflow is not published."),
                    say("Publish it with “vetting workflows publish”."),
                )
            )
        try:
            definition = read_definition_file(file, where)
        except BadDefinition as bad:
            wrong.extend(bad.problems)
        else:
            read[definition.case_type, definition.version] = definition
    try:
        requests = read_request_rules(folder)
    except BadDefinition as bad:
        wrong.extend(bad.problems)
    if wrong:
        raise BadDefinition(wrong)
    return Definitions(MappingProxyType(dict(sorted(read.items()))), MappingProxyType(requests))


def read_definition_file(file: Path, where: str) -> Definition:
    """Return the definition in a file, whose path says which workflow and version it is."""
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BadDefinition(
            [Problem(where, "", say("This is not text in UTF-8."), say("Save it in UTF-8."))]
        ) from None
    definition = read_definition(text, where)
    named = fullmatch(r"v(\d+)", file.stem)
    if named and (file.parent.name, int(named[1])) == (definition.case_type, definition.version):
        return definition
    should = f"{definition.case_type}/v{definition.version}.toml"
    raise BadDefinition(
        [
            Problem(
                where,
                "case_type, version",
                say("The file’s path names another workflow or version than the file."),
                say("Put it at %(path)s, or write what the path says.", path=should),
            )
        ]
    )


def definition_files(folder: Path) -> list[Path]:
    """Return the files of *folder* that hold definitions."""
    return sorted(folder.glob("*/v*.toml"))


def hash_of(file: Path) -> str:
    """Return the hash by which a file is sealed."""
    return sha256(file.read_bytes()).hexdigest()


def read_seals(folder: Path) -> dict[str, str]:
    """Return the hashes of what was published, by path."""
    file = folder / SEALS
    if not file.exists():
        return {}
    seals = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        parts = fullmatch(r"([0-9a-f]{64})  (\S+)", line)
        if parts is None or parts[2] in seals:
            raise BadDefinition(
                [
                    Problem(
                        SEALS,
                        f"line {number}",
                        say("This is not a seal, or the file has two."),
                        say("Write one line a file: its SHA-256, two spaces, its path."),
                    )
                ]
            )
        seals[parts[2]] = parts[1]
    return seals


def broken_seals(folder: Path) -> Iterator[Problem]:
    """Yield what no longer is as it was published."""
    for path, sealed in read_seals(folder).items():
        file = folder / path
        if not file.exists():
            yield Problem(
                path,
                SEALS,
                say("This workflow was published and is gone."),
                say("Put the file back as it was."),
            )
        elif hash_of(file) != sealed:
            yield Problem(
                path,
                SEALS,
                say("This workflow was changed after it was published."),
                say("Put it back as it was, and write the change into a new version."),
            )


def _problem(error: ErrorDetails, raw: Mapping[str, Any], where: str) -> Problem:
    sentence, remedy = _said(error)
    return Problem(where, _place(error["loc"], raw), sentence, remedy)


def _said(  # noqa: PLR0911  # one return a kind of mistake
    error: ErrorDetails,
) -> tuple[Sentence, Sentence]:
    loc, kind, told = error["loc"], error["type"], error.get("ctx", {})
    if loc[0] == "case_type" and kind != "missing":
        names = ", ".join([*CaseType, CONSULTATION])
        return say("There is no such case type."), say("Write one of %(names)s.", names=names)
    if kind == "extra_forbidden":
        known = ", ".join(_keys_at(loc[:-1]))
        return say("There is no such key here."), say("Write one of %(names)s.", names=known)
    if kind == "missing":
        if loc[-1] in ("vi", "en"):
            return say("One language is missing."), say("Write the title in both languages.")
        return say("This is missing."), say("Add “%(key)s”.", key=str(loc[-1]))
    if kind == "string_too_short":
        return say("This is empty."), say("Write at least one letter.")
    if loc[-1] == "length" and kind in {"greater_than", "less_than_equal"}:
        return (
            say("A term is at least one day or one month long.")
            if kind == "greater_than"
            else say("A term of more than %(most)s days or months is not counted.", most=LONGEST),
            say("Write how long the rule says, or leave the term out."),
        )
    if "expected" in told:
        return (
            say("“%(value)s” is not known here.", value=str(error["input"])),
            say("Write one of %(names)s.", names=str(told["expected"])),
        )
    return (
        say("This cannot be read: %(why)s.", why=error["msg"]),
        say("Write a value of the kind that belongs here."),
    )


def _place(loc: tuple[int | str, ...], raw: object) -> str:
    """Write a place down with dots; what stands in a list goes by its name where it has one."""
    words: list[str] = []
    for step in loc[:1] if loc[0] == "case_type" else loc:
        if isinstance(step, int):
            raw = raw[step] if isinstance(raw, list) and step < len(raw) else None
            name = raw.get("name", raw.get("on")) if isinstance(raw, dict) else None
            words.append(name if isinstance(name, str) else f"#{step + 1}")
        else:
            raw = raw.get(step) if isinstance(raw, dict) else None
            words.append(step)
    return ".".join(words)


def _keys_at(loc: tuple[int | str, ...]) -> list[str]:
    """Return the keys that a part of a definition may have."""
    part: type[BaseModel] = Definition
    for step in loc:
        if isinstance(step, str):
            field = next(
                field for name, field in part.model_fields.items() if step in (name, field.alias)
            )
            part = _part_in(field.annotation) or part
    return [field.alias or name for name, field in part.model_fields.items()]


def _part_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((part for inner in get_args(annotation) if (part := _part_in(inner))), None)
