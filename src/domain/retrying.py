"""When to ask again: `Retry-After` (RFC 9110 section 10.2.3) and backoff with full jitter."""

import re
from dataclasses import dataclass

from domain.headers import Headers
from domain.http_caching.http_dates import parse_http_date

LONGEST_RETRY_AFTER = 86_400.0
"""Seconds; whatever an upstream asks for beyond a day is read as a day."""

_SECONDS = re.compile(r"\d+(\.\d+)?", re.ASCII)
_LONGEST_NUMBER = 15
_LONGEST_DATE = 64


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait between attempts, in seconds.

    The n-th wait is drawn evenly from `shortest` to min(`longest`, `base` * 2^(n-1)): full
    jitter, so that callers that failed together do not come back together
    (aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter).

    Attributes:
        patience: the longest wait that an upstream may ask for; beyond it one gives up.
    """

    base: float = 0.5
    shortest: float = 0.05
    longest: float = 20.0
    patience: float = 120.0

    def wait(self, failures: int, retry_after: float | None, chance: float) -> float | None:
        """Seconds until the next attempt; None when the upstream asks for more than `patience`.

        Args:
            failures: attempts that failed so far, from 1.
            retry_after: what the upstream asked for, in seconds.
            chance: an even random number from 0 to 1.
        """
        if retry_after is not None and retry_after > self.patience:
            return None
        ceiling = min(self.longest, self.base * 2.0 ** min(failures - 1, 32))
        jitter = self.shortest + chance * max(0.0, ceiling - self.shortest)
        return (retry_after or 0.0) + jitter


def parse_retry_after(headers: Headers, now: float) -> float | None:
    """Seconds from now, from 0 to a day; None without a usable value.

    A date counts from the answer's own `Date`, so that a wrong clock on either side does no harm;
    a date in the past says nothing. Of several fields the longest wait holds.

    Args:
        headers: of an answer.
        now: epoch seconds, for an answer without a `Date`.
    """
    waits = [_wait(text.strip(), headers, now) for text in headers.get_all("retry-after")]
    known = [wait for wait in waits if wait is not None]
    return min(max(known), LONGEST_RETRY_AFTER) if known else None


def server_time(headers: Headers, now: float) -> float:
    """Epoch seconds by the answer's own `Date`; `now` when it has none."""
    date = headers.get("date")
    stated = None if date is None else parse_http_date(date)
    return now if stated is None else stated


def _wait(text: str, headers: Headers, now: float) -> float | None:
    if _SECONDS.fullmatch(text):
        return float(text) if len(text) <= _LONGEST_NUMBER else LONGEST_RETRY_AFTER
    moment = parse_http_date(text) if len(text) <= _LONGEST_DATE else None
    if moment is None:
        return None
    wait = moment - server_time(headers, now)
    return wait if wait > 0 else None
