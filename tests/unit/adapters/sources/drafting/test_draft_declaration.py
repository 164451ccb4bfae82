"""A declaration that is proposed from an answer reads that answer."""

import json
import string
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.sources.declared.declaration import read_declaration
from adapters.sources.drafting.draft import draft_declaration
from domain.drafts import Wishes
from domain.errors import ParseError, UsageError
from domain.headers import Headers
from domain.recordings import recorded_response
from domain.sources import Source, Window
from tests.contracts.record_shape import assert_fits, assert_keyed

AT = datetime(2026, 3, 1, tzinfo=UTC)
URL = "https://ships.invalid/harbours/hamburg/ships"


def wishes(url: str = URL, **others: Any) -> Wishes:
    return Wishes(**{"name": "harbours", "domain": "ships", "url": url, **others})


def draft(value: Any, url: str = URL, headers: Headers | None = None, **others: Any) -> Source:
    drafted = draft_declaration(
        wishes(url, **others), json.dumps(value).encode(), headers or Headers()
    )
    return read_declaration(drafted.text, "harbours.toml")


def rows_of(source: Source, value: Any) -> list[tuple[object, ...]]:
    options = {each.name: each.default for each in source.parameters}
    (request,) = source.start(source.example_target, Window(), options)
    page = source.parse(request, recorded_response(json.dumps(value).encode(), {}, AT))
    assert page.quarantined == {}
    return list(page.records[source.tables[0].name])


NAMES = st.text(string.ascii_letters + string.digits + "_-@ $äß.", min_size=1, max_size=12)
MOMENTS = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.isoformat())
WRITTEN = st.one_of(st.text(max_size=12), st.dates().map(str), MOMENTS)
NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(1_600_000_000, 1_700_000_000),
)
DECIMALS = st.decimals(0, 99, places=2).map(str)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, WRITTEN, DECIMALS)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=12,
)


@st.composite
def answers(drawn: st.DrawFn) -> Any:
    """Lists of records that carry an id, below some members."""
    records = drawn(st.lists(st.dictionaries(NAMES, VALUES, max_size=6), min_size=1, max_size=6))
    records = [{**each, "id": at} for at, each in enumerate(records)]
    for name in drawn(st.lists(st.sampled_from(["data", "items", "result", "a b"]), max_size=3)):
        records = {name: records, "status": "ok"}  # type: ignore[assignment]
    return records


@settings(max_examples=150, deadline=None)
@given(answers())
def test_a_proposed_declaration_reads_its_own_answer(value: Any) -> None:
    """Every record becomes a row that fits, with its key, and no value is lost unseen."""
    drafted = draft_declaration(wishes(), json.dumps(value).encode(), Headers())
    source = read_declaration(drafted.text, "harbours.toml")
    rows = rows_of(source, value)
    assert rows
    assert_fits(source, {source.tables[0].name: rows})
    assert_keyed(source, {source.tables[0].name: rows})


@settings(max_examples=150, deadline=None)
@given(st.one_of(VALUES, st.binary(max_size=40)))
def test_any_answer_is_drafted_or_refused(value: Any) -> None:
    """Nothing but an error that says what to do comes of an odd answer."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    try:
        drafted = draft_declaration(wishes(), body, Headers())
    except (ParseError, UsageError):
        return
    read_declaration(drafted.text, "harbours.toml")


def test_types_are_those_that_all_values_fit() -> None:
    """Whole numbers, fractions, times, days, epochs, truth, lists of words, and text."""
    one = {
        "id": 7, "price": 1.5, "count": 3, "seen_at": "2026-01-02T03:04:05Z", "day": "2026-01-02",
        "updated": 1_767_323_045, "created": 1_767_323_045_000, "open": True, "tags": ["a", "b"],
        "labels": [{"name": "x", "id": 1}], "owner": {"login": "ann"}, "amount": "12.50",
        "code": "0012", "where": [1.5, 2.5], "none": None,
    }  # fmt: skip
    source = draft([one, {**one, "id": 8, "count": None, "price": 2}])
    kinds = {each.name: str(each.type) for each in source.tables[0].schema.fields}
    assert kinds["id"] == kinds["count"] == "integer"
    assert kinds["price"] == kinds["amount"] == kinds["where_0"] == "number"
    assert kinds["seen_at"] == kinds["updated"] == kinds["created"] == "timestamp"
    assert kinds["day"] == "date"
    assert kinds["open"] == "boolean"
    assert kinds["owner_login"] == kinds["code"] == kinds["none"] == "string"
    rows = rows_of(source, [one])
    own = dict(zip(source.tables[0].schema.names, rows[0], strict=True))
    assert own["labels"] == ["x"]
    assert own["tags"] == ["a", "b"]
    assert own["updated"] == own["created"] == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert source.tables[0].key == ("id",)


def test_the_largest_usual_list_holds_the_records() -> None:
    """Facets and codes beside the records are not mistaken for them."""
    value = {
        "facets": [{"name": str(each), "count": each} for each in range(9)],
        "data": {"ships": [{"id": 1}]},
        "data2": {"items": [{"id": each} for each in range(5)]},
    }
    assert len(rows_of(draft(value), value)) == 5
    assert len(rows_of(draft(value, records="data.ships"), value)) == 1


def test_a_key_of_two_columns_is_found() -> None:
    """The shortest combination that tells all records apart."""
    value = [
        {"country": c, "year": y, "value": 1.0} for c in ("DE", "FR") for y in ("2020", "2021")
    ]
    assert draft(value).tables[0].key == ("country", "year")


def test_the_target_is_a_place_in_the_address_and_a_column() -> None:
    """Rows of several targets can be told apart."""
    value = [{"id": 1}]
    source = draft(value, target="hamburg")
    assert source.example_target == "hamburg"
    assert source.tables[0].key == ("target", "id")
    assert rows_of(source, value) == [("hamburg", 1)]
    (request,) = source.start("kiel", Window(), {})
    assert request.url == "/harbours/kiel/ships"


@pytest.mark.parametrize(
    ("url", "value", "headers", "expected"),
    [
        ("?page=1&per_page=2", [{"id": 1}, {"id": 2}], {}, {"page": "2", "per_page": "2"}),
        ("?offset=0&limit=1", [{"id": 1}], {}, {"offset": "1", "limit": "1"}),
        ("", {"data": [{"id": 1}], "next_cursor": "abc"}, {}, {"cursor": "abc"}),
        ("", {"data": [{"id": 1}], "page": 1, "total_pages": 3}, {}, {"page": "2"}),
        ("", {"items": [{"id": 1}], "meta": {"nextPageToken": "t"}}, {}, {"pageToken": "t"}),
        ("", {"results": [{"id": 1}], "next": "https://ships.invalid/x?page=2"}, {}, {"page": "2"}),
        (
            "", [{"id": 1}],
            {"link": '<https://ships.invalid/harbours/hamburg/ships?after=9>; rel="next"'},
            {"after": "9"},
        ),
    ],
)  # fmt: skip
def test_paging_is_seen(
    url: str, value: Any, headers: dict[str, str], expected: dict[str, str]
) -> None:
    """Page numbers, offsets, cursors, addresses in the body, and links lead to the next page."""
    source = draft(value, URL + url, Headers(headers.items()))
    (request,) = source.start("all", Window(), {})
    answer = recorded_response(json.dumps(value).encode(), headers, AT)
    (following,) = source.parse(request, answer).requests
    assert dict(following.params) == expected


def test_a_total_is_read_where_there_are_pages() -> None:
    """It must be the number of all records, not that of the page's."""
    value = {"total": 9, "rows": [{"id": 1}]}
    source = draft(value, f"{URL}?offset=0&limit=1")
    (request,) = source.start("all", Window(), {})
    answer = recorded_response(json.dumps(value).encode(), {}, AT)
    assert source.parse(request, answer).total == 9


