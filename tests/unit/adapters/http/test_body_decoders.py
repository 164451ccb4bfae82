import gzip
import os
import zlib
from collections.abc import Callable

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.http.body_decoders import STEP, body_decoder
from domain.errors import HostileError, RetryableError
from domain.headers import Headers

ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstandard.compress,
    "": bytes,
    "identity": bytes,
}


def decoded(coding: str, data: bytes, piece: int) -> bytes:
    decoder = body_decoder(Headers([("content-encoding", coding)]), "u")
    body = b"".join(
        part
        for start in range(0, len(data), piece)
        for part in decoder.decode(data[start : start + piece])
    )
    decoder.finish()
    return body


@settings(deadline=None, max_examples=100)
@given(
    coding=st.sampled_from(sorted(ENCODERS)),
    body=st.binary(max_size=2000),
    piece=st.integers(1, 700),
)
def test_every_coding_round_trips_in_any_pieces(coding: str, body: bytes, piece: int) -> None:
    """How the network cuts a body does not matter."""
    assert decoded(coding, ENCODERS[coding](body), piece) == body


def test_bare_deflate_data_is_understood() -> None:
    """Some servers leave the zlib wrapping out."""
    body = b"some data " * 100
    assert decoded("deflate", zlib.compress(body, wbits=-zlib.MAX_WBITS), 50) == body


@pytest.mark.parametrize("piece", [1, 5, 1000])
def test_members_that_follow_one_another_are_one_body(piece: int) -> None:
    """RFC 1952 section 2.2, RFC 8878 section 3.1."""
    for coding, encode in (("gzip", gzip.compress), ("zstd", zstandard.compress)):
        assert decoded(coding, encode(b"one ") + encode(b"two"), piece) == b"one two"


def test_padding_after_a_gzip_body_is_passed_over() -> None:
    """As gzip itself does."""
    assert decoded("gzip", gzip.compress(b"one") + bytes(20), 1000) == b"one"


@pytest.mark.parametrize(
    ("coding", "largest"), [("gzip", STEP), ("deflate", STEP), ("zstd", 2**21)]
)
def test_f007_no_step_hands_out_more_than_its_bound(coding: str, largest: int) -> None:
    """A bomb comes in small pieces, so that a cap can stop it."""
    bomb = ENCODERS[coding](bytes(30_000_000))
    pieces = [
        len(piece)
        for piece in body_decoder(Headers([("content-encoding", coding)]), "u").decode(bomb)
    ]
    assert sum(pieces) == 30_000_000
    assert max(pieces) <= largest


@pytest.mark.parametrize("coding", ["gzip, gzip", "gzip, deflate, zstd", ", ".join(["gzip"] * 50)])
def test_f008_stacked_codings_are_hostile(coding: str) -> None:
    """More than one layer has no honest use."""
    with pytest.raises(HostileError, match="times over"):
        body_decoder(Headers([("content-encoding", coding)]), "u")


def test_f008_stacked_codings_in_two_fields_are_hostile() -> None:
    """Two lines are one list."""
    with pytest.raises(HostileError):
        body_decoder(Headers([("content-encoding", "gzip"), ("content-encoding", "gzip")]), "u")


@pytest.mark.parametrize("coding", ["br", "compress", "snappy", "x" * 9999])
def test_f008_an_unknown_coding_is_hostile(coding: str) -> None:
    """It was not asked for."""
    with pytest.raises(HostileError, match="unknown encoding"):
        body_decoder(Headers([("content-encoding", coding)]), "u")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd"])
def test_f009_damaged_data_is_worth_another_try(coding: str) -> None:
    """A damaged body is an error of the way, not of the address."""
    with pytest.raises(RetryableError, match="damaged"):
        decoded(coding, b"\x08this is not compressed at all" * 10, 100)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd"])
def test_f010_a_body_that_stops_early_is_truncated(coding: str) -> None:
    """The end of the stream must have been seen."""
    data = ENCODERS[coding](os.urandom(5000))
    with pytest.raises(RetryableError, match="truncated"):
        decoded(coding, data[:-20], 300)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd"])
def test_an_empty_body_is_no_truncated_one(coding: str) -> None:
    """A 304 may name the coding of the body that it leaves out."""
    assert decoded(coding, b"", 10) == b""
