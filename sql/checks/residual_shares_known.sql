-- Does every share belong to a shares run, and to a unit of a block's output of that run's model?
with measured as (
    select distinct
        residual_shares.run_id,
        residual_shares.unit_id,
    from residual_shares
)

select
    measured.run_id,
    measured.unit_id,
from measured
left join runs on measured.run_id = runs.run_id
left join units on measured.unit_id = units.unit_id
left join layers on units.layer_id = layers.layer_id
where
    runs.job_name is distinct from 'shares'
    or layers.model_id is distinct from runs.model_id
    or layers.op_index not in (6, 8);
