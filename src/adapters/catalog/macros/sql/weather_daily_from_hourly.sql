-- {schema}.daily_from_hourly(of_place := null)
--
-- Meaning: days made of the hours in weather.hourly, by the clocks of the place: a day is the
--   local day of the time zone in weather.places, and has 23 or 25 hours when the clocks change.
--   The UTC day is taken where a place has no time zone.
-- Reads: weather.hourly, weather.places
-- Columns:
--   place, date: the local day.
--   kind: `observed` when all its hours are, else `forecast`.
--   hours: how many hours are there. is_complete: whether that is all hours of the day.
--   temperature_2m_max, temperature_2m_min, temperature_2m_mean, apparent_temperature_max,
--     apparent_temperature_min: °C. relative_humidity_2m_mean: %.
--   precipitation_sum, rain_sum: mm. snowfall_sum: cm. precipitation_hours: hours with any.
--   sunshine_duration: seconds. shortwave_radiation_sum: MJ/m².
--   wind_speed_10m_max, wind_gusts_10m_max: km/h. pressure_msl_mean: hPa. cloud_cover_mean: %.
-- Source: Open-Meteo makes its days of the 24 hours that are stamped with them
--   (https://open-meteo.com/en/docs, "Daily Parameter Definition"); so does this, and names are
--   those of weather.daily where both have a column. 1 W/m² for an hour is 0.0036 MJ/m².
create macro {schema}.daily_from_hourly(of_place := null) as table (
    with stamped as (
        select
            hourly.*,
            coalesce(places.timezone, 'UTC') as zone,
            timezone(zone, hourly.time)::date as date
        from {schema}.hourly left join (
            select place, any_value(timezone) as timezone from {schema}.places group by place
        ) as places on places.place = hourly.place
        where of_place is null or hourly.place = of_place
    )
    select
        place,
        date,
        case when bool_and(kind = 'observed') then 'observed' else 'forecast' end as kind,
        count(*) as hours,
        count(*) = datediff(
            'hour',
            timezone(any_value(zone), date::timestamp),
            timezone(any_value(zone), date::timestamp + to_days(1))
        ) as is_complete,
        max(temperature_2m) as temperature_2m_max,
        min(temperature_2m) as temperature_2m_min,
        avg(temperature_2m) as temperature_2m_mean,
        max(apparent_temperature) as apparent_temperature_max,
        min(apparent_temperature) as apparent_temperature_min,
        avg(relative_humidity_2m) as relative_humidity_2m_mean,
        sum(precipitation) as precipitation_sum,
        sum(rain) as rain_sum,
        sum(snowfall) as snowfall_sum,
        case when count(precipitation) > 0 then count(*) filter (where precipitation > 0)
        end as precipitation_hours,
        sum(sunshine_duration) as sunshine_duration,
        sum(shortwave_radiation) * 0.0036 as shortwave_radiation_sum,
        max(wind_speed_10m) as wind_speed_10m_max,
        max(wind_gusts_10m) as wind_gusts_10m_max,
        avg(pressure_msl) as pressure_msl_mean,
        avg(cloud_cover) as cloud_cover_mean
    from stamped
    group by place, date
    order by place, date
);
