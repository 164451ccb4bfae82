"""Run ids: ULIDs, sortable by time, safe as folder names (github.com/ulid/spec)."""

from datetime import UTC, datetime, timedelta

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 26
_TIME = 10  # characters
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def ulid(milliseconds: int, randomness: bytes) -> str:
    """A 26-character ULID from epoch milliseconds and ten random bytes."""
    value = (milliseconds << 80) | int.from_bytes(randomness[:10])
    digits = []
    for _ in range(_LENGTH):
        value, digit = divmod(value, 32)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))


def ulid_time(text: str) -> datetime | None:
    """When a ULID was made, to the millisecond; None for what is none."""
    if len(text) != _LENGTH or not set(text) <= set(_ALPHABET):
        return None
    value = 0
    for digit in text[:_TIME]:
        value = value * 32 + _ALPHABET.index(digit)
    try:
        return _EPOCH + timedelta(milliseconds=value)
    except OverflowError:
        return None
