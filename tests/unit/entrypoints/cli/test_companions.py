"""`--with` finds the sources that fill the named tables."""

from datetime import UTC, datetime

import pytest

from adapters.registry.package_source_registry import PackageSourceRegistry
from application.ingest_request import IngestRequest
from domain.errors import NotFoundError
from domain.sources import Window
from entrypoints.cli.companions import with_companions

REGISTRY = PackageSourceRegistry()


def _asked(tables: str | None, **options: str) -> list[tuple[str | None, dict[str, str]]]:
    request = IngestRequest(domain="nft", target="dxterminal", options=options)
    found = with_companions([request], tables, REGISTRY)
    return [(each.source, dict(each.options)) for each in found]


def test_without_it_nothing_changes() -> None:
    """One run a target."""
    assert _asked(None, types="sale") == [(None, {"types": "sale"})]


def test_each_source_gets_its_own_parameters() -> None:
    """A name that none has stays with the main source, which refuses it."""
    assert _asked("events, stats,events", traits="list", types="sale", x="y") == [
        (None, {"traits": "list", "x": "y"}),
        ("opensea_events", {"types": "sale"}),
        ("opensea_stats", {}),
    ]


def test_a_window_is_for_those_that_take_one() -> None:
    """The others are read as a whole; where none takes it, the main source refuses it."""
    window = Window(datetime(2026, 1, 1, tzinfo=UTC))
    request = IngestRequest(domain="nft", target="dxterminal", window=window)
    found = with_companions([request], "events,stats", REGISTRY)
    assert [(each.source, each.window) for each in found] == [
        (None, Window()),
        ("opensea_events", window),
        ("opensea_stats", Window()),
    ]
    refused = with_companions([request], "stats", REGISTRY)
    assert [each.window for each in refused] == [window, window]


def test_a_table_of_the_main_source_needs_no_further_run() -> None:
    """It is filled anyway."""
    assert _asked("traits") == [(None, {})]


def test_an_unknown_table_is_named() -> None:
    """With the one that was meant."""
    with pytest.raises(NotFoundError, match="listings"):
        _asked("listing")
