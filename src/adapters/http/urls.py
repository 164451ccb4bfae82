"""Addresses, made from requests."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from domain.requests import Request, Trust

_PATH_CHARACTERS = "/%:@!$&'()*+,;=~"


def absolute_url(base_url: str, request: Request, hosts: Mapping[str, str] | None = None) -> str:
    """The address of a request, parameters encoded.

    A path with Trust.SOURCE always stays on the base URL's origin, or on that of the host that it
    names.

    Raises:
        KeyError: it names none of the hosts.
    """
    if request.host and request.trust is Trust.SOURCE:
        base_url = (hosts or {})[request.host]
    url = request.url
    if request.trust is Trust.SOURCE:
        path, mark, query = url.partition("?")
        safe_path = quote(path.lstrip("/"), safe=_PATH_CHARACTERS, errors="replace")
        url = f"{base_url.rstrip('/')}/{safe_path}{mark}{query}" if path else base_url
    if not request.params:
        return url
    url, mark, fragment = url.partition("#")
    separator = "&" if "?" in url else "?"
    encoded = urlencode(request.params, quote_via=quote, errors="replace")
    return f"{url}{separator}{encoded}{mark}{fragment}"
