"""Statements that a person, or a link to the SQL page, may try on a warehouse.

DIR is a folder with a CSV, a Parquet file and another DuckDB database in it.
"""

from __future__ import annotations

# What would reach a file, a setting, an extension or a table: refused.
HOSTILE = """
attach ':memory:' as other
attach 'DIR/other.duckdb' as other
attach 'DIR/new.duckdb'
detach warehouse
use all_runs
copy runs to 'DIR/new.csv'
copy (select 1) to 'DIR/new.parquet' (format parquet)
copy runs from 'DIR/rows.csv'
copy (select 1) to program 'touch DIR/new.txt'
copy runs from program 'cat DIR/rows.csv'
copy (pivot (select 1 as a, 'x' as b) on b using sum(a)) to 'DIR/new.csv'
export database 'DIR/new'
import database 'DIR'
install httpfs
force install httpfs
load httpfs
load 'DIR/rows.csv'
update extensions
set threads = 1
set enable_external_access = true
set lock_configuration = false
set variable x = 1
reset threads
pragma threads = 1
pragma enable_profiling
pragma database_list
from 'DIR/rows.csv'
from 'DIR/rows.parquet'
from 'https://example.com/rows.csv'
from 's3://bucket/rows.parquet'
from read_csv('DIR/rows.csv')
from read_csv_auto('DIR/*.csv')
from read_json('DIR/rows.csv')
from read_text('DIR/rows.csv')
from read_blob('DIR/rows.csv')
from read_duckdb('DIR/other.duckdb')
from glob('DIR/*')
from parquet_scan('DIR/rows.parquet')
from parquet_metadata('DIR/rows.parquet')
from sniff_csv('DIR/rows.csv')
from query_table('DIR/rows.csv')
from query('copy runs to ''DIR/new.csv''')
select getenv('HOME')
from duckdb_secrets()
from which_secret('s3://bucket', 's3')
from duckdb_extensions()
from enable_logging()
create table new (x integer)
create temp table new (x integer)
create table new as pivot (select 1 as a, 'x' as b) on b using sum(a)
create view new as select 1
create or replace view shown_runs as select 1
create macro new() as 1
create schema new
create sequence new
create type new as enum ('x')
create secret new (type s3)
insert into runs from runs
insert or replace into runs from runs
with new as (insert into runs from runs returning *) from new
delete from runs
truncate runs
update runs set status = 'complete'
merge into runs using runs as r on false when not matched then insert
drop table runs
drop view shown_runs
alter table runs add column x integer
comment on table runs is 'x'
select 1; select 2
select 1; drop table runs
select 1; copy runs to 'DIR/new.csv'
prepare p as select 1
execute p
deallocate p
call pragma_version()
call force_checkpoint()
checkpoint
force checkpoint
vacuum
analyze
begin
begin; drop table runs; commit
commit
rollback
explain analyze copy runs to 'DIR/new.csv'
explain analyze insert into runs from runs
explain analyze delete from runs
explain analyze create table new as select 1
explain analyze set threads = 1
explain copy runs to 'DIR/new.csv'
/* select */ copy runs to 'DIR/new.csv'
/* select 1 */ drop table runs
select 1;;drop table runs
select * from 'DIR/rows.csv' -- a comment
select (select content from read_text('DIR/rows.csv'))
select content from read_text('/proc/self/environ')
from '/etc/passwd'
from read_csv('/etc/passwd', sep = ':')
from read_ndjson('DIR/rows.csv')
from read_json_objects('DIR/rows.csv')
from read_parquet(['DIR/rows.parquet', 'DIR/rows.parquet'])
from parquet_schema('DIR/rows.parquet')
from parquet_kv_metadata('DIR/rows.parquet')
from parquet_file_metadata('DIR/rows.parquet')
from parquet_bloom_probe('DIR/rows.parquet', 'a', 1)
from read_xlsx('DIR/rows.xlsx')
from st_read('DIR/rows.csv')
from sqlite_scan('DIR/rows.csv', 'x')
from postgres_scan('host=localhost', 'public', 'x')
from iceberg_scan('DIR')
from delta_scan('DIR')
from 'hf://datasets/x/y.csv'
from 'file://DIR/rows.csv'
from read_csv('/dev/stdin')
from runs where exists (from read_csv('DIR/rows.csv'))
with x as (from 'DIR/rows.csv') from x
with x as (delete from runs returning run_id) from x
with x as (update runs set status = 'x' returning run_id) from x
from (insert into runs from runs returning run_id)
set global threads = 1
set session threads = 1
set local threads = 1
set schema = 'all_runs'
set search_path = 'all_runs'
set memory_limit = '1TB'
set temp_directory = 'DIR'
set home_directory = 'DIR'
set extension_directory = 'DIR'
set file_search_path = 'DIR'
set log_query_path = 'DIR/new.log'
set profiling_output = 'DIR/new.json'
set allowed_directories = ['DIR']
reset enable_external_access
reset all
pragma temp_directory = 'DIR'
pragma memory_limit = '1TB'
pragma disable_optimizer
pragma enable_progress_bar
pragma import_database('DIR')
pragma table_info('runs')
call enable_logging('QueryLog')
call disable_logging()
call duckdb_logs()
call enable_profiling()
call load_aws_credentials()
call dbgen(sf = 1)
call query('drop table runs')
from query('from ''DIR/rows.csv''')
from query('drop table runs')
create persistent secret new (type s3)
drop secret new
from duckdb_secrets(redact = false)
create or replace table runs as select 1
create unique index new on runs (run_id)
create function new() as 1
create temp macro runs() as table select 1
insert into runs select run_id from read_csv('DIR/rows.csv')
delete from runs using units
attach 'DIR/warehouse.duckdb' as again (read_write)
attach 'https://example.com/x.duckdb' as other
attach if not exists 'DIR/other.duckdb' as other (read_only)
export database 'DIR/new' (format parquet)
copy runs to '/dev/stdout'
copy runs to stdout
copy from database warehouse to warehouse
explain (format json) copy runs to 'DIR/new.csv'
explain analyze copy (select 1) to 'DIR/new.csv'
execute immediate 'drop table runs'
prepare p as copy runs to 'DIR/new.csv'
vacuum analyze runs
set variable x = (select content from read_text('DIR/rows.csv'))
select getenv('PATH') || 'x'
select * from glob('/*')
install json from 'DIR'
install httpfs from community
load 'https://example.com/x.duckdb_extension'
detach database if exists warehouse
use memory
begin transaction
abort
""".strip().splitlines()

