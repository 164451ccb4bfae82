"""What the cache holds, and of what use it has been lately (`app cache stats`)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from application.ports.response_cache import CacheUsage, ResponseCache
from application.ports.run_log import RunLog
from domain.runs import Run, RunState

RECENT_RUNS = 10
"""How many of the newest runs of each source are counted."""


@dataclass(frozen=True, slots=True)
class HitRate:
    """Answers of recent runs.

    Attributes:
        runs: how many runs were counted.
        hits: answers taken from the cache without asking.
        revalidated: answers asked for and confirmed by a 304; they are no hits.
        answers: all answers; a request that was repeated is one.
    """

    runs: int = 0
    hits: int = 0
    revalidated: int = 0
    answers: int = 0

    @property
    def rate(self) -> float | None:
        """Hits among all answers, 0 to 1; None where nothing was asked."""
        return self.hits / self.answers if self.answers else None


@dataclass(frozen=True, slots=True)
class CacheReport:
    """The store's figures, and the hit rate by source and over all sources."""

    usage: CacheUsage
    hit_rates: Mapping[str, HitRate]
    overall: HitRate


class MeasureCache:
    """Asks the store what it holds and the run log what came of it."""

    def __init__(self, *, cache: ResponseCache, runs: RunLog) -> None:
        self._cache = cache
        self._runs = runs

    async def execute(self) -> CacheReport:
        """The report; StorageError when the store does not answer."""
        usage = await self._cache.usage()
        ended = [run for run in await self._runs.all() if run.state is not RunState.RUNNING]
        rates = {
            source: _hit_rate([run for run in ended if run.source == source])
            for source in sorted({run.source for run in ended} | set(usage.sources))
        }
        return CacheReport(usage, rates, _sum(rates.values()))


def _sum(rates: Collection[HitRate]) -> HitRate:
    return HitRate(
        sum(each.runs for each in rates),
        sum(each.hits for each in rates),
        sum(each.revalidated for each in rates),
        sum(each.answers for each in rates),
    )


def _hit_rate(runs: Sequence[Run]) -> HitRate:
    recent = [run.statistics for run in islice(runs, RECENT_RUNS)]
    hits = sum(each.cache_hits for each in recent)
    asked = sum(max(0, each.requests - each.retries) for each in recent)
    return HitRate(len(recent), hits, sum(each.revalidated for each in recent), hits + asked)
