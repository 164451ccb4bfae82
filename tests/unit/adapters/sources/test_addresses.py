"""Addresses of metadata documents: asked, or refused with a reason; never anything else."""

from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.sources.nft.addresses import MAX_URL, Address, is_plain, other_address, resolve
from domain.errors import ParseError

V0 = "QmeU9vyFZiTabcdefghijkmnopqrstuvwxyzABCDEFGHJK"[:46]
V1 = "bafkreia7gburv672hfnidgdp7iauifdjc4h5nhry5wkjw7ei7xgwzliwle"
TX = "BPhNP_UaTZCHmZ4TKLV2u-0JxsbCkqLcIH5FdtY_12A"
GATEWAYS = ("https://one.example", "https://two.example")
HEX = "00000000000000000000000000000000000000000000000000000000000000ff"

WEB = {
    "https://x.example/1": "https://x.example/1",
    "http://x.example:8080/1?a=b": "http://x.example:8080/1?a=b",
    "HTTPS://x.example/1": "HTTPS://x.example/1",
    "  https://x.example/1\n": "https://x.example/1",
    "https://x.example/a b.json": "https://x.example/a%20b.json",
    "https://x.example/1#fragment": "https://x.example/1",
    "https://x.example/{id}.json": f"https://x.example/{HEX}.json",
    "https://x.example/0x%7Bid%7D": f"https://x.example/0x{HEX}",
    "https://münchen.example/1": "https://münchen.example/1",
    "https://ipfs.io/ipfs/short/1": "https://ipfs.io/ipfs/short/1",
    "https://arweave.net/info": "https://arweave.net/info",
    f"https://x.example/{TX}": f"https://x.example/{TX}",
}
IPFS = {
    f"ipfs://{V0}": V0,
    f"ipfs://{V1}/1": f"{V1}/1",
    f"IPFS://{V1}/1": f"{V1}/1",
    f"ipfs://ipfs/{V1}/1": f"{V1}/1",
    f"ipfs://ipfs/ipfs/{V1}": V1,
    f"ipfs:/{V1}": V1,
    f"ipfs://{V1}//a/./b/": f"{V1}/a/b",
    f"ipfs://{V1}/Ape #1.json": f"{V1}/Ape%20%231.json",
    f"ipfs://{V1}/1?token=x": f"{V1}/1",
    f"ipfs://{V1}/{{id}}": f"{V1}/{HEX}",
    f"ipfs://{V1.upper()}/1": f"{V1}/1",
    f"ipfs://{V1}/%C3%A9": f"{V1}/%C3%A9",
    f"ipfs://{V1}/%ff": f"{V1}/%FF",
}
GATEWAY = {
    f"https://ipfs.io/ipfs/{V1}/1": f"{V1}/1",
    f"https://a.mypinata.cloud/ipfs/{V0}?t=1": V0,
    f"https://{V1}.ipfs.nftstorage.link/1": f"{V1}/1",
    f"https://ipfs.io:443/ipfs/{V1}": V1,
    f"https://two.example/ipfs/{V1}": V1,
}
STRANGER = {
    f"https://x.example/ipfs/{V1}/1": f"{V1}/1",
    f"https://{V1}.ipfs.x.example/1": f"{V1}/1",
    f"https://evilipfs.io/ipfs/{V1}": V1,
    f"https://x.cloud/ipfs/{V1}": V1,
    f"https://mypinata.cloud.x.example/ipfs/{V1}": V1,
    f"https://ipfs.io@x.example/ipfs/{V1}": V1,
    f"http://ipfs.io/ipfs/{V1}": V1,
}
ARWEAVE = {
    f"ar://{TX}": TX,
    f"ar://{TX}/1.json": f"{TX}/1.json",
    f"https://arweave.net/{TX}/1": f"{TX}/1",
}
REFUSED = {
    "": "a relative address",
    "   ": "a relative address",
    "metadata/1.json": "a relative address",
    "/ipfs/1": "a relative address",
    "//x.example/1": "a relative address",
    "javascript:alert(1)": "an address of another kind",
    "ftp://x.example/1": "an address of another kind",
    "file:///etc/passwd": "an address of another kind",
    "ipns://x.example/1": "an address of another kind",
    "ipfs://Qmshort/1": "an address of another kind",
    "ipfs://": "an address of another kind",
    f"ipfs://{V0.lower()}": "an address of another kind",
    f"ar://{TX[:-1]}": "an address of another kind",
    f"ar://{TX}A": "an address of another kind",
    f"ipfs://{V1}/../../secret": "an address that leaves its folder",
    f"ipfs://{V1}/%2e%2E/x": "an address that leaves its folder",
    f"ipfs://{V1}/a%2Fb": "an address that leaves its folder",
    f"https://ipfs.io/ipfs/{V1}/../x": "an address that leaves its folder",
    "https://": "an address without a host",
    "https:///1": "an address without a host",
    "https:x.example": "an address without a host",
    "http://[::1": "a malformed address",
    "https://x.example:99999/": "a malformed address",
    "https://x.example\\@evil.example/": "an address with control characters",
    "https://x.example/\u202egpj.1": "an address with control characters",
    "https://x.example/\u200b1": "an address with control characters",
    "https://x.example/\x00": "an address with control characters",
    "https://x.example/a\nb": "an address with control characters",
    "https://x.example/\ud800": "an address with control characters",
    "https://x.example/" + "a" * 100_000: "an address longer than 2048 characters",
    f"ipfs://{V1}/" + "é" * 1_900: "an address longer than 2048 characters",
    "https://x.example/" + "{id}" * 100: "an address longer than 2048 characters",
}


