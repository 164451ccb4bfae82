"""Declarations: what is read, what is refused, and how lists and windows go on."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import adapters.sources.declarations as packaged
from adapters.registry.package_source_registry import PackageSourceRegistry
from adapters.sources.declared.declaration import read_declaration
from domain.errors import (
    ConfigurationError,
    CursorLoopError,
    NotFoundError,
    ParseError,
    PermanentError,
    PipelineError,
    UsageError,
)
from domain.headers import Headers
from domain.options import LIMIT, check_options
from domain.requests import Response
from domain.sources import Page, Source, Window
from tests.fakes.recorded_answers import RECORDINGS

FOLDER = Path(packaged.__path__[0])
NAMES = ("frankfurter", "github", "usgs", "world_bank")
NOW = datetime(2026, 1, 2, tzinfo=UTC)
DOCS = Path(__file__).parents[5] / "docs" / "declaring-sources.md"


def _text(name: str) -> str:
    return (FOLDER / f"{name}.toml").read_text(encoding="utf-8")


def _source(name: str) -> Source:
    return read_declaration(_text(name), f"{name}.toml")


def _answer(value: Any, headers: Mapping[str, str] | None = None) -> Response:
    return Response(200, Headers((headers or {}).items()), json.dumps(value).encode(), NOW)


def _parsed(source: Source, value: Any, window: Window | None = None, **headers: str) -> Page:
    options = check_options(source, {}, None)
    request = source.start(source.example_target, window or Window(), options)[0]
    return source.parse(request, _answer(value, headers))


def _without_help(source: Source, page: Page) -> None:
    """Lists of names that are asked for are not to be had."""
    while page.requests:
        (request,) = page.requests
        page = source.failed(request, PermanentError("broken", status=500))


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('kind = "offset"', 'knd = "offset"', r"usgs.toml:\d+: paging.knd: unknown.*kind\?"),
        ('kind = "offset"', 'kind = "off-set"', r"paging.kind: unknown: 'off-set'.*offset\?"),
        ('kind = "offset"', "kind = 7", r"paging.kind: must be a text"),
        ("size = 10000", "size = -1", r"paging.size: must not be negative"),
        ('"60/m"', '"often"', r"policy.limits: 'often' is no limit"),
        ("{min_magnitude}", "{magnitude}", r"query: unknown: '\{magnitude\}'.*\{min_magnitude\}\?"),
        ('key = ["id"]', 'key = ["di"]', r"table.key: 'di' is no column"),
        ('domain = "quakes"', "", r"usgs.toml:\d+: domain: is missing"),
        ("[paging]", "[paging", r"usgs.toml is not TOML"),
        ("[paging]", "[pagings]", r"usgs.toml:\d\d: pagings: unknown. Did you mean paging\?"),
        ("[table]", "[tables]", r"usgs.toml:\d\d: tables: unknown. Did you mean table\?"),
        ('key = ["id"]', "key = []", r"table.key: must not be empty"),
        ('domain = "quakes"', 'domain = "meta"', r":4: domain: 'meta' means something else"),
        ('domain = "quakes"', 'domain = "My Quakes"', r"domain: 'My Quakes' is no name"),
        ('name = "events"', 'name = "events; drop"', r"table.name: 'events; drop' is no name"),
        ('name = "magnitude"', 'name = "_run_id"', r"fields\[3\].name: '_run_id' is no name"),
        ('name = "magnitude"', 'name = "Time"', r"fields\[3\].name: 'Time' is there already"),
        ('title = "USGS: earthquakes"', 'title = ""', r":5: title: must not be empty"),
        ('path = "/fdsnws', 'path = "fdsnws', r"request.path: must be a path below the base"),
        ('path = "/fdsnws', 'path = "//evil.invalid/', r"request.path: must be a path below"),
        ('path = "/fdsnws', 'path = "https://evil.invalid/', r"request.path: must be a path"),
        ("https://earthquake.usgs.gov", "https://", r"policy.base_url: must name a host"),
        ("https://earthquake.usgs.gov", "https://a.invalid?x=1", r"base_url: must name a host"),
        ('cache = "refresh"', 'cache = "keep"', r"policy.cache_seconds: cache = keep and"),
        ('cache = "refresh"', "cache_seconds = 60", r"policy.cache_seconds: cache = keep and"),
        ('name = "min_magnitude"', 'name = "since"', r"parameters\[0\].name: 'since' is taken"),
        ('name = "min_magnitude"', 'name = "a b"', r"parameters\[0\].name: 'a b' is no name"),
        ('example_target = "world"', 'example_target = "w"', r":6: example_target: 'w' is not"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(old: str, new: str, complaint: str) -> None:
    """The complaint names file, line and field, and the nearest known name."""
    with pytest.raises(ConfigurationError) as caught:
        read_declaration(_text("usgs").replace(old, new), "usgs.toml")
    assert re.search(complaint, str(caught.value))


def test_the_line_of_an_unknown_field_is_its_own() -> None:
    """Of several tables of one name the right one is pointed at."""
    text = _text("usgs").replace('path = "properties.mag"', 'pth = "properties.mag"')
    line = text[: text.index("pth =")].count("\n") + 1
    with pytest.raises(ConfigurationError, match=rf"^x\.toml:{line}: table\."):
        read_declaration(text, "x.toml")


def test_windows_follow_one_another_without_gap() -> None:
    """Each window begins where the one before it ended, up to now."""
    source = _source("frankfurter")
    options = check_options(source, {}, None)
    pending = [*source.start("EUR", Window(), options)]
    spans = []
    while pending:
        request = pending.pop()
        spans.append(request.context["span"])
        pending.extend(source.parse(request, _answer([])).requests)
    assert all(a[1] == b[0] for a, b in pairwise(spans))
    assert datetime.fromisoformat(spans[-1][1]) >= NOW


def test_a_series_goes_on_before_its_provisional_tail() -> None:
    """What may still change is asked for again."""
    source = _source("frankfurter")
    page = _parsed(source, [], Window(since=NOW - timedelta(days=9)))
    assert page.complete_until == NOW - timedelta(days=7)
    window = Window(complete_until=page.complete_until)
    request = source.start("EUR", window, check_options(source, {}, None))[0]
    assert dict(request.params)["from"] == "2025-12-26"


def test_a_link_leads_to_the_next_page_of_the_same_path() -> None:
    """Only the query of the address counts; one that leads nowhere new is a loop."""
    source = _source("github")
    link = '<https://elsewhere.invalid/x?per_page=100&page=2>; rel="next"'
    page = _parsed(source, [], None, link=link)
    following = page.requests[0]
    assert (following.url, dict(following.params)["page"]) == ("/repos/pallets/flask/issues", "2")
    with pytest.raises(CursorLoopError):
        source.parse(following, _answer([], {"link": link}))


def test_pages_by_number_end_where_the_answer_says() -> None:
    """The page after the last one is not asked for."""
    source = _source("world_bank")
    row = {"indicator": {"id": "X"}, "country": {"id": "MX"}, "date": "2020", "value": 1}
    first = _parsed(source, [{"pages": 2, "total": 2}, [row]])
    assert dict(first.requests[0].params)["page"] == "2"
    assert source.parse(first.requests[0], _answer([{"pages": 2}, [row]])).requests == []
    assert _parsed(source, [{"pages": 0, "total": 0}, None]).records["values"] == []


def test_an_error_with_status_200_is_the_domains_error() -> None:
    """The World Bank's word for an unknown code is "not found"."""
    body = json.loads((RECORDINGS / "world_bank" / "invalid.json").read_text(encoding="utf-8"))
    source = _source("world_bank")
    with pytest.raises(NotFoundError, match="indicator or country"):
        _without_help(source, _parsed(source, body))


