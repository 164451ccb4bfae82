-- {schema}.degree_days(of_place := null, heating_base := 18.0, cooling_base := 18.0)
--
-- Meaning: how much there was to heat or to cool on each day; sum them over a month or a winter.
-- Reads: weather.daily
-- Columns:
--   place, date, kind: the day, by the clocks of the place.
--   mean: (highest + lowest temperature) / 2, °C.
--   heating: degrees by which the mean is below heating_base, else 0.
--   cooling: degrees by which it is above cooling_base, else 0. Null where the day is not known.
-- Source: US National Weather Service, https://www.weather.gov/key/climate_heat_cool, which takes
--   65 °F (18.3 °C) as the base of both; Europe often heats below 15.5 °C: give it as an argument.
create macro {schema}.degree_days(of_place := null, heating_base := 18.0, cooling_base := 18.0) as table (
    select
        place,
        date,
        kind,
        (temperature_2m_max + temperature_2m_min) / 2 as mean,
        case when mean is not null then greatest(heating_base - mean, 0)::double end as heating,
        case when mean is not null then greatest(mean - cooling_base, 0)::double end as cooling
    from {schema}.daily
    where of_place is null or place = of_place
    order by place, date
);
