"""`vetting workflows`: prove, draw, publish and list the workflow definitions."""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO

import click

from vetting.commands.opening import Unusable, settings
from vetting.commands.speak import language, speak, spoken
from vetting.engine.definition import CONSULTATION, Definition
from vetting.engine.problem import BadDefinition, Problem
from vetting.engine.prove import Proof, proof
from vetting.engine.reading import (
    SEALS,
    broken_seals,
    definition_files,
    hash_of,
    read_definition,
    read_definition_file,
    read_seals,
)
from vetting.engine.sentences import say
from vetting.engine.vocabulary import Kind
from vetting.queries.workflow_picture import picture
from vetting.registers import BadRegister, read_registers


@click.group()
def workflows() -> None:
    """Prove, draw, publish and list the workflows."""


@dataclass
class Checked:
    """One file that was looked at."""

    file: Path
    where: str
    definition: Definition | None = None
    proof: Proof = field(default_factory=lambda: Proof(()))

    def told(self) -> dict[str, object]:
        """Return what was found, for a program."""
        return {
            "file": str(self.file),
            "workflow": str(self.definition.case_type) if self.definition else None,
            "version": self.definition.version if self.definition else None,
            "situations": self.proof.states,
            "acts": self.proof.steps,
            "problems": [
                {
                    "file": problem.file,
                    "where": problem.where,
                    "message": spoken(problem.sentence),
                    "remedy": spoken(problem.remedy),
                    "path": list(problem.path),
                }
                for problem in self.proof.problems
            ],
        }


PATHS = click.argument("paths", nargs=-1, type=click.Path(path_type=Path))


@workflows.command("check")
@PATHS
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def check(context: click.Context, paths: tuple[Path, ...], *, as_json: bool) -> None:
    """Prove the workflows at PATHS, which are files or folders; without any, the shipped ones."""
    began = time.perf_counter()
    looked_at = _checked(paths)
    seconds = time.perf_counter() - began
    wrong = sum(len(each.proof.problems) for each in looked_at)
    if as_json:
        told = {
            "files": [each.told() for each in looked_at],
            "problems": wrong,
            "seconds": round(seconds, 2),
        }
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        for each in looked_at:
            _tell(each)
        if not wrong:
            _tell_what_holds(looked_at, seconds)
    context.exit(1 if wrong else 0)


@workflows.command("draw")
@click.argument("name")
@click.option(
    "-o", "--output", type=click.File("w", encoding="utf-8"), default="-", help="The SVG file."
)
@click.option("--language", "tongue", type=click.Choice(["vi", "en"]), help="Of the words in it.")
def draw(name: str, output: IO[str], tongue: str | None) -> None:
    """Draw the workflow NAME: a case type or “consultation”, the latest or as in planning/v1."""
    definition = _named(name)
    output.write(picture(definition, tongue or language()) + "\n")


@workflows.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(*, as_json: bool) -> None:
    """List the workflows with their versions, and whether each is published."""
    folder = settings().workflows
    try:
        sealed = read_seals(folder)
        rows = [
            (file.relative_to(folder).as_posix(), read_definition_file(file, str(file)))
            for file in definition_files(folder)
        ]
    except BadDefinition as bad:
        raise _unusable(bad) from bad
    if as_json:
        told = [
            {
                "workflow": str(definition.case_type),
                "version": definition.version,
                "title": {"vi": definition.title.vi, "en": definition.title.en},
                "published": path in sealed,
            }
            for path, definition in rows
        ]
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    for path, definition in rows:
        stands = speak("published") if path in sealed else speak("not published")
        click.echo(
            f"{definition.case_type}/v{definition.version} · {spoken(definition.title)} · {stands}"
        )