@pytest.mark.parametrize(
    ("name", "status"), [("github", 404), ("github", 410), ("frankfurter", 404)]
)
def test_a_status_is_the_domains_error(name: str, status: int) -> None:
    """What a declaration says of a status holds; another error is passed on."""
    source = _source(name)
    request = source.start(source.example_target, Window(), check_options(source, {}, None))[0]
    with pytest.raises(NotFoundError):
        _without_help(source, source.failed(request, PermanentError("gone", status=status)))
    with pytest.raises(PermanentError):
        source.failed(request, PermanentError("odd", status=418))


def test_what_cannot_be_asked_is_refused() -> None:
    """A bad target, a bad parameter, an end that there is not, a span in the future."""
    github, usgs = _source("github"), _source("usgs")
    with pytest.raises(UsageError):
        github.check_target("no-slash")
    with pytest.raises(UsageError):
        github.start("o/r", Window(until=NOW), check_options(github, {}, None))
    with pytest.raises(UsageError):
        usgs.start("world", Window(), {"min_magnitude": "big"})
    with pytest.raises(UsageError):
        _parsed(usgs, {"features": []}, Window(since=NOW + timedelta(days=1)))


@pytest.mark.parametrize(
    ("window", "asked"),
    [
        (Window(), {}),
        (Window(until=NOW), {"starttime": "2025-12-03T00:00:00.000Z"}),
        (Window(NOW - timedelta(days=1), NOW), {"starttime": "2026-01-01T00:00:00.000Z"}),
        (Window(until=NOW, complete_until=NOW), {}),
    ],
)
def test_a_span_without_a_beginning_goes_back_as_the_upstream_does(
    window: Window, asked: dict[str, str]
) -> None:
    """From its end: the upstream itself would count from now, and find nothing before it."""
    source = _source("usgs")
    requests = source.start("world", window, check_options(source, {}, None))
    found = [dict(each.params) for each in requests]
    assert [each["starttime"] for each in found if "starttime" in each] == [*asked.values()]


