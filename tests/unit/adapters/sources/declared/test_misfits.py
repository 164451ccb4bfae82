"""Values that do not fit: coerced where nothing is lost, else their rows are kept out loudly."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources.declared.declaration import read_declaration
from domain.errors import ConfigurationError, ParseError
from domain.headers import Headers
from domain.options import LIMIT
from domain.requests import Response
from domain.sources import Page, Window
from domain.value_types import fits

NOW = datetime(2026, 1, 2, tzinfo=UTC)
DECLARATION = """
name = "ships"
domain = "ships"
title = "Ships"
example_target = "x"
[target]
pattern = "[a-z0-9]+"
form = "a word"
[policy]
base_url = "https://ships.invalid"
[request]
path = "/{target}"
[table]
name = "ships"
meaning = "One row a ship."
key = ["id"]
[[table.fields]]
name = "id"
type = "text"
path = "id"
meaning = "its number"
[[table.fields]]
name = "value"
type = "TYPE"
path = "value"
meaning = "what it holds"
"""


def _page(kind: str, *values: Any, limit: int | None = None) -> Page:
    source = read_declaration(DECLARATION.replace("TYPE", kind), "ships.toml")
    options = {} if limit is None else {LIMIT: str(limit)}
    request = source.start("x", Window(), options)[0]
    records = [{"id": str(at), "value": value} for at, value in enumerate(values)]
    return source.parse(request, Response(200, Headers(), json.dumps(records).encode(), NOW))


@pytest.mark.parametrize(
    ("kind", "value", "read"),
    [
        ("integer", 26, 26),
        ("integer", 26.0, 26),
        ("integer", "26", 26),
        ("integer", "-26.00", -26),
        ("integer", 2e3, 2000),
        ("integer", "", None),
        ("integer", None, None),
        ("number", 26, 26.0),
        ("number", 2**70, float(2**70)),
        ("number", ".5", 0.5),
        ("epoch_s", 60.5, datetime(1970, 1, 1, 0, 1, 0, 500_000, tzinfo=UTC)),
        ("epoch_ms", "60000", datetime(1970, 1, 1, 0, 1, tzinfo=UTC)),
        ("date", "2026-01-02T03:04:05Z", date(2026, 1, 2)),
        ("text", 26.10, "26.1"),
        ("texts", ["a", 1, None, ""], ["a", "1"]),
        ("present", {"a": 1}, True),
    ],
)
def test_what_fits_exactly_is_taken(kind: str, value: Any, read: object) -> None:
    """Another spelling of the same value loses nothing."""
    page = _page(kind, value)
    assert [record[1] for record in page.records["ships"]] == [read]
    assert page.quarantined == {}


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("integer", 26.1, "value: a number with a fraction (26.1) does not fit the type integer"),
        ("integer", "26.1", 'value: a text ("26.1")'),
        ("integer", "1_000", "a text"),
        ("integer", 2**63, "a whole number"),
        ("integer", True, "true or false (true)"),
        ("number", "much", "a text"),
        ("number", "nan", "a text"),
        ("number", "1_000", "a text"),
        ("number", [1], "a list ([1])"),
        ("boolean", "yes", "a text"),
        ("boolean", 1, "a whole number"),
        ("text", {"name": "x"}, 'an object ({"name":"x"})'),
        ("text", False, "true or false"),
        ("time", 1_767_323_045, "a whole number"),
        ("date", "2020Q1", "a text"),
        ("epoch_s", "2026-01-02", "a text"),
        ("epoch_s", 10**15, "a whole number"),
        ("texts", "a", "a text"),
        ("texts", [{"a": 1}], "a list"),
        ("texts", [True], "a list"),
    ],
)
def test_what_does_not_fit_keeps_its_row_out(kind: str, value: Any, words: str) -> None:
    """With the column, the value and the type; the other rows stay."""
    page = _page(kind, value, None)
    assert [record[0] for record in page.records["ships"]] == ["1"]
    (kept_out,) = page.quarantined["ships"]
    assert kept_out.rule == "type"
    assert words in kept_out.reason
    assert kept_out.record[0] == "0"
    assert json.loads(str(kept_out.record[1])) == value
    assert page.items == 2


def test_a_limit_counts_rows_that_are_kept_out() -> None:
    """Else a list of nothing but misfits would be walked to its end."""
    assert _page("integer", 1.5, 2, 3, limit=2).items == 2


def test_a_record_that_is_none_is_named() -> None:
    """With its place, and the beginning of what is there."""
    source = read_declaration(DECLARATION.replace("TYPE", "text"), "ships.toml")
    request = source.start("x", Window(), {})[0]
    with pytest.raises(ParseError, match=r'record 1 is a text \("x"\), not an object'):
        source.parse(request, Response(200, Headers(), b'[{"id": 1}, "x"]', NOW))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)  # fmt: skip


@given(st.sampled_from(["integer", "number", "boolean", "text", "time", "date", "epoch_s"]), _JSON)
def test_no_value_is_lost_unseen(kind: str, value: Any) -> None:
    """Null comes of null and of empty text alone; a row with anything else is kept out."""
    page = _page(kind, value)
    for record in page.records["ships"]:
        assert record[1] is not None or value in (None, "")
    source = read_declaration(DECLARATION.replace("TYPE", kind), "ships.toml")
    (_, field) = source.tables[0].schema.fields
    assert all(fits(field.type, record[1]) for record in page.records["ships"])
    assert page.items == 1


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('path = "value"', 'constant = "x"', r"fields\[1\].constant: 'x' does not fit .* integer"),
        (
            'path = "value"',
            'context = "t_arget"',
            r"ships.toml:25: .*context: unknown: 't_arget'.*target",
        ),
        ('name = "value"', 'name = "id"', r"ships.toml:23: .*name: 'id' is there already"),
    ],
)
def test_a_column_that_cannot_be_is_refused(old: str, new: str, complaint: str) -> None:
    """When the file is read, not row by row."""
    text = DECLARATION.replace("TYPE", "integer").replace(old, new)
    with pytest.raises(ConfigurationError, match=complaint):
        read_declaration(text, "ships.toml")


def test_a_value_of_the_request_must_fit_too() -> None:
    """A column takes a part of the target, which is no number now and then."""
    text = DECLARATION.replace("TYPE", "integer").replace('path = "value"', 'context = "target"')
    source = read_declaration(text, "ships.toml")
    body = Response(200, Headers(), b'[{"id": "a"}]', NOW)
    pages = [source.parse(source.start(each, Window(), {})[0], body) for each in ("7", "x")]
    assert pages[0].records["ships"] == [("a", 7)]
    assert 'value: a text ("x")' in pages[1].quarantined["ships"][0].reason