@pytest.mark.parametrize("uri", WEB)
def test_web_addresses_are_asked_as_they_are(uri: str) -> None:
    """Trimmed, with spaces and the placeholder filled in, without a fragment."""
    assert resolve(uri, "255", GATEWAYS) == Address(WEB[uri])


@pytest.mark.parametrize("uri", IPFS)
def test_f041_ipfs_addresses_are_asked_at_the_first_gateway(uri: str) -> None:
    """Whatever the spelling, one content has one name."""
    path = IPFS[uri]
    expected = Address(f"https://one.example/ipfs/{path}", f"ipfs://{path}", path)
    assert resolve(uri, "255", GATEWAYS) == expected


@pytest.mark.parametrize("uri", GATEWAY)
def test_an_address_at_a_gateway_is_asked_there(uri: str) -> None:
    """And kept under the name of its content."""
    path = GATEWAY[uri]
    assert resolve(uri, "255", GATEWAYS) == Address(uri, f"ipfs://{path}", path)


@pytest.mark.parametrize("uri", STRANGER)
def test_a_stranger_does_not_speak_for_content(uri: str) -> None:
    """Others may be asked for the content, but the answer is not kept under its name."""
    assert resolve(uri, "255", GATEWAYS) == Address(uri, None, STRANGER[uri])


@pytest.mark.parametrize("uri", ARWEAVE)
def test_f044_arweave_addresses_are_asked_at_its_gateway(uri: str) -> None:
    """A transaction id names its content."""
    path = ARWEAVE[uri]
    assert resolve(uri, "255", GATEWAYS) == Address(f"https://arweave.net/{path}", f"ar://{path}")


@pytest.mark.parametrize("uri", REFUSED, ids=lambda uri: ascii(uri[:40]))
def test_f041_f044_f047_addresses_that_are_not(uri: str) -> None:
    """No request is made for these; the reason is a few words."""
    with pytest.raises(ParseError) as caught:
        resolve(uri, "255", GATEWAYS)
    assert str(caught.value) == REFUSED[uri]


@pytest.mark.parametrize("token_id", ["", "-1", "0x1", "1e3", "٣", "9" * 79, str(1 << 256)])
def test_f046_the_placeholder_needs_a_token_id(token_id: str) -> None:
    """An id that is no unsigned 256-bit number fills nothing."""
    with pytest.raises(ParseError, match="without a number"):
        resolve("https://x.example/{id}", token_id, GATEWAYS)


