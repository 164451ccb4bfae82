"""Events, stats and listings: what is read, and what odd answers do."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.sources import opensea, opensea_events, opensea_listings, opensea_stats
from adapters.sources.nft.answer_values import price
from adapters.sources.nft.cursor_walk import CursorWalk
from domain.errors import (
    CursorLoopError,
    NotFoundError,
    ParseError,
    PermanentError,
    PipelineError,
    UsageError,
)
from domain.requests import Request
from domain.sources import Page, Source, Window
from tests.contracts.record_shape import assert_fits
from tests.fakes.recorded_answers import RECEIVED_AT, RECORDINGS, answer_of, recorded

EVENTS, STATS, LISTINGS = opensea_events.SOURCE, opensea_stats.SOURCE, opensea_listings.SOURCE
BEGIN = datetime(2025, 12, 31, tzinfo=UTC)


def _first(source: Source, window: Window | None = None, **options: str) -> Request:
    [request] = source.start("gnars-v2", window or Window(), options)
    return request


def _column(source: Source, page: Page, name: str) -> list[object]:
    [table] = source.tables
    [position] = table.schema.positions([name])
    return [row[position] for row in page.records[table.name]]


@pytest.mark.parametrize(
    ("amount", "decimals", "exact"),
    [
        ("1500000000000000000", 18, "1.5"),
        ("123456789012345678901234567", 18, "123456789.012345678901234567"),
        ("1", 18, "0.000000000000000001"),
        ("0", 18, "0"),
        ("007", 0, "7"),
        (5_000_000, 6, "5"),
        ("1e5", 18, None),
        ("-1", 18, None),
        ("1", None, None),
        ("1", -1, None),
        ("1", 1000, None),
        (None, 18, None),
        (1.5, 0, None),
    ],
)
def test_money_is_exact(amount: object, decimals: object, exact: str | None) -> None:
    """The point is put by text, not by division."""
    found, nearest = price(amount, decimals)
    assert found == exact
    assert nearest == (None if exact is None else float(exact))


def test_a_sale_says_who_and_how_much() -> None:
    """Seller, buyer, exact price and its currency."""
    page = EVENTS.parse(_first(EVENTS), recorded("opensea_events/events_page_1.json"))
    assert _column(EVENTS, page, "event_type") == ["sale", "transfer", "order"]
    assert _column(EVENTS, page, "price") == ["1.5", None, "1.5"]
    assert _column(EVENTS, page, "from_address") == ["0x" + "aa" * 20] * 3
    assert _column(EVENTS, page, "to_address") == ["0x" + "bb" * 20] * 2 + [None]
    assert len(set(_column(EVENTS, page, "event_id"))) == 3


def test_the_last_hour_is_provisional() -> None:
    """Nothing is known for good that a chain may still undo, nor with a limit."""
    body = answer_of(b'{"asset_events": []}')
    assert EVENTS.parse(_first(EVENTS), body).complete_until == RECEIVED_AT - timedelta(hours=1)
    early = _first(EVENTS, Window(until=BEGIN))
    assert EVENTS.parse(early, body).complete_until == BEGIN
    assert EVENTS.parse(_first(EVENTS, limit="5"), body).complete_until is None


def test_a_span_is_exact_whatever_the_upstream_makes_of_its_ends() -> None:
    """`after` and `before` are asked a second wider, and cut here."""
    since, until = BEGIN, BEGIN + timedelta(seconds=10)
    request = _first(EVENTS, Window(since=since, until=until))
    asked = dict(request.params)
    first = int(since.timestamp())
    assert (asked["after"], asked["before"]) == (str(first - 1), str(first + 11))
    events = [{"event_timestamp": first + at, "event_type": "sale"} for at in (-1, 0, 9, 10)]
    page = EVENTS.parse(request, answer_of(json.dumps({"asset_events": events}).encode()))
    assert _column(EVENTS, page, "event_time") == [since, since + timedelta(seconds=9)]


def test_an_incremental_run_asks_from_where_all_is_known() -> None:
    """The moment that the last run has left."""
    request = _first(EVENTS, Window(complete_until=BEGIN))
    assert dict(request.params)["after"] == str(int(BEGIN.timestamp()) - 1)


def test_a_window_in_the_future_is_refused() -> None:
    """By the upstream's clock."""
    request = _first(EVENTS, Window(since=RECEIVED_AT + timedelta(days=1)))
    with pytest.raises(UsageError, match="future"):
        EVENTS.parse(request, answer_of(b'{"asset_events": []}'))


