"""Retries: how long a worker holds a job, and what follows when it goes wrong. Pure."""

from datetime import timedelta

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 8  # from the first to the last a good three hours
_FIRST = timedelta(seconds=30)
_LONGEST = timedelta(hours=1)


def wait_after(attempts: int) -> timedelta | None:
    """Return how long to wait after so many attempts, or None where it is given up."""
    if attempts >= MOST_ATTEMPTS:
        return None
    return min(_FIRST * int(3 ** (attempts - 1)), _LONGEST)
