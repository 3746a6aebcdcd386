"""The proofs run on the province that the whole house uses."""

from tests.house.conftest import made, site, surveyed

__all__ = ["made", "site", "surveyed"]
