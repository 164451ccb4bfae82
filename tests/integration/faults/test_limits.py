"""The fault catalogue's rows about limits and hosts that fail, over all layers."""

import asyncio
import socket
from collections.abc import Callable

import pytest

from domain.errors import (
    FetchError,
    RefusedError,
    RetryableError,
    ThrottledError,
    UpstreamDownError,
)
from domain.rate_limits import RateLimit
from domain.requests import Response, Trust
from domain.sources import SourcePolicy
from domain.stated_limits import stated_limit
from tests.support.counting_server import CUT, JSON, Reply, counting_server
from tests.support.http_stack import http_stack

OK = Reply()
POLICY = SourcePolicy("https://sample.invalid", limited=stated_limit)


def throttled(status: int = 429, **fields: str) -> Reply:
    headers = {name.replace("_", "-"): value for name, value in fields.items()}
    return Reply(status, b"slow down", headers)


def closed_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def test_f001_f048_a_closed_port_is_given_up() -> None:
    """Of 3,000 URLs at most fifty are tried, within a minute; every item hears why."""

    async def run() -> tuple[list[Response | FetchError], int, float]:
        url = f"http://127.0.0.1:{closed_port()}"
        async with http_stack("http://127.0.0.1:9") as stack:
            found = await stack.outcomes(f"{url}/{number}" for number in range(3000))
            return found, stack.fetcher.statistics().requests, stack.slept

    found, requests, slept = asyncio.run(run())
    assert len(found) == 3000
    assert all(isinstance(each, RetryableError) for each in found)
    assert requests <= 50
    assert slept <= 60.0
    assert isinstance(found[-1], UpstreamDownError)
    assert "is given up: no connection" in str(found[-1])


def test_f048_a_host_that_cuts_every_connection_is_given_up_and_others_are_unharmed() -> None:
    """Fifty connections at most; the healthy host answers everything meanwhile."""

    async def run() -> None:
        async with (
            counting_server(lambda path, number: CUT) as dead,
            counting_server(lambda path, number: OK) as healthy,
            http_stack(healthy.url) as stack,
        ):
            urls = [f"{server.url}/{n}" for n in range(1500) for server in (dead, healthy)]
            found = await stack.outcomes(urls)
            assert dead.connections <= 50
            assert sum(isinstance(each, Response) for each in found) == 1500
            assert healthy.asked.total() == 1500
            statistics = stack.fetcher.statistics()
            assert statistics.hosts_given_up == 1
            assert statistics.given_up == ("127.0.0.1",)

    asyncio.run(run())


def test_f028_a_slow_host_does_not_take_the_others_throughput() -> None:
    """While every request to one host hangs, all those to another are answered."""

    async def run() -> None:
        gate = asyncio.Event()
        async with (
            counting_server(lambda path, number: Reply(gate=gate)) as slow,
            counting_server(lambda path, number: OK) as healthy,
            http_stack("http://127.0.0.1:9", concurrency=16) as stack,
        ):
            stuck = asyncio.create_task(stack.outcomes(f"{slow.url}/{n}" for n in range(7)))
            found = await stack.outcomes(f"{healthy.url}/{n}" for n in range(300))
            assert sum(isinstance(each, Response) for each in found) == 300
            assert slow.asked.total() == 7
            gate.set()
            await stuck

    asyncio.run(run())


