"""An officer's own second factors."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from vetting.engine.policy import Principal
from vetting.records import factors
from vetting.records.factors import Authenticator


@dataclass(frozen=True)
class OwnFactors:
    """What an officer has in hand, and how many recovery codes are left."""

    authenticators: Sequence[Authenticator]
    codes_left: int

    def __bool__(self) -> bool:
        return bool(self.authenticators)


def own_factors(connection: Connection, principal: Principal) -> OwnFactors:
    """Return the factors of whoever asks."""
    return OwnFactors(
        factors.authenticators_of(connection, principal.officer),
        factors.recovery_codes_left(connection, principal.officer),
    )
