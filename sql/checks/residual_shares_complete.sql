-- Does each measured layer of a complete run have both definitions for each of its units, once, on the run's own image source?
with stored as (
    select
        residual_shares.run_id,
        units.layer_id,
        residual_shares.definition,
        count(*) as row_count,
        count(distinct residual_shares.unit_id) as unit_count,
        count_if(residual_shares.image_source <> runs.part_name) as other_source_count,
    from residual_shares
    inner join runs on residual_shares.run_id = runs.run_id
    inner join units on residual_shares.unit_id = units.unit_id
    where runs.status = 'complete'
    group by residual_shares.run_id, units.layer_id, residual_shares.definition
),

expected as (
    select
        measured.run_id,
        measured.layer_id,
        unnest(['published', 'added']) as definition,
    from (
        select distinct
            stored.run_id,
            stored.layer_id,
        from stored
    ) as measured
)

select
    coalesce(expected.run_id, stored.run_id) as run_id,
    layers.layer_name,
    coalesce(expected.definition, stored.definition) as definition,
    stored.row_count,
from expected
full join stored
    on expected.run_id = stored.run_id
    and expected.layer_id = stored.layer_id
    and expected.definition = stored.definition
left join layers on coalesce(expected.layer_id, stored.layer_id) = layers.layer_id
where
    expected.run_id is null
    or stored.row_count is distinct from layers.channel_count
    or stored.unit_count <> layers.channel_count
    or stored.other_source_count > 0;
