"""Every disguise of an inner address that we know of, against the whole untrusted path."""

import asyncio

import httpx
import pytest

from adapters.http.deadlines import Deadlines
from adapters.http.fetch_counters import FetchCounters
from adapters.http.http_client import http_client
from adapters.http.httpx_wire import HttpxWire
from adapters.http.judging_wire import JudgingWire
from adapters.http.pinned_backend import PinnedBackend
from adapters.http.redirecting_wire import RedirectingWire
from adapters.http.ssrf_guard import SsrfGuard
from adapters.http.wire import WireRequest, WireResponse
from domain.errors import HostileError, PermanentError, RetryableError
from domain.requests import Request, Trust
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_name_resolver import FakeNameResolver
from tests.fakes.recording_backend import RecordingBackend

PUBLIC = "93.184.215.14"
INNER_ADDRESSES = {
    "private": "10.0.0.5",
    "private-172": "172.16.9.9",
    "private-192": "192.168.1.1",
    "metadata": "169.254.169.254",
    "ecs": "169.254.170.2",
    "nat64": "64:ff9b::a9fe:a9fe",
    "nat64-local": "64:ff9b:1::7f00:1",
    "6to4": "2002:7f00:1::",
    "teredo": "2001:0:4136:e378:8000:63bf:80ff:fffe",
    "mapped": "::ffff:127.0.0.1",
    "mapped-azure": "::ffff:168.63.129.16",
    "nat64-azure": "64:ff9b::a83f:8110",
    "translated": "::ffff:0:127.0.0.1",
    "compatible": "::127.0.0.1",
    "loopback6": "::1",
    "unspecified6": "::",
    "link-local6": "fe80::1",
    "site-local6": "fec0::1",
    "reserved6": "4000::1",
    "multicast6": "ff02::1",
    "cgnat": "100.64.0.1",
    "unique-local": "fd00:ec2::254",
    "this-network": "0.0.0.0",
    "broadcast": "255.255.255.255",
    "multicast": "224.0.0.1",
    "benchmark": "198.18.0.1",
    "alibaba": "100.100.100.200",
    "oracle": "192.0.0.192",
    "azure": "168.63.129.16",
    "documentation": "192.0.2.1",
}
NAMES = {
    **{f"{name}.test": [[address]] for name, address in INNER_ADDRESSES.items()},
    "public.test": [[PUBLIC]],
    "public-first.test": [[PUBLIC, "127.0.0.1"]],
    "public-last.test": [["127.0.0.1", PUBLIC]],
    "localhost": [["127.0.0.1", "::1"]],
    "internal.test": [["10.0.0.5"]],
    "metadata.google.internal": [["169.254.169.254"]],
    "rebinding.test": [["127.0.0.1"]],
}
LITERALS = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://0/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[2002:7f00:1::]/",
    "http://[fe80::1%25lo]/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://169.254.169.254./",
    "https://10.0.0.5/",
    "http://localhost/",
    "http://localhost./",
    "http://LOCALHOST/",
    "http://metadata.google.internal/",
]
CONFUSING = [
    "http://a:b@internal.test/",
    "http://a:b@public.test/",
    "http://public.test@127.0.0.1/",
    "http://127.0.0.1#@public.test/",
    "http://127.0.0.1\\@public.test/",
    "http://public.test\\@127.0.0.1/",
    "http://127.0.0.1?@public.test/",
    "http://127.0.0.1%2f@public.test/",
    "http://127.0.0.1%00.public.test/",
    "http://public.test\t.internal.test/",
    "http://\r\nhost:127.0.0.1/",
    "http://[127.0.0.1]/",
    "http://[::1",
    "http:///etc/passwd",
    "//127.0.0.1/",
    "http://" + "a" * 300 + ".test/",
    "http://public.test/" + "a" * 3000,
    "",
    "   ",
    "javascript:alert(1)",
]
PORTS_AND_SCHEMES = [
    "http://public.test:22/",
    "http://public.test:25/",
    "http://public.test:6379/",
    "http://public.test:0/",
    "http://public.test:99999/",
    "http://public.test:-1/",
    "file:///etc/passwd",
    "gopher://127.0.0.1/",
    "ftp://public.test/",
    "data:text/plain,hello",
    "unix:///var/run/docker.sock",
    "ws://public.test/",
]
HOSTILE = [
    *LITERALS,
    *CONFUSING,
    *PORTS_AND_SCHEMES,
    *(f"http://{name}.test/" for name in INNER_ADDRESSES),
    "http://public-first.test/",
    "http://public-last.test/",
]


