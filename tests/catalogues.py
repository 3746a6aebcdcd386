"""The catalogues of translations beside what the program says.

python -m tests.catalogues    brings new sentences into every catalogue, untranslated
"""

import sys
from importlib.util import find_spec
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent

METHODS = [("vetting/**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {"templates/**.html": {"silent": "false"}}  # a template that cannot be read is an error
KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "lazy_gettext": None,
    "mark": None,
    "ngettext": (1, 2),
    "say": None,
    "speak": None,
}


def catalogues() -> list[Path]:
    """Every catalogue there is."""
    return sorted(ROOT.glob("translations/*/LC_MESSAGES/messages.po"))


def said() -> Catalog:
    """Collect what the program says, and what its forms say through WTForms."""
    catalogue = Catalog()
    forms = Path(str(find_spec("wtforms").origin)).parent
    for folder, methods in ((ROOT, METHODS), (forms, [("**.py", "python")])):
        found = extract_from_dir(folder, methods, OPTIONS, KEYWORDS, comment_tags=("Translators:",))
        for file, _line, message, comments, context in found:
            place = [] if folder == forms else [(Path(file).as_posix(), None)]
            catalogue.add(message, None, place, auto_comments=comments, context=context)
    return catalogue


def read(path: Path) -> Catalog:
    """Read a catalogue."""
    with path.open("rb") as file:
        return read_po(file)


def main() -> int:
    """Bring every catalogue up to date."""
    for path in catalogues() or [ROOT / "translations/vi/LC_MESSAGES/messages.po"]:
        path.parent.mkdir(parents=True, exist_ok=True)
        catalogue = (
            read(path)
            if path.exists()
            else Catalog(
                path.parent.parent.name,
                project="vetting",
                fuzzy=False,
                header_comment="# Translations",
            )
        )
        catalogue.update(said(), no_fuzzy_matching=True, update_header_comment=False)
        with path.open("wb") as file:
            write_po(file, catalogue, width=100, sort_by_file=True, include_lineno=False)
        missing = sum(1 for message in catalogue if message.id and not any(forms_of(message)))
        sys.stderr.write(f"{path.relative_to(ROOT)}: {missing} to translate\n")
    return 0


def forms_of(message: object) -> tuple[str, ...]:
    """Give the translations of a message, one for each plural form."""
    return message.string if isinstance(message.string, tuple) else (message.string,)


if __name__ == "__main__":
    sys.exit(main())
