"""A name that the upstream does not know is answered with those that are near."""

import json
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.sources.declared.declaration import read_declaration
from domain.errors import ConfigurationError, NotFoundError, PermanentError
from domain.headers import Headers
from domain.options import check_options
from domain.requests import CacheMode, Request, Response
from domain.sources import Source, Window

NOW = datetime(2026, 1, 2, tzinfo=UTC)
DECLARATION = """
name = "ships"
domain = "ships"
title = "Ships"
example_target = "kiel/de,dk"
[target]
pattern = "(?P<harbour>[a-z]+)(?:/(?P<flags>[a-z,]+))?"
form = "a harbour"
[[parameters]]
name = "kind"
meaning = "the kind of ships"
default = "all"
[policy]
base_url = "https://ships.invalid"
[request]
path = "/{harbour}/ships"
query = { flags = "{flags}", kind = "{kind}" }
[[errors]]
status = 404
kind = "not_found"
what = "harbour or flag"
hint = "Harbours are towns."
[[errors]]
path = "0.error"
kind = "not_found"
what = "kind"
[[suggestions]]
path = "/harbours"
query = { near = "{harbour}" }
records = "harbours"
name = ["name", "code"]
of = "harbour"
what = "harbour"
weight = 4
[[suggestions]]
path = "/flags"
of = ["flags", "kind"]
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
HARBOURS = {"harbours": [{"name": "Kiel", "code": "KEL"}, {"name": "Husum"}, {"code": None}, 7]}
FLAGS = {"de": "Germany", "dk": "Denmark", "se": "Sweden"}
LISTS = {"/harbours": HARBOURS, "/flags": FLAGS}


def _source(old: str = "", new: str = "") -> Source:
    return read_declaration(DECLARATION.replace(old, new) if old else DECLARATION, "ships.toml")


def _asked(source: Source, target: str, lists: Mapping[str, Any], **options: str) -> list[Request]:
    """All requests of a walk whose first answer is 404; its NotFoundError goes through."""
    pending = deque(source.start(target, Window(), check_options(source, options, None)))
    asked = []
    while pending:
        request = pending.popleft()
        asked.append(request)
        if (answer := lists.get(request.url)) is None:
            page = source.failed(request, PermanentError("gone", status=404))
        else:
            body = json.dumps(answer).encode()
            page = source.parse(request, Response(200, Headers(), body, NOW))
        pending.extend(page.requests)
    return asked


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("kile", "No harbour named 'kile'. Did you mean Kiel.*Harbours are towns"),
        ("husun/de", "No harbour named 'husun'. Did you mean Husum"),
        ("kel/dee,dk", "No harbour or flag named 'dee'. Did you mean de"),
        ("kiel/de,dk", "No harbour or flag named 'kiel/de,dk'. Harbours"),
        ("kiel", "No harbour or flag named 'kiel'. Harbours"),
        ("zzzzzz", "No harbour named 'zzzzzz'. Harbours are towns"),
    ],
)
def test_the_word_that_is_in_no_list_is_the_unknown_one(target: str, words: str) -> None:
    """Names count whatever their case; lists are asked in turn, and the default is no name."""
    with pytest.raises(NotFoundError, match=words):
        _asked(_source(), target, LISTS)


@pytest.mark.parametrize("harbours", [{"harbours": []}, {}, 7, {"harbours": "x"}])
def test_a_list_that_is_none_helps_nobody(harbours: Any) -> None:
    """Nothing is made of it; the next one may help."""
    with pytest.raises(NotFoundError, match=r"named 'kile'\. Harbours are towns\.$"):
        _asked(_source(), "kile", {"/harbours": harbours, "/flags": {}})


def test_a_list_that_fails_helps_nobody() -> None:
    """The unknown name is what is said, not the failure of the help."""
    with pytest.raises(NotFoundError, match=r"No harbour or flag named 'kile'\. Harbours"):
        _asked(_source(), "kile", {})


def test_the_lists_are_asked_with_what_was_asked_for() -> None:
    """Kept for a day, and weighed as declared."""
    source = _source()
    first = source.start("kile", Window(), check_options(source, {}, None))[0]
    (request,) = source.failed(first, PermanentError("gone", status=404)).requests
    assert (request.url, request.params) == ("/harbours", (("near", "kile"),))
    assert (request.weight, request.cache and request.cache.mode) == (4, CacheMode.KEEP)
    assert json.loads(json.dumps(request.context)) == request.context


def test_a_table_may_have_any_name() -> None:
    """Requests for records are not taken for those that help."""
    source = _source('name = "ships"\nmeaning', 'name = "suggestions"\nmeaning')
    request = source.start("kiel", Window(), check_options(source, {}, None))[0]
    page = source.parse(request, Response(200, Headers(), b'[{"id": "a"}]', NOW))
    assert page.records == {"suggestions": [("a",)]}


def test_an_error_within_a_body_asks_the_lists_too() -> None:
    """An upstream that says with status 200 that it does not know."""
    with pytest.raises(NotFoundError, match=r"No kind named 'seo'. Did you mean se"):
        _asked(_source(), "kiel", {**LISTS, "/kiel/ships": [{"error": "?"}]}, kind="seo")


def test_without_lists_the_error_stands_alone() -> None:
    """As before."""
    text = DECLARATION[: DECLARATION.index("[[suggestions]]")]
    text += DECLARATION[DECLARATION.index("[table]") :]
    with pytest.raises(NotFoundError, match="No harbour or flag named 'kile'"):
        _asked(read_declaration(text, "ships.toml"), "kile", LISTS)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (
            'of = "harbour"',
            'of = "harbor"',
            r"ships.toml:32: suggestions\[0\].of: unknown: 'harbor'",
        ),
        ('path = "/flags"', "", r"ships.toml:35: suggestions\[1\].path: is missing"),
        ('path = "/flags"', 'path = "/{until}"', r"suggestions\[1\].path: unknown: '\{until\}'"),
        ("weight = 4", "wait = 4", r"suggestions\[0\].wait: unknown. Did you mean what\?"),
        ("weight = 4", 'weight = "a"', r"suggestions\[0\].weight: must be a whole number"),
    ],
)
def test_a_mistake_is_named_with_its_line(old: str, new: str, complaint: str) -> None:
    """As everywhere in a declaration."""
    with pytest.raises(ConfigurationError, match=complaint):
        _source(old, new)
