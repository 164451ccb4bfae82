"""A new source is asked for, proposed, recorded, checked and written."""

import asyncio
import json
from typing import Any

import pytest

from adapters.sources.declared.declaration import read_declaration
from adapters.sources.drafting.draft import draft_declaration
from adapters.sources.drafting.probe import probe
from adapters.sources.drafting.scrubbed import scrubbed_answer, scrubbed_field
from adapters.sources.drafting.unread import unread_members
from application.check_source import CheckSource
from application.draft_source import DraftedSource, DraftSource
from domain.drafts import Drafter, Wishes
from domain.errors import ParseError, PermanentError, StorageError, UsageError
from domain.recordings import RECORDED_AT, recorded_response
from domain.requests import Request, Response
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_fetchers import FakeFetcher, FakeFetchers
from tests.fakes.fake_source_files import FakeSourceFiles
from tests.fakes.fake_source_registry import FakeSourceRegistry
from tests.fakes.sample_source import SAMPLE

URL = "https://ships.invalid/ships?page=1&limit=2&api_key=verysecret"


def answer(request: Request) -> Response:
    page = int(dict(request.params)["page"])
    last = "https://ships.invalid/ships?page=3&api_key=verysecret"
    ships = [{"id": 2 * page}, {"id": 2 * page + 1}] if page < 3 else [{"id": 9}]
    body = json.dumps({"data": ships, "last": last, "pages": 3, "token": "verysecret"})
    return recorded_response(body.encode(), {"set-cookie": "a=b"}, RECORDED_AT)


class World:
    """A use case over fakes."""

    def __init__(self) -> None:
        self.files = FakeSourceFiles()
        self.fetcher = FakeFetcher(answer)
        registry = FakeSourceRegistry(SAMPLE)
        self.use_case = DraftSource(
            registry=registry,
            fetchers=FakeFetchers(self.fetcher),
            files=self.files,
            check=CheckSource(registry=registry, files=self.files, unread=unread_members),
            clock=FakeClock(),
            drafter=Drafter(probe, draft_declaration, scrubbed_answer, scrubbed_field),
            read=read_declaration,
        )

    def new(self, body: bytes | None = None, **others: Any) -> DraftedSource:
        named = {"pages": others.pop("pages", 3), "overwrite": others.pop("overwrite", False)}
        wishes = Wishes(**{"name": "ships", "domain": "harbours", "url": URL, **others})
        return asyncio.run(self.use_case.execute(wishes, body, **named))


def test_an_address_becomes_a_source_with_its_pages() -> None:
    """The declaration reads what was answered, and the pages join."""
    world = World()
    drafted = world.new()
    assert drafted.check.sound
    assert drafted.check.rows == {"ships": 5}
    assert len(world.files.recordings["ships"].answers) == 3
    assert world.fetcher.asked["/ships"] == 3
    assert drafted.source.tables[0].key == ("id",)


def test_keys_are_neither_sent_nor_kept() -> None:
    """Values of key parameters, members named like keys, and cookies."""
    world = World()
    world.new()
    recording = world.files.recordings["ships"]
    kept = repr(recording) + world.files.declarations["ships"]
    assert "verysecret" not in kept
    assert "cookie" not in kept


def test_a_recorded_answer_needs_no_network() -> None:
    """Nobody is asked; what follows is said to be missing."""
    world = World()
    drafted = world.new(b'{"data": [{"id": 1}, {"id": 2}], "pages": 2}')
    assert drafted.check.sound
    assert world.fetcher.asked.total() == 0
    assert drafted.check.missing == ("/ships?limit=2&page=2",)


def test_an_upstream_that_ignores_the_page_is_seen() -> None:
    """The same records again are an overlap; the file is written to be mended."""
    world = World()
    world.fetcher.answers = lambda _request: recorded_response(b'[{"id": 1}]', {}, RECORDED_AT)
    drafted = world.new(url="https://ships.invalid/ships?page=1")
    assert not drafted.check.sound
    assert any("have the key id=1" in each for each in drafted.check.complaints)
    assert world.files.saved == 1


def test_a_later_page_that_fails_is_left_out() -> None:
    """What was answered is enough for a source."""
    world = World()

    def failing(request: Request) -> Response:
        if dict(request.params)["page"] != "1":
            message = "down"
            raise PermanentError(message, url=request.url, status=500)
        return answer(request)

    world.fetcher.answers = failing
    assert len(world.new().check.missing) == 1


@pytest.mark.parametrize(
    ("others", "words"),
    [
        ({"name": "Ships"}, "no name of a source"),
        ({"name": "../x"}, "no name of a source"),
        ({"domain": "my ships"}, "no name of a domain"),
        ({"table": "my ships"}, "no name of a table"),
        ({"name": SAMPLE.name}, "another source"),
        ({"domain": SAMPLE.domain, "table": SAMPLE.tables[0].name}, "already"),
        ({"url": "nonsense"}, "no address"),
    ],
)
def test_names_that_cannot_be_are_refused(others: dict[str, Any], words: str) -> None:
    """Before or after the answer is read, and nothing is written."""
    world = World()
    with pytest.raises(UsageError, match=words):
        world.new(**others)
    assert world.files.saved == 0


def test_a_source_is_not_overwritten_unasked() -> None:
    """--force says that it may be."""
    world = World()
    world.new()
    with pytest.raises(UsageError, match="--force"):
        world.new()
    world.new(overwrite=True)
    assert world.files.saved == 2


def test_failures_of_the_address_and_the_files_come_through() -> None:
    """Each with its own error, and nothing is written."""
    world = World()
    world.fetcher.answers = {}
    with pytest.raises(PermanentError):
        world.new()
    with pytest.raises(ParseError, match="web page"):
        world.new(b"<html>")
    world.files.fails_with = StorageError("full")
    with pytest.raises(StorageError):
        world.new(b'[{"id": 1}]')
    assert world.files.saved == 0
