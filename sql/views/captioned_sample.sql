-- On which pictures is the frequency of a word in captions counted? One row per pictures run and picture of the sample.
-- Source: run_stimuli: all pictures of a small set; of a larger one some 2,000 to 4,000, evenly spread.
create or replace view captioned_sample as
with sets as (
    select
        shown_runs.run_id,
        greatest(count(*) // 2000, 1) as step,
    from shown_runs
    inner join run_stimuli on shown_runs.run_id = run_stimuli.run_id
    where shown_runs.job_name = 'pictures'
    group by shown_runs.run_id
)

select
    sets.run_id,
    stimuli.stimulus_id,
    stimuli.stimulus_text,
from sets
inner join run_stimuli on sets.run_id = run_stimuli.run_id and run_stimuli.stimulus_id % sets.step = 0
inner join stimuli on run_stimuli.stimulus_id = stimuli.stimulus_id
where stimuli.error_message is null;
comment on view captioned_sample is 'Sample of each set''s pictures, to tell common words in captions from rare ones.';
comment on column captioned_sample.run_id is 'Pictures run.';
comment on column captioned_sample.stimulus_id is 'Picture.';
comment on column captioned_sample.stimulus_text is 'Its caption; null where it has none.';
