"""Stored bytes: whole, or nothing."""

import pickle
from dataclasses import replace
from hashlib import blake2b

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.cache.response_codec import MAX_BODY_BYTES, ResponseCodec, Summary
from domain.headers import Headers
from domain.http_caching.stored_response import StoredResponse
from tests.contracts.response_cache_contract import stored
from tests.fakes.fake_clock import FakeClock

CODEC = ResponseCodec()
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
TIMES = st.floats(0, 1e11)
RESPONSES = st.builds(
    StoredResponse,
    source=TEXT,
    url=TEXT,
    status=st.integers(100, 599),
    headers=st.lists(st.tuples(TEXT, TEXT), max_size=5).map(Headers),
    body=st.binary(max_size=3000) | st.binary(max_size=20).map(lambda part: part * 500),
    vary_key=TEXT,
    requested_at=TIMES,
    received_at=TIMES,
    body_received_at=TIMES,
    expires_at=TIMES,
)


@settings(max_examples=100, deadline=None)
@given(st.lists(RESPONSES, max_size=4))
def test_what_was_encoded_is_decoded(variants: list[StoredResponse]) -> None:
    """Any number of variants, with any text and any body, comes back equal."""
    data = CODEC.encode(variants)

    assert data is not None
    assert variants == CODEC.decode(data)
    assert [Summary(v.source, v.url, v.received_at) for v in variants] == CODEC.summaries(data)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_f098_any_changed_byte_is_a_miss(data: st.DataObject) -> None:
    """One byte of the stored form, wherever it is, decides over all of it."""
    encoded = bytearray(ENCODED)
    position = data.draw(st.integers(0, len(encoded) - 1))
    encoded[position] ^= data.draw(st.integers(1, 255))

    assert None is CODEC.decode(bytes(encoded))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda rest: b"ADP\x01" + rest))
def test_f098_garbage_is_a_miss(data: bytes) -> None:
    """Bytes of another origin are nothing, neither as an entry nor in the figures."""
    assert None is CODEC.decode(data)
    CODEC.summaries(data)


def test_f098_truncated_and_extended_values_are_misses() -> None:
    """Every prefix of a value, and a value with more behind it, is nothing."""
    assert all(CODEC.decode(ENCODED[:length]) is None for length in range(len(ENCODED)))
    assert None is CODEC.decode(ENCODED + b"\0")


def test_f098_pickle_is_never_read() -> None:
    """A pickled entry is garbage like any other."""
    assert None is CODEC.decode(pickle.dumps(ENTRY))


def test_long_bodies_are_compressed() -> None:
    """Repetitive JSON takes a fraction of its size; noise is kept as it is."""
    long = CODEC.encode([replace(ENTRY, body=b'{"trait_type": "Eyes"}' * 200)])
    short = CODEC.encode([replace(ENTRY, body=b"x" * 500)])

    assert long is not None
    assert short is not None
    assert len(long) < 600 < len(short)


def test_a_bomb_costs_no_more_than_its_stated_length() -> None:
    """A value with a right tag, whose body would unpack to more than it says, is a miss."""
    body = b"honest" * 400
    encoded = CODEC.encode([replace(ENTRY, body=body)])
    assert encoded is not None
    packed = zstandard.ZstdCompressor(level=3).compress(body)
    assert encoded.endswith(packed)
    huge = zstandard.ZstdCompressor(level=3).compress(b"\0" * 2400 * 1000)
    bomb = huge.ljust(len(packed), b"\0")[: len(packed)]
    covered = encoded[20 : -len(packed)] + bomb

    assert None is CODEC.decode(encoded[:4] + blake2b(covered, digest_size=16).digest() + covered)


def test_a_frame_that_hides_its_length_is_a_miss() -> None:
    """Without a declared size the frame could grow without bound; it is not unpacked."""
    body = b"honest" * 400
    encoded = CODEC.encode([replace(ENTRY, body=body)])
    assert encoded is not None
    packed = zstandard.ZstdCompressor(level=3).compress(body)
    silent = zstandard.ZstdCompressor(level=3, write_content_size=False).compress(body)
    head = encoded[20 : -len(packed)]
    head = head.removesuffix(bytes((len(packed),))) + bytes((len(silent),))
    covered = head + silent

    assert None is CODEC.decode(encoded[:4] + blake2b(covered, digest_size=16).digest() + covered)


@pytest.mark.parametrize(
    ("url", "size"), [("https://x/", MAX_BODY_BYTES + 1), ("https://x/\ud800", 10)]
)
def test_what_cannot_be_stored_is_refused(url: str, size: int) -> None:
    """An entry that is too large, or whose text cannot be written, is not stored."""
    assert None is CODEC.encode([replace(ENTRY, url=url, body=bytes(size))])


@pytest.mark.parametrize("time", [float("nan"), float("inf"), -1.0, 1e12])
def test_absurd_times_are_misses(time: float) -> None:
    """An entry with a time that no calendar has is dropped rather than computed with."""
    encoded = CODEC.encode([replace(ENTRY, received_at=time)])

    assert encoded is not None
    assert None is CODEC.decode(encoded)


ENTRY = stored(b'{"name": "Terminal"}' * 100, clock=FakeClock())
_encoded = CODEC.encode([ENTRY, replace(ENTRY, body=b"short", vary_key="accept:x")])
assert _encoded is not None
ENCODED = _encoded