def test_f051_a_limit_is_waited_for_and_costs_no_budget() -> None:
    """429 with seconds for each of a hundred items: as many waits, and no token is spent."""

    async def run() -> None:
        async with (
            counting_server(
                lambda path, number: OK if number % 3 else throttled(Retry_After="7")
            ) as server,
            http_stack(server.url, POLICY) as stack,
        ):
            for number in range(100):
                assert isinstance(await stack.outcome(f"/{number}", Trust.SOURCE), Response)
            assert stack.slept == pytest.approx(700.0)
            statistics = stack.fetcher.statistics()
            assert (statistics.throttled, statistics.denied, statistics.retries) == (100, 0, 100)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("reply", "wait"),
    [
        pytest.param(throttled(Retry_After="3"), 3.0, id="f051_seconds"),
        pytest.param(
            throttled(
                Date="Sun, 09 Sep 2001 01:46:40 GMT",
                Retry_After="Sun, 09 Sep 2001 01:46:45 GMT",
            ),
            5.0,
            id="f052_date_by_a_clock_that_is_decades_wrong",
        ),
        pytest.param(
            throttled(
                Date="Sun, 09 Sep 2001 01:46:40 GMT",
                Retry_After="Sun, 09 Sep 2001 01:46:30 GMT",
            ),
            1.0,
            id="f052_date_in_the_past",
        ),
        pytest.param(throttled(Retry_After="-1"), 1.0, id="f053_negative"),
        pytest.param(throttled(Retry_After="abc"), 1.0, id="f053_garbage"),
        pytest.param(throttled(Retry_After="9" * 5000), None, id="f053_5_kb"),
        pytest.param(throttled(Retry_After="999999999"), None, id="f053_thirty_years"),
        pytest.param(throttled(), 1.0, id="f054_no_field"),
        pytest.param(
            throttled(X_RateLimit_Remaining="0", X_RateLimit_Reset="25"), 25.0, id="f054_reset"
        ),
        pytest.param(throttled(418, Retry_After="4"), 4.0, id="binance_ban"),
        pytest.param(throttled(599, Retry_After="4"), 4.0, id="opensea_599"),
        pytest.param(throttled(503, Retry_After="4"), 4.0, id="f055_503_with_retry_after"),
        pytest.param(
            throttled(403, X_RateLimit_Remaining="0", X_RateLimit_Reset="9"), 9.0, id="github_403"
        ),
        pytest.param(
            Reply(429, b'{"error":true,"reason":"Minutely API request limit exceeded."}'),
            60.0,
            id="open_meteo",
        ),
        pytest.param(Reply(200, b'{"error": "rate limited"}'), 1.0, id="f061_status_200"),
        pytest.param(
            Reply(200, b'{"detail": "throttled, expected available in 12 seconds"}'),
            12.0,
            id="f061_with_a_wait",
        ),
    ],
)
def test_every_way_to_ask_for_fewer_requests_is_understood(
    reply: Reply, wait: float | None
) -> None:
    """The next attempt waits that long; where a day is asked for, nobody waits at all."""

    async def run() -> None:
        async with (
            counting_server(lambda path, number: OK if number else reply) as server,
            http_stack(server.url, POLICY) as stack,
        ):
            outcome = await stack.outcome("/thing", Trust.SOURCE)
            if wait is None:
                assert isinstance(outcome, ThrottledError)
                assert outcome.retry_after == 86_400.0
                assert (server.asked["/thing"], stack.slept) == (1, 0.0)
            else:
                assert isinstance(outcome, Response)
                assert server.asked["/thing"] == 2
                assert stack.slept == pytest.approx(wait)

    asyncio.run(run())


def test_f053_two_fields_and_the_longer_wait_holds() -> None:
    """As two lines, the second of which hides in a value here."""

    async def run() -> float:
        reply = Reply(429, b"", {"Retry-After": "2\r\nRetry-After: 6"})
        async with (
            counting_server(lambda path, number: OK if number else reply) as server,
            http_stack(server.url, POLICY) as stack,
        ):
            assert isinstance(await stack.outcome("/thing", Trust.SOURCE), Response)
            return stack.slept

    assert asyncio.run(run()) == pytest.approx(6.0)


def test_f054_concurrency_is_halved_where_nothing_is_said() -> None:
    """Eight at once are told off; what follows is fewer at once, and all is answered."""

    async def run() -> tuple[int, int]:
        gate = asyncio.Event()
        early = [0]

        def answers(path: str, number: int) -> Reply:
            early[0] += 1
            if early[0] == 8:
                gate.set()
            return Reply(429, b"", {}, gate=gate) if early[0] <= 8 else OK

        async with (
            counting_server(answers) as server,
            http_stack(server.url, POLICY, concurrency=8) as stack,
        ):
            first = await stack.outcomes(f"{server.url}/{n}" for n in range(8))
            before, server.most_at_once = server.most_at_once, 0
            found = first + await stack.outcomes(f"{server.url}/{n}" for n in range(8, 12))
            assert all(isinstance(each, Response) for each in found)
            return before, server.most_at_once

    before, after = asyncio.run(run())
    assert before == 8
    assert after <= 6


