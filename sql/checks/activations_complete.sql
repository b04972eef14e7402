-- Does every shown stimulus of a complete run have one activation for each unit of each layer in the run's settings?
-- A run that keeps sketches keeps them only for its sample: the stimuli with the smallest content hashes.
with answered as (
    select
        activations.run_id,
        activations.stimulus_id,
        count(*) as unit_count,
    from activations
    group by activations.run_id, activations.stimulus_id
),

asked as (
    select
        runs.run_id,
        runs.model_id,
        unnest(json_extract_string(runs.settings, '$.layers[*]')) as layer_name,
    from runs
    where runs.status = 'complete' and runs.job_name <> 'names' -- it keeps no activations
),

expected as (
    select
        asked.run_id,
        sum(layers.channel_count) as unit_count,
    from asked
    inner join layers on asked.model_id = layers.model_id and asked.layer_name = layers.layer_name
    group by asked.run_id
),

given as (
    select
        run_stimuli.run_id,
        run_stimuli.stimulus_id,
        stimuli.error_message,
        case
            when json_extract_string(runs.settings, '$.keep') = 'sketches'
                then (runs.settings ->> '$.kept_count')::bigint
        end as kept_count,
        row_number() over (partition by run_stimuli.run_id order by stimuli.content_sha256) as content_rank,
    from run_stimuli
    inner join stimuli on run_stimuli.stimulus_id = stimuli.stimulus_id
    inner join runs on run_stimuli.run_id = runs.run_id
)

select
    given.run_id,
    given.stimulus_id,
    answered.unit_count,
    expected.unit_count as expected_unit_count,
from given
inner join expected on given.run_id = expected.run_id
left join answered
    on given.run_id = answered.run_id
    and given.stimulus_id = answered.stimulus_id
where
    given.error_message is null
    and (given.kept_count is null or given.content_rank <= given.kept_count)
    and answered.unit_count is distinct from expected.unit_count;
