import asyncio
import socket
import threading
from collections.abc import Sequence

import pytest

from adapters.http.name_resolver import SystemNameResolver, looked_up
from domain.errors import PermanentError, RetryableError


def resolve(host: str, timeout: float = 5.0) -> Sequence[str]:
    resolver = SystemNameResolver(timeout)
    try:
        return asyncio.run(resolver.resolve(host, 443))
    finally:
        resolver.close()


def test_each_address_comes_once_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system has already sorted them (RFC 6724)."""
    rows = [
        (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("2001:db8::1", 443, 0, 0)),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 443)),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 443)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: rows)
    assert resolve("a.test") == ["2001:db8::1", "192.0.2.1"]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (socket.gaierror(socket.EAI_NONAME, "unknown"), PermanentError),
        (socket.gaierror(socket.EAI_AGAIN, "try again"), RetryableError),
        (socket.gaierror(socket.EAI_FAIL, "failed"), RetryableError),
        (UnicodeError("label too long"), PermanentError),
    ],
)
def test_f027_an_unknown_name_is_told_from_a_failing_lookup(
    error: Exception, expected: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """NXDOMAIN stays; everything else may pass."""

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(expected) as caught:
        resolve("a.test")
    assert type(caught.value) is expected


def test_f027_a_lookup_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread stays behind, the request does not."""
    answer = threading.Event()

    def hang(*_: object, **__: object) -> list[object]:
        answer.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    try:
        with pytest.raises(RetryableError, match="longer than"):
            resolve("a.test", timeout=0.05)
    finally:
        answer.set()


@pytest.mark.parametrize(
    "host", ["a.test", "xn--4ca.test", "10.0.0.1", "::1", "fe80::1%eth0", "a" * 63]
)
def test_a_plain_host_is_spelled_as_idna_would(host: str) -> None:
    """Byte for byte, without its tables."""
    assert looked_up(host) == host.encode("idna")


@pytest.mark.parametrize("host", ["a..b", ".a", "a.", "", "a\0b", "ä.test", "a b", "a" * 64])
def test_any_other_host_is_left_to_idna(host: str) -> None:
    """It refuses some, and a byte of zero would cut off what follows."""
    assert looked_up(host) is host
