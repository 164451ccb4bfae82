"""Numbers that look random and are the same each time."""

import hashlib
import math
from functools import lru_cache

_DAY = 86_400.0
_WAVES = ((900.0, 0.30), (365.0, 0.15), (61.0, 0.07), (9.0, 0.025), (1.3, 0.008), (0.11, 0.002))
"""Periods in days, and how far each moves a price."""


def fraction(*words: object) -> float:
    """Evenly from 0 to 1, by the words alone."""
    text = "\0".join(map(str, words)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=6).digest()) / 2**48


def level(series: str, at: float) -> float:
    """A steady price-like curve around 1, at a moment in epoch seconds."""
    days = at / _DAY
    return math.exp(
        sum(
            size * math.sin(2 * math.pi * (days / period + phase))
            for (period, size), phase in zip(_WAVES, _phases(series), strict=True)
        )
    )


@lru_cache(maxsize=256)
def _phases(series: str) -> tuple[float, ...]:
    return tuple(fraction(series, period) for period, _ in _WAVES)
