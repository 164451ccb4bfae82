"""What Open-Meteo says of its limits: in words, and now and then in the middle of an answer."""

from domain.headers import Headers
from domain.stated_limits import stated_limit

_BROKEN_OFF = b"Unexpected error while streaming data"
_LAST_BYTES = 1000


def weather_limit(status: int, headers: Headers, body: bytes) -> float | None:
    """Seconds to wait, as `SourcePolicy.limited` has it.

    An answer that breaks off with an error of the server is one to ask for again, more slowly.
    """
    if _BROKEN_OFF in body[-_LAST_BYTES:]:
        return 0.0
    return stated_limit(status, headers, body)
