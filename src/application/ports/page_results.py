"""The page results port."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from domain.page_results import PageResult, WholePage
from domain.requests import Request


class PageResults(Protocol):
    """Keeps what the requests of pages led to, while none of them would be asked again.

    Where nothing can be kept or found, nothing is: no method raises, and a miss costs no more
    than reading all answers again.
    """

    @abstractmethod
    def key(self, requests: Sequence[Request], reading: str) -> str | None:
        """The same for the same requests in the same order, whose answers are read alike.

        Args:
            requests: all that a page led to, for further pages left out; their contexts count.
            reading: changes with the way in which answers are read.

        Returns:
            The key; None where they cannot be written down.
        """

    @abstractmethod
    async def recall(self, key: str) -> PageResult | None:
        """What the requests led to; their answers count as found in the cache."""

    @abstractmethod
    async def keep(self, page: WholePage) -> None:
        """Keep what the requests of a page led to."""
