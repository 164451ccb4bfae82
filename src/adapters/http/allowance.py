"""Private addresses that an operator opens to untrusted URLs."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from domain.errors import ConfigurationError

type Address = IPv4Address | IPv6Address
type Network = IPv4Network | IPv6Network

_HOST_AND_PORT = re.compile(r"^(?:\[([^\]]+)\]|([^:\[\]]+))(?::(\d{1,5}))?$")
_NAME = re.compile(r"^[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?$")
_HIGHEST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Allowance:
    """One entry: a host name or a network, on one port or (None) on all."""

    name: str | None
    network: Network | None
    port: int | None

    def covers_name(self, name: str, port: int) -> bool:
        """Whether the entry opens a host name, wherever it points."""
        return self.name == name.rstrip(".").lower() and self.port in {None, port}

    def covers_address(self, address: Address, port: int) -> bool:
        """Whether the entry opens an address."""
        return (
            self.network is not None
            and address.version == self.network.version
            and address in self.network
            and self.port in {None, port}
        )


class Allowances:
    """All entries of the setting."""

    def __init__(self, entries: Iterable[str]) -> None:
        self._entries = tuple(_parsed(entry.strip()) for entry in entries if entry.strip())

    def covers_name(self, name: str, port: int) -> bool:
        """Whether a host name is opened, wherever it points."""
        return any(entry.covers_name(name, port) for entry in self._entries)

    def covers_address(self, address: Address, port: int) -> bool:
        """Whether an address is opened."""
        return any(entry.covers_address(address, port) for entry in self._entries)

    def covers_host(self, host: str, port: int) -> bool:
        """Whether a host as it stands in a URL is opened, without looking it up."""
        if not self._entries:
            return False
        try:
            return self.covers_address(ip_address(host), port)
        except ValueError:
            return self.covers_name(host, port)

    def may_open(self, port: int) -> bool:
        """Whether some network is opened on this port, so that only a lookup can tell."""
        return any(entry.network and entry.port in {None, port} for entry in self._entries)


def _parsed(text: str) -> Allowance:
    network = _network(text)
    if network is not None:
        return Allowance(None, network, None)
    match = _HOST_AND_PORT.match(text)
    port = int(match[3]) if match and match[3] else None
    if match is None or (port is not None and not 0 < port <= _HIGHEST_PORT):
        raise _refused(text)
    host = (match[1] or match[2]).rstrip(".").lower()
    network = _network(host)
    if network is None and (match[1] or not _NAME.match(host)):
        raise _refused(text)
    return Allowance(host if network is None else None, network, port)


def _network(text: str) -> Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def _refused(text: str) -> ConfigurationError:
    return ConfigurationError(
        f"APP_HTTP__ALLOW_PRIVATE: {text[:80]!r} is not a host, a network or a host:port."
    )
