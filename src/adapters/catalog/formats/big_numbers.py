"""DuckDB's BIGNUM, an integer of any size."""

from decimal import Decimal

_HEADER = 3  # bytes: the sign bit and how many bytes follow
_SIGN = 0x80


def big_number(stored: bytes) -> Decimal:
    """The number from its bytes: big-endian, all bits turned over where it is negative.

    A decimal, since Python refuses to write integers of more than 4,300 digits.
    """
    if stored[0] & _SIGN:
        return Decimal(int.from_bytes(stored[_HEADER:]))
    return Decimal(-int.from_bytes(bytes(~byte & 0xFF for byte in stored[_HEADER:])))
