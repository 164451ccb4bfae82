"""The fault catalogue's rows about repeating, over all layers."""

import asyncio
import random

import pytest

from domain.errors import FetchError, PermanentError, RetryableError
from domain.requests import Request, Response, Trust
from tests.support.counting_server import CUT, JSON, Reply, counting_server
from tests.support.http_stack import http_stack

OK = Reply()


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6])
@pytest.mark.parametrize(
    "failure", [Reply(500, b""), Reply(503, b""), CUT], ids=["500", "503", "cut"]
)
def test_f055_a_dying_upstream_sees_at_most_a_tenth_more(share: float, failure: Reply) -> None:
    """1,000 items, of whose requests a share fails at random; all end one way or the other.

    Each has a connection of its own: what a kept one loses, the transport sends again by itself.
    """
    chance = random.Random(55)
    good = Reply(headers={**JSON, "Connection": "close"})

    async def run() -> tuple[int, int]:
        async with (
            counting_server(lambda p, n: failure if chance.random() < share else good) as server,
            http_stack("http://127.0.0.1:9") as stack,
        ):
            found = await stack.outcomes(f"{server.url}/{n}" for n in range(1000))
            assert all(isinstance(each, Response | RetryableError) for each in found)
            return len(found), server.asked.total()

    items, requests = asyncio.run(run())
    assert items == 1000
    assert requests <= 1.10 * items


def test_f056_one_item_that_fails_for_ever_costs_three_attempts() -> None:
    """The rest is complete."""

    async def run() -> None:
        async with (
            counting_server(lambda p, n: Reply(500, b"") if p == "/bad" else OK) as server,
            http_stack(server.url) as stack,
        ):
            paths = ["/bad", *(f"/{n}" for n in range(100))]
            found = await stack.outcomes(paths, Trust.SOURCE)
            assert server.asked["/bad"] == 3
            assert sum(isinstance(each, Response) for each in found) == 100

    asyncio.run(run())


@pytest.mark.parametrize(
    ("status", "attempts"),
    [
        *((status, 3) for status in (408, 425, 500, 502, 503, 504, 521)),
        *((status, 1) for status in (400, 404, 410, 422, 451, 501, 505)),
    ],
)
def test_f057_what_passes_is_repeated_and_what_does_not_is_not(status: int, attempts: int) -> None:
    """By status alone."""

    async def run() -> tuple[Response | FetchError, int]:
        async with (
            counting_server(lambda path, number: Reply(status, b"no")) as server,
            http_stack(server.url) as stack,
        ):
            return await stack.outcome("/thing", Trust.SOURCE), server.asked.total()

    outcome, asked = asyncio.run(run())
    assert isinstance(outcome, RetryableError if attempts > 1 else PermanentError)
    assert asked == attempts


@pytest.mark.parametrize(
    "empty", [Reply(204, b""), Reply(200, b""), Reply(206, b"{}")], ids=["204", "200", "206"]
)
def test_f062_an_answer_that_brings_nothing_is_asked_for_once_more(empty: Reply) -> None:
    """What comes the second time counts."""

    async def run() -> tuple[Response | FetchError, int]:
        async with (
            counting_server(lambda path, number: OK if number else empty) as server,
            http_stack(server.url) as stack,
        ):
            return await stack.outcome("/thing", Trust.SOURCE), server.asked.total()

    outcome, asked = asyncio.run(run())
    assert isinstance(outcome, Response)
    assert outcome.body == OK.body
    assert asked == 2


@pytest.mark.parametrize(
    ("method", "repeatable", "attempts"),
    [("GET", None, 3), ("POST", None, 1), ("POST", True, 3), ("GET", False, 1)],
)
def test_f067_a_post_is_repeated_only_where_the_source_says_that_it_may_be(
    method: str, repeatable: bool | None, attempts: int
) -> None:
    """A GraphQL query is marked so, an order is not."""

    async def run() -> int:
        async with (
            counting_server(lambda path, number: Reply(502, b"")) as server,
            http_stack(server.url) as stack,
        ):
            request = Request(
                kind="x", url="/thing", method=method, content=b"{}", repeatable=repeatable
            )
            with pytest.raises(RetryableError):
                await stack.fetcher.fetch(request)
            assert set(server.methods) == {method}
            return server.asked.total()

    assert asyncio.run(run()) == attempts