@workflows.command("publish")
@PATHS
@click.pass_context
def publish(context: click.Context, paths: tuple[Path, ...]) -> None:
    """Freeze the workflows at PATHS by their seals, if they hold; without any, the shipped ones."""
    looked_at = _checked(paths)
    if any(each.proof.problems for each in looked_at):
        for each in looked_at:
            if each.proof.problems:
                _tell(each)
        click.echo(speak("Nothing was published."))
        context.exit(1)
    for each in looked_at:
        file = each.file.resolve()
        folder, path = file.parent.parent, f"{file.parent.name}/{file.name}"
        try:
            read_definition_file(file, path)
            sealed = read_seals(folder).get(path)
        except BadDefinition as bad:
            raise _unusable(bad) from bad
        if sealed is None:
            _seal(folder, path)
            click.echo(speak("%(path)s is published.", path=path))
        elif sealed == hash_of(file):
            click.echo(speak("%(path)s is already published.", path=path))
        else:
            broken = next(found for found in broken_seals(folder) if found.file == path)
            for line in _lines(broken):
                click.echo(line)
            context.exit(1)


def _seal(folder: Path, path: str) -> None:
    """Add the seal of a file; the seals that are there stay as they are."""
    seals = folder / SEALS
    before = seals.read_text(encoding="utf-8") if seals.exists() else ""
    if before and not before.endswith("\n"):
        before += "\n"
    new = seals.with_suffix(".new")
    new.write_text(f"{before}{hash_of(folder / path)}  {path}\n", encoding="utf-8")
    new.replace(seals)


# ---------------------------------------------------------------------- checking


def _checked(paths: Sequence[Path]) -> list[Checked]:
    return [
        each
        for path in paths or (settings().workflows,)
        for each in (_checked_folder(path) if path.is_dir() else [_checked_file(path)])
    ]


def _checked_folder(folder: Path) -> list[Checked]:
    files = definition_files(folder) or sorted(folder.glob("v*.toml"))
    if not files:
        raise Unusable(say("There is no workflow in %(path)s.", path=str(folder)))
    root = folder if definition_files(folder) else folder.resolve().parent
    looked_at = [_checked_file(file, root) for file in files]
    try:
        broken = tuple(broken_seals(root))
    except BadDefinition as bad:
        broken = bad.problems
    if root == folder:
        for problem in broken:
            _among(looked_at, folder / problem.file).proof = _with(looked_at, folder, problem)
    return looked_at


def _among(looked_at: list[Checked], file: Path) -> Checked:
    found = next((each for each in looked_at if each.file == file), None)
    if found is None:
        found = Checked(file, file.name)
        looked_at.append(found)
    return found


def _with(looked_at: list[Checked], folder: Path, problem: Problem) -> Proof:
    before = _among(looked_at, folder / problem.file).proof
    return Proof((*before.problems, problem), before.states, before.steps)


def _checked_file(file: Path, root: Path | None = None) -> Checked:
    """Look at one file; in a folder of workflows its path must say what it is."""
    base = root or file.resolve().parent.parent
    where = file.relative_to(root).as_posix() if root and file.is_relative_to(root) else str(file)
    checked = Checked(file, where)
    try:
        text = file.read_text(encoding="utf-8")
        definition = read_definition_file(file, where) if root else read_definition(text, where)
        consulting = (
            definition if definition.case_type == CONSULTATION else _beside(base, CONSULTATION)
        )
        followed = _beside(base, definition.follows.case_type) if definition.follows else None
    except OSError as error:
        why = error.strerror or str(error)
        raise Unusable(say("%(path)s cannot be read: %(why)s.", path=str(file), why=why)) from error
    except UnicodeDecodeError as error:
        raise Unusable(say("%(path)s is not text in UTF-8.", path=str(file))) from error
    except BadDefinition as bad:
        checked.proof = Proof(bad.problems)
        return checked
    checked.definition = definition
    proved = proof(definition, consulting, bodies_known=_bodies(), followed=followed)
    own = f"{definition.case_type}/v{definition.version}.toml"
    checked.proof = Proof(
        tuple(
            _at(problem, where) if problem.file == own else problem for problem in proved.problems
        ),
        proved.states,
        proved.steps,
    )
    return checked


