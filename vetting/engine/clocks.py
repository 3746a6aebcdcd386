"""Clocks: whether the moment of an act lies before what was written down already. Pure.

Entries are ordered by their numbers and never by their moments, so nothing is disturbed by a clock
that was set back; but that it was has to be on record, or a day could be changed by setting it.
"""

from datetime import datetime, timedelta

# Machines that keep time by the network are apart by less; nobody backdates anything by it.
TOLERANCE = timedelta(seconds=10)


def went_back(now: str, behind: str | None) -> bool:
    """Tell whether *now* lies before a moment that was written down, by more than is tolerated."""
    if behind is None or now >= behind:
        return False
    return datetime.fromisoformat(behind) - datetime.fromisoformat(now) > TOLERANCE
