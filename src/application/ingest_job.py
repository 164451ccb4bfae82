"""A request that has been checked against its source."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from application.ingest_request import IngestRequest
from application.ports.fetchers import FetchOptions
from domain.checkpoint import Plan, plan_of
from domain.coverage import Coverage, Span
from domain.errors import UsageError
from domain.manifest import Dataset, Manifest
from domain.options import check_options
from domain.requests import Request
from domain.sources import Options, Source, Window
from domain.tables import WriteMode


@dataclass(frozen=True, slots=True)
class IngestJob:
    """What is to be done, in the source's own spelling."""

    request: IngestRequest
    source: Source
    target: str
    options: Options
    plan: Plan

    @classmethod
    def of(cls, request: IngestRequest, source: Source, program: str) -> "IngestJob":
        """Check target, parameters and window.

        Raises:
            UsageError, NotFoundError: what was asked for does not exist.
        """
        if request.offline and request.refresh:
            message = "--offline and --full-refresh contradict each other: leave one out."
            raise UsageError(message)
        target = source.check_target(request.target)
        options = check_options(source, request.options, request.limit)
        answers = "upstream" if request.refresh else "cache" if request.offline else "both"
        plan = plan_of(source, target, request.window, options, program=program, answers=answers)
        job = cls(request, source, target, options, plan)
        job.first(Manifest())
        return job

    @property
    def fetch(self) -> FetchOptions:
        """How its requests are to be answered."""
        asked = self.request
        return FetchOptions(asked.concurrency, asked.refresh, asked.offline)

    @property
    def merged(self) -> tuple[str, ...]:
        """Qualified names of the tables that a run adds to."""
        tables = self.source.tables
        return tuple(self.qualified(t.name) for t in tables if t.mode is WriteMode.MERGE)

    def qualified(self, table: str) -> str:
        """A table's name as manifests have it."""
        return f"{self.source.domain}.{table}"

    def first(self, manifest: Manifest) -> Sequence[Request]:
        """The first requests; of a series that is partly there already, only for the rest."""
        return self.source.start(self.target, self._window(manifest), self.options)

    def continues(self, manifest: Manifest) -> bool:
        """Whether a run leaves no gap between what is there and what it asks for."""
        known, since = self._known(manifest), self.request.window.since
        return since is None or not known or since <= known

    def coverage(self, dataset: Dataset | None) -> Coverage:
        """What is known for good of the series in one table."""
        if dataset is None:
            return ()
        until = dataset.complete_until.get(self.plan.series)
        before_spans_were_kept = (Span(None, until),) if until else ()
        return dataset.covered.get(self.plan.series, before_spans_were_kept)

    def asked_since(self, manifest: Manifest) -> datetime | None:
        """Where a run begins over what is there; None: as far back as the source goes."""
        window = self._window(manifest)
        return window.since or window.complete_until

    def _window(self, manifest: Manifest) -> Window:
        """What is asked for; a span that ends before what is known ends is asked for anew."""
        window = self.request.window
        known = None if self.request.refresh else self._known(manifest)
        if known and window.until and window.until <= known:
            known = None
        return replace(window, complete_until=known)

    def _known(self, manifest: Manifest) -> datetime | None:
        """How far every merged table of the series is known for good; None if one is not."""
        found: list[datetime] = []
        for name in self.merged:
            dataset = manifest.dataset(name, self.target)
            until = dataset.complete_until.get(self.plan.series) if dataset else None
            if until is None:
                return None
            found.append(until)
        return min(found, default=None)
