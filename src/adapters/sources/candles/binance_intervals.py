"""Intervals of Binance's klines (`ENUM definitions`, Kline intervals)."""

from domain.errors import NotFoundError

_SECOND = 1000
_MINUTE = 60 * _SECOND
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR

MONTH = "1M"
MILLISECONDS = {
    "1s": _SECOND,
    "1m": _MINUTE,
    "3m": 3 * _MINUTE,
    "5m": 5 * _MINUTE,
    "15m": 15 * _MINUTE,
    "30m": 30 * _MINUTE,
    "1h": _HOUR,
    "2h": 2 * _HOUR,
    "4h": 4 * _HOUR,
    "6h": 6 * _HOUR,
    "8h": 8 * _HOUR,
    "12h": 12 * _HOUR,
    "1d": _DAY,
    "3d": 3 * _DAY,
    "1w": 7 * _DAY,
    MONTH: 31 * _DAY,
}
"""Lengths; that of a month is the longest."""


def check_interval(given: str) -> str:
    """The interval.

    Raises:
        NotFoundError: Binance has no such candles.
    """
    if given not in MILLISECONDS:
        hint = f"Binance has {', '.join(MILLISECONDS)}; 1M is a month."
        raise NotFoundError(what="interval", name=given[:20], known=MILLISECONDS, hint=hint)
    return given