def test_f046_the_placeholder_is_filled_once() -> None:
    """The largest id takes 64 digits, and nothing of it is filled again."""
    address = resolve("https://x.example/{id}", str((1 << 256) - 1), GATEWAYS)
    assert address.url == "https://x.example/" + "f" * 64


_PARTS = st.sampled_from(
    [
        *("ipfs://", "ipfs/", "ar://", "https://", "http://", "data:", V0, V1, TX, "x.example"),
        *("/", "..", "%2e", "{id}", "?", "#", "@", ":", "[", "]", "\\", " ", "é", "\u202e", "%"),
    ]
)


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=60) | st.lists(_PARTS, max_size=12).map("".join), st.text(max_size=5))
@example("http://[v1.x]/", "1")
@example("https://x.example:٣/", "1")
@example("https://\u2102.example/", "1")
def test_f041_f047_any_text_is_resolved_or_refused(uri: str, token_id: str) -> None:
    """Nothing but ParseError comes out, and what is asked is a short http address."""
    try:
        address = resolve(uri, token_id, GATEWAYS)
    except ParseError:
        return
    parts = urlsplit(address.url)
    assert parts.scheme in ("http", "https")
    assert parts.hostname
    assert len(address.url) <= MAX_URL
    if address.identity:
        segments = address.identity.partition("://")[2].split("/")
        assert ".." not in segments
        assert resolve(address.identity, token_id, GATEWAYS).identity == address.identity


_PIECES = st.sampled_from(
    [
        *(
            "http",
            "https",
            "HTTP",
            "ftp",
            "://",
            ":",
            "/",
            "//",
            "?",
            "#",
            "x.example",
            "X.example",
        ),
        *("arweave.net", "ipfs.io", ".ipfs.", "ipfs", V1, TX, "%20", "{id}", " ", "\n", "\\", "@"),
        *(":80", ":0", ":99999", "..", ".", "a=b&c", "é", "\u200b", "[", "]"),
    ]
)


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(["https://", "http://", ""]), st.lists(_PIECES, max_size=6).map("".join))
def test_plain_addresses_are_judged_like_all_others(scheme: str, rest: str) -> None:
    """A space before an address keeps it off the short way, and is taken away."""

    def judged(uri: str) -> Address | str:
        try:
            return resolve(uri, "255", GATEWAYS)
        except ParseError as error:
            return str(error)

    assert judged(scheme + rest) == judged(f" {scheme}{rest}")


_PARTS = st.sampled_from(
    [
        *(
            "http:",
            "https:",
            "https://",
            "HTTPS://",
            "host",
            "h:80",
            "h:0",
            "arweave.net",
            "ipfs.io",
        ),
        *("/", "/", "/", "//", "?", "#", "7", "0", "\u0667", "ipfs", "ar:", "{id}", ".json", "a b"),
    ]
)


@settings(max_examples=500)
@given(st.lists(_PARTS, max_size=7).map("".join))
@example("https://arweave.net/7")
@example("https://host/ipfs/7")
@example("https://host/7/\u0667")
@example("http://7")
@example(f"https://host/{'7' * MAX_URL}")
@example(f"https://host/{'a' * MAX_URL}/7")
def test_a_plain_address_is_what_the_longer_way_makes_of_it(uri: str) -> None:
    """Also one that a number at its end was left out of."""
    if is_plain(uri):
        assert other_address(uri, "1", ["https://gateway"]) == Address(uri)


@pytest.mark.parametrize("uri", ["https://host/7", "http://host:80/a/7", "https://host/a?b=c/7"])
def test_addresses_that_end_in_a_number_are_plain(uri: str) -> None:
    """The number, whatever it is."""
    assert is_plain(uri)
    assert is_plain(f"{uri}000")
    assert not is_plain(f"{uri}\u0667")