# What only looks like it: answered.
HARMLESS = """
select 1 -- a comment; drop table runs
select 1 /* ; drop table runs */
select 'drop table runs; copy runs to ''DIR/new.csv''' as said
select write_log('x')
from duckdb_temporary_files()
""".strip().splitlines()

# What never ends: stopped at the time limit.
ENDLESS = """
with recursive t(x) as (select 1 union all select x + 1 from t) select count(*) from t
with recursive t(x) as (select 1 union select x + 1 from t) select max(x) from t
select count(*) from generate_series(1, 1000000000000) as a(x) where hash(x) % 7 = 1
select sum(a.range + b.range) from range(10000000) as a, range(10000000) as b
select product(x) from range(1000000000000) as a(x)
select approx_quantile(x, 0.5) from range(1000000000000) as a(x)
select count(*) from units as a, units as b, range(100000000000) as c where a.unit_id > hash(c.range) % 5
select count(*) from range(1000000000000) as a(x) where md5(x::text) = 'x'
explain analyze select count(*) from range(1000000000000) as a(x) where x % 7 = 3
""".strip().splitlines()

# One call of one function, which hears no interrupt for minutes: its process is ended after the time limit.
DEAF = "select levenshtein(repeat('ab', 300000), repeat('ba', 300000))"

# What wants more memory than there is: an error.
GREEDY = """
select list(x) from range(1000000000) as a(x)
select x.range, row_number() over (order by hash(x.range * y.range)) from range(100000000) as x, range(100000000) as y
select string_agg(repeat('x', 1000), '') from range(100000000)
select range(1000000000)
select length(repeat(repeat('x', 1000000), 1000000))
select len(range(100000000000))
select list_sum(generate_series(1, 10000000000))
select array_agg(a) from (select repeat('x', 1000000) as a from range(1000000))
select printf('%2000000000d', 1)
select format('{:2000000000d}', 1)
select histogram(x) from range(1000000000) as a(x)
""".strip().splitlines()

# Its first rows come at once, the last one never.
ENDLESS_ROWS = "with recursive t(x) as (select 1 union all select x + 1 from t) from t"
