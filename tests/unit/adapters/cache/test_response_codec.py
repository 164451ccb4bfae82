"""Stored bytes: whole, or nothing."""

import pickle
from collections.abc import Sequence
from zlib import crc32

import msgspec
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.cache.response_codec import MAX_BODY_BYTES, ResponseCodec, Summary
from adapters.cache.stored_headers import StoredHeaders, packed_headers
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
    fresh_until=st.none() | TIMES,
)


@settings(max_examples=100, deadline=None)
@given(st.lists(RESPONSES, max_size=4))
def test_what_was_encoded_is_decoded(variants: list[StoredResponse]) -> None:
    """Any number of variants, with any text and any body, comes back equal."""
    data = CODEC.encode(variants, KEY)

    assert data is not None
    assert variants == CODEC.decode(data, KEY)
    assert [Summary(v.source, v.url, v.received_at) for v in variants] == CODEC.summaries(data)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_f098_any_changed_byte_is_a_miss(data: st.DataObject) -> None:
    """One byte of the stored form, wherever it is, decides over all of it."""
    encoded = bytearray(ENCODED)
    position = data.draw(st.integers(0, len(encoded) - 1))
    encoded[position] ^= data.draw(st.integers(1, 255))

    assert None is CODEC.decode(bytes(encoded), KEY)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda rest: b"\x95\xa4ADP3" + rest))
def test_f098_garbage_is_a_miss(data: bytes) -> None:
    """Bytes of another origin are nothing, neither as an entry nor in the figures."""
    assert None is CODEC.decode(data, KEY)
    CODEC.summaries(data)


def test_f098_truncated_and_extended_values_are_misses() -> None:
    """Every prefix of a value, and a value with more behind it, is nothing."""
    assert all(CODEC.decode(ENCODED[:length], KEY) is None for length in range(len(ENCODED)))
    assert None is CODEC.decode(ENCODED + b"\0", KEY)


def test_f098_pickle_is_never_read() -> None:
    """A pickled entry is garbage like any other."""
    assert None is CODEC.decode(pickle.dumps(ENTRY), KEY)


def test_long_bodies_are_compressed() -> None:
    """Repetitive JSON takes a fraction of its size; noise is kept as it is."""
    long = CODEC.encode([ENTRY._replace(body=b'{"trait_type": "Eyes"}' * 200)], KEY)
    short = CODEC.encode([ENTRY._replace(body=b"x" * 500)], KEY)

    assert long is not None
    assert short is not None
    assert len(long) < 600 < len(short)


def test_a_bomb_costs_no_more_than_its_stated_length() -> None:
    """A value with a right checksum, whose body would unpack to more than it says, is a miss."""
    body = b"honest" * 400
    huge = zstandard.ZstdCompressor(level=3).compress(b"\0" * 2400 * 1000)

    assert None is CODEC.decode(with_packed_body(body, huge), KEY)


def test_a_frame_that_hides_its_length_is_a_miss() -> None:
    """Without a declared size the frame could grow without bound; it is not unpacked."""
    body = b"honest" * 400
    silent = zstandard.ZstdCompressor(level=3, write_content_size=False).compress(body)

    assert None is CODEC.decode(with_packed_body(body, silent), KEY)


def test_a_body_put_in_place_of_another_is_unpacked_when_it_is_honest() -> None:
    """The two tests above fail for their own reasons, not for the way they are made."""
    body = b"honest" * 400
    packed = zstandard.ZstdCompressor(level=19).compress(body)
    variants = CODEC.decode(with_packed_body(body, packed), KEY)

    assert variants is not None
    assert [body] == [each.body for each in variants]


def test_an_entry_under_the_key_of_another_is_a_miss() -> None:
    """A damaged index, or somebody else's hand, may hand out a value for the wrong key."""
    assert None is CODEC.decode(ENCODED, "another key")


@pytest.mark.parametrize("value", [None, 7, 0.5, "ADP", bytearray(100)])
def test_f098_a_value_of_another_type_is_a_miss(value: object) -> None:
    """Stores hand over whatever they find."""
    assert None is CODEC.decode(value, KEY)


def test_no_member_of_an_entry_is_left_behind() -> None:
    """Every member comes back with a value that it does not have by default."""
    (read,) = decoded(ENCODED_FULL)

    for name, value in FULL._asdict().items():
        assert value == getattr(read, name), name
        assert value != StoredResponse._field_defaults.get(name, ...), name


def test_an_entry_without_a_member_that_has_a_default_is_read() -> None:
    """What was stored before a member was added is of use still."""
    shorter = ENTRY[: len(ENTRY) - len(StoredResponse._field_defaults)]

    (read,) = decoded(sealed([shorter]))

    assert shorter == read[: len(shorter)]


def test_an_entry_with_a_member_too_many_is_a_miss() -> None:
    """What a newer program has stored may mean anything."""
    assert None is CODEC.decode(sealed([(*ENTRY, 1)]), KEY)


def test_header_fields_that_cannot_be_read_are_none_at_all() -> None:
    """They are read late, where nobody expects an error any more."""
    assert list(StoredHeaders(b"\xc1")) == []
    with pytest.raises(AttributeError):
        _ = StoredHeaders(b"").no_such_member


@pytest.mark.parametrize(
    ("url", "size"), [("https://x/", MAX_BODY_BYTES + 1), ("https://x/\ud800", 10)]
)
def test_what_cannot_be_stored_is_refused(url: str, size: int) -> None:
    """An entry that is too large, or whose text cannot be written, is not stored."""
    assert None is CODEC.encode([ENTRY._replace(url=url, body=bytes(size))], KEY)


@pytest.mark.parametrize("time", [float("nan"), float("inf"), -1.0, 1e12])
def test_absurd_times_are_misses(time: float) -> None:
    """An entry with a time that no calendar has is dropped rather than computed with."""
    absurd = [
        ENTRY._replace(requested_at=time),
        ENTRY._replace(received_at=time),
        ENTRY._replace(body_received_at=time),
        ENTRY._replace(expires_at=time),
    ]
    for each in absurd:
        encoded = CODEC.encode([each], KEY)

        assert encoded is not None
        assert None is CODEC.decode(encoded, KEY)


def other_than(value: object) -> object:
    """A value of the same type that is no member's default."""
    match value:
        case None:
            return 7.0
        case bool():
            return not value
        case int() | float():
            return type(value)(value + 7)
        case str():
            return f"{value}7"
        case _:
            return value


def decoded(data: bytes) -> list[StoredResponse]:
    """The variants, which are there."""
    variants = CODEC.decode(data, KEY)
    assert variants is not None
    return variants


def sealed(variants: Sequence[object], lengths: Sequence[int] = ()) -> bytes:
    """Any variants with a right checksum."""
    document = ("ADP3", b"", variants, lengths, bytes(4))
    content = msgspec.msgpack.encode(document, enc_hook=packed_headers)[:-4]
    return content + crc32(content, crc32(KEY.encode())).to_bytes(4, "little")


def with_packed_body(body: bytes, packed: bytes) -> bytes:
    """An entry whose body of that length is stored as `packed`."""
    return sealed([ENTRY._replace(body=packed)], [len(body)])


KEY = "a key"
ENTRY = stored(b'{"name": "Terminal"}' * 100, clock=FakeClock())
_encoded = CODEC.encode([ENTRY, ENTRY._replace(body=b"short", vary_key="accept:x")], KEY)
assert _encoded is not None
ENCODED = _encoded
FULL = StoredResponse._make(map(other_than, ENTRY))
_encoded_full = CODEC.encode([FULL], KEY)
assert _encoded_full is not None
ENCODED_FULL = _encoded_full
