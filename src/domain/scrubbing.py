"""What looks like a secret, in addresses and in any text, and its mask."""

import re

MASK = "***"

_USERINFO = re.compile(r"^([a-z][a-z0-9+.-]*:)?//[^/?#]*@", re.IGNORECASE)
_USERINFO_IN_TEXT = re.compile(r"(?<=[a-z0-9+.-]://)[^/\s?#'\"<>]*@", re.IGNORECASE)
_PARAMETER = re.compile(r"([?&;])([^=&;#?]*)=[^&;#]*")
_PARAMETER_IN_TEXT = re.compile(r"([?&;])([^=&;#?\s'\"]*)=[^&;#\s'\"]*")
_PARAMETER_NAME = re.compile(
    r"api-?key|token|secret|signature|passw|credential|jwt"
    r"|(?:^|[_.-])(?:key|keyid|sig|auth|authorization|pwd)$",
    re.IGNORECASE,
)
_FIELD_NAME = (
    r"x-api-key|(?:proxy-)?authorization|(?:set-)?cookie"
    r"|[a-z_]*api[_-]?key|[a-z]+[_-]token|[a-z_]*password|[a-z]+[_-]secret"
)
_SECRET_NAME = re.compile(rf"(?:{_FIELD_NAME}|token|secret)\Z", re.IGNORECASE)
_FIELD = re.compile(
    rf"""\b({_FIELD_NAME})\b(['"]?\s*[,:=]\s*(?:b?['"])?)"""
    r"""(?:(?:bearer|basic|token)\s+)?[^\s'",;&)}\]]+""",
    re.IGNORECASE,
)


def scrubbed_url(url: str) -> str:
    """The address without user name, password and values of parameters that carry secrets."""
    printable = url if url.isascii() else url.encode("utf-8", "replace").decode()
    if "@" not in printable and "=" not in printable:
        return printable
    anonymous = _USERINFO.sub(r"\1//", printable, count=1)
    return _PARAMETER.sub(_masked, anonymous)


def scrubbed_text(text: str) -> str:
    """The text with masks for user names in addresses, key parameters and header fields."""
    text = _USERINFO_IN_TEXT.sub(f"{MASK}@", text)
    text = _PARAMETER_IN_TEXT.sub(_masked, text)
    return _FIELD.sub(rf"\g<1>\g<2>{MASK}", text)


def is_secret_name(name: str) -> bool:
    """Whether a header, setting or member of that name holds a secret."""
    return _SECRET_NAME.match(name) is not None


def is_secret_parameter(name: str) -> bool:
    """Whether a query parameter of that name carries a secret."""
    return _PARAMETER_NAME.search(name) is not None


def _masked(parameter: re.Match[str]) -> str:
    mark, name = parameter[1], parameter[2]
    return f"{mark}{name}={MASK}" if is_secret_parameter(name) else parameter[0]
