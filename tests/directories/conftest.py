"""What tests of directories share."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest


@pytest.fixture
def clock_of_now():
    """The time of day; certificates and tokens of other servers are made by it."""
    return lambda: datetime.now(UTC)


@pytest.fixture
def python_knows():
    """Which of some modules are loaded after a line of Python, in a process of its own."""

    def ask(line, *modules):
        program = f"{line}\nimport sys\nprint(*(set({modules!r}) & set(sys.modules)))"
        told = subprocess.run(
            [sys.executable, "-c", program], check=True, capture_output=True, text=True
        )
        return told.stdout.split()

    return ask
