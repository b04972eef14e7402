-- How does a file get schema 2, in which a published share names its model, and needs no run if it comes with the program?
-- Source: warehouse/migrations.py, in its transaction. Before, all published shares were RN50's.
alter table if exists published_shares add column if not exists model_name text default 'RN50';

alter table if exists published_shares alter column run_id drop not null;
