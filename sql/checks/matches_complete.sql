-- Does every complete matches run have each unit of its layers once for each of the other model's layers, in both directions?
with asked as (
    select
        runs.run_id,
        len(json_extract_string(runs.settings, '$.own_layers[*]')) as layer_count,
        len(json_extract_string(runs.settings, '$.other_layers[*]')) as other_layer_count,
    from runs
    where runs.job_name = 'matches' and runs.status = 'complete'
),

stored as (
    select
        match_nulls.run_id,
        match_nulls.is_reverse,
        units.layer_id,
        match_nulls.other_layer_id,
        count(*) as row_count,
        count(distinct match_nulls.unit_id) as unit_count,
        max(layers.channel_count) as channel_count,
    from match_nulls
    inner join units on match_nulls.unit_id = units.unit_id
    inner join layers on units.layer_id = layers.layer_id
    group by match_nulls.run_id, match_nulls.is_reverse, units.layer_id, match_nulls.other_layer_id
),

counted as (
    select
        stored.run_id,
        count(*) filter (where not stored.is_reverse) as pair_count,
        count(*) filter (where stored.is_reverse) as reverse_pair_count,
        bool_and(stored.row_count = stored.unit_count and stored.unit_count = stored.channel_count) as is_whole,
    from stored
    group by stored.run_id
)

select
    asked.run_id,
    counted.pair_count,
    counted.reverse_pair_count,
    counted.is_whole,
from asked
left join counted on asked.run_id = counted.run_id
where
    counted.pair_count is distinct from asked.layer_count * asked.other_layer_count
    or counted.reverse_pair_count is distinct from asked.layer_count * asked.other_layer_count
    or counted.is_whole is distinct from true;
