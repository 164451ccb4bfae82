"""Declared sources whose targets name several places: chunks of time by groups of places."""

import json
from collections import deque
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources.declared.declaration import read_declaration
from domain.errors import ConfigurationError, NotFoundError, ParseError, UsageError
from domain.headers import Headers
from domain.options import check_options
from domain.requests import Request, Response
from domain.sources import Source, Window
from tests.contracts.record_shape import assert_keyed

NOW = datetime(2026, 1, 31, tzinfo=UTC)
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
DECLARATION = r"""
name = "air"
domain = "air"
title = "Air"
example_target = "1.5,2+3,4"
[target]
pattern = "(?P<north>-?[0-9.]{1,6}),(?P<east>-?[0-9.]{1,6})"
form = "latitude,longitude"
[places]
at_once = 2
most = 5
[policy]
base_url = "https://air.invalid"
[request]
path = "/v1/air"
records = "daily"
shape = "columns"
weight = "places * max(1, ceil(days / 7))"
[request.query]
latitude = "{north}"
longitude = "{east}"
start = "{since}"
end = "{until}"
[window]
days = 10
tail_days = 2
[[errors]]
path = "error"
pattern = "nowhere"
kind = "not_found"
what = "place"
[table]
name = "days"
meaning = "One row a place and day."
key = ["place", "day"]
mode = "merge"
[[table.fields]]
name = "place"
type = "text"
context = "place"
meaning = "the place"
[[table.fields]]
name = "north"
type = "number"
context = "north"
meaning = "degrees north"
[[table.fields]]
name = "day"
type = "date"
path = "time"
meaning = "the day"
[[table.fields]]
name = "dust"
type = "number"
path = "dust"
meaning = "how much there is"
"""


def _source(*changes: tuple[str, str]) -> Source:
    text = DECLARATION
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return read_declaration(text, "air.toml")


def _dust(north: float, day: date) -> float:
    return north * 1000 + day.toordinal()


def _answer(request: Request) -> Response:
    """One object a place, in a list unless there is one place: as Open-Meteo does."""
    query = dict(request.params)
    begin, end = (date.fromisoformat(query[name]) for name in ("start", "end"))
    days = [begin + timedelta(days=n) for n in range((end - begin).days + 1)]
    found = [
        {
            "daily": {
                "time": [str(day) for day in days if day < NOW.date()],
                "dust": [_dust(float(north), day) for day in days if day < NOW.date()],
            }
        }
        for north in query["latitude"].split(",")
    ]
    body = json.dumps(found[0] if len(found) == 1 else found).encode()
    return Response(200, Headers(), body, NOW)


class Walked:
    """Rows and requests of a walk."""

    def __init__(
        self, source: Source, target: str, window: Window, limit: int | None = None
    ) -> None:
        options = check_options(source, {}, limit)
        pending = deque(source.start(source.check_target(target), window, options))
        self.requests: list[Request] = []
        self.rows: list[Any] = []
        self.known: datetime | None = None
        while pending:
            request = pending.popleft()
            assert json.loads(json.dumps(request.context)) == request.context
            self.requests.append(request)
            page = source.parse(request, _answer(request))
            assert page.items == len(page.records["days"])
            self.rows += page.records["days"]
            self.known = max(filter(None, (self.known, page.complete_until)), default=None)
            pending.extend(page.requests)
        assert_keyed(source, {"days": [tuple(row) for row in self.rows]})

    @property
    def asked(self) -> list[tuple[str, str]]:
        return [(dict(r.params)["latitude"], dict(r.params)["start"]) for r in self.requests]


def test_every_chunk_of_time_is_asked_for_every_group_of_places() -> None:
    """All groups begin at once, and each goes on by itself."""
    walked = Walked(_source(), "1,1+2,1+3,1", Window(SINCE))

    starts = ("2026-01-01", "2026-01-11", "2026-01-21")
    assert sorted(walked.asked) == sorted((group, at) for group in ("1,2", "3") for at in starts)
    assert len(walked.rows) == 3 * 30
    assert walked.known == NOW - timedelta(days=2)
    for place, north, day, dust in walked.rows:
        assert place == f"{north:g},1"
        assert dust == _dust(north, day)


