-- Has every shown stimulus of a complete run one activation per unit of the run?
with answered as (
    select
        activations.run_id,
        activations.stimulus_id,
        count(*) as unit_count,
    from activations
    group by activations.run_id, activations.stimulus_id
),

expected as (
    select
        answered.run_id,
        max(answered.unit_count) as unit_count,
    from answered
    group by answered.run_id
)

select
    run_stimuli.run_id,
    run_stimuli.stimulus_id,
    answered.unit_count,
    expected.unit_count as expected_unit_count,
from run_stimuli
inner join runs on run_stimuli.run_id = runs.run_id
inner join stimuli on run_stimuli.stimulus_id = stimuli.stimulus_id
inner join expected on run_stimuli.run_id = expected.run_id
left join answered
    on run_stimuli.run_id = answered.run_id
    and run_stimuli.stimulus_id = answered.stimulus_id
where
    runs.status = 'complete'
    and stimuli.error_message is null
    and answered.unit_count is distinct from expected.unit_count;
