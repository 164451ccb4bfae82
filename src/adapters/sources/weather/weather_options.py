"""Parameters of `app ingest weather`."""

from dataclasses import dataclass
from typing import Self

from adapters.sources.weather.variables import (
    DAILY,
    DEFAULT_DAILY,
    DEFAULT_HOURLY,
    HOURLY,
    check_some,
    check_variables,
)
from domain.errors import UsageError
from domain.sources import Options, Parameter

MOST_FORECAST_DAYS = 16

PARAMETERS = (
    Parameter("hourly", "comma list of hourly variables, or none", DEFAULT_HOURLY),
    Parameter("daily", "comma list of daily variables, or none", DEFAULT_DAILY),
    Parameter("forecast_days", f"days ahead, today counted, 0 to {MOST_FORECAST_DAYS}", "7"),
    Parameter("pick", "which place is meant where several have the name, from 1", "1"),
)


@dataclass(frozen=True, slots=True)
class WeatherOptions:
    """What is asked of each place."""

    hourly: tuple[str, ...]
    daily: tuple[str, ...]
    forecast_days: int
    pick: int

    @classmethod
    def read(cls, options: Options, places: int) -> Self:
        """Check what was given for so many places.

        Raises:
            UsageError, NotFoundError: says which parameter is wrong and what it may be.
        """
        hourly = check_variables(options["hourly"], HOURLY, "hourly")
        daily = check_variables(options["daily"], DAILY, "daily")
        check_some(hourly, daily)
        days = _number(options, "forecast_days", 0, MOST_FORECAST_DAYS)
        pick = _number(options, "pick", 1, 100)
        if pick > 1 and places > 1:
            message = "pick is for one place: say which by names as 'Paris, Texas'."
            raise UsageError(message)
        return cls(hourly, daily, days, pick)


def _number(options: Options, name: str, least: int, most: int) -> int:
    given = options[name]
    if not (given.isascii() and given.isdecimal()) or not least <= int(given[:9]) <= most:
        message = f"{name}={given[:20]!a} is not a whole number from {least} to {most}."
        raise UsageError(message)
    return int(given)
