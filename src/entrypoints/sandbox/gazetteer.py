"""The places that the sandbox's geocoder knows."""

from typing import Any

_COLUMNS = (
    "id", "name", "latitude", "longitude", "elevation", "country_code", "country", "admin1",
    "timezone", "population",
)  # fmt: skip
_PLACES = (
    (2950159, "Berlin", 52.52437, 13.41053, 74.0, "DE", "Germany", "State of Berlin",
     "Europe/Berlin", 3426354),
    (5083330, "Berlin", 44.46867, -71.18508, 311.0, "US", "United States", "New Hampshire",
     "America/New_York", 9367),
    (2988507, "Paris", 48.85341, 2.3488, 42.0, "FR", "France", "Île-de-France", "Europe/Paris",
     2138551),
    (4717560, "Paris", 33.66094, -95.55551, 183.0, "US", "United States", "Texas",
     "America/Chicago", 24782),
    (2643743, "London", 51.50853, -0.12574, 25.0, "GB", "United Kingdom", "England",
     "Europe/London", 8961989),
    (6058560, "London", 42.98339, -81.23304, 252.0, "CA", "Canada", "Ontario", "America/Toronto",
     422324),
    (5128581, "New York", 40.71427, -74.00597, 10.0, "US", "United States", "New York",
     "America/New_York", 8804190),
    (1850147, "Tokyo", 35.6895, 139.69171, 44.0, "JP", "Japan", "Tokyo", "Asia/Tokyo", 9733276),
    (2147714, "Sydney", -33.86785, 151.20732, 58.0, "AU", "Australia", "New South Wales",
     "Australia/Sydney", 4627345),
    (3448439, "São Paulo", -23.5475, -46.63611, 769.0, "BR", "Brazil", "São Paulo",
     "America/Sao_Paulo", 12400232),
    (2073124, "Darwin", -12.46113, 130.84184, 31.0, "AU", "Australia", "Northern Territory",
     "Australia/Darwin", 129062),
    (3413829, "Reykjavik", 64.13548, -21.89541, 37.0, "IS", "Iceland", "Capital Region",
     "Atlantic/Reykjavik", 118918),
)  # fmt: skip


def search(name: str, count: int) -> list[dict[str, Any]]:
    """Places whose names begin like that, the largest first, as far as they have members."""
    wanted = _plain(name)
    found = [row for row in _PLACES if len(wanted) > 1 and _plain(str(row[1])).startswith(wanted)]
    found.sort(key=lambda row: -int(row[-1]))
    return [dict(zip(_COLUMNS, row, strict=True)) for row in found[:count]]


def zone_at(latitude: float, longitude: float) -> str:
    """The time zone of the nearest place, where there is one within a degree, else UTC's name."""
    for row in _PLACES:
        if abs(float(row[2]) - latitude) < 1 and abs(float(row[3]) - longitude) < 1:
            return str(row[8])
    return "GMT"


def _plain(name: str) -> str:
    return name.casefold().replace("ã", "a").strip()
