-- How does a file get schema 2, in which a published share says of which model, and may come with the program, of no run?
-- Source: warehouse/migrations.py, in its transaction; until then all published shares were RN50's.
alter table if exists published_shares add column if not exists model_name text default 'RN50';

alter table if exists published_shares alter column run_id drop not null;
