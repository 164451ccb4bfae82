"""Variables of Open-Meteo that have columns, with its own names and units."""

from domain.errors import NotFoundError, UsageError
from domain.schema import Field, Kind

HOURLY = (
    Field("temperature_2m", Kind.NUMBER, "air temperature 2 m above ground, °C"),
    Field("relative_humidity_2m", Kind.NUMBER, "relative humidity 2 m above ground, %"),
    Field("dew_point_2m", Kind.NUMBER, "dew point 2 m above ground, °C"),
    Field("apparent_temperature", Kind.NUMBER, "how warm it feels, °C"),
    Field("precipitation", Kind.NUMBER, "rain, showers and snow of the hour before, mm"),
    Field("rain", Kind.NUMBER, "rain of the hour before, mm"),
    Field("snowfall", Kind.NUMBER, "snow of the hour before, cm"),
    Field("snow_depth", Kind.NUMBER, "snow on the ground, m"),
    Field("weather_code", Kind.INTEGER, "WMO code 4677: 0 clear, 3 overcast, 61 rain, 71 snow, …"),
    Field("pressure_msl", Kind.NUMBER, "air pressure reduced to sea level, hPa"),
    Field("surface_pressure", Kind.NUMBER, "air pressure at the surface, hPa"),
    Field("cloud_cover", Kind.NUMBER, "share of the sky under clouds, %"),
    Field("wind_speed_10m", Kind.NUMBER, "wind 10 m above ground, km/h"),
    Field("wind_direction_10m", Kind.NUMBER, "where the wind comes from, degrees"),
    Field("wind_gusts_10m", Kind.NUMBER, "strongest gust of the hour before, km/h"),
    Field("shortwave_radiation", Kind.NUMBER, "sunlight of the hour before, W/m²"),
    Field("sunshine_duration", Kind.NUMBER, "sunshine of the hour before, seconds"),
    Field("soil_temperature_0_to_7cm", Kind.NUMBER, "temperature of the soil, °C"),
    Field("soil_moisture_0_to_7cm", Kind.NUMBER, "water in the soil, m³/m³"),
    Field("et0_fao_evapotranspiration", Kind.NUMBER, "water that reference grass takes, mm"),
)

DAILY = (
    Field("weather_code", Kind.INTEGER, "WMO code 4677 of the day's most severe weather"),
    Field("temperature_2m_max", Kind.NUMBER, "highest air temperature, °C"),
    Field("temperature_2m_min", Kind.NUMBER, "lowest air temperature, °C"),
    Field("temperature_2m_mean", Kind.NUMBER, "mean air temperature, °C"),
    Field("apparent_temperature_max", Kind.NUMBER, "how warm it felt at most, °C"),
    Field("apparent_temperature_min", Kind.NUMBER, "how cold it felt at most, °C"),
    Field("precipitation_sum", Kind.NUMBER, "rain, showers and snow, mm"),
    Field("rain_sum", Kind.NUMBER, "rain, mm"),
    Field("snowfall_sum", Kind.NUMBER, "snow, cm"),
    Field("precipitation_hours", Kind.NUMBER, "hours with precipitation"),
    Field("sunrise", Kind.TIMESTAMP, "when the sun rose"),
    Field("sunset", Kind.TIMESTAMP, "when the sun set"),
    Field("daylight_duration", Kind.NUMBER, "seconds of daylight"),
    Field("sunshine_duration", Kind.NUMBER, "seconds of sunshine"),
    Field("wind_speed_10m_max", Kind.NUMBER, "strongest wind 10 m above ground, km/h"),
    Field("wind_gusts_10m_max", Kind.NUMBER, "strongest gust, km/h"),
    Field("wind_direction_10m_dominant", Kind.NUMBER, "prevailing direction, degrees"),
    Field("shortwave_radiation_sum", Kind.NUMBER, "sunlight, MJ/m²"),
    Field("et0_fao_evapotranspiration", Kind.NUMBER, "water that reference grass takes, mm"),
)

DEFAULT_HOURLY = (
    "temperature_2m,relative_humidity_2m,apparent_temperature,precipitation,snowfall,"
    "weather_code,pressure_msl,cloud_cover,wind_speed_10m,wind_gusts_10m"
)
DEFAULT_DAILY = (
    "weather_code,temperature_2m_max,temperature_2m_min,temperature_2m_mean,precipitation_sum,"
    "snowfall_sum,sunrise,sunset,sunshine_duration,wind_gusts_10m_max"
)
NONE = "none"
"""What stands for no variable."""


def check_variables(given: str, fields: tuple[Field, ...], what: str) -> tuple[str, ...]:
    """The variables of a comma list; none for "none" and "".

    Raises:
        NotFoundError: there is no column for one of them.
    """
    names = tuple(dict.fromkeys(name.strip() for name in given.split(",") if name.strip()))
    if names == (NONE,):
        return ()
    known = [field.name for field in fields]
    for name in names:
        if name not in known:
            hint = f"There are {', '.join(known)}."
            raise NotFoundError(what=f"{what} variable", name=name[:60], known=known, hint=hint)
    return names


def check_some(hourly: tuple[str, ...], daily: tuple[str, ...]) -> None:
    """UsageError when nothing is asked for."""
    if not hourly and not daily:
        message = "Nothing is asked for: name at least one variable by -p hourly=… or -p daily=…."
        raise UsageError(message)