@given(st.integers(1, 5), st.integers(1, 6), st.integers(1, 40))
def test_how_it_is_cut_does_not_matter(count: int, at_once: int, days: int) -> None:
    """Any size of groups and chunks gives the same rows."""
    target = "+".join(f"{n},7" for n in range(count))
    cut = Walked(
        _source(("at_once = 2", f"at_once = {at_once}"), ("days = 10", f"days = {days}")),
        target,
        Window(SINCE),
    )
    whole = Walked(_source(("at_once = 2", "at_once = 5")), target, Window(SINCE))
    assert sorted(cut.rows) == sorted(whole.rows)
    assert len(cut.requests) == -(-count // at_once) * -(-30 // days)


@pytest.mark.parametrize("limit", [1, 29, 30, 59, 60, 61, 200])
def test_a_limit_makes_groups_take_turns(limit: int) -> None:
    """No more is asked than needed."""
    walked = Walked(_source(("at_once = 2", "at_once = 1")), "1,1+2,1+3,1", Window(SINCE), limit)
    assert len(walked.rows) == min(limit, 90)
    assert len(walked.requests) == -(-min(limit, 90) // 10)
    assert walked.known is None


def test_a_request_weighs_by_its_places_and_days() -> None:
    """As the formula says, rounded up."""
    walked = Walked(_source(), "1,1+2,1+3,1", Window(SINCE))
    assert [each.weight for each in walked.requests[:2]] == [4, 2]


def test_one_spelling_of_a_target() -> None:
    """Spaces go, a place that is there twice is one, and what is no place is named."""
    source = _source()
    assert source.check_target(" 1,1 + 2,2+1,1") == "1,1+2,2"
    with pytest.raises(UsageError, match="'x' is not a target: it must be latitude,longitude"):
        source.check_target("1,1+x")
    with pytest.raises(UsageError, match=r"1 to 5 places, joined by '\+'"):
        source.check_target("+".join(f"{n},0" for n in range(6)))
    with pytest.raises(UsageError):
        source.check_target("")


def _parsed(source: Source, target: str, value: Any) -> Any:
    request = source.start(target, Window(SINCE), check_options(source, {}, None))[0]
    return source.parse(request, Response(200, Headers(), json.dumps(value).encode(), NOW))


def test_an_answer_for_another_number_of_places_is_refused() -> None:
    """Rows would get the wrong place."""
    part: Any = {"daily": {"time": [], "dust": []}}
    with pytest.raises(ParseError, match="1 answers came for 2 places"):
        _parsed(_source(), "1,1+2,1", part)
    with pytest.raises(ParseError, match="no columns"):
        _parsed(_source(), "1,1+2,1", [part, 7])


def test_an_error_in_a_part_is_about_its_place() -> None:
    """The other place is not to blame."""
    part: Any = {"daily": {"time": [], "dust": []}}
    with pytest.raises(NotFoundError, match="No place named '2,1'"):
        _parsed(_source(), "1,1+2,1", [part, {"error": "nowhere"}])


TOGETHER = (
    ("[places]", '[places]\nanswers = "together"'),
    ('shape = "columns"', ""),
    ('context = "place"', 'path = "at"'),
    ('context = "north"', 'path = "north"'),
)


def test_an_answer_may_tell_of_all_places_together() -> None:
    """Then each record says whose it is."""
    source = _source(*TOGETHER)
    rows = [{"at": "a", "time": "2026-01-01"}, {"at": "b", "time": "2026-01-01"}]
    page = _parsed(source, "1,1+2,1", {"daily": rows})
    assert [row[0] for row in page.records["days"]] == ["a", "b"]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ((("at_once = 2", "at_onse = 2"),), r"air.toml:10: places.at_onse: unknown.*at_once\?"),
        ((("at_once = 2", "at_once = 0"),), r"air.toml:10: places.at_once: must be at least 1"),
        ((("most = 5", 'separator = ""'),), r"places.separator: must not be empty"),
        ((("most = 5", 'answers = "alone"'),), r"places.answers: unknown: 'alone'.*apart"),
        (
            (("[window]", '[paging]\nkind = "page"\nparameter = "p"\n[window]'),),
            r"air.toml:\d+: paging.kind: answers of several places apart have one page",
        ),
        ((('"{north}"', '"{target}"'),), r"request.query: unknown: '\{target\}'"),
        ((('context = "north"', 'context = "nort"'),), r"context: unknown: 'nort'.*north\?"),
        ((TOGETHER[:3]), r"context: unknown: 'north'"),
        ((('example_target = "1.5,2+3,4"', 'example_target = "x"'),), r":5: example_target: 'x'"),
        ((("days / 7", "dys / 7"),), r"air.toml:18: request.weight: unknown: 'dys'.*days\?"),
        ((("days / 7", "7 / days"),), r"request.weight: divides by something else"),
        ((("days / 7", "7 / 0"),), r"request.weight: divides by something else"),
        ((("days / 7", "days ** 7"),), r"request.weight: .* is no formula"),
        ((("days / 7", "__import__('os')"),), r"request.weight: .* is no formula"),
        ((("days / 7", "days +"),), r"request.weight: .* is no formula"),
        ((("days / 7", "'a' * 9"),), r"request.weight: .* is no formula"),
        ((("days / 7", "days" + " + 1" * 60),), r"request.weight: .* is no formula"),
        ((("days = 10", ""),), r"request.weight: days needs \[window\] days"),
    ],
)
def test_a_mistake_is_named_with_its_line(
    changes: tuple[tuple[str, str], ...], complaint: str
) -> None:
    """As everywhere in a declaration."""
    with pytest.raises(ConfigurationError, match=complaint):
        _source(*changes)


@pytest.mark.parametrize(
    ("weight", "expected"),
    [
        ("2", 2),
        ('"2"', 2),
        ('"0.1"', 1),
        ('"1 - 5"', 1),
        ('"places * max(1, fields / 10, fields / 10 * days / 14)"', 2),
        ('"min(fields, 2) + 0.5"', 3),
        ('"ceil(fields / 2) * 10"', 20),
        ('"1000000 * 1000000 * 1000000"', 2**31),
        ('"(1000000000 - days) * 0"', 1),
    ],
)
def test_a_formula_counts_what_is_asked(weight: str, expected: int) -> None:
    """Numbers, arithmetic, and how many words a parameter lists."""
    parameter = '[[parameters]]\nname = "fields"\nmeaning = "m"\ndefault = "a,b,c"\n[policy]'
    source = _source(
        ('weight = "places * max(1, ceil(days / 7))"', f"weight = {weight}"),
        ("[policy]", parameter),
    )
    options = check_options(source, {}, None)
    assert source.start("1,1+2,1", Window(SINCE), options)[0].weight == expected
