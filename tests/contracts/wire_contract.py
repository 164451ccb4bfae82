"""What every Wire must do."""

import asyncio
from abc import abstractmethod

import pytest

from adapters.http.wire import WireRequest, WireResponse
from domain.errors import RetryableError, ThrottledError
from domain.requests import Request, Trust

SOURCE_URL = "https://api.test/v1/things"
FOREIGN_URL = "https://data.test/1.json"


class WireContract:
    """Override `answer_with`: ask a wire whose upstream answers so."""

    @abstractmethod
    async def answer_with(
        self, request: WireRequest, status: int, body: bytes, headers: dict[str, str]
    ) -> WireResponse:
        """Send the request over the wire under test."""

    def ask(
        self,
        trust: Trust = Trust.SOURCE,
        status: int = 200,
        body: bytes = b"{}",
        headers: dict[str, str] | None = None,
    ) -> WireResponse:
        url = SOURCE_URL if trust is Trust.SOURCE else FOREIGN_URL
        request = WireRequest(Request(kind="thing", url=url, trust=trust), url)
        return asyncio.run(self.answer_with(request, status, body, headers or {}))

    @pytest.mark.parametrize("trust", Trust)
    def test_the_answer_comes_whole(self, trust: Trust) -> None:
        """Status, fields and body arrive as they were sent."""
        answer = self.ask(trust, body=b'{"a": 1}', headers={"ETag": '"1"'})
        assert (answer.status, answer.body) == (200, b'{"a": 1}')
        assert answer.headers.get("etag") == '"1"'

    @pytest.mark.parametrize("status", [304, 400, 401, 403, 404, 410, 501, 505])
    def test_a_final_status_is_an_answer(self, status: int) -> None:
        """What it means is for the fetcher to say."""
        assert self.ask(status=status).status == status

    @pytest.mark.parametrize("status", [408, 425, 500, 502, 503, 504, 520, 521, 522, 525, 529])
    def test_f057_a_passing_failure_is_retryable(self, status: int) -> None:
        """Worth asking again."""
        with pytest.raises(RetryableError) as caught:
            self.ask(status=status)
        assert caught.value.status == status
        assert not isinstance(caught.value, ThrottledError)

    @pytest.mark.parametrize("trust", Trust)
    def test_f051_too_many_requests_says_how_long_to_wait(self, trust: Trust) -> None:
        """429 with its Retry-After."""
        with pytest.raises(ThrottledError) as caught:
            self.ask(trust, status=429, headers={"Retry-After": "7"})
        assert caught.value.retry_after == 7.0
