-- {schema}.moving_averages(of_symbol, of_interval, length)
--
-- Meaning: averages of the close over the last `length` candles. null for of_symbol takes all
--   symbols. Candles without a close are left out.
-- Reads: {schema}.candles
-- Columns:
--   source, symbol, open_time, close: the candle.
--   simple: mean of the last `length` closes; null for the first length - 1 candles.
--   exponential: a * close + (1 - a) * the one before, with a = 2 / (length + 1); it begins with
--     the first close.
-- Source: the usual definitions. The recursion is solved in closed form over blocks of candles
--   that are so long that what is carried over two of them is less than a double can hold.
create macro {schema}.moving_averages(of_symbol, of_interval, length) as table (
    with checked as (
        select case when length >= 1 then length::bigint
            else error('moving_averages: the length is a number of candles, 1 or more')
        end as n
    ),
    terms as (
        select
            n,
            (n - 1) / (n + 1) as b,
            case when n = 1 then 1 else ceil(80 / -ln(b))::bigint end as block_length
        from checked
    ),
    numbered as (
        select
            source, symbol, open_time, close, n, b,
            row_number() over (partition by source, symbol order by open_time) - 1 as number,
            number // block_length as block,
            number % block_length as place
        from {schema}.candles, terms
        where
            interval = of_interval and close is not null
            and (of_symbol is null or symbol = of_symbol)
    ),
    summed as (
        select
            *,
            case when n > 1 then
                (1 - b) * pow(b, place)
                * sum(close * pow(b, -place)) over (
                    partition by source, symbol, block order by number
                    rows between unbounded preceding and current row
                )
            end as own
        from numbered
    ),
    carried as (
        select
            source, symbol, block + 1 as block,
            arg_max(own, place)
            + case
                when block = 0 then arg_min(close, place) * pow(any_value(b), max(place) + 1)
                else 0
            end as carry
        from summed
        group by source, symbol, block
    )
    select
        source,
        symbol,
        open_time,
        close,
        case when number >= n - 1 then
            avg(close) over (
                partition by source, symbol order by number
                rows between length - 1 preceding and current row
            )
        end as simple,
        case
            when n = 1 then close
            else own + pow(b, place + 1) * coalesce(
                carry, first_value(close) over (partition by source, symbol order by number)
            )
        end as exponential
    from summed left join carried using (source, symbol, block)
    order by source, symbol, open_time
);
