-- Which logits runs do the views of schema all_runs show? One row per complete run.
-- Source: shown_runs of that schema, as main's shown_logit_runs.
create or replace view all_runs.shown_logit_runs as
select shown_runs.run_id,
from all_runs.shown_runs
where shown_runs.job_name = 'logits';
comment on view all_runs.shown_logit_runs is 'Every complete logits run.';
comment on column all_runs.shown_logit_runs.run_id is 'Run.';
