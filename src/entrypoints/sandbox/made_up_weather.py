"""Weather that is the same each time, with seasons, days and nights."""

import math
from functools import lru_cache

from entrypoints.sandbox.made_up_numbers import fraction, level

_DAY, _YEAR = 86_400.0, 365.2425 * 86_400.0
_WARMEST = 200 * _DAY  # of the year, in the north
_POLAR = 0.9


def hourly(name: str, latitude: float, longitude: float, at: float) -> float | int | None:
    """A variable by Open-Meteo's name; None for one that is not served."""
    return _hour(latitude, longitude, at).get(name)


@lru_cache(maxsize=50_000)
def _hour(latitude: float, longitude: float, at: float) -> dict[str, float | int]:
    place = f"{latitude:.2f},{longitude:.2f}"
    warm = _temperature(latitude, longitude, place, at)
    noise = fraction(place, int(at // 3600))
    wet = max(0.0, fraction(place, int(at // 10_800), "wet") - 0.75) * 8
    is_cold = warm < 0
    values: dict[str, float | int] = {
        "temperature_2m": warm,
        "dew_point_2m": warm - 4 - 3 * noise,
        "apparent_temperature": warm - 2 * noise,
        "relative_humidity_2m": round(55 + 40 * noise),
        "precipitation": wet,
        "rain": 0.0 if is_cold else wet,
        "snowfall": wet * 0.7 if is_cold else 0.0,
        "snow_depth": 0.1 * noise if is_cold else 0.0,
        "weather_code": (71 if is_cold else 61) if wet > 0 else round(3 * noise),
        "pressure_msl": 1013 + 20 * (level(place, at) - 1),
        "surface_pressure": 1000 + 20 * (level(place, at) - 1),
        "cloud_cover": round(100 * noise),
        "wind_speed_10m": 30 * noise * noise,
        "wind_direction_10m": round(359 * noise),
        "wind_gusts_10m": 30 * noise * noise + 15 * noise,
        "shortwave_radiation": round(700 * _sun(latitude, longitude, at)),
        "sunshine_duration": 3600 * _sun(latitude, longitude, at) * (1 - 0.5 * noise),
        "soil_temperature_0_to_7cm": warm * 0.8 + 2,
        "soil_moisture_0_to_7cm": 0.2 + 0.1 * noise,
        "et0_fao_evapotranspiration": 0.4 * _sun(latitude, longitude, at),
    }
    return {
        name: round(value, 2) if isinstance(value, float) else value
        for name, value in values.items()
    }


def daily(name: str, latitude: float, longitude: float, begin: float) -> float | int | None:
    """A variable of the day that begins at a moment."""
    if name in ("sunrise", "sunset"):
        noon = begin + _DAY / 2
        half = _DAY / 4 * (1 + min(1.0, abs(latitude) / 90) * _season(latitude, begin))
        return int(noon - half if name == "sunrise" else noon + half)
    if name == "daylight_duration":
        sun = [daily(each, latitude, longitude, begin) or 0 for each in ("sunrise", "sunset")]
        return float(sun[1] - sun[0])
    if name == "precipitation_hours":
        hours = [hourly("precipitation", latitude, longitude, begin + n * 3600) for n in range(24)]
        return float(sum(bool(each) for each in hours))
    of_hours, how = _OF_HOURS.get(name, (name, ""))
    found = [hourly(of_hours, latitude, longitude, begin + n * 3600) for n in range(24)]
    values = [each for each in found if each is not None]
    if values and how in ("max", "min"):
        return max(values) if how == "max" else min(values)
    return round(sum(values) / (len(values) if how == "mean" else 1), 2) if values else None


_OF_HOURS = {
    "weather_code": ("weather_code", "max"),
    "temperature_2m_max": ("temperature_2m", "max"),
    "temperature_2m_min": ("temperature_2m", "min"),
    "temperature_2m_mean": ("temperature_2m", "mean"),
    "apparent_temperature_max": ("apparent_temperature", "max"),
    "apparent_temperature_min": ("apparent_temperature", "min"),
    "precipitation_sum": ("precipitation", "sum"),
    "rain_sum": ("rain", "sum"),
    "snowfall_sum": ("snowfall", "sum"),
    "wind_speed_10m_max": ("wind_speed_10m", "max"),
    "wind_gusts_10m_max": ("wind_gusts_10m", "max"),
    "wind_direction_10m_dominant": ("wind_direction_10m", "mean"),
    "shortwave_radiation_sum": ("shortwave_radiation", "sum"),
    "sunshine_duration": ("sunshine_duration", "sum"),
    "et0_fao_evapotranspiration": ("et0_fao_evapotranspiration", "sum"),
}


def _temperature(latitude: float, longitude: float, place: str, at: float) -> float:
    mean = 27 - 0.45 * abs(latitude)
    year = 0.22 * abs(latitude) * _season(latitude, at)
    day = 5 * math.cos(2 * math.pi * ((at / _DAY + longitude / 360) - 0.6))
    return mean + year + day + 12 * (level(place, at) - 1)


def _season(latitude: float, at: float) -> float:
    """1 in the middle of summer, -1 in the middle of winter."""
    north = math.cos(2 * math.pi * (at - _WARMEST) / _YEAR)
    return north * _POLAR if latitude >= 0 else -north * _POLAR


def _sun(latitude: float, longitude: float, at: float) -> float:
    """How high the sun stands, 0 at night."""
    height = math.cos(2 * math.pi * ((at / _DAY + longitude / 360) - 0.5))
    return max(0.0, height) * math.cos(math.radians(latitude) * _POLAR)
