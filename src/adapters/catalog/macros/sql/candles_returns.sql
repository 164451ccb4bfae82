-- {schema}.returns(of_symbol, of_interval)
--
-- Meaning: how much the close of each candle differs from the close before it. null for of_symbol
--   takes all symbols.
-- Reads: {schema}.candles
-- Columns:
--   source, symbol, open_time, close: the candle.
--   previous_time, previous_close: the candle before, however long ago it was (see `gaps`).
--   simple_return: close / previous_close - 1. log_return: ln(close / previous_close).
--     Null for the first candle, and where a price is not positive.
-- Source: the definitions of simple and continuously compounded returns.
create macro {schema}.returns(of_symbol, of_interval) as table (
    with paired as (
        select
            source, symbol, open_time, close,
            lag(open_time) over series as previous_time,
            lag(close) over series as previous_close
        from {schema}.candles
        where interval = of_interval and (of_symbol is null or symbol = of_symbol)
        window series as (partition by source, symbol order by open_time)
    )
    select
        *,
        case when close > 0 and previous_close > 0 then close / previous_close - 1
        end as simple_return,
        case when close > 0 and previous_close > 0 then ln(close / previous_close)
        end as log_return
    from paired
    order by source, symbol, open_time
);