@pytest.mark.parametrize(
    ("url", "value", "words"),
    [
        (URL, {"total": 9, "rows": [{"id": 1}]}, "speaks of 9 records"),
        (f"{URL}?limit=1", {"rows": [{"id": 1}]}, "may be more pages"),
        (URL, [{"id": 1, "size": 3}], "taken for integers: size"),
        (URL, [{"id": 1, "crew": [{"age": 3}]}], "crew' is left out"),
        (URL, [{"id": 1, "x": None}], "taken for text: x"),
        (URL, [{"id": 1, "x": {"a": 1}}, {"id": 2, "x": "a"}], "now a text and now an object"),
    ],
)
def test_guesses_and_omissions_are_said(url: str, value: Any, words: str) -> None:
    """A person can then mend the file."""
    drafted = draft_declaration(wishes(url), json.dumps(value).encode(), Headers())
    assert words in " ".join(drafted.notes)


def test_a_time_span_in_the_address_becomes_since_and_until() -> None:
    """The recorded request is the one that the window of the draft asks for."""
    url = f"{URL}?from=2026-01-01&to=2026-01-31&flag=de"
    drafted = draft_declaration(wishes(url), b'[{"id": 1}]', Headers())
    source = read_declaration(drafted.text, "harbours.toml")
    (request,) = source.start("all", drafted.window, {})
    assert dict(request.params) == {"from": "2026-01-01", "to": "2026-01-31", "flag": "de"}
    assert source.tables[0].mode == "merge"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html></html>", "web page"),
        (b"", "empty"),
        (b"{]", "JSON"),
        (b"[]", "empty"),
        (b'{"data": []}', "at data is empty"),
        (b"[1, 2]", "single values"),
        (b'{"name": "x"}', "--records"),
        (b'[{"v": 1.5}, {"v": 1.5}]', "tell the 2 records apart"),
        (b'[{"id": 1}, 2]', "single values"),
    ],
)
def test_answers_without_a_table_are_explained(body: bytes, words: str) -> None:
    """What is wrong and what to do instead."""
    with pytest.raises(ParseError, match=words):
        draft_declaration(wishes(), body, Headers())


@pytest.mark.parametrize(
    ("others", "words"),
    [
        ({"url": "ftp://x/y"}, "no address"),
        ({"url": "https://u:p@ships.invalid/x"}, "user name"),
        ({"url": f"{URL}?a=1&a=2"}, "twice"),
        ({"url": f"{URL}?a={{x}}"}, "braces"),
        ({"target": "kiel"}, "neither"),
        ({"key": ("nothing",)}, "no column"),
        ({"key": ("weight",)}, "no key"),
    ],
)
def test_wishes_that_do_not_fit_are_refused(others: dict[str, Any], words: str) -> None:
    """Each with its own words."""
    with pytest.raises(UsageError, match=words):
        draft([{"id": 1, "weight": 1.5}], **others)


def test_keys_in_the_address_stand_nowhere() -> None:
    """Neither in the request nor in the file."""
    drafted = draft_declaration(wishes(f"{URL}?api_key=verysecret&x=1"), b'[{"id": 1}]', Headers())
    assert "verysecret" not in drafted.text
    assert "api_key" in " ".join(drafted.notes)
