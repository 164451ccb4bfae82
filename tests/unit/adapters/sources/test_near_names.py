"""A name that an upstream does not know is answered with those that it lists and that are near."""

from datetime import UTC, datetime

import pytest

from adapters.registry.package_source_registry import PackageSourceRegistry
from adapters.sources.declared.declaration import read_declaration
from domain.errors import NotFoundError, PermanentError
from domain.options import check_options
from domain.requests import Request
from domain.sources import Page, Window
from tests.fakes.recorded_answers import answer_of
from tests.support.sandbox_walk import SandboxWalk

NOW = datetime(2026, 3, 10, 12, 34, 56, tzinfo=UTC)
REGISTRY = PackageSourceRegistry(read=read_declaration)


@pytest.mark.parametrize(
    ("domain", "source", "target", "options", "words"),
    [
        ("crypto", "binance", "BTCUSD", {}, "symbol named 'BTCUSD'. Did you mean BTCUSDT"),
        ("crypto", "coinbase_exchange", "BTC-USB", {}, "Did you mean BTC-USD"),
        ("stocks", "sec_edgar", "APPL", {}, "ticker named 'APPL'. Did you mean AAPL"),
        ("stocks", "tiingo", "AAPX", {}, "Did you mean AAPL"),
        ("fx", None, "EUX", {}, "currency named 'EUX'. Did you mean EUR"),
        ("fx", None, "EUR/USD,GPB", {}, "currency named 'GPB'. Did you mean GBP"),
        ("indicators", None, "SP.POP.TOTAL", {}, "indicator named .*Did you mean SP.POP.TOTL"),
        (
            "indicators", None, "SP.POP.TOTL", {"countries": "DEU;FRX"},
            "country named 'FRX'. Did you mean FR or FRA",
        ),
        ("github", None, "pallets/flsk", {}, "repository named .*Did you mean pallets/flask"),
        ("nft", None, "dxtermnal", {}, "collection named .*Did you mean dxterminal"),
        ("nft", "opensea_events", "dxtermnal", {}, "Did you mean dxterminal"),
        ("nft", "opensea_stats", "dx-terminal", {}, "Did you mean dxterminal"),
        ("nft", "opensea_listings", "dxterminals", {}, "Did you mean dxterminal"),
        ("weather", None, "Berlni", {}, "place named 'Berlni'. Did you mean Berlin"),
        ("weather", None, "berlim, Germany", {}, "place named 'berlim'. Did you mean Berlin"),
        ("weather", None, "Tokyo+Reykjavig", {}, "'Reykjavig'. Did you mean Reykjavik"),
    ],
)  # fmt: skip
def test_near_names_are_named(
    domain: str, source: str | None, target: str, options: dict[str, str], words: str
) -> None:
    """Of the list that the upstream has, whatever its form."""
    walk = SandboxWalk(REGISTRY.get(domain, source), target, NOW, **options)
    with pytest.raises(NotFoundError, match=words):
        walk.run()


@pytest.mark.parametrize("target", ["nobody/nothing", "pallets/zzzzzzzzzzzz"])
def test_a_repository_that_resembles_nothing_is_only_not_found(target: str) -> None:
    """An unknown owner has no list either."""
    with pytest.raises(NotFoundError, match=r"No repository named '[a-z/]+'\. A private") as told:
        SandboxWalk(REGISTRY.get("github"), target, NOW).run()
    assert told.value.suggestions == ()


class Geocoder:
    """Asked until it is over: what it was asked for, with the same answer each time."""

    def __init__(self, name: str) -> None:
        self.source = REGISTRY.get("weather")
        options = check_options(self.source, {}, None)
        self.pending = list(self.source.start(name, Window(), options))
        self.asked: list[str] = []

    def refuse(self) -> None:
        """No place is found."""
        while self.pending:
            request = self._next()
            self.pending += self.source.parse(
                request, answer_of(b'{"generationtime_ms": 1}')
            ).requests

    def fail(self) -> Page:
        """The next request is given up."""
        return self.source.failed(self._next(), PermanentError("broken", status=400))

    def _next(self) -> Request:
        request = self.pending.pop()
        self.asked.append(dict(request.params)["name"])
        return request


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("Nowhereville", ["Nowhereville", "Nowherevi", "Nowher", "Now"]),
        ("Berlni", ["Berlni", "Berl", "Ber"]),
        ("Roma", ["Roma", "Rom"]),
        ("Rom", ["Rom"]),
        ("Ulm, Texas", ["Ulm"]),
        ("New Yrk", ["New Yrk", "New Y", "New"]),
    ],
)
def test_no_more_than_three_beginnings_are_asked_for(name: str, asked: list[str]) -> None:
    """And none of less than three letters, which the geocoder takes for whole names."""
    geocoder = Geocoder(name)
    with pytest.raises(NotFoundError, match="coordinates work too"):
        geocoder.refuse()
    assert geocoder.asked == asked


def test_help_that_fails_does_not_hide_what_is_wrong() -> None:
    """The name is unknown, whatever becomes of the search for others."""
    geocoder = Geocoder("Berlni")
    request = geocoder.pending[0]
    geocoder.pending = list(geocoder.source.parse(request, answer_of(b"{}")).requests)
    with pytest.raises(NotFoundError, match="No place named 'Berlni'"):
        geocoder.fail()
