"""All upstreams of the sandbox but OpenSea, which has keys and documents of its own."""

import time
from collections.abc import Callable
from urllib.parse import parse_qsl

from entrypoints.sandbox.answers import Answer
from entrypoints.sandbox.asked import Asked
from entrypoints.sandbox.binance_routes import BinanceRoutes
from entrypoints.sandbox.coinbase_routes import CoinbaseRoutes
from entrypoints.sandbox.frankfurter_routes import FrankfurterRoutes
from entrypoints.sandbox.github_routes import GithubRoutes
from entrypoints.sandbox.open_meteo_routes import OpenMeteoRoutes
from entrypoints.sandbox.sec_routes import SecRoutes
from entrypoints.sandbox.tiingo_routes import TiingoRoutes
from entrypoints.sandbox.usgs_routes import UsgsRoutes
from entrypoints.sandbox.world_bank_routes import WorldBankRoutes
from entrypoints.sandbox.yahoo_routes import YahooRoutes

SERVED = (
    "opensea",
    "binance",
    "coinbase_exchange",
    "frankfurter",
    "github",
    "open_meteo",
    "sec_edgar",
    "tiingo",
    "usgs",
    "world_bank",
    "yahoo",
)
"""The sources whose base URL may be the sandbox's."""


class Upstreams:
    """Asks one after another whose path it is.

    Args:
        clock: epoch seconds.
        pairs: of Binance, besides the usual ones.
    """

    def __init__(self, clock: Callable[[], float] = time.time, pairs: int = 0) -> None:
        self._clock = clock
        self._upstreams = (
            BinanceRoutes(pairs),
            CoinbaseRoutes(),
            OpenMeteoRoutes(),
            TiingoRoutes(),
            SecRoutes(),
            YahooRoutes(),
            GithubRoutes(),
            UsgsRoutes(),
            WorldBankRoutes(),
            FrankfurterRoutes(),
        )

    def answer(
        self, method: str, path: str, query: bytes, headers: dict[bytes, bytes], origin: str
    ) -> Answer | None:
        """The answer; None where the path is nobody's."""
        if method != "GET":
            return None
        fields = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in headers.items()
        }
        values = dict(parse_qsl(query.decode("utf-8", "replace"), keep_blank_values=True))
        asked = Asked(path, values, fields, origin, self._clock())
        answers = (each.answer(asked) for each in self._upstreams)
        return next((answer for answer in answers if answer is not None), None)
