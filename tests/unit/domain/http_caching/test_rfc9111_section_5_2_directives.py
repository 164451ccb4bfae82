"""Cache-Control of answers and requests."""

import pytest

from domain.headers import Headers
from domain.http_caching.cache_control import cache_control


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("max-age=60", 60),
        ("MAX-AGE=60", 60),
        ("public , max-age=60,", 60),
        ('max-age="60"', 60),
        ("max-age=0060", 60),
        ("max-age=60, max-age=5", 60),
        ('extension="max-age=5", max-age=60', 60),
        ('extension="a\\", max-age=5", max-age=60', 60),
        ("max-age=99999999999999999999999", 2**31),
        ("max-age=2147483649", 2**31),
        ("max-age='60'", 0),
        ("max-age=-1", 0),
        ("max-age=60.5", 0),
        ("max-age=60a", 0),
        ("max-age=٦٠", 0),
        ("max-age= 60", 0),
        ("max-age =60", 0),
        ("max-age", 0),
        ("max-age=", 0),
        ("x-max-age=60", None),
        ('extension="max-age=60', None),
        (",,, =;=, \x00", None),
        ("", None),
    ],
)
def test_5_2_directives(field: str, expected: int | None) -> None:
    """The first value of a directive counts; one that is no number of seconds counts as 0."""
    assert cache_control(Headers((("cache-control", field),))).seconds("max-age") == expected


def test_5_2_directives_over_several_lines() -> None:
    """Lines of one field are one list."""
    directives = cache_control(
        Headers((("Cache-Control", "no-cache"), ("cache-control", "No-Store")))
    )
    assert "no-cache" in directives
    assert "no-store" in directives
    assert "public" not in directives
