-- One statement a line that takes more than it may have.
select count(*) from range(1000000) a, range(1000000) b, range(1000000) c
select count(*) from generate_series(1, 1000000000000)
select list_sum(range(2000000000))
select length(repeat('a', 2000000000))
select string_agg(repeat('x', 1000000)) from range(100000)
select * from range(100000000) order by random()
with recursive r as (select 1 a union all select a + 1 from r) select count(*) from r
with recursive r as (select repeat('a', 1000) a union all select a || a from r) select max(length(a)) from r
select regexp_matches(repeat('a', 100000) || 'b', '(a+)+$')
select list_transform(range(100000000), lambda x: x * x)
select count(distinct a.i * b.i) from range(100000) a(i), range(100000) b(i)
select bit_count(repeat('1', 100000000)::bit)
select hash(unnest(range(1000000000)))
select list_cosine_similarity(range(100000000), range(100000000))
select unnest(range(100000000)) limit 5
select levenshtein(repeat('a', 200000), repeat('b', 200000))
select damerau_levenshtein(repeat('a', 30000), repeat('b', 30000))
select printf('%2000000000d', 1)
select format('{:>2000000000}', 'a')
select lpad('a', 2000000000, 'b')
select array_to_json(range(50000000))
select factorial(100000)
select 10000!!
select bar(1, 0, 1, 1000000000)
select count(*) from range(30000000) a(i) join range(30000000) b(i) on a.i % 7 = b.i % 7
select count(*) from (select i, row_number() over (order by random()) from range(100000000) r(i))
select max(x) from (select string_agg(i::varchar, ',' order by random()) x from range(50000000) r(i))
select histogram(i) from range(100000000) r(i)
select list(i) from range(200000000) r(i)
select map_from_entries(list({'k': i, 'v': repeat('x', 1000)})) from range(10000000) r(i)
select regexp_replace(repeat('ab', 50000000), 'a', 'cccccccccc', 'g')
select replace(repeat('a', 10000000), 'a', repeat('b', 1000))
select translate(repeat('a', 1000000000), 'a', 'b')
select i from range(1000000000000) r(i) where i < 0
select sha256(repeat('a', 1900000000))
select base64(repeat('a', 1500000000)::blob)
select array_agg(repeat('x', 1000000)) over (order by i rows between unbounded preceding and unbounded following) from range(10000) r(i)
select decode(repeat('a', 1900000000)::blob)
select pow(9.9, 1e308), 1e308::decimal(38, 0)
select strftime(timestamp '2020-01-01', repeat('%c', 100000000))
select make_timestamp(9223372036854775807) + interval 999999999 years
select * from test_all_types() a, test_all_types() b, test_all_types() c, test_all_types() d, range(100000000)
summarize select repeat('x', 100000000), unnest(range(1000))
select approx_quantile(random(), 0.5) from range(10000000000)
select list_distinct(range(100000000))
select list_sort(list_reverse(range(100000000)))
select string_split(repeat('a,', 100000000), ',')
select jaccard(repeat('ab', 100000000), repeat('cd', 100000000))
