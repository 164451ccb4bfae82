"""HTTP dates."""

import pytest

from domain.http_caching.http_dates import parse_http_date
from tests.support.cached_answers import DATE, T0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (DATE, T0),
        ("FRI, 02 jAN 2026 03:04:05 gmt", T0),
        ("Friday, 02-Jan-26 03:04:05 GMT", T0),
        ("Fri Jan  2 03:04:05 2026", T0),
        (f" {DATE} ", T0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 784111777.0),
        ("Tue, 30 Jun 2015 23:59:60 GMT", 1435708799.0),
        ("Fri, 02 Jan 2026 03:04:05 UTC", None),
        ("Fri, 02 Jan 2026 03:04:05 +0000", None),
        ("Fri, 02 Jan 26 03:04:05 GMT", None),
        ("Fri 02 Jan 2026 03:04:05 GMT", None),
        ("Fri, 02  Jan  2026 03:04:05 GMT", None),
        ("Fri, 02-Jan-2026 03:04:05 GMT", None),
        ("Fri, 02 Jan 2026 03.04.05 GMT", None),
        ("Fri, 02 Jan 2026 3:04:05 GMT", None),
        (f"{DATE}, {DATE}", None),
        ("Fri, 30 Feb 2026 03:04:05 GMT", None),
        ("Fri, 02 Jan 2026 24:04:05 GMT", None),
        ("Fri, 02 Foo 2026 03:04:05 GMT", None),
        ("Fri, 02 Jan 0000 03:04:05 GMT", None),
        ("٠٢", None),
        ("2026-01-02T03:04:05Z", None),
        ("0", None),
        ("", None),
    ],
)
def test_rfc9110_5_6_7_dates(text: str, expected: float | None) -> None:
    """Three forms in any letter case are dates; what is merely close to one is not."""
    assert parse_http_date(text) == expected
