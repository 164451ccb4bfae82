"""Which addresses a URL found in data may reach."""

import re
from collections.abc import Sequence
from ipaddress import ip_address

import httpx

from adapters.http.allowance import Allowances
from adapters.http.origins import shown
from domain.errors import HostileError, PermanentError

PORTS = {"http": 80, "https": 443}

_LONGEST_URL = 2048
_LONGEST_HOST = 253
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\\]")
_NUMERIC = re.compile(r"^[0-9.]+$")
_LOCAL_NAMES = frozenset({"localhost", "local", "internal", "localdomain", "arpa"})
"""Last labels of names that mean this machine or this network (RFC 6761, RFC 6762, RFC 8375)."""


class SsrfGuard:
    """Refuses what is not plainly public, unless the operator opened it.

    A URL is judged by its form before each hop; the addresses behind its name are judged when a
    connection is made, which then goes to the address that was judged.
    """

    def __init__(self, allow_private: Sequence[str] = ()) -> None:
        self._allowances = Allowances(allow_private)

    def check_url(self, text: str) -> httpx.URL:
        """The address, parsed once: what is judged is what is asked.

        Raises:
            HostileError: another scheme, credentials, a forbidden port, a private or disguised
                host.
            PermanentError: not an address at all.
        """
        if len(text) > _LONGEST_URL:
            message = f"the address is longer than {_LONGEST_URL} characters"
            raise PermanentError(message, url=shown(text))
        if _FORBIDDEN.search(text):
            message = "the address holds a control character or a backslash"
            raise HostileError(message, url=shown(text))
        try:
            url = httpx.URL(text)
        except httpx.InvalidURL as exc:
            message = "not an address"
            raise PermanentError(message, url=shown(text)) from exc
        self._check_form(url)
        host = url.raw_host.decode("ascii")
        self.check_host(host, PORTS[url.scheme] if url.port is None else url.port)
        return url

    def check_host(self, host: str, port: int) -> None:
        """What can be judged without a lookup.

        Raises:
            HostileError: the port is forbidden, or the host is a forbidden address or name.
        """
        if self._allowances.covers_host(host, port):
            return
        if port not in PORTS.values() and not self._allowances.may_open(port):
            message = f"port {port} is not allowed"
            raise HostileError(message, url=host)
        if ":" in host or _NUMERIC.match(host):
            self.check_addresses(host, port, (host,))
        elif _last_label(host) in _LOCAL_NAMES and not self._allowances.may_open(port):
            message = "the name belongs to this machine or this network"
            raise HostileError(message, url=host)

    def check_addresses(self, host: str, port: int, addresses: Sequence[str]) -> None:
        """Judge all addresses that a name stands for; one bad one refuses the name.

        Raises:
            HostileError: an address is not public, or may not be reached on this port.
        """
        if self._allowances.covers_name(host, port):
            return
        # The ranges take 10 ms to import; a run that connects to its source alone does without.
        from adapters.http.denied_ranges import check_public  # noqa: PLC0415

        for text in addresses:
            try:
                address = ip_address(text)
                if self._allowances.covers_address(address, port):
                    continue
                check_public(address, host)
            except ValueError as exc:
                message = "the host is a disguised address"
                raise HostileError(message, url=host) from exc
            if port not in PORTS.values():
                message = f"port {port} is not allowed"
                raise HostileError(message, url=host)

    def opened(self, host: str, port: int) -> bool:
        """Whether the operator opened a host as it stands in a URL."""
        return self._allowances.covers_host(host, port)

    @staticmethod
    def _check_form(url: httpx.URL) -> None:
        if url.scheme not in PORTS:
            message = f"the scheme {url.scheme[:20]!r} is not allowed"
            kind = HostileError if url.scheme else PermanentError
            raise kind(message, url=shown(str(url)))
        if url.userinfo:
            message = "the address carries credentials"
            raise HostileError(message, url=shown(str(url)))
        host = url.raw_host
        if not host or len(host) > _LONGEST_HOST:
            message = "the address has no usable host"
            raise PermanentError(message, url=shown(str(url)))
        if b"%" in host:
            message = "the host holds a percent sign"
            raise HostileError(message, url=shown(str(url)))


def _last_label(host: str) -> str:
    return host.rstrip(".").rpartition(".")[2].lower()
