"""Every disguise of an inner address that we know of, against the whole untrusted path."""

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address

import httpx
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from adapters.http.deadlines import Deadlines
from adapters.http.denied_ranges import DENIED
from adapters.http.fetch_counters import FetchCounters
from adapters.http.http_client import http_client
from adapters.http.httpx_wire import HttpxWire
from adapters.http.judging_wire import JudgingWire
from adapters.http.pinned_backend import PinnedBackend
from adapters.http.redirecting_wire import RedirectingWire
from adapters.http.ssrf_guard import SsrfGuard
from adapters.http.transport.stock_transport import stock_transport
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
    "documentation-2": "198.51.100.7",
    "documentation-3": "203.0.113.7",
    "documentation6": "2001:db8::1",
    "documentation6-new": "3fff::1",
    "6to4-relay": "192.88.99.1",
    "reserved": "240.0.0.1",
    "multicast-ssdp": "239.255.255.250",
    "benchmark6": "2001:2::1",
    "orchid": "2001:20::1",
    "discard6": "100::1",
    "srv6": "5f00::1",
    "teredo-server": "2001:0:7f00:1:8000:63bf:a22f:24f1",
    "nat64-private": "64:ff9b::a00:5",
    "nat64-cgnat": "64:ff9b::6440:1",
    "6to4-metadata": "2002:a9fe:a9fe::1",
    "mapped-metadata": "::ffff:a9fe:a9fe",
    "mapped-private": "::ffff:10.0.0.5",
    "compatible-metadata": "::a9fe:a9fe",
    "aws6": "fd00:ec2::23",
    "gcp6": "fd20:ce::254",
    "multicast6-site": "ff05::1:3",
}
NAMES = {
    **{f"{name}.test": [[address]] for name, address in INNER_ADDRESSES.items()},
    "public.test": [[PUBLIC]],
    "public-first.test": [[PUBLIC, "127.0.0.1"]],
    "public-last.test": [["127.0.0.1", PUBLIC]],
    "mapped-last.test": [[PUBLIC, "93.184.215.15", "::ffff:10.0.0.5"]],
    "metadata.goog": [["169.254.169.254"]],
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
    "http://metadata.goog./",
    "http://METADATA.GOOGLE.INTERNAL./computeMetadata/v1/",
    "http://app.localhost/",
    "http://a.b.LOCALHOST./",
    "http://localhost.localdomain/",
    "http://printer.local/",
    "http://router.home.arpa/",
    "http://0x7f.0x0.0x0.0x1/",
    "http://0x7f.0.0.01/",
    "http://0177.1/",
    "http://127.0.1/",
    "http://127.000.000.001/",
    "http://0000::1/",
    "http://00000000177.0.0.1/",
    "http://3232235777/",
    "http://0xa9fea9fe/",
    "http://0251.0376.0251.0376/",
    "http://2852039166/",
    "http://169.254.43518/",
    "http://169.16689662/",
    "http://127.0.0.1./",
    "http://127.0.0.1:80/",
    "http://127.0.0.1:443/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[0000:0000:0000:0000:0000:0000:0000:0001]/",
    "http://[::ffff:0:127.0.0.1]/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[fe80::1%lo]/",
    "http://[fe80::1%251]/",
    "http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/",
    "http://[64:ff9b:1::7f00:1]/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://[ff02::1]/",
    "http://[v1.127.0.0.1]/",
    "http://100.100.100.200/latest/meta-data/",
    "http://192.0.0.192/opc/v2/instance/",
    "http://168.63.129.16/machine?comp=goalstate",
    "http://169.254.170.2/v2/credentials/",
    "http://169.254.169.254/metadata/v1/",
    "http://\uff11\uff12\uff17.\uff10.\uff10.\uff11/",
    "http://127\uff0e0\uff0e0\uff0e1/",
    "http://127｡0｡0｡1/",
    "http://⑯⑨｡②⑤④｡⑯⑨｡②⑤④/",
    "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
    "http://\uff2c\uff2f\uff23\uff21\uff2c\uff28\uff2f\uff33\uff34/",
    "http://loc\u00adalhost/",
    "http://%31%32%37.0.0.1/",
    "http://127%2e0%2e0%2e1/",
    "http://%6c%6f%63alhost/",
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
    "JavaScript:alert(1)",
    "http://public.test:80@127.0.0.1/",
    "http://public.test%40127.0.0.1/",
    "http://:pw@public.test/",
    "http://user@public.test/",
    "http://public.test:pass@169.254.169.254:80/",
    "http://127.0.0.1;@public.test/",
    "http://127.0.0.1\n.public.test/",
    "http://127.0.0.1\r\nX-Injected: 1/",
    "ht\ttp://127.0.0.1/",
    "http:\\\\127.0.0.1\\",
    "http:/127.0.0.1/",
    "http:127.0.0.1/",
    "http:////127.0.0.1/",
    "http://./",
    "http://.../",
    "http://.127.0.0.1/",
    "http://127..0.0.1/",
    "http://[]/",
    "http://[:::1]/",
    "http://[::1]public.test/",
    "http://[127.0.0.1/",
    "http://127.0.0.1]/",
    "http:// 127.0.0.1/",
    "\u202ehttp://127.0.0.1/",
    "http://public.test/" + "a" * 100_000,
    "http://" + "a." * 40_000 + "test/",
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
    "wss://public.test/",
    "FILE:///etc/passwd",
    "GoPher://127.0.0.1:6379/_FLUSHALL",
    "dict://127.0.0.1:11211/stat",
    "ldap://127.0.0.1/",
    "jar:http://127.0.0.1!/",
    "netdoc:///etc/passwd",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
    "https+http://public.test/",
    "http://public.test:65535/",
    "http://public.test:65536/",
    "http://public.test:8080/",
    "http://public.test:80443/",
    "http://public.test:080a/",
    "http://public.test:\uff16\uff13\uff17\uff19/",
    "https://public.test:5432/",
]
ENGINES = ("own", "stock")
HOSTILE = [
    *LITERALS,
    *CONFUSING,
    *PORTS_AND_SCHEMES,
    *(f"http://{name}.test/" for name in INNER_ADDRESSES),
    "http://public-first.test/",
    "http://public-last.test/",
    "https://public-first.test/",
    "http://mapped-last.test/",
]


