import asyncio
import contextlib
from collections.abc import Sequence

import pytest

from adapters.http.fetch_counters import FetchCounters
from adapters.http.limiting_wire import LimitingWire
from adapters.http.limits.memory_rate_limiter import MemoryRateLimiter
from adapters.http.ssrf_guard import SsrfGuard
from adapters.http.wire import WireRequest, WireResponse
from domain.errors import RetryableError, ThrottledError, UpstreamDownError
from domain.rate_limits import RateLimit
from domain.requests import Request, Trust
from tests.contracts.wire_contract import WireContract
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_wire import FakeWire, answer_or_error, wire_response


class Limited:
    """A limiting wire on a fake one."""

    def __init__(
        self,
        *answers: WireResponse | Exception,
        concurrency: int = 64,
        source_slots: int = 4,
        limits: tuple[RateLimit, ...] = (),
        allow_private: tuple[str, ...] = (),
    ) -> None:
        self.inner = FakeWire(*answers or (wire_response(),))
        self.clock = FakeClock()
        self.counters = FetchCounters()
        self.wire = LimitingWire(
            wire=self.inner,
            clock=self.clock,
            counters=self.counters,
            guard=SsrfGuard(allow_private),
            concurrency=concurrency,
            source_slots=source_slots,
            limiter=MemoryRateLimiter(limits, self.clock) if limits else None,
            limits=limits,
        )

    async def send(self, url: str, trust: Trust = Trust.UNTRUSTED, weight: int = 1) -> WireResponse:
        request = Request(kind="x", url=url, trust=trust, weight=weight)
        return await self.wire.send(WireRequest(request, url))

    def in_turn(self, urls: Sequence[str], trust: Trust = Trust.UNTRUSTED) -> None:
        async def run() -> None:
            for url in urls:
                await self.send(url, trust)

        asyncio.run(run())

    def at_once(self, urls: Sequence[str], trust: Trust = Trust.UNTRUSTED) -> None:
        async def run() -> None:
            await asyncio.gather(*(self.send(url, trust) for url in urls))

        asyncio.run(run())


class TestLimitingWire(WireContract):
    async def answer_with(
        self, request: WireRequest, status: int, body: bytes, headers: dict[str, str]
    ) -> WireResponse:
        limited = Limited()
        limited.inner = FakeWire(answer_or_error(status, body, headers))
        limited.wire._wire = limited.inner
        return await limited.wire.send(request)


def test_f028_a_foreign_host_sees_at_most_eight_requests_at_once() -> None:
    """Other hosts go on beside it, up to the overall concurrency."""
    limited = Limited()
    limited.at_once([f"https://{host}.test/{n}" for host in "ab" for n in range(50)])
    assert limited.inner.most_by_host == {"a.test": 8, "b.test": 8}


def test_the_overall_concurrency_holds_over_all_hosts() -> None:
    """Ten hosts at eight each would be eighty."""
    limited = Limited(concurrency=10)
    limited.at_once([f"https://h{n % 10}.test/{n}" for n in range(100)])
    assert limited.inner.most_in_flight == 10


def test_the_source_s_own_origin_keeps_to_its_policy() -> None:
    """`SourcePolicy.concurrency`."""
    limited = Limited(source_slots=3)
    limited.at_once([f"https://api.test/{n}" for n in range(30)], Trust.SOURCE)
    assert limited.inner.most_by_host == {"api.test": 3}


@pytest.mark.parametrize("trust", Trust)
def test_a_host_that_the_operator_opened_gets_the_full_concurrency(trust: Trust) -> None:
    """The sandbox is nobody else's server; the first few answers say that it is there."""
    limited = Limited(concurrency=40, allow_private=("127.0.0.1:8123",))
    limited.at_once([f"http://127.0.0.1:8123/{n}" for n in range(200)], trust)
    assert limited.inner.most_by_host == {"127.0.0.1:8123": 40}


def test_a_slow_host_does_not_hold_up_the_others() -> None:
    """Requests that wait for a slot of their host take no slot from the whole."""

    async def run() -> int:
        limited = Limited(concurrency=9)
        limited.inner.gate = asyncio.Event()
        slow = [asyncio.create_task(limited.send(f"https://slow.test/{n}")) for n in range(50)]
        await asyncio.sleep(0.01)
        fast = asyncio.create_task(limited.send("https://fast.test/"))
        await asyncio.sleep(0.01)
        reached = limited.inner.most_by_host.get("fast.test", 0)
        limited.inner.gate.set()
        await asyncio.gather(fast, *slow)
        return reached

    assert asyncio.run(run()) == 1


