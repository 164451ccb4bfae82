-- {schema}.anomaly(of_place := null)
--
-- Meaning: how much warmer or wetter a day was than the same day of other years: all years that
--   were ingested but its own, forecasts left out of the comparison.
-- Reads: weather.daily
-- Columns:
--   place, date, kind: the day, by the clocks of the place.
--   years: other years that know the day's mean temperature; 29 February is compared with its like.
--   temperature, precipitation: of the day: temperature_2m_mean in °C, precipitation_sum in mm.
--   normal_temperature, normal_precipitation: means over the other years; null without any.
--   temperature_anomaly, precipitation_anomaly: the day's value less the normal one.
-- Source: an anomaly is the departure from a reference mean (WMO-No. 1203); the reference here is
--   what the catalog holds, not the thirty years of an official normal.
create macro {schema}.anomaly(of_place := null) as table (
    with days as (
        select
            place, date, kind,
            temperature_2m_mean as temperature,
            precipitation_sum as precipitation,
            case when kind = 'observed' then temperature end as known_temperature,
            case when kind = 'observed' then precipitation end as known_precipitation
        from {schema}.daily
        where of_place is null or place = of_place
    ),
    compared as (
        select
            *,
            count(known_temperature) over same_day
                - (known_temperature is not null)::bigint as years,
            count(known_precipitation) over same_day
                - (known_precipitation is not null)::bigint as precipitation_years,
            sum(known_temperature) over same_day - coalesce(known_temperature, 0) as temperatures,
            sum(known_precipitation) over same_day - coalesce(known_precipitation, 0)
                as precipitations
        from days
        window same_day as (partition by place, month(date), day(date))
    )
    select
        place,
        date,
        kind,
        years,
        temperature,
        temperatures / nullif(years, 0) as normal_temperature,
        temperature - normal_temperature as temperature_anomaly,
        precipitation,
        precipitations / nullif(precipitation_years, 0) as normal_precipitation,
        precipitation - normal_precipitation as precipitation_anomaly
    from compared
    order by place, date
);
