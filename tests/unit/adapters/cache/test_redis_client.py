"""How commands leave for Redis."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.asyncio.connection import Connection, SSLConnection, UnixDomainSocketConnection

from adapters.cache.redis_client import redis_client

ARGUMENTS = st.lists(st.text(max_size=20) | st.binary(max_size=20) | st.integers(), max_size=6)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["GET", "CONFIG GET", "CLIENT SETINFO"]), ARGUMENTS)
def test_packed_in_c_is_packed_all_the_same(name: str, arguments: list[str | bytes | int]) -> None:
    """The bytes are those that redis-py itself would send."""
    client, _ = redis_client("redis://localhost")
    ours = client.connection_pool.make_connection()  # type: ignore[no-untyped-call]  # of redis-py
    theirs = Connection()

    assert b"".join(theirs.pack_command(name, *arguments)) == b"".join(
        ours.pack_command(name, *arguments)
    )


@pytest.mark.parametrize(
    ("url", "kind", "place"),
    [
        ("redis://:secret@host:7000/2", Connection, "Redis at host:7000"),
        ("rediss://host", SSLConnection, "Redis at host:6379"),
        ("unix:///run/redis.sock?db=1", UnixDomainSocketConnection, "Redis at /run/redis.sock"),
    ],
)
def test_every_kind_of_address_is_served(url: str, kind: type, place: str) -> None:
    """Its place is told without the password, and answers are always bytes."""
    client, words = redis_client(f"{url}{'&' if '?' in url else '?'}decode_responses=yes")

    assert issubclass(client.connection_pool.connection_class, kind)
    assert client.connection_pool.connection_kwargs["decode_responses"] is False
    assert words == place
