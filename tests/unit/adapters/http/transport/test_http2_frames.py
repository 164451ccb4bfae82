import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.http.transport.http2_frames import (
    LARGEST_FRAME,
    Flag,
    FrameReader,
    FrameType,
    Http2ProtocolError,
    error_name,
    frame,
    goaway_in,
    number_in,
    settings_in,
    unpadded,
)

FRAMES = st.lists(
    st.tuples(
        st.integers(0, 255), st.integers(0, 255), st.integers(0, 2**31 - 1), st.binary(max_size=300)
    ),
    max_size=8,
)


@given(FRAMES, st.lists(st.integers(0, 400), max_size=8))
def test_frames_are_the_same_however_they_arrive(
    frames: list[tuple[int, int, int, bytes]], cuts: list[int]
) -> None:
    """Cut anywhere, byte by byte or in one piece."""
    data = b"".join(frame(*each) for each in frames)
    reader = FrameReader()
    found = []
    for size in cuts:
        found += reader.feed(data[:size])
        data = data[size:]
    found += reader.feed(data)
    assert found == frames


def test_a_frame_that_is_too_large_is_refused_by_its_head_alone() -> None:
    """Nothing of it is waited for."""
    reader = FrameReader()
    with pytest.raises(Http2ProtocolError, match="16385"):
        reader.feed(frame(0, 0, 1, b"x" * (LARGEST_FRAME + 1))[:9])


@given(st.binary(max_size=100), st.integers(0, 50))
def test_padding_is_taken_off(data: bytes, padding: int) -> None:
    """RFC 9113 section 6.1."""
    padded = bytes((padding,)) + data + b"\0" * padding
    assert unpadded(Flag.PADDED, padded) == data
    assert unpadded(0, data) == data


@pytest.mark.parametrize("payload", [b"", b"\1", b"\5abc"])
def test_more_padding_than_frame_is_refused(payload: bytes) -> None:
    """RFC 9113 section 6.1."""
    with pytest.raises(Http2ProtocolError):
        unpadded(Flag.PADDED, payload)


def test_numbers_and_settings_have_their_sizes() -> None:
    """RFC 9113 sections 6.4, 6.5, 6.8 and 6.9."""
    assert number_in(b"\xff\xff\xff\xff") == 2**31 - 1
    assert goaway_in(b"\0\0\0\5\0\0\0\x0bbecause") == (5, 11)
    assert settings_in(b"\0\3\0\0\0\x64\0\4\0\0\xff\xff") == [(3, 100), (4, 65_535)]
    for read, payload in ((number_in, b"123"), (goaway_in, b"1234567"), (settings_in, b"12345")):
        with pytest.raises(Http2ProtocolError):
            read(payload)


def test_error_codes_have_names() -> None:
    """Also those that nobody has defined."""
    assert (error_name(7), error_name(99)) == ("REFUSED_STREAM", "error 99")
    assert FrameType(9) is FrameType.CONTINUATION
