"""What an ingest would do, without storing anything (`app ingest --dry-run`)."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from application.ingest_request import IngestRequest
from application.ports.fetchers import Fetchers, FetchOptions
from application.ports.source_registry import SourceRegistry
from domain.errors import FetchError, ParseError
from domain.options import check_options
from domain.requests import Request

_MOST_HELP = 20


@dataclass(frozen=True, slots=True)
class IngestPlan:
    """What is known after the first requests.

    Attributes:
        total: items as the upstream says; None when it does not.
        next: the requests that would follow, as "kind url".
    """

    source: str
    domain: str
    target: str
    tables: Sequence[str]
    total: int | None
    next: Sequence[str]


class PlanIngest:
    """Asks the first requests of a source and reads them.

    Those that only find out what is meant by a target, or which names there are when it is none,
    are asked too.
    """

    def __init__(self, *, registry: SourceRegistry, fetchers: Fetchers) -> None:
        self._registry = registry
        self._fetchers = fetchers

    async def execute(self, request: IngestRequest) -> IngestPlan:
        """The plan.

        Raises:
            NotFoundError, UsageError: what was asked for does not exist.
            FetchError, ParseError, ConfigurationError: the upstream does not answer as it should.
        """
        source = self._registry.get(request.domain, request.source)
        target = source.check_target(request.target)
        options = check_options(source, request.options, request.limit)
        first = source.start(target, request.window, options)
        total: int | None = None
        following: list[Request] = []
        asked = 0
        fetch = FetchOptions(request.concurrency, request.refresh)
        async with self._fetchers.open(source, fetch) as fetcher:
            pending = deque(first)
            while pending:
                each = pending.popleft()
                try:
                    page = source.parse(each, await fetcher.fetch(each))
                except (FetchError, ParseError) as error:
                    page = source.failed(each, error)
                total = page.total if page.total is not None else total
                holds = page.items or page.total is not None or any(page.records.values())
                for further in page.requests:
                    helps = asked < _MOST_HELP and not further.expands and not holds
                    (pending if helps else following).append(further)
                    asked += helps
        return IngestPlan(
            source=source.name,
            domain=source.domain,
            target=target,
            tables=[f"{source.domain}.{table.name}" for table in source.tables],
            total=total,
            next=[f"{each.kind} {each.url}" for each in following],
        )
