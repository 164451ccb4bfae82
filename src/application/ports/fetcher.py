"""The fetcher port."""

from abc import abstractmethod
from collections.abc import AsyncGenerator, Sequence
from typing import NamedTuple, Protocol

from application.ports.page_results import PageResults
from domain.errors import FetchError
from domain.requests import Request, Response
from domain.runs import FetchStatistics


class Fetched(NamedTuple):
    """A request and what came of it."""

    request: Request
    outcome: Response | FetchError


class Fetcher(Protocol):
    """Answers requests of one source. Safe to call from many tasks of one event loop."""

    @abstractmethod
    async def fetch(self, request: Request) -> Response:
        """The complete, decoded answer with a 2xx status; safe to repeat.

        Raises:
            RetryableError: the layers gave up repeating; a later run may succeed.
            PermanentError: any other status, or an answer that will not get better.
            RefusedError: 401 or 403 on the source's own origin.
            HostileError: an address or an answer that is refused.
            ConfigurationError: a key is missing.
        """


class BatchFetcher(Fetcher, Protocol):
    """A fetcher that looks a whole batch up at once."""

    @abstractmethod
    def fetch_many(self, requests: Sequence[Request]) -> AsyncGenerator[Fetched]:
        """Each request once with its outcome, in the order of completion.

        FetchErrors are outcomes, not raised; ConfigurationError and RefusedError end the batch.
        Closing the generator cancels what is under way.
        """

    @property
    def page_results(self) -> PageResults | None:
        """Keeps what the source's pages led to; None: nothing is kept."""
        return None

    @abstractmethod
    def statistics(self) -> FetchStatistics:
        """Counts since the fetcher was opened."""