def _at(problem: Problem, where: str) -> Problem:
    """Name the file as it was given."""
    return Problem(where, problem.where, problem.sentence, problem.remedy, problem.path)


def _beside(base: Path, name: str) -> Definition:
    """Return the latest version of another workflow: from the same folder, else as shipped."""
    for folder in (base, settings().workflows):
        if files := _versions(folder, name):
            return read_definition_file(files[-1], f"{name}/{files[-1].name}")
    raise Unusable(say("There is no workflow “%(name)s”.", name=name))


def _versions(folder: Path, name: str) -> list[Path]:
    """Return the files of a workflow's versions, the latest last."""
    files = [file for file in (folder / name).glob("v*.toml") if file.stem[1:].isdigit()]
    return sorted(files, key=lambda file: int(file.stem[1:]))


@cache
def _bodies() -> frozenset[str] | None:
    """Return the codes of the consulted bodies, where the registers can be read."""
    folder = settings().registers
    if not folder.is_dir():
        return None
    try:
        registers = read_registers(folder)
    except BadRegister:
        return None  # that the registers are wrong is for `vetting registers` to say
    return frozenset(
        organisation.code
        for organisation in registers.organisations
        if Kind.CONSULTED_BODY in organisation.kinds
    )


def _named(name: str) -> Definition:
    """Return the definition that a name on the command line means."""
    wanted, _, version = name.strip().lower().replace("-", "_").partition("/")
    if wanted.replace("_", "") == "reappointment":
        wanted = "reappointment"
    folder = settings().workflows
    files = {file.stem: file for file in _versions(folder, wanted)} if wanted.isidentifier() else {}
    file = files.get(version) if version else next(reversed(files.values()), None)
    if file is None:
        names = ", ".join(dict.fromkeys(each.parent.name for each in definition_files(folder)))
        raise Unusable(
            say("There is no workflow “%(name)s”. There are: %(names)s.", name=name, names=names)
        )
    try:
        return read_definition_file(file, f"{wanted}/{file.name}")
    except BadDefinition as bad:
        raise _unusable(bad) from bad


def _unusable(bad: BadDefinition) -> Unusable:
    return Unusable("\n".join(line for problem in bad.problems for line in _lines(problem)))


# ---------------------------------------------------------------------- telling


def _tell(each: Checked) -> None:
    if not each.proof.problems:
        click.echo(
            speak(
                "%(file)s holds: %(situations)s situations, %(acts)s acts tried.",
                file=each.where,
                situations=each.proof.states,
                acts=each.proof.steps,
            )
            if each.proof.states
            else speak("%(file)s holds.", file=each.where)
        )
    for problem in each.proof.problems:
        for line in _lines(problem):
            click.echo(line)


def _lines(problem: Problem) -> Iterator[str]:
    yield f"{problem.file}: {problem.where}: {spoken(problem.sentence)}"
    if problem.path:
        yield "    " + speak("How it comes there: %(acts)s.", acts=" → ".join(problem.path))
    yield "    " + spoken(problem.remedy)


def _tell_what_holds(looked_at: Sequence[Checked], seconds: float) -> None:
    click.echo()
    for line in (
        speak("Every state is reached, leads to an end, and is somebody’s."),
        speak("Every name, guard, role, body, fact and deadline exists, in both languages."),
        speak("No conclusion without a proposal, and no proposal while a body owes its opinion."),
        speak("No adverse conclusion unheard, and no case closed before the candidate was told."),
        speak("Nobody signs on two sides. Silence counts as nothing. Order makes no difference."),
    ):
        click.echo(line)
    click.echo(
        speak(
            "%(files)s files, %(situations)s situations, %(seconds)s seconds.",
            files=len(looked_at),
            situations=sum(each.proof.states for each in looked_at),
            seconds=f"{seconds:.1f}",
        )
    )
