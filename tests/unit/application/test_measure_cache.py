"""Of what use the cache has been."""

import asyncio
from dataclasses import replace

from application.measure_cache import RECENT_RUNS, CacheReport, HitRate, MeasureCache
from domain.runs import FetchStatistics, RunState
from tests.contracts.response_cache_contract import stored
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_response_cache import FakeResponseCache
from tests.fakes.fake_run_log import FakeRunLog
from tests.support.sample_runs import sample_run


def measured(cache: FakeResponseCache, runs: FakeRunLog) -> CacheReport:
    return asyncio.run(MeasureCache(cache=cache, runs=runs).execute())


def test_hits_are_counted_among_all_answers_of_recent_runs() -> None:
    """Repeated requests are one answer; runs that go on, and those of long ago, do not count."""
    runs = FakeRunLog()
    for number in range(RECENT_RUNS + 5):
        old = number < 5
        statistics = FetchStatistics(
            requests=1000 if old else 4, retries=0 if old else 3, cache_hits=1, revalidated=1
        )
        run = replace(
            sample_run(f"RUN{number:03}"), state=RunState.SUCCEEDED, statistics=statistics
        )
        asyncio.run(runs.save(run))
    going_on = replace(sample_run("RUN999"), statistics=FetchStatistics(requests=77))
    asyncio.run(runs.save(going_on))
    report = measured(FakeResponseCache(FakeClock()), runs)

    expected = HitRate(runs=RECENT_RUNS, hits=RECENT_RUNS, revalidated=10, answers=20)
    assert report.hit_rates == {going_on.source: expected}
    assert report.overall == expected
    assert report.overall.rate == 0.5


def test_a_source_without_runs_has_no_rate() -> None:
    """Its answers are listed all the same, and a rate of nothing is none."""
    clock = FakeClock()
    cache = FakeResponseCache(clock)
    asyncio.run(cache.put("a", stored(clock=clock)))
    report = measured(cache, FakeRunLog())

    assert report.hit_rates == {"opensea": HitRate()}
    assert report.hit_rates["opensea"].rate is None
    assert report.usage.entries == 1
