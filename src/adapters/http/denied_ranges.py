"""The addresses that no URL found in data may reach, by name.

Besides these, an IPv6 address that carries an IPv4 address (mapped, compatible, 6to4, Teredo,
NAT64) is judged by the addresses that it carries.
"""

from ipaddress import IPv4Address, IPv6Address, ip_network

from ssrfguard import DEFAULT_DENIED, AddressTable, Block, BlockedAddressError, Policy, Reach

from domain.errors import HostileError

_RANGES = (
    ("0.0.0.0/8", "this network", "RFC 791"),
    ("10.0.0.0/8", "private", "RFC 1918"),
    ("100.64.0.0/10", "shared by carriers (CGNAT)", "RFC 6598"),
    ("127.0.0.0/8", "loopback", "RFC 1122"),
    ("169.254.0.0/16", "link-local, metadata services of the clouds", "RFC 3927"),
    ("172.16.0.0/12", "private", "RFC 1918"),
    ("192.0.0.0/24", "protocol assignments, Oracle's metadata service", "RFC 6890"),
    ("192.0.2.0/24", "documentation", "RFC 5737"),
    ("192.31.196.0/24", "AS112", "RFC 7535"),
    ("192.52.193.0/24", "multicast tunnels", "RFC 7450"),
    ("192.88.99.0/24", "6to4 relays", "RFC 7526"),
    ("192.168.0.0/16", "private", "RFC 1918"),
    ("192.175.48.0/24", "AS112", "RFC 7534"),
    ("198.18.0.0/15", "benchmarks", "RFC 2544"),
    ("198.51.100.0/24", "documentation", "RFC 5737"),
    ("203.0.113.0/24", "documentation", "RFC 5737"),
    ("224.0.0.0/4", "multicast", "RFC 5771"),
    ("240.0.0.0/4", "reserved, broadcast", "RFC 1112"),
    ("100.100.100.200/32", "Alibaba's metadata service", "Alibaba"),
    ("168.63.129.16/32", "Azure's platform service", "Azure"),
    ("169.254.169.254/32", "metadata service of a cloud", "RFC 3927"),
    ("169.254.170.2/32", "AWS's metadata service for containers", "RFC 3927"),
    ("192.0.0.192/32", "Oracle's metadata service", "Oracle"),
    ("64:ff9b:1::/48", "local NAT64", "RFC 8215"),
    ("100::/64", "discarded", "RFC 6666"),
    ("100:0:0:1::/64", "dummy", "RFC 9780"),
    ("2001:2::/48", "benchmarks", "RFC 5180"),
    ("2001:10::/28", "ORCHID", "RFC 4843"),
    ("2001:20::/28", "ORCHID", "RFC 7343"),
    ("2001:db8::/32", "documentation", "RFC 3849"),
    ("3fff::/20", "documentation", "RFC 9637"),
    ("5f00::/16", "segment routing", "RFC 9602"),
    ("fc00::/7", "private", "RFC 4193"),
    ("fd00:ec2::254/128", "AWS's metadata service", "AWS"),
    ("fe80::/10", "link-local", "RFC 4291"),
    ("fec0::/10", "site-local", "RFC 3879"),
    ("ff00::/8", "multicast", "RFC 4291"),
    # All of IPv6 but 2000::/3; longer prefixes still hold inside
    ("::/3", "not global unicast", "RFC 4291"),
    ("4000::/2", "not global unicast", "RFC 4291"),
    ("8000::/1", "not global unicast", "RFC 4291"),
)

_named = tuple(
    Block(ip_network(network), name, authority, Reach.DENIED)
    for network, name, authority in _RANGES
)
_networks = {block.network for block in _named}

DENIED = AddressTable(
    (*(block for block in DEFAULT_DENIED.blocks if block.network not in _networks), *_named)
)
"""The ranges above, in the library's table, which decodes the forms that carry IPv4."""

_POLICY = Policy(denied_networks=DENIED)


def check_public(address: IPv4Address | IPv6Address, host: str) -> None:
    """Raises HostileError about the host: one of its addresses is not public."""
    try:
        _POLICY.check_address(address)
    except BlockedAddressError as exc:
        message = f"the address is not public: {exc.reason}"
        raise HostileError(message, url=host) from exc