def test_one_end_of_a_span_may_be_all_that_there_is() -> None:
    """And the refusal says which."""
    with pytest.raises(UsageError, match=r"no --until: its upstream .* nothing but --since"):
        _source("github").start("o/r", Window(until=NOW), {"state": "all"})


def test_a_limit_ends_the_list() -> None:
    """No more rows are taken, and nothing further is asked."""
    source = _source("usgs")
    request = source.start("world", Window(), {"min_magnitude": "2.5", LIMIT: "1"})[0]
    page = source.parse(request, _answer({"features": [{"id": "a"}, {"id": "b"}]}))
    assert (page.items, page.requests, page.complete_until) == (1, [], None)


def test_a_project_cannot_shadow_a_built_in_source(tmp_path: Path) -> None:
    """A file with a built-in name is refused, and so is one that declares another name."""
    (tmp_path / "usgs.toml").write_text(_text("usgs"), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="built-in"):
        PackageSourceRegistry(read=read_declaration, project=tmp_path).get("quakes")
    (tmp_path / "usgs.toml").rename(tmp_path / "quakes_two.toml")
    with pytest.raises(ConfigurationError, match="must be 'quakes_two'"):
        PackageSourceRegistry(read=read_declaration, project=tmp_path).all()


def test_every_example_of_the_reference_is_read() -> None:
    """The page on declarations shows files that work."""
    examples = re.findall(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert examples
    whole = [each for each in examples if each.startswith("name =")]
    assert len(whole) > 1
    for example in whole:
        assert read_declaration(example, "example.toml").name
    for part in set(examples) - set(whole):
        assert part in _text("frankfurter"), "a part of an example must be one of a built-in file"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


def _mutated(value: Any, data: st.DataObject) -> Any:
    """The value with one part, at any depth, replaced by something else."""
    if isinstance(value, dict | list) and value and data.draw(st.booleans()):
        keys: list[Any] = list(value) if isinstance(value, dict) else [*range(len(value))]
        key = data.draw(st.sampled_from(keys))
        copy: Any = value.copy()
        copy[key] = _mutated(value[key], data)
        return copy
    return data.draw(_JSON)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_mutated_answer_raises_nothing_but_domain_errors(name: str, data: st.DataObject) -> None:
    """Whatever an upstream sends, rows come out or an error that callers handle."""
    plan = json.loads((RECORDINGS / name / "walk.json").read_text(encoding="utf-8"))
    body = (RECORDINGS / name / next(iter(plan["answers"].values()))).read_bytes()
    source = _source(name)
    request = source.start(source.example_target, Window(), check_options(source, {}, None))[0]
    try:
        page = source.parse(request, _answer(_mutated(json.loads(body), data)))
    except PipelineError:
        return
    width = len(source.tables[0].schema.fields)
    assert all(len(row) == width for row in page.records[source.tables[0].name])


@pytest.mark.parametrize("name", NAMES)
def test_a_truncated_answer_cannot_be_read(name: str) -> None:
    """Half an answer is an error, never half a table."""
    source = _source(name)
    request = source.start(source.example_target, Window(), check_options(source, {}, None))[0]
    with pytest.raises(ParseError):
        source.parse(request, Response(200, Headers(), b'[{"a": 1}, {', NOW))


def test_a_projects_own_source_is_found_beside_the_others(tmp_path: Path) -> None:
    """A file in the project's folder is a source, though never a built-in domain's default."""
    text = _text("usgs").replace('name = "usgs"', 'name = "a_quake"')
    (tmp_path / "a_quake.toml").write_text(text, encoding="utf-8")
    registry = PackageSourceRegistry(read=read_declaration, project=tmp_path)
    assert registry.get("quakes", "a_quake").tables == registry.get("quakes", "usgs").tables
    assert registry.get("quakes").name == "usgs"


def test_an_upstream_may_go_further_back_than_values_are_provisional() -> None:
    """What is older than the tail counts as known after a run without a beginning."""
    source = read_declaration(
        _text("usgs").replace("default_days = 30", "default_days = 90"), "usgs.toml"
    )
    assert source.default_span == timedelta(days=90)
    assert _parsed(source, {"features": []}).complete_until == NOW - timedelta(days=30)
