"""A source is judged by its recording alone."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.sources.declared.declaration import read_declaration
from adapters.sources.drafting.unread import unread_members
from application.check_source import CheckSource
from domain.errors import NotFoundError
from domain.recordings import Recording, recorded_response
from domain.requests import Request, Response
from domain.source_checks import SourceCheck
from domain.sources import Page
from tests.fakes.fake_source_files import FakeSourceFiles
from tests.fakes.fake_source_registry import FakeSourceRegistry

AT = datetime(2026, 2, 3, tzinfo=UTC)
DECLARATION = """
name = "ships"
domain = "harbours"
title = "Ships"
example_target = "all"

[target]
pattern = "all"
form = "all"

[policy]
base_url = "https://ships.invalid"

[request]
path = "/ships"
records = "data"
total = "total"

[paging]
kind = "page"
parameter = "page"
pages = "pages"

[table]
name = "ships"
meaning = "One row a ship."
key = ["id"]

[[table.fields]]
name = "id"
type = "integer"
path = "id"
meaning = "its number"

[[table.fields]]
name = "flag"
type = "text"
path = "flag"
accepted = ["de", "dk"]
required = true
meaning = "its flag"

[[table.fields]]
name = "built"
type = "date"
path = "built"
meaning = "when it was built"
"""


def ship(number: int, **others: Any) -> dict[str, Any]:
    return {"id": number, "flag": "de", "built": "1999-01-02", **others}


def page(*ships: Any, **others: Any) -> dict[str, Any]:
    return {"data": ships, "pages": 2, "total": 3, **others}


def check(*pages: Any) -> SourceCheck:
    answers = {
        f"/ships?page={number}": recorded_response(json.dumps(each).encode(), {}, AT)
        for number, each in enumerate(pages, 1)
    }
    files = FakeSourceFiles()
    files.save("ships", DECLARATION, Recording(target="all", answers=answers))
    registry = FakeSourceRegistry(read_declaration(DECLARATION, "ships.toml"))
    use_case = CheckSource(registry=registry, files=files, unread=unread_members)
    return asyncio.run(use_case.execute("ships"))


def test_pages_that_join_are_sound() -> None:
    """Rows of all pages, the end of the paging, and nothing to complain of."""
    found = check(page(ship(1), ship(2)), page(ship(3)))
    assert found.sound
    assert found.rows == {"ships": 3}
    assert found.requests == 2
    assert found.notes == ("the paging ends with request 2",)
    assert found.unread == ()


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        ((page(ship(1), ship(2)), page(ship(2))), "2 records have the key id=2"),
        ((page(ship(1)), page(ship(3))), "speaks of 3 items, the pages have 2"),
        ((page(ship(1), ship(2, flag="xx")), page(ship(3))), "flag is 'xx' (1 records)"),
        ((page(ship(1), ship(2, flag=None)), page(ship(3))), "flag is missing"),
        (
            (page(ship(1), ship(2, built="soon")), page(ship(3))),
            'type: built: a text ("soon") does not fit the type date (1 records)',
        ),
        ((page(ship(1), ship(2, id="x")), page(ship(3))), "id: a text"),
        ((page(ship(1), "x"), page(ship(3))), 'record 1 is a text ("x"), not an object'),
        (({"data": 7}, page()), "no list of records"),
        ((), "asked first and not recorded"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(pages: Any, words: str) -> None:
    """Overlaps, gaps, expectations, types, shapes."""
    found = check(*pages)
    assert not found.sound
    assert any(words in each for each in found.complaints), found.complaints


def test_a_list_that_goes_on_is_a_note() -> None:
    """A recording may hold the first pages alone."""
    found = check(page(ship(1)))
    assert found.sound
    assert found.missing == ("/ships?page=2",)
    assert "not recorded" in found.notes[0]


def test_a_paging_that_never_ends_is_seen() -> None:
    """The upstream names the same address again and again."""
    text = DECLARATION.replace(
        'kind = "page"\nparameter = "page"\npages = "pages"', 'kind = "link"'
    )
    other = '<https://ships.invalid/ships?at={}>; rel="next"'
    answers = {
        key: recorded_response(b'{"data": [], "total": 0}', {"link": other.format(at)}, AT)
        for key, at in (("/ships", 1), ("/ships?at=1", 2), ("/ships?at=2", 1))
    }
    source = read_declaration(text, "ships.toml")
    use_case = CheckSource(
        registry=FakeSourceRegistry(source),
        files=FakeSourceFiles(),
        unread=unread_members,
    )
    found = use_case.check(source, Recording(target="all", answers=answers))
    assert any("never ends" in each for each in found.complaints)


def test_members_that_nobody_reads_are_reported() -> None:
    """By path; one that a column reads, and one that is always empty, are not."""
    odd = {"crew": [{"name": "ann"}], "flag2": None, "built": "1999-01-02"}
    found = check(page(ship(1, **odd), ship(2, **odd), took=3), page(ship(3)))
    assert found.sound
    assert found.unread == ("took", "data.[].crew")


def test_a_source_that_breaks_is_told_apart() -> None:
    """Whatever a plug-in raises is a complaint about it, not the end of the program."""

    def broken(_request: Request, _response: Response) -> Page:
        raise KeyError("colour")  # noqa: EM101 - as a plug-in would

    source = replace(read_declaration(DECLARATION, "ships.toml"), parse=broken)
    use_case = CheckSource(
        registry=FakeSourceRegistry(source),
        files=FakeSourceFiles(),
        unread=unread_members,
    )
    answers = {"/ships?page=1": recorded_response(b"{}", {}, AT)}
    found = use_case.check(source, Recording(target="all", answers=answers))
    assert found.complaints == ("/ships?page=1: KeyError: 'colour'",)


def test_an_unknown_source_is_not_found() -> None:
    """With the nearest name that is known."""
    registry = FakeSourceRegistry(read_declaration(DECLARATION, "ships.toml"))
    use_case = CheckSource(registry=registry, files=FakeSourceFiles(), unread=unread_members)
    with pytest.raises(NotFoundError, match="Did you mean ships"):
        asyncio.run(use_case.execute("ship"))
