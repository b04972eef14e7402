-- Which words does a run have? One row per words run that is shown.
-- Source: run_stimuli, stimuli. The baseline text is not a word of the list.
create or replace view word_coverage as
select
    runs.run_id,
    models.model_name,
    count(*) - count(stimuli.error_message) as word_count,
    count(stimuli.error_message) as rejected_word_count,
    count(*) filter (where stimuli.is_explicit) as explicit_word_count,
    any_value(baselines.stimulus_text) as baseline_text,
    list(stimuli.stimulus_text order by stimuli.stimulus_id)
        filter (where not stimuli.is_explicit and stimuli.error_message is null)[:40] as first_words,
from shown_runs
inner join runs on shown_runs.run_id = runs.run_id
inner join models on runs.model_id = models.model_id
inner join run_stimuli on runs.run_id = run_stimuli.run_id
inner join stimuli on run_stimuli.stimulus_id = stimuli.stimulus_id
left join stimuli as baselines on runs.baseline_stimulus_id = baselines.stimulus_id
where
    shown_runs.job_name = 'words'
    and run_stimuli.stimulus_id is distinct from runs.baseline_stimulus_id
group by runs.run_id, models.model_name;
comment on view word_coverage is 'How many words a run has, and the first of them.';
comment on column word_coverage.run_id is 'Run that measured them.';
comment on column word_coverage.model_name is 'Model.';
comment on column word_coverage.word_count is 'Words that were shown to the model, the baseline not counted.';
comment on column word_coverage.rejected_word_count is 'Words that could not be shown; stimuli.error_message says why.';
comment on column word_coverage.explicit_word_count is 'Words that are blurred until a person reveals them.';
comment on column word_coverage.baseline_text is 'Text whose activations are subtracted; null when it is the average over the words.';
comment on column word_coverage.first_words is 'The first 40 words of the list that are neither rejected nor explicit; the commonest, when the list is the default one.';