def test_who_waits_for_a_turn_is_counted() -> None:
    """So that a fetcher knows how many more could be in flight; none waits in the end."""

    async def run() -> list[int]:
        limited = Limited(concurrency=9)
        limited.inner.gate = asyncio.Event()
        sent = [asyncio.create_task(limited.send(f"https://slow.test/{n}")) for n in range(30)]
        await asyncio.sleep(0)
        waiting = [limited.counters.waiting]
        limited.inner.gate.set()
        await asyncio.gather(*sent)
        return [*waiting, limited.counters.waiting]

    assert asyncio.run(run()) == [30 - 8, 0]


def test_stated_limits_let_a_burst_go_and_then_wait() -> None:
    """The wait is counted, and the time it cost."""
    limited = Limited(limits=(RateLimit(5, 60.0),))
    limited.in_turn([f"https://api.test/{n}" for n in range(6)], Trust.SOURCE)
    assert sum(limited.clock.slept) == pytest.approx(60.0, abs=0.01)
    counted = limited.counters.snapshot(limited.clock.monotonic())
    assert counted.waits == {"api.test": pytest.approx(60.0, abs=0.01)}
    assert counted.shared == {"limits": pytest.approx(60.0, abs=0.01)}


@pytest.mark.parametrize("limits", [(), (RateLimit(5, 60.0),)])
def test_the_time_of_requests_under_way_is_the_networks(limits: tuple[RateLimit, ...]) -> None:
    """While they are under way and no longer, whichever way they came."""

    async def run() -> tuple[dict[str, float], dict[str, float]]:
        limited = Limited(limits=limits)
        limited.inner.gate = asyncio.Event()
        sent = asyncio.create_task(limited.send("https://api.test/", Trust.SOURCE))
        await asyncio.sleep(0.01)
        limited.clock.advance(7.0)
        during = limited.counters.snapshot(limited.clock.monotonic()).shared
        limited.inner.gate.set()
        await sent
        limited.clock.advance(50.0)
        return during, limited.counters.snapshot(limited.clock.monotonic()).shared

    during, after = asyncio.run(run())
    assert during == after == {"network": 7.0}


def test_a_heavy_request_counts_for_as_many_as_it_weighs() -> None:
    """Ten a minute: one of eight, and one of three that waits; one of fifty goes by itself."""
    limited = Limited(limits=(RateLimit(10, 60.0),))

    async def run() -> list[float]:
        waits = []
        for weight in (8, 3, 50):
            before = sum(limited.clock.slept)
            await limited.send("https://api.test/", Trust.SOURCE, weight)
            waits.append(sum(limited.clock.slept) - before)
        return waits

    assert asyncio.run(run()) == pytest.approx([0.0, 60.0, 60.0], abs=0.01)


def test_limits_of_the_source_do_not_slow_other_hosts_down() -> None:
    """Not even when data and source share a host."""
    limited = Limited(limits=(RateLimit(1, 60.0),))
    limited.in_turn([f"https://api.test/{n}" for n in range(6)])
    assert limited.clock.slept == []


