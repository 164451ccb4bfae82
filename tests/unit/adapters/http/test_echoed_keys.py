import json
from urllib.parse import quote

import pytest

from adapters.http.echoed_keys import without_key
from tests.fakes.fake_wire import wire_response

KEY = 'canary/9f8e"7d6c+5b4a'


@pytest.mark.parametrize(
    "spelling",
    [KEY, quote(KEY, safe=""), json.dumps(KEY)[1:-1], json.dumps(KEY)[1:-1].replace("/", "\\/")],
)
def test_f126_a_key_that_is_sent_back_is_masked(spelling: str) -> None:
    """In the body and in the fields, and only there."""
    body = f'{{"errors": ["Invalid {spelling}"]}}'.encode()
    answer = wire_response(401, body, headers=[("location", f"/x?{spelling}"), ("etag", '"1"')])
    masked = without_key(answer, KEY)

    assert masked.body == b'{"errors": ["Invalid ***"]}'
    assert list(masked.headers) == [("location", "/x?***"), ("etag", '"1"')]
    assert (masked.status, masked.url) == (answer.status, answer.url)


@pytest.mark.parametrize("key", [KEY, "things", ""])
def test_an_answer_without_the_key_is_handed_on_as_it_is(key: str) -> None:
    """A key that may be an ordinary word is not looked for."""
    answer = wire_response(200, b'{"name": "things"}')

    assert without_key(answer, key) is answer
