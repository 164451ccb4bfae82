"""What of an address names its host."""

_SCHEME = len("https://")


def url_prefix(url: str) -> str:
    """Scheme and authority of an http or https address, as they are written: a cheap key."""
    end = url.find("/", _SCHEME)
    return url if end < 0 else url[:end]
