import asyncio
import subprocess
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.http.limits.memory_rate_limiter import MemoryRateLimiter
from domain.rate_limits import RateLimit
from tests.fakes.fake_clock import FakeClock


def test_a_burst_goes_at_once_and_the_next_waits_for_the_window() -> None:
    """600 an hour does not mean one every six seconds from the first on."""

    async def run() -> None:
        clock = FakeClock()
        limiter = MemoryRateLimiter([RateLimit(600, 3600.0)], clock)
        for _ in range(600):
            assert await limiter.admit(1) == 0.0
        assert 3600.0 <= await limiter.admit(1) <= 3600.01
        clock.advance(3590)
        assert 10.0 <= await limiter.admit(1) <= 10.01
        clock.advance(10.01)
        assert await limiter.admit(1) == 0.0

    asyncio.run(run())


def test_a_wait_ends_with_the_window_of_the_first_request() -> None:
    """However many came after it, and when."""

    async def run() -> None:
        clock = FakeClock()
        limiter = MemoryRateLimiter([RateLimit(3, 60.0), RateLimit(5, 3600.0)], clock)
        for weight in (1, 2):
            assert await limiter.admit(weight) == 0.0
            clock.advance(10)
        assert 40.0 <= await limiter.admit(1) <= 40.01
        assert 50.0 <= await limiter.admit(2) <= 50.01

    asyncio.run(run())


def test_a_run_of_few_requests_does_without_the_library() -> None:
    """It takes as long to load as everything that such a run asks."""
    script = (
        "import asyncio, sys\n"
        "from adapters.http.limits.memory_rate_limiter import MemoryRateLimiter\n"
        "from adapters.system.system_clock import SystemClock\n"
        "from domain.rate_limits import RateLimit\n"
        "limiter = MemoryRateLimiter([RateLimit(2, 3600.0)], SystemClock())\n"
        "for _ in range(3):\n"
        "    waits = asyncio.run(limiter.admit(1)) > 0\n"
        "    print(waits, 'pyrate_limiter' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=50
    )

    assert done.stdout.splitlines() == ["False False", "False False", "True True"]


def test_what_is_denied_is_not_counted() -> None:
    """Asking does not make the wait longer."""

    async def run() -> list[float]:
        limiter = MemoryRateLimiter([RateLimit(1, 60.0)], FakeClock())
        await limiter.admit(1)
        return [await limiter.admit(1) for _ in range(5)]

    assert len(set(asyncio.run(run()))) == 1


def test_what_no_window_counts_any_more_is_forgotten() -> None:
    """Memory is bounded by the limits, not by the run."""

    async def run() -> int:
        clock = FakeClock()
        limiter = MemoryRateLimiter([RateLimit(10, 1.0), RateLimit(100, 60.0)], clock)
        for _ in range(5000):
            clock.advance(0.7)
            assert await limiter.admit(1) == 0.0
        return len(limiter._bucket.items)

    assert asyncio.run(run()) <= 201


@settings(deadline=None, max_examples=60)
@given(
    limits=st.lists(
        st.builds(RateLimit, st.integers(1, 8), st.floats(0.5, 20.0)), min_size=1, max_size=3
    ),
    requests=st.lists(st.tuples(st.floats(0.0, 3.0), st.integers(1, 12)), min_size=1, max_size=30),
)
def test_no_window_ever_holds_more_than_its_count(
    limits: list[RateLimit], requests: list[tuple[float, int]]
) -> None:
    """Whatever the demand and its weights; one that is too heavy goes when it is alone."""
    clock = FakeClock()
    limiter = MemoryRateLimiter(limits, clock)
    smallest = min(each.count for each in limits)

    async def run() -> list[tuple[float, int]]:
        sent = []
        for gap, weight in requests:
            clock.advance(gap)
            while (wait := await limiter.admit(weight)) > 0:
                clock.advance(wait)
            sent.append((clock.monotonic(), min(weight, smallest)))
        return sent

    sent = asyncio.run(run())
    for limit in limits:
        for start, _ in sent:
            window = [w for at, w in sent if start <= at < start + limit.seconds - 0.005]
            assert sum(window) <= limit.count