@pytest.mark.parametrize("types", ["", " , ", "sales", "sale,bid"])
def test_unknown_event_types_are_refused(types: str) -> None:
    """The message names those that exist."""
    with pytest.raises(UsageError, match="trait_offer"):
        EVENTS.start("slug", Window(), {"types": types})


@pytest.mark.parametrize("source", [STATS, LISTINGS], ids=lambda each: each.name)
def test_what_is_of_now_has_no_span(source: Source) -> None:
    """--since would promise what OpenSea cannot tell."""
    with pytest.raises(UsageError, match="--since"):
        source.start("slug", Window(since=BEGIN), {})


@pytest.mark.parametrize("source", [EVENTS, STATS, LISTINGS], ids=lambda each: each.name)
def test_an_unknown_collection_is_not_found(source: Source) -> None:
    """404, with a word about what a slug is, even where the search for others fails."""
    (search,) = source.failed(_first(source), PermanentError("no", status=404)).requests
    with pytest.raises(NotFoundError, match="slug"):
        source.failed(search, PermanentError("no", status=404))
    with pytest.raises(NotFoundError, match="slug"):
        source.parse(search, answer_of(b"<html>"))
    with pytest.raises(PermanentError):
        source.failed(_first(source), PermanentError("no", status=410))


@pytest.mark.parametrize("source", [EVENTS, STATS, LISTINGS], ids=lambda each: each.name)
def test_a_limit_of_nothing_asks_nothing(source: Source) -> None:
    """`--limit 0`."""
    assert source.start("slug", Window(), {"limit": "0"}) == ()


def test_an_expired_cursor_begins_again_once() -> None:
    """Rows that come again are kept once by their key."""
    page = EVENTS.parse(
        _first(EVENTS, Window(since=BEGIN)), recorded("opensea_events/events_page_1.json")
    )
    [second] = page.requests
    [again] = EVENTS.failed(second, PermanentError("expired", status=400)).requests
    assert "next" not in dict(again.params)
    assert again.context["since"] == BEGIN.isoformat()
    page = EVENTS.parse(again, recorded("opensea_events/events_page_1.json"))
    with pytest.raises(PipelineError):
        EVENTS.failed(page.requests[0], PermanentError("expired", status=410))


def test_a_listing_without_an_asset_is_read_from_its_order() -> None:
    """Ids exceed 64 bits."""
    page = LISTINGS.parse(_first(LISTINGS), recorded("opensea_listings/best_page_2.json"))
    assert _column(LISTINGS, page, "identifier") == [str(2**200 + 7)]
    assert _column(LISTINGS, page, "price") == ["5"]


def test_stats_are_a_row_an_interval() -> None:
    """The total first; floor and owners are only known for it."""
    page = STATS.parse(_first(STATS), recorded("opensea_stats/collection_stats.json"))
    intervals = ["total", "one_day", "seven_day", "thirty_day"]
    assert _column(STATS, page, "interval") == intervals
    assert _column(STATS, page, "sales") == [234, 0, 0, 5]
    assert _column(STATS, page, "owners") == [142813, None, None, None]


