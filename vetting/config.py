"""Settings: everything that differs between one installation and another."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[1]
PREFIX = "VETTING_"


@dataclass(frozen=True)
class Settings:
    """What an installation may say about itself; every value has a safe default but secrets."""

    database_url: str
    folder: Path  # where the installation keeps its own files, such as its secret key
    secret_key: str | None = None  # read from the folder when it is not given
    language: str = "vi"
    secure_cookies: bool = False  # true behind TLS
    idle_minutes: int = 480  # after which a log-in session ends by itself
    workflows: Path = ROOT / "workflows"
    registers: Path = ROOT / "registers"

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Read the VETTING_… variables."""
        folder = Path(env.get(f"{PREFIX}FOLDER") or ROOT / "var")
        return cls(
            database_url=env.get(f"{PREFIX}DATABASE_URL") or f"sqlite:///{folder}/vetting.sqlite",
            folder=folder,
            secret_key=env.get(f"{PREFIX}SECRET_KEY") or None,
            language=env.get(f"{PREFIX}LANGUAGE") or "vi",
            secure_cookies=env.get(f"{PREFIX}SECURE_COOKIES", "") in {"1", "yes", "true"},
            idle_minutes=_minutes(env.get(f"{PREFIX}IDLE_MINUTES") or "480"),
            workflows=Path(env.get(f"{PREFIX}WORKFLOWS") or ROOT / "workflows"),
            registers=Path(env.get(f"{PREFIX}REGISTERS") or ROOT / "registers"),
        )

    def the_secret_key(self) -> str:
        """Return the secret key, or refuse to start: there is no default."""
        if self.secret_key:
            return self.secret_key
        file = self.folder / "secret_key"
        if not file.exists():
            raise SystemExit(
                "There is no secret key yet. Run `vetting init`, or set VETTING_SECRET_KEY."
            )
        return file.read_text().strip()


def _minutes(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 720:  # noqa: PLR2004
        raise SystemExit("VETTING_IDLE_MINUTES must be a whole number from 1 to 720.")
    return int(text)