def test_f054_a_spent_quota_waits_for_its_reset() -> None:
    """X-RateLimit-Remaining: 0 holds the next request back until X-RateLimit-Reset."""
    spent = [("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "25")]
    limited = Limited(wire_response(headers=spent), wire_response())
    limited.in_turn(["https://api.test/1", "https://api.test/2"], Trust.SOURCE)
    assert sum(limited.clock.slept) == pytest.approx(25.0)


def test_f054_used_weight_holds_heavy_requests_back_until_the_minute_is_over() -> None:
    """Binance's 6,000 a minute, of which 5,990 are used at second 5: two fit, twenty do not."""
    used = [("X-MBX-USED-WEIGHT-1M", "5990")]
    limited = Limited(wire_response(headers=used), limits=(RateLimit(6000, 60.0),))

    async def run() -> list[float]:
        waits = []
        for weight in (2, 2, 20):
            before = sum(limited.clock.slept)
            await limited.send("https://api.test/", Trust.SOURCE, weight)
            waits.append(sum(limited.clock.slept) - before)
        return waits

    assert asyncio.run(run()) == pytest.approx([0.0, 0.0, 55.0], abs=0.01)


def test_an_answer_that_comes_late_does_not_raise_what_is_left() -> None:
    """Of two answers about one period the smaller number holds."""
    limited = Limited(
        wire_response(headers=[("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "25")]),
        wire_response(headers=[("X-RateLimit-Remaining", "1"), ("X-RateLimit-Reset", "25")]),
        wire_response(),
    )

    async def run() -> None:
        both = (limited.send(f"https://api.test/{n}", Trust.SOURCE) for n in range(2))
        await asyncio.gather(*both)
        await limited.send("https://api.test/2", Trust.SOURCE)

    asyncio.run(run())
    assert sum(limited.clock.slept) == pytest.approx(25.0)


def test_quotas_with_ever_other_names_take_no_memory() -> None:
    """An upstream may name them as it likes."""
    limited = Limited()
    limited.inner._script = lambda request: wire_response(
        headers=[("RateLimit", f'"{request.url[-6:]}";r=9;t=9')]
    )
    limited.in_turn([f"https://api.test/{n:06}" for n in range(200)], Trust.SOURCE)
    (lane,) = limited.wire._lanes.values()
    assert len(lane._quotas) <= 16


def test_a_quota_is_not_overdrawn_by_requests_under_way() -> None:
    """Two left, two under way: the third waits until one of them has answered."""
    left = [("X-RateLimit-Remaining", "2"), ("X-RateLimit-Reset", "600")]
    limited = Limited(wire_response(headers=left))

    async def run() -> int:
        await limited.send("https://api.test/0", Trust.SOURCE)
        limited.inner.gate = asyncio.Event()
        tasks = [
            asyncio.create_task(limited.send(f"https://api.test/{n}", Trust.SOURCE))
            for n in range(1, 4)
        ]
        for _ in range(20):
            await asyncio.sleep(0)
        under_way = limited.inner.by_host["api.test"]
        limited.inner.gate.set()
        await asyncio.gather(*tasks)
        return under_way

    assert asyncio.run(run()) == 2


def test_f051_a_throttled_host_is_left_alone_as_long_as_it_says() -> None:
    """All its requests wait, those of other hosts do not."""
    limited = Limited(ThrottledError("slower", retry_after=9.0), wire_response())

    async def run() -> None:
        with pytest.raises(ThrottledError):
            await limited.send("https://a.test/1")
        await limited.send("https://b.test/1")
        assert limited.clock.slept == []
        await limited.send("https://a.test/2")

    asyncio.run(run())
    assert sum(limited.clock.slept) == pytest.approx(9.0)


def test_f054_a_host_that_does_not_say_is_left_alone_ever_longer() -> None:
    """One second, two, four; the first answer starts over."""
    slower = ThrottledError("slower")
    limited = Limited(slower, slower, slower, wire_response(), slower, wire_response())

    async def run() -> list[float]:
        waits = []
        for _ in range(6):
            before = sum(limited.clock.slept)
            with contextlib.suppress(ThrottledError):
                await limited.send("https://a.test/")
            waits.append(sum(limited.clock.slept) - before)
        return waits

    assert asyncio.run(run()) == [0.0, 1.0, 2.0, 4.0, 0.0, 1.0]


def test_complaints_about_requests_sent_together_count_once() -> None:
    """Eight answers of 429 at the same moment are one reason to pause."""
    slower = ThrottledError("slower")
    limited = Limited(*[slower] * 8, wire_response())

    async def run() -> None:
        await asyncio.gather(
            *(limited.send(f"https://a.test/{n}") for n in range(8)), return_exceptions=True
        )
        await limited.send("https://a.test/last")

    asyncio.run(run())
    assert sum(limited.clock.slept) == pytest.approx(1.0)


def test_f053_a_pause_beyond_all_patience_fails_at_once() -> None:
    """The request is parked, not asleep, and nothing is sent."""
    limited = Limited(ThrottledError("slower", retry_after=86_400.0))

    async def run() -> ThrottledError:
        with pytest.raises(ThrottledError):
            await limited.send("https://a.test/1")
        with pytest.raises(ThrottledError) as caught:
            await limited.send("https://a.test/2")
        return caught.value

    assert asyncio.run(run()).retry_after == pytest.approx(86_400.0)
    assert len(limited.inner.sent) == 1


def test_hosts_that_are_no_longer_asked_are_forgotten() -> None:
    """36,600 hosts do not take the memory of 36,600 hosts."""
    limited = Limited()
    limited.in_turn([f"https://h{n}.test/" for n in range(3000)])
    assert len(limited.wire._lanes) <= 1024


def test_a_cancelled_request_gives_its_slots_back() -> None:
    """After cancellation the host takes as many requests as before."""

    async def run() -> WireResponse:
        limited = Limited(source_slots=1, concurrency=1)
        limited.inner.gate = asyncio.Event()
        hanging = asyncio.create_task(limited.send("https://api.test/1", Trust.SOURCE))
        waiting = asyncio.create_task(limited.send("https://api.test/2", Trust.SOURCE))
        await asyncio.sleep(0.01)
        hanging.cancel()
        waiting.cancel()
        await asyncio.gather(hanging, waiting, return_exceptions=True)
        limited.inner.gate.set()
        return await limited.send("https://api.test/3", Trust.SOURCE)

    assert asyncio.run(run()).status == 200


def test_f028_one_slow_host_does_not_take_the_others_throughput() -> None:
    """While eight requests hang at one host and 92 wait for it, another answers all of its own."""
    hanging = asyncio.Event()

    class Stuck(FakeWire):
        async def send(self, request: WireRequest) -> WireResponse:
            answer = await super().send(request)
            if "slow.test" in request.url:
                await hanging.wait()
            return answer

    async def run() -> tuple[int, int]:
        limited = Limited(concurrency=64)
        limited.inner = Stuck(wire_response())
        limited.wire._wire = limited.inner
        slow = [asyncio.create_task(limited.send(f"https://slow.test/{n}")) for n in range(100)]
        await asyncio.gather(*(limited.send(f"https://fast.test/{n}") for n in range(500)))
        asked = [sum(host in each.url for each in limited.inner.sent) for host in ("slow", "fast")]
        hanging.set()
        await asyncio.gather(*slow)
        return asked[0], asked[1]

    assert asyncio.run(run()) == (8, 500)


def test_f054_throttling_halves_what_is_in_flight_and_answers_recover_it_slowly() -> None:
    """Eight at once, then four; a burst of complaints counts once."""
    slower = ThrottledError("slower", status=429)
    limited = Limited(*[slower] * 8, wire_response())

    async def run() -> list[int]:
        most = []
        for count in (8, 4, 100, 8):
            limited.inner.most_by_host.clear()
            sent = (limited.send(f"https://a.test/{n}") for n in range(count))
            await asyncio.gather(*sent, return_exceptions=True)
            most.append(limited.inner.most_by_host["a.test"])
        return most

    first, second, third, fourth = asyncio.run(run())
    assert (first, third, fourth) == (8, 8, 8)
    assert second <= 4
    assert limited.counters.throttled == 8


def test_f054_a_host_that_throttles_for_ever_is_asked_one_at_a_time_and_given_up() -> None:
    """A stranger gets two minutes of nothing but complaints."""
    limited = Limited(ThrottledError("slower", status=429, retry_after=25.0))

    async def run() -> list[BaseException | WireResponse]:
        sent = (limited.send(f"https://a.test/{n}") for n in range(1000))
        return await asyncio.gather(*sent, return_exceptions=True)

    results = asyncio.run(run())
    assert len(limited.inner.sent) < 30
    assert isinstance(results[-1], UpstreamDownError)
    assert sum(limited.clock.slept) < 200
    assert limited.counters.snapshot().given_up == ("a.test",)


@pytest.mark.parametrize(
    ("error", "urls"),
    [
        (RetryableError("no connection"), 36_600),
        (RetryableError("no", status=503), 1000),
        (ThrottledError("no", status=503, retry_after=1.0), 1000),
    ],
)
def test_f048_a_dead_host_with_36600_urls_is_given_up(error: RetryableError, urls: int) -> None:
    """Within a minute and fifty requests; what is left fails fast and says why."""
    limited = Limited(error)

    async def run() -> list[BaseException | WireResponse]:
        results: list[BaseException | WireResponse] = []
        for start in range(0, urls, 200):
            sent = (limited.send(f"https://a.test/{n}") for n in range(start, start + 200))
            results += await asyncio.gather(*sent, return_exceptions=True)
        return results

    results = asyncio.run(run())
    assert len(limited.inner.sent) <= 50
    assert sum(limited.clock.slept) <= 60.0
    assert all(isinstance(each, RetryableError) for each in results)
    assert str(results[-1]) == f"a.test is given up: {error.reason}"


@pytest.mark.parametrize("seconds", [0.0, 3.0, 10.0])
def test_f001_f048_a_host_that_never_answers_is_given_up_within_a_minute(seconds: float) -> None:
    """However long each of its connections takes to fail, up to the read timeout."""

    class Blackhole(FakeWire):
        async def send(self, request: WireRequest) -> WireResponse:
            ends = limited.clock.monotonic() + seconds
            await asyncio.sleep(0)
            limited.clock.advance(max(0.0, ends - limited.clock.monotonic()))
            return await super().send(request)

    limited = Limited()
    limited.inner = Blackhole(RetryableError("the upstream fell silent"))
    limited.wire._wire = limited.inner

    async def run() -> float:
        sent = (limited.send(f"https://a.test/{n}") for n in range(500))
        begun = limited.clock.monotonic()
        await asyncio.gather(*sent, return_exceptions=True)
        return limited.clock.monotonic() - begun

    assert asyncio.run(run()) <= 60.0
    assert len(limited.inner.sent) <= 50


def test_a_host_s_name_in_a_report_is_harmless() -> None:
    """It comes from data and may hold anything."""
    limited = Limited(RetryableError("no connection"))

    async def run() -> None:
        for _ in range(40):
            with contextlib.suppress(RetryableError):
                await limited.send("https://a\x1b\u202e.test/")

    asyncio.run(run())
    (name,) = limited.counters.snapshot().given_up
    assert name.isascii()
    assert name.isprintable()


def test_f001_a_host_that_comes_back_is_asked_as_before() -> None:
    """Five failures, a pause, one probe, and everything goes on."""
    broken = RetryableError("no connection")
    limited = Limited(*[broken] * 8, wire_response())

    async def run() -> list[BaseException | WireResponse]:
        sent = (limited.send(f"https://a.test/{n}") for n in range(100))
        return await asyncio.gather(*sent, return_exceptions=True)

    results = asyncio.run(run())
    assert sum(isinstance(each, RetryableError) for each in results) == 8
    assert sum(limited.clock.slept) == pytest.approx(2.0)
    assert limited.counters.snapshot().given_up == ()


def test_f056_one_item_that_fails_for_ever_does_not_open_the_breaker() -> None:
    """Answers of status 500 to a few dozen requests in a row say nothing about the rest."""
    limited = Limited(*[RetryableError("no", status=500)] * 40, wire_response())

    async def run() -> list[BaseException | WireResponse]:
        sent = (limited.send(f"https://a.test/{n}") for n in range(100))
        return await asyncio.gather(*sent, return_exceptions=True)

    results = asyncio.run(run())
    assert sum(isinstance(each, WireResponse) for each in results) == 60
    assert limited.clock.slept == []


def test_a_cancelled_probe_makes_room_for_the_next() -> None:
    """Otherwise the host would never be asked again."""
    limited = Limited(*[RetryableError("no connection")] * 5, wire_response())

    async def run() -> WireResponse:
        for _ in range(5):
            with contextlib.suppress(RetryableError):
                await limited.send("https://a.test/")
        limited.inner.gate = asyncio.Event()
        probe = asyncio.create_task(limited.send("https://a.test/probe"))
        await asyncio.sleep(0.01)
        waiting = asyncio.create_task(limited.send("https://a.test/next"))
        await asyncio.sleep(0.01)
        probe.cancel()
        await asyncio.gather(probe, return_exceptions=True)
        limited.inner.gate.set()
        return await waiting

    assert asyncio.run(run()).status == 200


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("https://h.tesa", "https://h.tesb"),
        ("https://h.test?a=/b", "https://h.other?a=/b"),
        ("http://a/", "http://b/"),
    ],
)
def test_each_host_has_its_own_lane(first: str, second: str) -> None:
    """However its addresses are written."""
    limited = Limited()
    limited.in_turn([first, second, first])
    assert len(limited.wire._lanes) == 2


def test_one_host_has_one_lane_however_it_is_written() -> None:
    """Case and the scheme's own port do not count."""
    limited = Limited()
    limited.in_turn(["https://h.test/1", "https://H.test/2", "https://h.test:443/3"])
    assert len(limited.wire._lanes) == 1


def test_36600_dead_hosts_are_forgotten_as_well() -> None:
    """Memory does not grow with the hosts that fail."""
    limited = Limited(RetryableError("no connection"))

    async def run() -> None:
        for number in range(3000):
            with contextlib.suppress(RetryableError):
                await limited.send(f"https://h{number}.test/")

    asyncio.run(run())
    assert len(limited.wire._lanes) <= 1024