def _follow(cursors: Iterable[int], *, found: int) -> None:
    """Walk along, each time as a checkpoint would hand the request back."""
    request = CursorWalk("slug", "/list").request()
    for cursor in cursors:
        walk = CursorWalk(**json.loads(json.dumps(request.context))["walk"])
        following = walk.following({"next": str(cursor)}, found)
        assert following is not None
        request = following


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 40), st.integers(1, 40))
def test_any_circle_of_cursors_is_noticed(before: int, length: int) -> None:
    """However late it begins and however long it is, in a few rounds."""
    rounds = range(3 * (before + length) + 3)
    cursors = [at if at < before else before + (at - before) % length for at in rounds]
    with pytest.raises(CursorLoopError):
        _follow(cursors, found=1)


def test_a_list_of_empty_pages_ends() -> None:
    """Another cursor each time is no progress."""
    with pytest.raises(ParseError, match="does not end"):
        _follow(range(10), found=0)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
_BODIES = [
    json.loads((RECORDINGS / name).read_bytes())
    for name in (
        "opensea_events/events_page_1.json",
        "opensea_events/events_page_2.json",
        "opensea_listings/best_page_1.json",
        "opensea_stats/collection_stats.json",
        "opensea/nfts_page_1.json",
    )
]


def _ladder() -> list[tuple[Source, Request]]:
    """A batch, a rescue and a question for one NFT."""
    listed = ["c", "0xaa", "base", "1", *[None] * 5, "https://dead.example/1", *[None] * 3]
    item = {"nft": listed, "reason": "HTTP 404", "rescue": 9}
    assert opensea.SOURCE.gather is not None
    [rescue] = opensea.SOURCE.gather([item], 0).requests
    [single] = opensea.SOURCE.parse(rescue, answer_of(b'{"nfts": []}')).requests
    [start] = opensea.SOURCE.start("c", Window(), {"traits": "batch"})
    contracts = [{"address": "0xaa", "chain": "base"}]
    body = json.dumps({"collection": "c", "contracts": contracts}).encode()
    [page] = opensea.SOURCE.parse(start, answer_of(body)).requests
    nfts = [{"identifier": str(each), "contract": "0xaa"} for each in range(3)]
    [batch] = opensea.SOURCE.parse(page, answer_of(json.dumps({"nfts": nfts}).encode())).requests
    return [(opensea.SOURCE, each) for each in (rescue, single, batch)]


_QUESTIONS = [*((each, _first(each)) for each in (EVENTS, STATS, LISTINGS)), *_ladder()]


@st.composite
def _mutated(draw: st.DrawFn, value: Any) -> Any:
    """A random part dropped, emptied, nested or retyped."""
    if isinstance(value, Mapping) and value and draw(st.integers(0, 7)):
        key = draw(st.sampled_from(sorted(value)))
        rest = {name: each for name, each in value.items() if name != key}
        return rest if draw(st.integers(0, 4)) == 0 else {**rest, key: draw(_mutated(value[key]))}
    if isinstance(value, list) and value and draw(st.integers(0, 7)):
        at = draw(st.integers(0, len(value) - 1))
        return [*value[:at], draw(_mutated(value[at])), *value[at + 1 :]]
    return draw(st.sampled_from([None, [value], {"value": value}, str(value), "9" * 90]) | _JSON)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(_QUESTIONS), st.sampled_from(_BODIES).flatmap(_mutated), st.data())
def test_mutated_answers_give_rows_or_domain_errors(
    question: tuple[Source, Request], body: Any, data: st.DataObject
) -> None:
    """Drop, null, retype, nest or cut off any part."""
    source, request = question
    sent = json.dumps(body).encode(errors="surrogatepass")
    if data.draw(st.integers(0, 5)) == 0:
        sent = sent[: data.draw(st.integers(0, len(sent)))]
    try:
        page = source.parse(request, answer_of(sent))
    except PipelineError:
        return
    assert_fits(source, page.records)
    for each in page.requests:
        assert json.loads(json.dumps(each.context)) == each.context
