"""`app cache stats` and `app cache purge`."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from application.ports.response_cache import CacheUsage, PurgeFilter
from domain.runs import FetchStatistics, Run, RunState
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_response_cache import FakeResponseCache
from tests.fakes.fake_run_log import FakeRunLog
from tests.support.run_cli import RunCli

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class FakeUsedCache(FakeResponseCache):
    """A cache with fixed figures that remembers what was purged."""

    def __init__(self) -> None:
        super().__init__(FakeClock())
        self.purged: list[PurgeFilter] = []
        self.counted: list[PurgeFilter] = []

    async def usage(self) -> CacheUsage:
        sources = {"opensea": (12, 3_400_000), "gone": (1, 10)}
        return CacheUsage(13, 3_400_010, sources, "memory", "2 GB")

    async def count(self, which: PurgeFilter) -> int:
        self.counted.append(which)
        return 5

    async def purge(self, which: PurgeFilter) -> int:
        self.purged.append(which)
        return 5


def log_of(*statistics: FetchStatistics) -> FakeRunLog:
    """Runs of OpenSea that have ended, oldest first."""
    log = FakeRunLog()
    for number, each in enumerate(statistics):
        run_id = f"RUN{number:03}"
        log.runs[run_id] = Run(
            run_id=run_id,
            domain="nft",
            target="dx",
            source="opensea",
            state=RunState.SUCCEEDED,
            started_at=AT,
            statistics=each,
        )
    return log


def test_the_cache_tells_what_it_holds_and_what_use_it_was(run_cli: RunCli) -> None:
    """By source and in all, with the limit of the store."""
    log = log_of(FetchStatistics(requests=5, retries=1, cache_hits=12, revalidated=2))
    outcome = run_cli("cache", "stats", response_cache=FakeUsedCache(), run_log=log)

    assert outcome.out.splitlines() == [
        "source\tanswers\tsize\thit rate\tof answers",
        "gone\t1\t10 B\t\t",
        "opensea\t12\t3.4 MB\t75 %\t16",
        "all\t13\t3.4 MB\t75 %\t16",
    ]
    assert "kept in: memory" in outcome.err
    assert "limit: 2 GB" in outcome.err


def test_the_cache_speaks_json(run_cli: RunCli) -> None:
    """The hit rate is null where nothing was asked."""
    log = log_of(FetchStatistics(requests=5, retries=1, cache_hits=12, revalidated=2))
    outcome = run_cli("cache", "stats", "--json", response_cache=FakeUsedCache(), run_log=log)

    rate = {"hit_rate": 0.75, "hits": 12, "revalidated": 2, "answers": 16, "runs": 1}
    none = {"hit_rate": None, "hits": 0, "revalidated": 0, "answers": 0, "runs": 0}
    assert json.loads(outcome.out) == {
        "store": "memory",
        "limit": "2 GB",
        "entries": 13,
        "bytes": 3400010,
        **rate,
        "sources": {
            "gone": {"entries": 1, "bytes": 10, **none},
            "opensea": {"entries": 12, "bytes": 3400000, **rate},
        },
    }


def test_an_empty_cache_is_no_error(run_cli: RunCli, tmp_path: Path) -> None:
    """On a first day there is neither a run nor an answer."""
    outcome = run_cli("cache", "stats")

    assert outcome.code == 0
    assert outcome.out.splitlines()[1:] == ["all\t0\t0 B\t\t"]
    assert (tmp_path / "output" / ".cache").exists()


def test_a_store_that_does_not_answer_is_said_plainly(run_cli: RunCli) -> None:
    """Neither command pretends."""
    cache = FakeResponseCache(FakeClock())
    cache.failing = True
    for command in (["stats"], ["purge", "--yes"], ["purge", "--dry-run"]):
        outcome = run_cli("cache", *command, response_cache=cache)

        assert outcome.code != 0
        assert "the store does not answer" in outcome.err


def test_answers_are_dropped_by_condition(run_cli: RunCli) -> None:
    """All conditions reach the store together."""
    cache = FakeUsedCache()
    outcome = run_cli(
        "cache", "purge", "--yes", "--source", "opensea", "--older-than", "7d",
        "--url-prefix", "https://x/", "--json", response_cache=cache,
    )  # fmt: skip

    assert json.loads(outcome.out) == {"dropped": 5}
    assert cache.purged == [PurgeFilter("opensea", "https://x/", timedelta(days=7))]


def test_what_would_be_dropped_is_counted_without_a_question(run_cli: RunCli) -> None:
    """A dry run drops nothing and needs no leave."""
    cache = FakeUsedCache()
    text = run_cli("cache", "purge", "--dry-run", response_cache=cache)
    as_json = run_cli("cache", "purge", "--dry-run", "--json", response_cache=cache)

    assert "5 answers would be dropped." in text.err
    assert json.loads(as_json.out) == {"would_drop": 5}
    assert cache.counted == [PurgeFilter()] * 2
    assert cache.purged == []


def test_a_source_that_is_no_more_can_be_purged(run_cli: RunCli) -> None:
    """Its answers may be there still."""
    cache = FakeUsedCache()
    assert run_cli("cache", "purge", "--source", "gone", "--yes", response_cache=cache).code == 0

    assert cache.purged == [PurgeFilter("gone")]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--older-than", "7 days", "--yes"], 2, "is not a time span like 12h"),
        (["--source", "opensee", "--yes"], 5, "Did you mean opensea"),
        ([], 2, "add --yes"),
    ],
)
def test_a_purge_that_is_not_clear_drops_nothing(
    arguments: Sequence[str], code: int, told: str, run_cli: RunCli
) -> None:
    """Neither by mistake nor unasked."""
    cache = FakeUsedCache()
    outcome = run_cli("cache", "purge", *arguments, response_cache=cache)

    assert outcome.code == code
    assert told in outcome.err
    assert cache.purged == []


@pytest.mark.parametrize(("answer", "dropped"), [(b"y\n", 1), (b"n\n", 0), (b"\n", 0)])
def test_a_person_is_asked_before_everything_is_dropped(
    answer: bytes, dropped: int, run_cli: RunCli
) -> None:
    """No is the default."""
    cache = FakeUsedCache()
    outcome = run_cli("cache", "purge", stdin=answer, terminal=True, response_cache=cache)

    assert "Drop ALL answers from the cache?" in outcome.err
    assert len(cache.purged) == dropped
