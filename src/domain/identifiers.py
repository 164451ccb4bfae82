"""Run ids: ULIDs, sortable by time, safe as folder names (github.com/ulid/spec)."""

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 26


def ulid(milliseconds: int, randomness: bytes) -> str:
    """A 26-character ULID from epoch milliseconds and ten random bytes."""
    value = (milliseconds << 80) | int.from_bytes(randomness[:10])
    digits = []
    for _ in range(_LENGTH):
        value, digit = divmod(value, 32)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))
