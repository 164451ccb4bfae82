"""What is stored, and for how long."""

import pytest

from domain.headers import Headers
from domain.http_caching.end_to_end import end_to_end, handed_on
from domain.http_caching.freshness import (
    MAX_LIFETIME,
)
from domain.http_caching.storing import FOREVER, REVALIDATION_WINDOW, entry_to_store
from domain.http_caching.terms import Terms
from tests.support.cached_answers import (
    DATE,
    HOUR_LATER,
    IMMUTABLE,
    KEEP,
    OFF,
    RFC,
    T0,
    answer,
)


@pytest.mark.parametrize(
    ("status", "fields", "stored"),
    [
        (200, [("cache-control", "max-age=60")], True),
        (200, [("cache-control", "max-age=60, no-store")], False),
        (200, [("cache-control", "max-age=60, NO-STORE")], False),
        (200, [("cache-control", "max-age=60, private")], True),
        (200, [("cache-control", "max-age=60, must-understand, no-store")], True),
        (599, [("cache-control", "max-age=60, must-understand")], False),
        (599, [("cache-control", "max-age=60")], True),
        (599, [("etag", '"1"')], False),
        (404, [("cache-control", "max-age=60")], True),
        (206, [("cache-control", "max-age=60"), ("content-range", "bytes 0-1/9")], False),
        (304, [("cache-control", "max-age=60")], False),
        (103, [("cache-control", "max-age=60")], False),
        (200, [("expires", HOUR_LATER)], True),
        (200, [("expires", "0")], False),
        (200, [("expires", "0"), ("etag", '"1"')], True),
        (200, [("etag", '"1"')], True),
        (200, [("last-modified", DATE)], True),
        (200, [("cache-control", "no-cache")], False),
        (200, [("cache-control", "no-cache"), ("etag", '"1"')], True),
        (200, [("cache-control", "max-age=0, stale-if-error=60")], True),
        (200, [("cache-control", "max-age=60"), ("age", "3600")], False),
        (200, [("cache-control", "max-age=60"), ("vary", "*")], False),
        (200, [("cache-control", "max-age=60"), ("vary", "accept, *")], False),
        (200, [("cache-control", "max-age=60"), ("vary", "accept")], True),
        (200, [], False),
    ],
)
def test_3_storing(status: int, fields: list[tuple[str, str]], *, stored: bool) -> None:
    """What may be stored and will be of any use is stored, nothing else."""
    entry = entry_to_store(answer(*fields, status=status), RFC)
    assert (entry is not None) is stored
    assert entry_to_store(answer(*fields, status=status), OFF) is None


@pytest.mark.parametrize(
    ("fields", "policy", "expected"),
    [
        ([("cache-control", "max-age=60")], RFC, 60),
        ([("cache-control", "max-age=60"), ("age", "20")], RFC, 40),
        ([("cache-control", "max-age=60, stale-if-error=40")], RFC, 100),
        ([("cache-control", "max-age=9999999, stale-if-error=9999999")], RFC, 2 * MAX_LIFETIME),
        ([("cache-control", "max-age=60"), ("etag", '"1"')], RFC, 60 + REVALIDATION_WINDOW),
        ([("cache-control", "no-store")], KEEP, 600),
        ([("cache-control", "no-store"), ("etag", '"1"')], KEEP, 600 + REVALIDATION_WINDOW),
        ([("cache-control", "no-store"), ("vary", "*")], IMMUTABLE, FOREVER),
    ],
)
def test_3_how_long_an_entry_is_kept(
    fields: list[tuple[str, str]], policy: Terms, expected: float
) -> None:
    """As long as it can be fresh, stand in for an error, or be confirmed."""
    entry = entry_to_store(answer(*fields), policy)
    assert entry is not None
    assert entry.expires_at == T0 + expected


@pytest.mark.parametrize("policy", [KEEP, IMMUTABLE])
def test_overrides_keep_no_failures(policy: Terms) -> None:
    """A failure is no content, however cacheable its headers say it is."""
    fields = ("cache-control", "max-age=600")
    assert entry_to_store(answer(fields, status=404), policy) is None
    assert entry_to_store(answer(fields, status=206), policy) is None
    assert entry_to_store(answer(fields, status=200), policy) is not None


def test_3_1_fields_of_the_connection_are_dropped() -> None:
    """Hop-by-hop fields, and those that Connection lists, do not outlive the connection."""
    headers = Headers(
        [
            ("Connection", "Keep-Alive, X-Once"),
            ("connection", "x-twice"),
            ("keep-alive", "timeout=5"),
            ("x-once", "1"),
            ("x-twice", "2"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "h2c"),
            ("x-kept", "3"),
            ("set-cookie", "a=b"),
        ]
    )
    assert [name for name, _ in end_to_end(headers)] == ["x-kept", "set-cookie"]


@pytest.mark.parametrize(
    ("connection", "kept"),
    [
        ("keep-alive", ["x-kept", "cache-control"]),
        ("Close, TE", ["x-kept", "cache-control"]),
        ("cache-control", ["connection", "te", "x-kept", "cache-control"]),
    ],
)
def test_a_field_that_the_connection_names_may_still_forbid_to_store(
    connection: str, kept: list[str]
) -> None:
    """What is handed on has no field of the connection, unless it names one with a meaning."""
    headers = Headers(
        [
            ("Connection", connection),
            ("te", "trailers"),
            ("x-kept", "3"),
            ("set-cookie", "a=b"),
            ("cache-control", "no-store"),
        ]
    )
    assert [name for name, _ in handed_on(headers, frozenset({"set-cookie"}))] == kept
