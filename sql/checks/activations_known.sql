-- Does every activation belong to a run, a stimulus that the run was given, and a unit of the run's model?
with pairs as (
    select distinct
        activations.run_id,
        activations.stimulus_id,
    from activations
),

measured_units as (
    select distinct
        activations.run_id,
        activations.unit_id,
    from activations
)

select
    pairs.run_id,
    pairs.stimulus_id as unknown_id,
    'stimulus' as what,
from pairs
left join run_stimuli
    on pairs.run_id = run_stimuli.run_id
    and pairs.stimulus_id = run_stimuli.stimulus_id
where run_stimuli.run_id is null
union all
select
    measured_units.run_id,
    measured_units.unit_id as unknown_id,
    'unit' as what,
from measured_units
left join units on measured_units.unit_id = units.unit_id
left join layers on units.layer_id = layers.layer_id
left join runs on measured_units.run_id = runs.run_id
where layers.model_id is distinct from runs.model_id or runs.run_id is null;
