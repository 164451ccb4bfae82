import hpack
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.http.transport.answer_errors import HostileAnswerError
from adapters.http.transport.connection import RequestHead
from adapters.http.transport.http2_frames import Http2ProtocolError
from adapters.http.transport.http2_headers import NO_TABLE, HeadReader, request_block, status_of

NAMES = st.from_regex(rb"[a-z][a-z0-9-]{0,20}", fullmatch=True)
VALUES = st.binary(max_size=300).filter(lambda v: not set(v) & set(b"\r\n\0"))
OF_A_HOP = {b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"}


def head(target: bytes = b"/", fields: list[tuple[bytes, bytes]] | None = None) -> RequestHead:
    return RequestHead(b"GET", b"https", b"a.test", target, fields or [])


@given(
    st.from_regex(rb"/[!-~]{0,400}", fullmatch=True),
    st.lists(st.tuples(NAMES, VALUES), max_size=10),
)
def test_any_decoder_reads_what_was_meant(target: bytes, fields: list[tuple[bytes, bytes]]) -> None:
    """RFC 7541; fields that belong to a connection stay behind (RFC 9113 section 8.2.2)."""
    block = NO_TABLE + request_block(head(target, fields))
    assert list(hpack.Decoder().decode(block, raw=True)) == [
        (b":method", b"GET"),
        (b":scheme", b"https"),
        (b":authority", b"a.test"),
        (b":path", target),
        *((name, value) for name, value in fields if name not in OF_A_HOP),
    ]


def test_nothing_depends_on_what_was_sent_before() -> None:
    """A decoder without a table reads the second request as well as the first."""
    decoder = hpack.Decoder()
    decoder.max_allowed_table_size = 0
    decoder.header_table_size = 0
    key = [(b"x-api-key", b"secret")]
    for _ in range(2):
        found = list(decoder.decode(request_block(head(fields=key)), raw=True))
        assert found[-1] == (b"x-api-key", b"secret")
        assert not found[-1].indexable


@pytest.mark.parametrize(
    "fields",
    [
        [(b":path", b"/")],
        [(b"a", b"b\r\nc: d")],
        [(b"a", b"\0")],
        [(b"a\n", b"b")],
        [(b"A", b"b")],
        [(b"", b"b")],
    ],
)
def test_a_field_that_none_may_hold_is_not_sent(fields: list[tuple[bytes, bytes]]) -> None:
    """Nobody is to smuggle fields."""
    with pytest.raises(httpx.LocalProtocolError):
        request_block(head(fields=fields))


@pytest.mark.parametrize("target", [b"", b"/a b"])
def test_a_target_that_is_none_is_not_sent(target: bytes) -> None:
    """RFC 9113 section 8.3.1."""
    with pytest.raises(httpx.LocalProtocolError):
        request_block(head(target))


@given(st.binary(max_size=200))
def test_garbage_is_an_error_and_nothing_else(block: bytes) -> None:
    """Whatever the bytes are."""
    try:
        fields = HeadReader().read(block)
    except (Http2ProtocolError, HostileAnswerError):
        return
    status_of(fields)


def test_f007_a_head_that_unpacks_to_much_is_hostile() -> None:
    """A field put into the table once and named a thousand times."""
    encoder = hpack.Encoder()
    block = encoder.encode([(b"a", b"b" * 4_000)]) + encoder.encode([(b"a", b"b" * 4_000)]) * 1_000
    assert len(block) < 10_000
    with pytest.raises(HostileAnswerError):
        HeadReader().read(block)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ([(b":status", b"200")], 200),
        ([(b":status", b"204"), (b"etag", b"1")], 204),
        ([], None),
        ([(b"etag", b"1"), (b":status", b"200")], None),
        ([(b":status", b"20")], None),
        ([(b":status", b"2000")], None),
        ([(b":status", b"200"), (b":status", b"200")], None),
        ([(b":status", b"200"), (b"Etag", b"1")], None),
        ([(b":status", b"200"), (b"upgrade", b"h3")], None),
        ([(b":status", b"200"), (b"a", b"b\nc")], None),
    ],
)
def test_the_head_of_an_answer_is_checked(
    fields: list[tuple[bytes, bytes]], status: int | None
) -> None:
    """RFC 9113 section 8.2 and 8.3.2."""
    assert status_of(fields) == status
