"""Run ids from the clock and the system's randomness."""

import secrets

from application.ports.clock import Clock
from application.ports.run_ids import RunIds
from domain.identifiers import ulid


class UlidRunIds(RunIds):
    """ULIDs: they sort by time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def next(self) -> str:
        """A new ULID."""
        return ulid(int(self._clock.timestamp() * 1000), secrets.token_bytes(10))
