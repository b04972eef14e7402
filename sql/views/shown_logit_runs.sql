-- Which logits runs do the views show? One row per run over unchanged pictures.
-- Source: shown_runs. Runs over attacked pictures (--attacked) repeat the same clean pictures, so they are left to
-- attack_contributions, head_contributions and schema all_runs.
create or replace view shown_logit_runs as
select shown_runs.run_id,
from shown_runs
where shown_runs.job_name = 'logits' and shown_runs.part_name <> 'attacked';
comment on view shown_logit_runs is 'Logits runs that the views show.';
comment on column shown_logit_runs.run_id is 'Run.';
