"""Tickers, as people type them."""

import re

from adapters.sources.candles.symbols import check_symbol

_TICKER = re.compile(r"[A-Z0-9^][A-Z0-9.=^-]{0,19}", re.ASCII)


def check_ticker(target: str) -> str:
    """A ticker in capitals.

    Raises:
        UsageError: it cannot be one.
    """
    return check_symbol(target, _TICKER, "ticker", "AAPL or BRK-B")
