-- Which runs do the views of schema all_runs show? One row per complete run.
-- Every other view of that schema is built from the same file as its namesake in main, over this relation:
-- select * from all_runs.word_top_units where run_id = 3 and word = 'hat'
create or replace view all_runs.shown_runs as
select
    runs.run_id,
    runs.job_name,
    runs.part_name,
from runs
where runs.status = 'complete';
comment on view all_runs.shown_runs is 'Every complete run.';
comment on column all_runs.shown_runs.run_id is 'Run that the views of all_runs show.';
comment on column all_runs.shown_runs.job_name is 'Ingest job.';
comment on column all_runs.shown_runs.part_name is 'Part of the job that the run covers.';
