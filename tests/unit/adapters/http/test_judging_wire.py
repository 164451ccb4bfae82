import asyncio

import pytest

from adapters.http.judging_wire import JudgingWire
from adapters.http.wire import WireRequest, WireResponse
from domain.errors import RetryableError, ThrottledError
from domain.headers import Headers
from domain.requests import Request, Trust
from domain.stated_limits import stated_limit
from tests.contracts.wire_contract import SOURCE_URL, WireContract
from tests.fakes.fake_wire import FakeWire, wire_response


def judge(
    answer: WireResponse, trust: Trust = Trust.SOURCE, throttled: frozenset[int] = frozenset()
) -> WireResponse:
    judging = JudgingWire(wire=FakeWire(answer), throttled_statuses=throttled, limited=stated_limit)
    request = Request(kind="x", url=SOURCE_URL, trust=trust)
    return asyncio.run(judging.send(WireRequest(request, SOURCE_URL)))


class TestJudgingWire(WireContract):
    async def answer_with(
        self, request: WireRequest, status: int, body: bytes, headers: dict[str, str]
    ) -> WireResponse:
        wire = FakeWire(wire_response(status, body, headers=list(headers.items())))
        return await JudgingWire(wire=wire, throttled_statuses=frozenset()).send(request)


@pytest.mark.parametrize(
    "answer", [wire_response(204, b""), wire_response(200, b""), wire_response(206)]
)
def test_f062_an_answer_that_brings_too_little_is_worth_asking_for_again(
    answer: WireResponse,
) -> None:
    """It speaks for its host, so its status is told."""
    with pytest.raises(RetryableError) as caught:
        judge(answer)
    assert caught.value.status == answer.status


@pytest.mark.parametrize("trust", Trust)
@pytest.mark.parametrize(
    ("status", "fields", "body", "wait"),
    [
        (418, [("Retry-After", "120")], b"", 120.0),
        (429, [], b"", None),
        (429, [("Retry-After", "7")], b"", 7.0),
        (429, [("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "90")], b"", 90.0),
        (429, [("X-RateLimit-Remaining", "3"), ("X-RateLimit-Reset", "90")], b"", None),
        (429, [], b'{"reason": "Minutely API request limit exceeded."}', 60.0),
        (429, [("Retry-After", "7")], b'{"reason": "Hourly API request limit exceeded."}', 7.0),
        (503, [("Retry-After", "3")], b"", 3.0),
        (403, [("RateLimit", '"core";r=0;t=44')], b"", 44.0),
        (599, [], b"", None),
        (200, [], b'{"error": "rate limited"}', None),
        (400, [], b'{"error": "too many requests, try again in 5 s"}', 5.0),
    ],
)
def test_f051_f061_what_asks_for_fewer_requests(
    trust: Trust, status: int, fields: list[tuple[str, str]], body: bytes, wait: float | None
) -> None:
    """By status, by fields, or in words; fields say best for how long."""
    with pytest.raises(ThrottledError) as caught:
        judge(wire_response(status, body, headers=fields), trust)
    assert (caught.value.retry_after, caught.value.status) == (wait, status)


@pytest.mark.parametrize(
    "answer",
    [
        wire_response(403, b"no"),
        wire_response(
            403, b"no", headers=[("X-RateLimit-Remaining", "9"), ("X-RateLimit-Reset", "90")]
        ),
        wire_response(200, b'{"name": "rate limited"}'),
        wire_response(404, b'{"error": "no such thing"}'),
    ],
)
def test_other_answers_pass(answer: WireResponse) -> None:
    """What they mean is for the layers above to say."""
    assert judge(answer) is answer


def test_f055_a_503_without_a_wait_is_a_failure() -> None:
    """Not a request for fewer."""
    with pytest.raises(RetryableError) as caught:
        judge(wire_response(503, b"The service is overloaded"))
    assert not isinstance(caught.value, ThrottledError)


def test_a_policy_s_own_statuses_are_not_a_stranger_s() -> None:
    """They say something at the source's own origin alone."""
    with pytest.raises(ThrottledError):
        judge(wire_response(404), throttled=frozenset({404}))
    assert judge(wire_response(404), Trust.UNTRUSTED, frozenset({404})).status == 404


def test_the_rule_sees_status_fields_and_body() -> None:
    """And its wait holds as it is."""
    seen: list[tuple[int, Headers, bytes]] = []

    def limited(status: int, headers: Headers, body: bytes) -> float | None:
        seen.append((status, headers, body))
        return 17.0

    answer = wire_response(200, b"slow", headers=[("a", "b")])
    judging = JudgingWire(wire=FakeWire(answer), throttled_statuses=frozenset(), limited=limited)
    with pytest.raises(ThrottledError) as caught:
        asyncio.run(judging.send(WireRequest(Request(kind="x", url=""), SOURCE_URL)))
    assert caught.value.retry_after == 17.0
    assert seen == [(200, answer.headers, b"slow")]
