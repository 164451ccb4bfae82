"""Ways in which a declared list goes on, and records that come as columns."""

import json
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.sources.declared.declaration import read_declaration
from domain.errors import ConfigurationError, CursorLoopError, ParseError
from domain.headers import Headers
from domain.options import LIMIT, check_options
from domain.requests import Response
from domain.sources import Source, Window
from tests.fakes.recorded_answers import RECORDINGS

NOW = datetime(2026, 1, 2, tzinfo=UTC)
HEAD = """
name = "ships"
domain = "ships"
title = "Ships"
example_target = "x"
[target]
pattern = "[a-z]+"
form = "a word"
[policy]
base_url = "https://ships.invalid"
"""
TABLE = """
[table]
name = "ships"
meaning = "One row a ship."
key = ["id"]
[[table.fields]]
name = "id"
type = "text"
path = "id"
meaning = "its number"
"""
FILES = """
[request]
path = "/{target}"
records = "recent"
shape = "columns"
[paging]
kind = "files"
files = "older"
file = "name"
file_path = "/files/{file}"
"""
BY_ADDRESS = """
[request]
path = "/{target}"
records = "ships"
[paging]
kind = "next_link"
cursor = "links.next"
"""


def _source(rest: str) -> Source:
    return read_declaration(HEAD + rest + TABLE, "ships.toml")


def _walk(source: Source, answers: Mapping[str, Any], limit: int | None = None) -> list[Any]:
    """The ids of a walk, and the addresses asked, in order."""
    options = check_options(source, {}, limit)
    pending = deque(source.start("x", Window(), options))
    asked, ids = [], []
    while pending:
        request = pending.popleft()
        query = "&".join(f"{name}={value}" for name, value in request.params)
        asked.append(f"{request.url}?{query}" if query else request.url)
        body = json.dumps(answers[asked[-1]]).encode()
        page = source.parse(request, Response(200, Headers(), body, NOW))
        assert all(json.loads(json.dumps(each.context)) == each.context for each in page.requests)
        pending.extend(page.requests)
        ids += [record[0] for record in page.records["ships"]]
    return [ids, asked]


ANSWERS = {
    "/x": {"recent": {"id": ["a", "b"], "count": 2}, "older": [{"name": "1"}, {"name": "2/.."}]},
    "/files/1": {"id": ["c"]},
    "/files/2%2F..": {"id": ["d", "e"]},
}


def test_further_files_are_named_by_the_answer() -> None:
    """Each once, all at once; a name cannot leave its place in the path."""
    ids, asked = _walk(_source(FILES), ANSWERS)
    assert ids == ["a", "b", "c", "d", "e"]
    assert asked == ["/x", "/files/1", "/files/2%2F.."]


@pytest.mark.parametrize(("limit", "requests"), [(1, 1), (2, 1), (3, 2), (4, 3), (9, 3)])
def test_a_limit_asks_for_no_more_files_than_it_needs(limit: int, requests: int) -> None:
    """One after the other."""
    ids, asked = _walk(_source(FILES), ANSWERS, limit)
    assert ids == ["a", "b", "c", "d", "e"][:limit]
    assert len(asked) == requests


@pytest.mark.parametrize("older", [7, [{"name": None}], [["x"]], [{}], [{"name": "1"}] * 10_001])
def test_a_list_of_files_that_is_none_is_refused(older: Any) -> None:
    """Rather than taken for the end."""
    with pytest.raises(ParseError, match="list of files"):
        _walk(_source(FILES), {"/x": {"recent": {"id": ["a"]}, "older": older}})


@pytest.mark.parametrize("recent", [None, [], {}, {"id": "a"}, {"id": ["a"], "name": ["b", "c"]}])
def test_columns_that_are_none_are_refused(recent: Any) -> None:
    """Lists of different lengths would put values into foreign rows."""
    with pytest.raises(ParseError, match="columns"):
        _walk(_source(FILES), {"/x": {"recent": recent}})


def test_the_address_of_the_next_page_stands_in_the_body() -> None:
    """Only its parameters count: not its host, nor its path."""
    answers = {
        "/x": {"ships": [{"id": "a"}], "links": {"next": "https://evil.invalid/y?after=1&n=2"}},
        "/x?after=1&n=2": {"ships": [{"id": "b"}], "links": {"next": ""}},
    }
    assert _walk(_source(BY_ADDRESS), answers) == [["a", "b"], ["/x", "/x?after=1&n=2"]]
    assert check_options(_source(BY_ADDRESS), {}, 1)[LIMIT] == "1"


def test_an_address_that_leads_back_is_refused() -> None:
    """The list would never end."""
    answers = {
        "/x": {"ships": [], "links": {"next": "?a=1"}},
        "/x?a=1": {"ships": [], "links": {"next": "?a=1"}},
    }
    with pytest.raises(CursorLoopError):
        _walk(_source(BY_ADDRESS), answers)


BY_LINK = """
[request]
path = "/{target}"
query = { per_page = "3" }
[paging]
kind = "link"
"""


def test_recorded_pages_of_github_join() -> None:
    """What their `Link` fields name is what was asked next; without gap and without overlap."""
    folder = RECORDINGS / "github"
    links = json.loads((folder / "comments_links.json").read_text(encoding="utf-8"))
    by_query = {each["asked"]: (name, each["link"]) for name, each in links.items()}
    source = _source(BY_LINK)
    pending = list(source.start("x", Window(), check_options(source, {}, None)))
    ids: list[Any] = []
    names = []
    while pending:
        request = pending.pop()
        name, link = by_query["&".join(f"{key}={value}" for key, value in request.params)]
        names.append(name)
        answer = Response(200, Headers({"link": link}.items()), (folder / name).read_bytes(), NOW)
        page = source.parse(request, answer)
        ids += [record[0] for record in page.records["ships"]]
        pending += page.requests
    assert names == [f"comments_page_{number}.json" for number in (1, 2, 3)]
    assert len(ids) == len(set(ids)) == 7
    assert ids == sorted(ids, key=int)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('file_path = "/files/{file}"', "", r"ships.toml:\d+: paging.file_path: is missing"),
        ("{file}", "{filf}", r"paging.file_path: unknown: '\{filf\}'.*\{file\}\?"),
        ('files = "older"', "", r"paging.files: is missing"),
        ('"columns"', '"columnz"', r"request.shape: unknown: 'columnz'. Did you mean columns\?"),
    ],
)
def test_a_mistake_is_named_with_its_line(old: str, new: str, complaint: str) -> None:
    """As everywhere in a declaration."""
    with pytest.raises(ConfigurationError, match=complaint):
        _source(FILES.replace(old, new))
