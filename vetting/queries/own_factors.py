"""An officer's own second factors."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from vetting.engine.policy import Principal
from vetting.records import factors
from vetting.records.factors import Authenticator
from vetting.records.officers import NO_PASSWORD, officers
from vetting.records.passkeys import Passkey, passkeys_of


@dataclass(frozen=True)
class OwnFactors:
    """What an officer has in hand, and how many recovery codes are left."""

    authenticators: Sequence[Authenticator]
    passkeys: Sequence[Passkey]
    codes_left: int
    off_at: str | None  # when an administrator took off those there were

    def listed(self) -> Sequence[tuple[Authenticator | Passkey, str]]:
        """Return them all with their kinds, the oldest first."""
        both: list[tuple[Authenticator | Passkey, str]] = [
            *((one, "authenticator") for one in self.authenticators),
            *((one, "passkey") for one in self.passkeys),
        ]
        return sorted(both, key=lambda told: (told[0].added_at, told[0].handle))

    def __bool__(self) -> bool:
        return bool(self.authenticators or self.passkeys)


def has_password(connection: Connection, principal: Principal) -> bool:
    """Tell whether whoever asks could be asked for a password of this system."""
    held = select(officers.c.password_hash).where(officers.c.handle == principal.officer)
    return connection.scalar(held) != NO_PASSWORD


def own_factors(connection: Connection, principal: Principal) -> OwnFactors:
    """Return the factors of whoever asks."""
    return OwnFactors(
        factors.authenticators_of(connection, principal.officer),
        passkeys_of(connection, principal.officer),
        factors.recovery_codes_left(connection, principal.officer),
        factors.last_reset(connection, principal.officer),
    )
