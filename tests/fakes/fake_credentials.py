"""Keys without an upstream."""

from application.ports.credentials import Credential, Credentials
from domain.errors import PipelineError
from domain.rate_limits import RateLimit
from domain.sources import Source


class FakeCredentials(Credentials):
    """Hands out key-1, then key-2 …; can be told to fail, or to have no key at all."""

    def __init__(
        self, *, available: bool = True, renewable: bool = True, limits: tuple[RateLimit, ...] = ()
    ) -> None:
        self._available = available
        self._renewable = renewable
        self._limits = limits
        self._number = 1
        self.renewals = 0
        self.failure: PipelineError | None = None

    async def credential(self, source: Source) -> Credential | None:
        if self.failure is not None:
            raise self.failure
        if not self._available:
            return None
        return Credential(
            "x-api-key", f"key-{self._number}", "fake", self._renewable, limits=self._limits
        )

    def partition(self, source: Source) -> str:
        return "fake" if self._available else ""

    async def renew(self, source: Source, rejected: Credential) -> Credential | None:
        if self.failure is not None:
            raise self.failure
        if not rejected.renewable:
            return None
        if rejected.secret == f"key-{self._number}":
            self.renewals += 1
            self._number += 1
        return await self.credential(source)
