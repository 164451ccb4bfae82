"""Recordings carry no keys."""

import json

import pytest

from adapters.sources.drafting.probe import probe
from adapters.sources.drafting.scrubbed import scrubbed_answer, scrubbed_field
from domain.drafts import Wishes
from domain.sources import Window

SECRET = "verysecretvalue"
URL = f"https://ships.invalid/ships?apikey={SECRET}&page=1"
WISHES = Wishes(name="ships", domain="ships", url=URL)


def test_an_answer_without_keys_keeps_its_bytes() -> None:
    """Spaces and the text of numbers too."""
    body = b'{ "a" : 1.50, "key": "K-7", "next": "https://ships.invalid/x?page=2" }'
    assert scrubbed_answer(WISHES, body, None) == body


@pytest.mark.parametrize(
    "value",
    [
        {"next": f"https://ships.invalid/ships?apikey={SECRET}&page=2"},
        {"access_token": SECRET},
        {"echo": {"headers": [{"authorization": f"Bearer {SECRET}"}]}},
        [f"https://user:{SECRET}@ships.invalid/"],
        {"note": f"your key is {SECRET}"},
    ],
)
def test_what_looks_like_a_key_is_masked(value: object) -> None:
    """By name, in addresses, and wherever the value that was asked with stands."""
    done = scrubbed_answer(WISHES, json.dumps(value).encode(), None)
    assert SECRET not in done.decode()
    assert json.loads(done)


def test_links_keep_their_shape() -> None:
    """The address of the next page can still be read."""
    field = f'<https://ships.invalid/ships?page=2&token=other{SECRET}>; rel="next"'
    done = scrubbed_field(WISHES, field)
    assert SECRET not in done
    assert done.startswith("<https://ships.invalid/ships?page=2")
    assert done.endswith('>; rel="next"')


def test_the_probe_asks_without_keys() -> None:
    """A key in an address would stand in logs and caches."""
    (request,) = probe(WISHES).start("", Window(), {})
    assert request.params == (("page", "1"),)
