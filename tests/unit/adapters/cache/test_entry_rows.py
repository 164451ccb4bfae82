"""How keys are written in the embedded store."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.cache.entry_rows import stored_key

DIGESTS = st.binary(min_size=20, max_size=20).map(bytes.hex)
KEYS = st.text(max_size=50) | DIGESTS | DIGESTS.map(str.upper) | DIGESTS.map(" {}".format)


@given(DIGESTS)
def test_a_digest_takes_its_own_bytes(key: str) -> None:
    assert stored_key(key) == bytes.fromhex(key)


@given(KEYS, KEYS)
def test_different_keys_are_stored_differently(one: str, other: str) -> None:
    """Also those that differ in case or in blanks alone, and half characters."""
    assert (stored_key(one) == stored_key(other)) == (one == other)
    assert stored_key(one.upper()) != stored_key(one) or one.upper() == one
    assert stored_key("\ud800") == stored_key("\ud800")