class Battery:
    """The untrusted path as it is built for a run, on canned names and a recording network."""

    def __init__(self, allow_private: tuple[str, ...] = ()) -> None:
        self.network = RecordingBackend()
        self.resolver = FakeNameResolver(NAMES)
        self.guard = SsrfGuard(allow_private)

    def ask(self, url: str) -> WireResponse:
        return asyncio.run(self._ask(url))

    async def _ask(self, url: str) -> WireResponse:
        backend = PinnedBackend(resolver=self.resolver, guard=self.guard, backend=self.network)
        client = http_client(
            backend=backend, deadlines=Deadlines(), user_agent="test", concurrency=1
        )
        async with client:
            wire = HttpxWire(
                keyed=client,
                untrusted=client,
                guard=self.guard,
                base_url="https://api.test",
                clock=FakeClock(),
                counters=FetchCounters(),
                deadlines=Deadlines(),
            )
            request = Request(kind="metadata", url=url, trust=Trust.UNTRUSTED)
            judging = JudgingWire(wire=wire, throttled_statuses=frozenset())
            return await RedirectingWire(wire=judging, total=30.0).send(WireRequest(request, url))


def test_the_battery_is_large_enough() -> None:
    """At least 60 different addresses."""
    assert len(set(HOSTILE)) >= 60


@pytest.mark.parametrize("url", HOSTILE)
def test_f030_f035_f037_f038_a_hostile_address_is_refused_without_a_packet(url: str) -> None:
    """Not one connection is tried, and the refusal is final."""
    battery = Battery()
    with pytest.raises((HostileError, PermanentError)):
        battery.ask(url)
    assert battery.network.connects == []


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_public_control_connects_to_the_address_that_was_judged(scheme: str) -> None:
    """The network is asked for the address, not for the name."""
    battery = Battery()
    with pytest.raises(RetryableError, match="no connection"):
        battery.ask(f"{scheme}://public.test/")
    assert battery.network.connects == [(PUBLIC, 443 if scheme == "https" else 80)]
    assert battery.resolver.asked == {"public.test": 1}


def test_f036_a_name_that_changes_its_address_gains_nothing() -> None:
    """One lookup a connection: what was judged is what is connected to."""
    battery = Battery()
    battery.resolver = FakeNameResolver({"rebinding.test": [[PUBLIC], ["127.0.0.1"]]})
    with pytest.raises(RetryableError):
        battery.ask("http://rebinding.test/")
    with pytest.raises(HostileError):
        battery.ask("http://rebinding.test/")
    assert battery.network.connects == [(PUBLIC, 80)]


def test_f027_of_many_addresses_at_most_four_are_tried() -> None:
    """A name with a hundred silent addresses holds nobody up for long."""
    battery = Battery()
    many = [f"93.184.215.{number}" for number in range(1, 101)]
    battery.resolver = FakeNameResolver({"many.test": [many]})
    with pytest.raises(RetryableError):
        battery.ask("http://many.test/")
    assert [address for address, _ in battery.network.connects] == many[:4]


@pytest.mark.parametrize(
    ("entry", "url", "expected"),
    [
        ("127.0.0.1", "http://127.0.0.1:8123/", ("127.0.0.1", 8123)),
        ("127.0.0.1:8123", "http://127.0.0.1:8123/", ("127.0.0.1", 8123)),
        ("127.0.0.0/8", "http://localhost:9/", None),  # ::1 stands behind the name, too
        ("localhost", "http://localhost:9/", ("127.0.0.1", 9)),
        ("10.0.0.0/8", "http://internal.test/", ("10.0.0.5", 80)),
        ("10.0.0.0/8", "http://internal.test:8080/", ("10.0.0.5", 8080)),
        ("internal.test:8080", "http://internal.test:8080/", ("10.0.0.5", 8080)),
        ("internal.test:8080", "http://internal.test/", None),
        ("127.0.0.1:8123", "http://127.0.0.1:8124/", None),
        ("127.0.0.1:8123", "http://127.0.0.1/", None),
        ("10.0.0.0/8", "http://public.test:22/", None),
        ("10.0.0.0/8", "http://127.0.0.1/", None),
        ("10.0.0.0/8", "file:///etc/passwd", None),
        ("[::1]:80", "http://[::1]/", ("::1", 80)),
        ("fd00::/8", "http://unique-local.test/", ("fd00:ec2::254", 80)),
    ],
)
def test_what_the_operator_opens_is_open_and_nothing_else(
    entry: str, url: str, expected: tuple[str, int] | None
) -> None:
    """APP_HTTP__ALLOW_PRIVATE: hosts and networks on any port, host:port on that one alone."""
    battery = Battery((entry,))
    with pytest.raises(RetryableError if expected else HostileError):
        battery.ask(url)
    assert battery.network.connects[:1] == ([expected] if expected else [])


def test_f040_unix_sockets_are_refused() -> None:
    """No transport of ours can be led to a socket of this machine."""
    battery = Battery()
    backend = PinnedBackend(resolver=battery.resolver, guard=battery.guard, backend=battery.network)
    with pytest.raises(HostileError, match="unix"):
        asyncio.run(backend.connect_unix_socket("/var/run/docker.sock"))


def test_the_judged_url_is_the_one_that_is_asked() -> None:
    """The guard hands on what it parsed; nothing parses the text again."""
    assert SsrfGuard().check_url("HTTP://Public.TEST/a b") == httpx.URL("http://public.test/a%20b")
