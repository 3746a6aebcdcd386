"""What all tests share: databases, a network that ends at this machine, compiled translations."""

import gc
import os
import sys
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from hypothesis import settings
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine
from werkzeug.routing import Rule

from tests.postgres import memory

pytest_plugins = ["tests.databases", "tests.wellness"]

ROOT = Path(__file__).parent.parent

# How quick a machine is today is not what a property says.
settings.register_profile("here", deadline=None, print_blob=True)
settings.register_profile("ci", settings.get_profile("here"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


def pytest_configure(config: pytest.Config) -> None:
    """Forget the settings of whoever runs the tests; compile translations; stay on this machine."""
    for name in list(os.environ):
        if name.startswith("VETTING_") and not name.startswith(
            ("VETTING_TEST_", "VETTING_SCREENSHOTS", "VETTING_EVERY_", "VETTING_MASTER_KEY")
        ):
            del os.environ[name]
    if not hasattr(config, "workerinput"):
        compile_translations()
        # Nothing that a test writes has to outlast it, and its databases wait for no disk.
        if in_memory := memory():
            os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", in_memory)
    sys.addaudithook(stay_on_this_machine)


@pytest.fixture(scope="session", autouse=True)
def templates_compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Compile each template once a session, not for each of the hundreds of applications."""
    kept = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": kept})
        yield


@pytest.fixture(scope="session", autouse=True)
def addresses_compiled_once() -> Iterator[None]:
    """Write the code that builds an address once a session, not for each application."""
    compile_builder = Rule._compile_builder  # noqa: SLF001  # no public name
    known: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}

    def compile_once(rule: Rule, *how: bool) -> Callable[..., tuple[str, str]]:
        key = (rule.rule, *rule._trace, *how)  # noqa: SLF001
        if rule.defaults:
            return compile_builder(rule, *how)
        if key not in known:
            known[key] = compile_builder(rule, *how)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", compile_once)
        yield


class CompiledStatements(dict[tuple[object, ...], Any]):
    """Statements as they were compiled, known by the kind of their dialect, whichever it is."""

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        """Return a statement that any database of its kind has compiled."""
        return super().get((key[0].name, key[0].paramstyle, *key[1:]), default)

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:
        """Keep a statement for all databases of its kind."""
        super().__setitem__((key[0].name, key[0].paramstyle, *key[1:]), compiled)


@pytest.fixture(scope="session", autouse=True)
def statements_compiled_once() -> Iterator[None]:
    """Compile each statement once a session, not for each of the thousands of databases."""
    begin, compiled = Engine.__init__, CompiledStatements()

    def begin_with_what_is_compiled(self: Engine, *given: Any, **named: Any) -> None:
        begin(self, *given, **named)
        self._compiled_cache = compiled

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "__init__", begin_with_what_is_compiled)
        yield


@pytest.fixture(scope="session", autouse=True)
def what_lasts_is_not_looked_through() -> None:
    """Leave the modules out of every search for what nobody needs any more."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def compile_translations() -> None:
    """Compile what changed since it was last compiled."""
    for source in ROOT.glob("translations/*/LC_MESSAGES/*.po"):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            with source.open("rb") as text, compiled.open("wb") as output:
                write_mo(output, read_po(text), use_fuzzy=True)


def stay_on_this_machine(event: str, args: tuple[object, ...]) -> None:
    """Refuse every connection that leaves this machine."""
    if event != "socket.connect" or not isinstance(args[1], tuple):
        return
    host = str(args[1][0])
    if host != "localhost" and not ip_address(host.partition("%")[0]).is_loopback:
        raise ConnectionRefusedError(f"A test tried to reach {host}; tests stay on this machine.")
