"""The credentials port."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Protocol

from domain.rate_limits import RateLimit
from domain.sources import Source


@dataclass(frozen=True, slots=True)
class Credential:
    """A key, the header that carries it, and what is known of its quota.

    Attributes:
        partition: tells users of one cache apart without giving the key away.
        renewable: `renew` can get another one.
    """

    header: str
    secret: str
    partition: str
    renewable: bool = False
    limits: tuple[RateLimit, ...] = ()

    def __repr__(self) -> str:
        return f"Credential({self.header})"


class Credentials(Protocol):
    """Where keys come from."""

    @abstractmethod
    async def credential(self, source: Source) -> Credential | None:
        """The key of a source; None when it works without one.

        Raises:
            MissingKeyError: the source needs a key and none is to be had.
            RetryableError: the upstream that hands out instant keys does not answer.
        """

    @abstractmethod
    def partition(self, source: Source) -> str:
        """The partition of the key that a source would be sent; empty for none. Asks nobody."""

    @abstractmethod
    async def renew(self, source: Source, rejected: Credential) -> Credential | None:
        """Another key in place of one that was refused; None when there is none.

        Of many callers with the same rejected key, one asks; all get the new one.
        """
