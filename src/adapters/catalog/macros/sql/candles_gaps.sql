-- {schema}.gaps(of_symbol, of_interval)
--
-- Meaning: where candles are missing between the first and the last one of a series. null for
--   of_symbol takes all symbols. Nights, weekends and holidays of a stock exchange are gaps too.
-- Reads: {schema}.candles
-- Columns:
--   source, symbol: the series.
--   gap_begin: open_time of the first candle that is missing. gap_end: open_time of the next
--     candle that is there.
--   missing: candles that would fit in between.
-- Source: each candle is followed by the one that begins when it ends; months are counted in UTC.
create macro {schema}.gaps(of_symbol, of_interval) as table (
    with steps as (
        select (
            left(of_interval, -1) || case right(of_interval, 1)
                when 's' then ' seconds' when 'm' then ' minutes' when 'h' then ' hours'
                when 'd' then ' days' when 'w' then ' weeks' when 'M' then ' months'
                else error('gaps: ' || of_interval || ' is no interval such as 1h or 1d')
            end
        )::interval as step
    ),
    paired as (
        select
            source, symbol, step,
            timezone('UTC', open_time) as begin,
            lead(begin) over (partition by source, symbol order by open_time) as next_begin
        from {schema}.candles, steps
        where interval = of_interval and (of_symbol is null or symbol = of_symbol)
    )
    select
        source,
        symbol,
        timezone('UTC', begin + step) as gap_begin,
        timezone('UTC', next_begin) as gap_end,
        case
            when datepart('month', step) + 12 * datepart('year', step) > 0
            then datediff('month', begin, next_begin)
                // (datepart('month', step) + 12 * datepart('year', step)) - 1
            else (epoch(next_begin - begin) / epoch(step))::bigint - 1
        end as missing
    from paired
    where next_begin > begin + step
    order by source, symbol, gap_begin
);
