"""Which statuses are errors worth repeating."""

from domain.errors import RetryableError, ThrottledError
from domain.headers import Headers
from domain.quotas import parse_quotas
from domain.retrying import parse_retry_after, server_time

THROTTLED = frozenset({418, 429, 599})
"""Binance bans with 418, OpenSea limits with 599 as well as with 429."""

_RETRYABLE = frozenset({408, 425, 500, 502, 503, 504, *range(520, 530)})
_UNAVAILABLE = 503
_FORBIDDEN = 403


def status_error(
    status: int, headers: Headers, *, throttled: frozenset[int], now: float, url: str
) -> RetryableError | None:
    """The error that a status stands for; None when it is the answer.

    501 and 505 are answers: asking again changes nothing. 503 with a `Retry-After` asks for
    fewer requests, as does 403 with a spent quota (docs.github.com/rest, "Rate limits").

    Args:
        status: of the answer.
        headers: of the answer; `Retry-After` and quotas are read.
        throttled: statuses that mean "slower" besides THROTTLED.
        now: epoch seconds.
        url: as it may be shown.
    """
    if status in THROTTLED or status in throttled:
        wait = parse_retry_after(headers, now)
        return _slower(status, url, _until_reset(headers, now) if wait is None else wait)
    if status in _RETRYABLE:
        wait = parse_retry_after(headers, now)
        if status == _UNAVAILABLE and wait is not None:
            return _slower(status, url, wait)
        reason = f"the upstream fails for the moment (status {status})"
        return RetryableError(reason, url=url, status=status, retry_after=wait)
    if status == _FORBIDDEN and (wait := _until_reset(headers, now)) is not None:
        return _slower(status, url, wait)
    return None


def _slower(status: int, url: str, wait: float | None) -> ThrottledError:
    reason = f"the upstream asks for fewer requests (status {status})"
    return ThrottledError(reason, url=url, status=status, retry_after=wait)


def _until_reset(headers: Headers, now: float) -> float | None:
    """Seconds until a quota that is spent begins anew."""
    quotas = parse_quotas(headers, server_time(headers, now))
    return max((each.reset_after for each in quotas if each.remaining == 0), default=None)
