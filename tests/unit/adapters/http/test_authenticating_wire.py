import asyncio
from dataclasses import replace

import pytest

from adapters.http.authenticating_wire import AuthenticatingWire
from adapters.http.wire import WireRequest, WireResponse
from domain.errors import MissingKeyError, RefusedError
from domain.requests import Request, Trust
from domain.sources import ApiKey
from tests.contracts.wire_contract import SOURCE_URL, WireContract
from tests.fakes.fake_credentials import FakeCredentials
from tests.fakes.fake_wire import FakeWire, answer_or_error, wire_response
from tests.fakes.sample_source import SAMPLE

KEY = ApiKey(header="x-api-key", variable="SAMPLE_KEY", where="https://sample.invalid/keys")


def keys_sent(
    wire: FakeWire,
    credentials: FakeCredentials,
    url: str = SOURCE_URL,
    trust: Trust = Trust.SOURCE,
) -> list[str | None]:
    authenticating = AuthenticatingWire(
        wire=wire, credentials=credentials, source=SAMPLE, base_url="https://api.test/v1"
    )
    request = WireRequest(Request(kind="x", url="", trust=trust), url, (("a", "b"),))
    asyncio.run(authenticating.send(request))
    return [dict(each.headers).get("x-api-key") for each in wire.sent]


class TestAuthenticatingWire(WireContract):
    async def answer_with(
        self, request: WireRequest, status: int, body: bytes, headers: dict[str, str]
    ) -> WireResponse:
        wire = AuthenticatingWire(
            wire=FakeWire(answer_or_error(status, body, headers)),
            credentials=FakeCredentials(),
            source=SAMPLE,
            base_url="https://api.test/v1",
        )
        return await wire.send(request)


def test_the_source_s_own_requests_carry_the_key() -> None:
    """In the field that the credential names, beside the fields that were there."""
    wire = FakeWire(wire_response())
    assert keys_sent(wire, FakeCredentials()) == ["key-1"]
    assert ("a", "b") in wire.sent[0].headers


@pytest.mark.parametrize(
    ("url", "trust"),
    [
        (SOURCE_URL, Trust.UNTRUSTED),
        ("https://data.test/", Trust.UNTRUSTED),
        ("https://data.test/", Trust.SOURCE),
        ("http://api.test/v1", Trust.SOURCE),
        ("https://api.test:444/v1", Trust.SOURCE),
    ],
)
def test_f033_no_other_request_carries_it(url: str, trust: Trust) -> None:
    """Not an untrusted one to the same host, and none to another origin."""
    assert keys_sent(FakeWire(wire_response()), FakeCredentials(), url, trust) == [None]


def test_a_rejected_key_is_renewed_once() -> None:
    """One 401, one renewal, one more request."""
    credentials = FakeCredentials()
    wire = FakeWire(wire_response(401), wire_response(200))
    assert keys_sent(wire, credentials) == ["key-1", "key-2"]
    assert credentials.renewals == 1


def test_a_second_rejection_is_the_answer() -> None:
    """No endless renewals."""
    credentials = FakeCredentials()
    assert keys_sent(FakeWire(wire_response(401)), credentials) == ["key-1", "key-2"]
    assert credentials.renewals == 1


def test_f058_a_rejected_key_of_the_operator_is_not_repeated() -> None:
    """It is his to replace."""
    credentials = FakeCredentials(renewable=False)
    assert keys_sent(FakeWire(wire_response(401)), credentials) == ["key-1"]


def test_f058_a_key_that_was_good_is_refused_after_two_in_a_row() -> None:
    """One stray 403 in the middle of a run is asked again; a second one ends it."""
    wire = FakeWire(wire_response(), wire_response(403), wire_response(), wire_response(403))
    source = replace(SAMPLE, policy=replace(SAMPLE.policy, api_key=KEY))
    authenticating = AuthenticatingWire(
        wire=wire,
        credentials=FakeCredentials(renewable=False),
        source=source,
        base_url="https://api.test/v1",
    )
    request = WireRequest(Request(kind="x", url=""), SOURCE_URL)

    async def run() -> str:
        assert (await authenticating.send(request)).status == 200
        assert (await authenticating.send(request)).status == 200
        with pytest.raises(RefusedError) as caught:
            await authenticating.send(request)
        return str(caught.value)

    words = asyncio.run(run())
    assert len(wire.sent) == 5
    assert "SAMPLE_KEY" in words
    assert "key-1" not in words


def test_a_source_without_a_key_is_asked_without_one() -> None:
    """And a 401 is its answer."""
    credentials = FakeCredentials(available=False)
    assert keys_sent(FakeWire(wire_response(401)), credentials) == [None]


def test_a_missing_key_is_said_before_anything_is_sent() -> None:
    """The upstream sees no request that it would refuse."""
    credentials = FakeCredentials()
    credentials.failure = MissingKeyError("sample", "SAMPLE_KEY", "https://sample.invalid/keys")
    wire = FakeWire(wire_response())
    with pytest.raises(MissingKeyError, match="SAMPLE_KEY"):
        keys_sent(wire, credentials)
    assert wire.sent == []
