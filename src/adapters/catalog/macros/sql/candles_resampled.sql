-- {schema}.resampled(of_symbol, from_interval, width)
--
-- Meaning: candles of a longer interval, made of shorter ones: resampled('BTCUSDT', '1h', '1 day').
--   null for of_symbol takes all symbols. The width is an interval as SQL writes it ('15 minutes',
--   '1 week', '1 month') and at least as long as the candles.
-- Reads: {schema}.candles
-- Columns:
--   source, symbol: of the candles.
--   open_time: when the bucket begins, in UTC; weeks begin on Mondays.
--   open, high, low, close: first, highest, lowest and last price.
--   volume: sum. trades: sum; null where one of the parts does not tell.
--   parts: candles that the bucket is made of; a gap makes them fewer.
--   is_final: whether all parts are, and the last one reaches the end of the bucket.
-- Source: what each column of a candle means; buckets are those of DuckDB's time_bucket.
create macro {schema}.resampled(of_symbol, from_interval, width) as table (
    with steps as (
        select
            width::interval as bucket,
            (
                left(from_interval, -1) || case right(from_interval, 1)
                    when 's' then ' seconds' when 'm' then ' minutes' when 'h' then ' hours'
                    when 'd' then ' days' when 'w' then ' weeks' when 'M' then ' months'
                    else error('resampled: ' || from_interval || ' is no interval such as 1h or 1d')
                end
            )::interval as part
    ),
    parts as (
        select
            candles.*,
            timezone('UTC', open_time) as begin,
            part,
            bucket,
            time_bucket(
                case
                    when bucket < part
                    then error('resampled: the new interval is shorter than the candles')
                    else bucket
                end,
                begin
            ) as bucket_begin
        from {schema}.candles, steps
        where interval = from_interval and (of_symbol is null or symbol = of_symbol)
    )
    select
        source,
        symbol,
        timezone('UTC', bucket_begin) as open_time,
        arg_min(open, begin) as open,
        max(high) as high,
        min(low) as low,
        arg_max(close, begin) as close,
        sum(volume) as volume,
        case when count(trades) = count(*) then sum(trades)::bigint end as trades,
        count(*) as parts,
        coalesce(bool_and(is_final), false)
            and max(begin) + any_value(part) >= bucket_begin + any_value(bucket) as is_final
    from parts
    group by source, symbol, bucket_begin
    order by source, symbol, bucket_begin
);
