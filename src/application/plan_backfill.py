"""Finds what a time series lacks, and cuts it into runs that publish one after another."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from application.ingest_job import IngestJob
from application.ingest_request import IngestRequest
from application.ports.clock import Clock
from application.ports.manifest_log import ManifestLog
from application.ports.source_registry import SourceRegistry
from domain.coverage import Coverage, chunks, covered, gaps
from domain.errors import UsageError
from domain.sources import BOTH_ENDS, Window

_MOST = 10_000  # runs


class PlanBackfill:
    """Reads the newest version only; each run that it plans is an ingest like any other.

    Args:
        program: version of this program.
    """

    def __init__(
        self, *, registry: SourceRegistry, manifests: ManifestLog, clock: Clock, program: str
    ) -> None:
        self._registry = registry
        self._manifests = manifests
        self._clock = clock
        self._program = program

    async def execute(self, request: IngestRequest, length: timedelta) -> Sequence[IngestRequest]:
        """The runs that fill the gaps, oldest first; none when there is no gap.

        Args:
            request: its window says how far back, and up to when; open ends are the beginning of
                what is there, and now.
            length: of one run's window.

        Raises:
            UsageError: the target is no time series, nothing says where it is to begin, or the
                runs would be too many.
            NotFoundError: what was asked for does not exist.
        """
        if length <= timedelta():
            message = "--chunk is the length of a run: at least a second."
            raise UsageError(message)
        source = self._registry.get(request.domain, request.source)
        job = IngestJob.of(request, source, self._program)
        if not job.merged or not source.takes:
            message = f"{source.domain} is read as a whole: there is nothing to backfill."
            raise UsageError(message)
        if not source.remembers:
            message = (
                f"Anything of {source.domain} may be revised, so that each run asks for all of "
                "it: leave --backfill out."
            )
            raise UsageError(message)
        manifest = await self._manifests.latest()
        known = [job.coverage(manifest.dataset(table, job.target)) for table in job.merged]
        since, now = request.window.since or _beginning(known), self._clock.now()
        if since is None:
            message = f"Nothing of {job.target} is there yet: say how far back with --since DATE."
            raise UsageError(message)
        until = min(request.window.until or now, now)
        parts = list(islice(_parts(known, since, until, length), _MOST + 1))
        if parts and not source.takes >= BOTH_ENDS:
            parts = [(parts[0][0], now)]  # whose end cannot be said goes on up to now
        if len(parts) > _MOST:
            message = f"That makes more than {_MOST:,} runs: give a longer --chunk."
            raise UsageError(message)
        return [
            replace(request, window=Window(begin, None if end == now else end))
            for begin, end in parts
        ]


def _beginning(known: Sequence[Coverage]) -> datetime | None:
    """The earliest moment of which every table could have something."""
    begins = [coverage[0].since or coverage[0].until for coverage in known if coverage]
    return min(begins, default=None)


def _parts(
    known: Sequence[Coverage], since: datetime, until: datetime, length: timedelta
) -> Iterator[tuple[datetime, datetime]]:
    missing: Coverage = ()
    for coverage in known:
        for gap in gaps(coverage, since, until):
            missing = covered(missing, gap)
    for gap in missing:
        if gap.since is not None:
            yield from chunks(gap.since, gap.until, length)
