-- One statement a line that a query must not be able to run. $D is the data folder, $H the folder it lies in.
select * from read_text('/etc/passwd')
select * from read_blob('/etc/shadow')
from read_csv('/etc/passwd')
from '/etc/passwd'
from sniff_csv('/etc/passwd')
from glob('/**')
from glob('/etc/*')
from read_parquet('$H/outside/private.parquet')
from read_parquet('$D/../outside/private.parquet')
from read_text('$D/../outside/secret.txt')
from read_text('$D-2/secret')
from glob('$D/*')
from glob('$H/*')
from parquet_metadata('$H/outside/private.parquet')
from read_json('/proc/self/environ')
from read_text('/proc/self/environ')
copy items to '/tmp/hx.csv'
copy (select 1 as a) to '$D/things_items.parquet' (format parquet)
copy (select 1 as a) to '$D/evil.parquet'
with x as (copy (select 1 as a) to '$D/evil2.parquet') from x
with x as (copy (select 1 as a) to '/tmp/evil3.parquet') from x
attach '/tmp/h.duckdb' as h
attach '$D/h.duckdb' as h
attach ':memory:' as m
attach 'http://127.0.0.1:9/x.db' as h
detach memory
use memory
install httpfs
load httpfs
load '/tmp/evil.duckdb_extension'
install spatial from community
force install icu
update extensions
pragma database_list
pragma version
pragma enable_profiling
set enable_external_access=true
set lock_configuration=false
reset enable_external_access
set memory_limit='100GB'
set max_execution_time=0
set allowed_directories=['/']
set search_path='x'
set variable a=1
set schema 'main'
export database '/tmp/hexp'
export database '$D/hexp'
import database '/tmp/hexp'
select getenv('HOME')
from duckdb_secrets()
create secret s (type s3, key_id 'a')
create persistent secret s (type s3, key_id 'a')
select 1; select 2
create macro m() as 1
create or replace temp view items as select 1
create table q as select 1
drop view nft
create function f(x) as x
call pragma_version()
checkpoint
vacuum
begin
explain analyze select 1
prepare p as select 1
connect 'quack://127.0.0.1'
from 'http://127.0.0.1:9/a.parquet'
from 's3://b/a.parquet'
from duckdb_settings() where name like '%dir%'
select current_setting('home_directory'), current_setting('allowed_directories')
from duckdb_databases()
from query('select 42')
from query_table('items') limit 1
select * from which_secret('s3://x','s3')
select json_execute_serialized_sql(json_serialize_sql('select 1'))
from which_python
select sys
from read_duckdb('/tmp/x.duckdb')
from read_ndjson_objects('/etc/passwd')
select file_exists('/etc/passwd')
from pragma_storage_info('items')
pivot items on id using count(*)
copy (select 1) to '$D/things_items.parquet' (format parquet, use_tmp_file false)
with x as (insert into items values ('1','x','ok') returning id) from x
with x as (update items set name = 'x' returning id) from x
with x as (delete from items returning id) from x
select * from (with x as (copy (select 1 as a) to '$D/evil4.csv') from x)
explain analyze copy (select 1 as a) to '$D/evil5.csv'
explain  analyze select 1
explain /* */ analyze select 1
explain (analyze) copy (select 1 as a) to '$D/evil6.csv'
from query('from read_text(''/etc/passwd'')')
describe select * from read_csv('/etc/passwd')
summarize from read_csv('/etc/passwd')
select (select count(*) from read_text('/etc/passwd'))
select * from items where id in (select content from read_text('/etc/passwd'))
from items, lateral (from glob('/*'))
insert into items values ('1', 'x', 'ok')
delete from items
update items set name = 'x'
truncate items
alter view items rename to x
merge into items using items as other on false when not matched then insert
comment on view items is 'x'
set threads = 100
select getenv('PATH')
select sleep_ms(60000)
select write_log('x')
analyze
deallocate p
execute p
rollback
from pg_settings
select setting from pg_catalog.pg_settings where name = 'allowed_paths'
from duckdb_settings
from duckdb_views
from duckdb_databases
from pragma_database_list
from sqlite_master
select (select sql from sqlite_schema limit 1) from items
from pg_views
from information_schema.views
from system.information_schema.views
from "INFORMATION_SCHEMA"."Views"
with v as (from information_schema.views) from v
select pg_get_viewdef(oid) from pg_class
select pg_sleep(60)
/* */ explain analyze select 1
explain -- x
explain (analyze, format json) select 1
explain (format json) copy (select 1 as a) to '$D/evil7.csv'
/* explain */ copy (select 1 as a) to '$D/evil8.csv'
from items; copy items to '/tmp/x.csv'
select 1 /* ; */ ; drop view items
with a as (with b as (copy (select 1) to '$D/e1.csv') from b) from a
select * from (with x as (insert into items values ('1', 'x', 'ok') returning 1) from x)
select exists (with x as (copy (select 1) to '$D/e2.csv') from x)
from "/etc/passwd"
from "/etc/pass*"
from '$D/*'
from '$D/lake/test/items/*/*/*.parquet'
from '$D/../**'
from "file:///etc/passwd"
from 'file:/etc/passwd'
from '/dev/zero'
from '/dev/stdin'
from '/proc/self/maps'
from '/proc/self/fd/0'
from '/proc/self/environ'
from '~/.ssh/id_rsa'
from 'https://127.0.0.1:9/x.csv'
from 'hf://datasets/x/y.parquet'
from 'az://x/y.parquet'
from "gcs://x/y.parquet"
SeLeCt * FrOm ReAd_TeXt('/etc/passwd')
select * from main.read_text('/etc/passwd')
select * from system.main.read_text('/etc/passwd')
from reаd_text('/etc/passwd')
from parquet_scan('/etc/passwd')
from read_csv_auto('/etc/passwd')
from read_json_auto('/etc/passwd')
from read_json_objects('/etc/passwd')
from parquet_kv_metadata('$D/things_items.parquet')
from parquet_file_metadata('$D/things_items.parquet')
from parquet_bloom_probe('$D/things_items.parquet', 'id', '1')
from duckdb_extensions()
from duckdb_memory()
from duckdb_temporary_files()
from duckdb_secret_types()
from duckdb_variables()
from duckdb_log_contexts()
from pragma_user_agent()
from arrow_scan(1, 2, 3)
from pandas_scan(1)
from seq_scan('items')
from checkpoint()
from force_checkpoint()
call enable_logging()
from enable_profiling()
from duckdb_logs_parsed('HTTP')
set variable x = (select content from read_text('/etc/passwd'))
reset all
pragma database_size
create temp table t as select 1
create type t as enum ('a')
create sequence s
create schema s
create index i on items (id)
attach '$D/catalog.duckdb' as c (read_only)
attach '$D/x.db' as c (type sqlite)
copy from database memory to system
select * from items, read_text('/etc/passwd')
select * from items positional join read_blob('/etc/passwd')
select * from items asof join (from glob('/*')) g on items.id >= g.file
from items union all from read_csv('/etc/passwd')
from (values (1)) v(a), lateral (from read_text('/etc/' || 'passwd'))
with recursive r as (select 1 a union all select a + 1 from r, read_text('/etc/passwd') where a < 3) from r
select list_transform([1], lambda x: (select content from read_text('/etc/passwd')))
pivot (from read_csv('/etc/passwd')) on column0 in ('a') using count(*)
