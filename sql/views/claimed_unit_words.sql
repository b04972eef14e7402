-- Which words drive a unit whose words a claim lists? One row per finding, model, unit and word, ranked inside the unit.
-- Source: activations of the model's words run with the most words at that layer; definitions.md section 2.
create or replace view claimed_unit_words as
with widest_words_runs as (
    select
        runs.model_id,
        runs.run_id,
        layers.layer_name,
        layers.layer_id,
        runs.baseline_stimulus_id,
    from runs
    inner join layers on runs.model_id = layers.model_id
    where
        runs.job_name = 'words'
        and runs.status = 'complete'
        and list_contains(json_extract_string(runs.settings, '$.layers[*]'), layers.layer_name)
    qualify
        row_number() over (
            partition by runs.model_id, layers.layer_name
            order by runs.row_count desc, runs.run_id desc
        ) = 1
)

select
    findings.finding_name,
    widest_words_runs.model_id,
    units.unit_name,
    lower(stimuli.stimulus_text) as word,
    row_number() over (
        partition by findings.finding_name, widest_words_runs.model_id, units.unit_id
        order by activations.activation_mean desc, stimuli.stimulus_text
    ) as our_rank,
    count(*) over (partition by findings.finding_name, widest_words_runs.model_id, units.unit_id) as ranked_count,
from findings
inner join units on findings.unit_name = units.unit_name
inner join widest_words_runs on units.layer_id = widest_words_runs.layer_id
inner join activations
    on widest_words_runs.run_id = activations.run_id
    and units.unit_id = activations.unit_id
inner join stimuli on activations.stimulus_id = stimuli.stimulus_id
where
    findings.measure = 'words among the first'
    and activations.stimulus_id is distinct from widest_words_runs.baseline_stimulus_id;
comment on view claimed_unit_words is 'Words ranked inside each unit whose words a claim lists.';
comment on column claimed_unit_words.finding_name is 'Finding.';
comment on column claimed_unit_words.model_id is 'Model.';
comment on column claimed_unit_words.unit_name is 'Address of the unit.';
comment on column claimed_unit_words.word is 'Word, in lower case.';
comment on column claimed_unit_words.our_rank is 'Its rank in our run, 1 the first.';
comment on column claimed_unit_words.ranked_count is 'How many words are ranked.';
