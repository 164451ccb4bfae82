"""Which statuses are errors worth repeating."""

from domain.errors import RetryableError, ThrottledError
from domain.headers import Headers
from domain.retrying import parse_retry_after

_RETRYABLE = frozenset({408, 425, 500, 502, 503, 504, *range(520, 530)})
_TOO_MANY_REQUESTS = 429


def status_error(
    status: int, headers: Headers, *, throttled: frozenset[int], now: float, url: str
) -> RetryableError | None:
    """The error that a status stands for; None when it is the answer.

    501 and 505 are answers: asking again changes nothing.

    Args:
        status: of the answer.
        headers: of the answer; `Retry-After` is read.
        throttled: statuses that mean "slower" besides 429.
        now: epoch seconds.
        url: as it may be shown.
    """
    if status == _TOO_MANY_REQUESTS or status in throttled:
        kind: type[RetryableError] = ThrottledError
        reason = f"the upstream asks for fewer requests (status {status})"
    elif status in _RETRYABLE:
        kind = RetryableError
        reason = f"the upstream fails for the moment (status {status})"
    else:
        return None
    retry_after = parse_retry_after(headers, now)
    return kind(reason, url=url, status=status, retry_after=retry_after)
