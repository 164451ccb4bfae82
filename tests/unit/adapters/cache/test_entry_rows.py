"""How keys are written in the embedded store."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.cache.entry_rows import stored_key

DIGESTS = st.binary(min_size=20, max_size=20).map(bytes.hex)
LIKE_DIGESTS = st.text("+-_ 0123456789abcdefx", min_size=40, max_size=40)
KEYS = st.text(max_size=50) | DIGESTS | DIGESTS.map(" {}".format)


@given(DIGESTS)
def test_a_digest_is_known_by_its_beginning(key: str) -> None:
    assert stored_key(key).to_bytes(8, signed=True).hex() == key[:16]


@given(KEYS, KEYS)
def test_different_keys_are_stored_differently(one: str, other: str) -> None:
    """Unless they are digests that begin alike; half characters are keys as well."""
    alike = len(one) == len(other) == 40 and one[:16] == other[:16]
    assert (stored_key(one) == stored_key(other)) == (one == other or alike)
    assert stored_key("\ud800") == stored_key("\ud800") != stored_key("\ud801")


@given(KEYS | LIKE_DIGESTS)
def test_every_key_fits_into_a_column(key: str) -> None:
    """SQLite's integers have 64 bits with their sign."""
    assert -(2**63) <= stored_key(key) < 2**63