def test_limits_of_the_policy_hold_over_the_wire() -> None:
    """Five a minute: the sixth waits, on the clock."""

    async def run() -> float:
        policy = SourcePolicy("https://sample.invalid", limits=(RateLimit(5, 60.0),))
        async with (
            counting_server(lambda path, number: OK) as server,
            http_stack(server.url, policy) as stack,
        ):
            await stack.outcomes((f"/{n}" for n in range(6)), Trust.SOURCE)
            return stack.slept

    assert asyncio.run(run()) == pytest.approx(60.0, abs=0.01)


def test_f055_a_source_that_is_down_is_given_up_soon() -> None:
    """A storm of 503 at its own origin: a few dozen requests, then the run is told."""

    async def run() -> tuple[list[Response | FetchError], int, float]:
        async with (
            counting_server(lambda path, number: Reply(503, b"")) as server,
            http_stack(server.url, POLICY) as stack,
        ):
            found = await stack.outcomes((f"/{n}" for n in range(2000)), Trust.SOURCE)
            return found, server.asked.total(), stack.slept

    found, asked, slept = asyncio.run(run())
    assert isinstance(found[-1], UpstreamDownError)
    assert asked <= 50
    assert slept <= 60.0


@pytest.mark.parametrize("status", [401, 403])
def test_f058_a_refusal_ends_the_batch(status: int) -> None:
    """Its own origin refuses: nothing else is asked for long."""

    async def run() -> int:
        async with (
            counting_server(lambda path, number: Reply(status, b"no")) as server,
            http_stack(server.url, POLICY, concurrency=1) as stack,
        ):
            with pytest.raises(RefusedError, match=f"HTTP {status}"):
                await stack.outcomes((f"/{n}" for n in range(50)), Trust.SOURCE)
            return server.asked.total()

    assert asyncio.run(run()) <= 3


def _hops(target: Callable[[int], str]) -> Callable[[str, int], Reply]:
    return lambda path, number: Reply(302, b"", {"Location": target(number)})


@pytest.mark.parametrize(
    ("location", "kind", "words"),
    [
        pytest.param("/again", "PermanentError", "more than 5 redirects", id="f029_loop"),
        pytest.param("", "PermanentError", "more than 5 redirects", id="f029_empty"),
        pytest.param("file:///etc/passwd", "HostileError", "not on the web", id="f031_file"),
        pytest.param("gopher://127.0.0.1/", "HostileError", "not on the web", id="f031_gopher"),
        pytest.param("ftp://data.test/", "HostileError", "not on the web", id="f031_ftp"),
        pytest.param("data:text/plain,x", "HostileError", "not on the web", id="f031_data"),
        pytest.param("javascript:x", "HostileError", "not on the web", id="f031_javascript"),
        pytest.param("http://169.254.169.254/", "HostileError", "not public", id="f030_cloud"),
        pytest.param("http://[::1", "PermanentError", "not an address", id="f034_bracket"),
        pytest.param("http://h:99999/", "PermanentError", "not an", id="f034_port"),
        pytest.param("https://", "PermanentError", "not an", id="f034_no_host"),
        pytest.param("/" + "x" * 9000, "PermanentError", "too long", id="f034_9_kb"),
    ],
)
def test_a_redirect_that_leads_nowhere_good_is_an_error(
    location: str, kind: str, words: str
) -> None:
    """Of the kind that the catalogue names, after six requests at most."""

    async def run() -> tuple[Response | FetchError, int]:
        async with (
            counting_server(_hops(lambda _: location)) as server,
            http_stack("http://127.0.0.1:9") as stack,
        ):
            return await stack.outcome(f"{server.url}/start"), server.asked.total()

    outcome, asked = asyncio.run(run())
    assert type(outcome).__name__ == kind
    assert words in str(outcome)
    assert asked <= 6


def test_f033_a_redirect_to_another_origin_takes_no_secret_along() -> None:
    """A field that is not known to be harmless stays with the first origin."""

    async def run() -> tuple[str, str]:
        async with (
            counting_server(lambda path, number: Reply(headers=JSON)) as other,
            counting_server(_hops(lambda _: f"{other.url}/end")) as first,
            http_stack("http://127.0.0.1:9") as stack,
        ):
            assert isinstance(await stack.outcome(f"{first.url}/start"), Response)
            return first.fields[0], other.fields[0]

    fields = asyncio.run(run())
    assert all("cookie" not in each and "authorization" not in each for each in fields)
