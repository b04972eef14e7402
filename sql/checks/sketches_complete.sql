-- In a complete pictures run, do each unit's sketch and histogram count every picture that could be shown exactly once?
with shown as (
    select
        run_stimuli.run_id,
        count(*) as picture_count,
    from run_stimuli
    inner join stimuli on run_stimuli.stimulus_id = stimuli.stimulus_id
    where stimuli.error_message is null
    group by run_stimuli.run_id
),

asked as (
    select
        runs.run_id,
        runs.model_id,
        unnest(json_extract_string(runs.settings, '$.layers[*]')) as layer_name,
    from runs
    where runs.job_name = 'pictures' and runs.status = 'complete'
),

counted as (
    select
        activation_histograms.run_id,
        activation_histograms.unit_id,
        sum(activation_histograms.stimulus_count) as picture_count,
    from activation_histograms
    group by activation_histograms.run_id, activation_histograms.unit_id
),

sketched as (
    select
        activation_sketches.run_id,
        activation_sketches.unit_id,
        count(*) as row_count,
        min(activation_sketches.stimulus_count) as picture_count,
    from activation_sketches
    group by activation_sketches.run_id, activation_sketches.unit_id
)

select
    asked.run_id,
    units.unit_id,
    sketched.row_count,
    sketched.picture_count,
    counted.picture_count as histogram_picture_count,
    shown.picture_count as shown_picture_count,
from asked
inner join layers on asked.model_id = layers.model_id and asked.layer_name = layers.layer_name
inner join units on layers.layer_id = units.layer_id
inner join shown on asked.run_id = shown.run_id
left join sketched on asked.run_id = sketched.run_id and units.unit_id = sketched.unit_id
left join counted on asked.run_id = counted.run_id and units.unit_id = counted.unit_id
where
    sketched.row_count is distinct from 1
    or sketched.picture_count is distinct from shown.picture_count
    or counted.picture_count is distinct from shown.picture_count;
