"""Addresses: made from a request, and made fit to be stored and shown."""

import re
from urllib.parse import quote, urlencode

from domain.requests import Request, Trust

_PATH_CHARACTERS = "/%:@!$&'()*+,;=~"
_USERINFO = re.compile(r"^([a-z][a-z0-9+.-]*:)?//[^/?#]*@", re.IGNORECASE)
_PARAMETER = re.compile(r"([?&;])([^=&;#]*)=[^&;#]*")
_SECRET_NAME = re.compile(
    r"api-?key|token|secret|signature|passw|credential|jwt|(?:^|[_.-])(?:key|keyid|sig|auth|pwd)$",
    re.IGNORECASE,
)
_MASK = "***"


def absolute_url(base_url: str, request: Request) -> str:
    """The address of a request, parameters encoded.

    A path with Trust.SOURCE always stays on the base URL's origin.
    """
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


def scrubbed_url(url: str) -> str:
    """The address without user name, password and values of parameters that carry secrets."""
    printable = url.encode("utf-8", "replace").decode()
    anonymous = _USERINFO.sub(r"\1//", printable, count=1)
    return _PARAMETER.sub(_masked, anonymous)


def _masked(parameter: re.Match[str]) -> str:
    mark, name = parameter[1], parameter[2]
    return f"{mark}{name}={_MASK}" if _SECRET_NAME.search(name) else parameter[0]
