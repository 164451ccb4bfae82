"""How long an exchange may take."""

from dataclasses import dataclass

import httpx


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Limits on slow upstreams, in seconds.

    Attributes:
        total: one request, redirects and body included.
        connect: address, connection and TLS.
        read: silence between two pieces of an answer.
        progress_period, progress_rate: over each such period a body must bring at least so many
            bytes (as sent) a second.
    """

    total: float = 30.0
    connect: float = 10.0
    read: float = 10.0
    progress_period: float = 10.0
    progress_rate: float = 1024.0

    def timeout(self) -> httpx.Timeout:
        """The part of it that httpx knows."""
        return httpx.Timeout(connect=self.connect, read=self.read, write=self.read, pool=self.total)
