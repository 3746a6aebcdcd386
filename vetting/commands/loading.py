"""Loading: how the command line says what came into a register."""

from collections.abc import Mapping

from vetting.commands.speak import spoken
from vetting.engine.sentences import Sentence, mark, say
from vetting.usecases.load_registers import Loaded

TITLES: Mapping[str, str] = {
    "organisations": mark("organisations"),
    "organisation_kinds": mark("what each organisation is to the system"),
    "successions": mark("mergers and successors of organisations"),
    "legal_bases": mark("legal bases"),
    "replacements": mark("which legal basis replaced which"),
    "regulations": mark("coordination regulations"),
    "regulation_bodies": mark("bodies that coordination regulations name"),
    "authority_rules": mark("the table of authority"),
    "retention_schedules": mark("retention schedules"),
    "calendars": mark("calendars"),
    "calendar_days": mark("days of calendars"),
}


def news_of(loaded: Loaded) -> str:
    """Return a sentence of what is new or changed in a register."""
    counts = {"added": loaded.added, "changed": loaded.changed}
    title = _title(loaded)
    if not loaded.changed:
        return spoken(say("Loaded %(register)s: %(added)s new.", register=title, **counts))
    if not loaded.added:
        return spoken(say("Loaded %(register)s: %(changed)s changed.", register=title, **counts))
    return spoken(
        say("Loaded %(register)s: %(added)s new, %(changed)s changed.", register=title, **counts)
    )


def all_of(loaded: Loaded) -> str:
    """Return a sentence of what loading did to a register, also where nothing is new."""
    return spoken(
        say(
            "Loaded %(register)s: %(added)s new, %(changed)s changed, %(unchanged)s as before.",
            register=_title(loaded),
            added=loaded.added,
            changed=loaded.changed,
            unchanged=loaded.unchanged,
        )
    )


def _title(loaded: Loaded) -> Sentence:
    return say(TITLES[loaded.register])