def _client(engine: str, backend: PinnedBackend) -> httpx.AsyncClient:
    if engine == "own":
        return http_client(backend=backend, deadlines=Deadlines(), user_agent="test", concurrency=1)
    transport = stock_transport(backend, 1)
    return httpx.AsyncClient(transport=transport, trust_env=False)


class Battery:
    """The untrusted path as it is built for a run, on canned names and a recording network."""

    def __init__(self, allow_private: tuple[str, ...] = (), engine: str = ENGINES[0]) -> None:
        self.engine = engine
        self.network = RecordingBackend()
        self.resolver = FakeNameResolver(NAMES)
        self.guard = SsrfGuard(allow_private)

    def ask(self, url: str) -> WireResponse:
        return asyncio.run(self._ask(url))

    async def _ask(self, url: str) -> WireResponse:
        backend = PinnedBackend(resolver=self.resolver, guard=self.guard, backend=self.network)
        client = _client(self.engine, backend)
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


@st.composite
def _inner_addresses(draw: st.DrawFn) -> int:
    """An IPv4 address that is not global, as a number; mostly from the ranges themselves."""
    ranges = [block.network for block in DENIED.blocks if block.network.version == 4]
    network = draw(st.sampled_from(ranges))
    first, last = int(network.network_address), int(network.broadcast_address)
    number = draw(st.integers(first, last))
    assume(not IPv4Address(number).is_global or IPv4Address(number).is_multicast)
    return number


def _literals(number: int) -> list[str]:
    a, b, c, d = number.to_bytes(4)
    return [
        f"{a}.{b}.{c}.{d}",
        f"{a}.{b}.{(c << 8) + d}",
        f"{a}.{number & 0xFFFFFF}",
        f"{number}",
        f"{number:#x}",
        f"0{number:o}",
        f"{a:#x}.{b:#x}.{c:#x}.{d:#x}",
        f"0{a:o}.0{b:o}.0{c:o}.0{d:o}",
        f"{a:#x}.{b}.0{c:o}.{d}",
    ]


def _resolved(literal: str) -> list[str]:
    found = socket.getaddrinfo(literal, 80, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    return [str(address[0]) for *_, address in found]


def _embeddings(number: int) -> list[str]:
    forms = [
        0xFFFF << 32 | number,  # mapped
        0xFFFF << 48 | number,  # translated
        number,  # compatible
        0x64FF9B << 96 | number,  # NAT64
        0x64FF9B0001 << 80 | number,  # local NAT64
        0x2002 << 112 | number << 80,  # 6to4
        0x20010000 << 96 | 0x4136E378 << 64 | (number ^ 0xFFFFFFFF),  # Teredo client
        0x20010000 << 96 | number << 64 | (0x5DB8D80E ^ 0xFFFFFFFF),  # Teredo server
    ]
    return [str(IPv6Address(form)) for form in forms]


def test_the_battery_is_large_enough() -> None:
    """At least 150 different addresses."""
    assert len(set(HOSTILE)) == len(HOSTILE) >= 150


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("url", HOSTILE, ids=lambda url: ascii(url[:60]))
def test_f030_f035_f037_f038_f047_f050_a_hostile_address_is_refused_without_a_packet(
    url: str, engine: str
) -> None:
    """Not one connection is tried, and the refusal is final."""
    battery = Battery(engine=engine)
    with pytest.raises((HostileError, PermanentError)):
        battery.ask(url)
    assert battery.network.connects == []


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_public_control_connects_to_the_address_that_was_judged(
    scheme: str, engine: str
) -> None:
    """The network is asked for the address, not for the name."""
    battery = Battery(engine=engine)
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


@settings(max_examples=300, deadline=None)
@given(_inner_addresses())
def test_f030_f035_no_form_of_an_inner_address_is_public(number: int) -> None:
    """Each way to write or to embed an IPv4 address that is not global is refused."""
    guard = SsrfGuard()
    for literal in _literals(number):
        with pytest.raises((HostileError, PermanentError)):
            guard.check_addresses(literal, 80, _resolved(literal))
    for embedded in _embeddings(number):
        with pytest.raises(HostileError):
            guard.check_addresses("name.test", 443, (embedded,))
        with pytest.raises(HostileError):
            guard.check_url(f"https://[{embedded}]/")


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
