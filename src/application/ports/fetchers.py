"""The port that opens fetchers."""

from abc import abstractmethod
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol

from application.ports.fetcher import BatchFetcher
from domain.sources import Source


@dataclass(frozen=True, slots=True)
class FetchOptions:
    """How one run fetches.

    Attributes:
        concurrency: most requests in flight over all hosts; None for the setting's value.
        refresh: ask upstream even where the cache has a fresh answer (it is stored again).
        offline: ask nobody: any stored answer will do, and a missing one is a NotCachedError.
    """

    concurrency: int | None = None
    refresh: bool = False
    offline: bool = False


class Fetchers(Protocol):
    """Opens a fetcher for a source: its base URL, key, limits and cache."""

    @abstractmethod
    def open(
        self, source: Source, options: FetchOptions
    ) -> AbstractAsyncContextManager[BatchFetcher]:
        """A fetcher for one run; leaving the context closes its connections."""

    def shared(self) -> AbstractAsyncContextManager[None]:
        """Runs within the context have connections, limits and requests in flight in common.

        Each keeps counts of its own. A host that is given up is so for all of them.
        """
        return nullcontext()
