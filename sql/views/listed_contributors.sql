-- Which ranks do a claimed unit's contributors have in the order that the claim uses? One row per finding, model, gates and lower unit.
-- Source: expanded_weights of the newest run with the pair of layers; definitions.md section 3. Ranked by the original's own
-- mean and magnitude (raw convolutions, E * s / s).
create or replace view listed_contributors as
with newest_runs as (
    select
        runs.model_id,
        findings.finding_name,
        findings.measure,
        upper_units.unit_id as upper_unit_id,
        upper_units.batch_norm_scale as upper_scale,
        layer_pairs.lower_layer_id,
        runs.run_id,
        gates_of(runs.part_name) as gates,
    from findings
    inner join units as upper_units on findings.unit_name = upper_units.unit_name
    inner join layers as lower_layers on findings.layer_name = lower_layers.layer_name
    inner join layer_pairs
        on upper_units.layer_id = layer_pairs.upper_layer_id
        and lower_layers.layer_id = layer_pairs.lower_layer_id
    inner join runs on layer_pairs.run_id = runs.run_id
    where starts_with(findings.measure, 'contributors by') and runs.status = 'complete'
    qualify
        row_number() over (
            partition by runs.model_id, findings.finding_name, gates_of(runs.part_name)
            order by runs.finished_at desc, runs.run_id desc
        ) = 1
)

select
    newest_runs.model_id,
    newest_runs.finding_name,
    newest_runs.gates,
    lower_units.unit_name,
    row_number() over (
        partition by newest_runs.model_id, newest_runs.finding_name, newest_runs.gates
        order by
            case newest_runs.measure
                when 'contributors by largest magnitude'
                    then expanded_weights.weight_l2 * abs(lower_units.batch_norm_scale)
                when 'contributors by smallest mean'
                    then -expanded_weights.weight_sum * lower_units.batch_norm_scale * sign(newest_runs.upper_scale)
                else expanded_weights.weight_sum * lower_units.batch_norm_scale * sign(newest_runs.upper_scale)
            end desc,
            lower_units.unit_id
    ) as our_rank,
    count(*) over (
        partition by newest_runs.model_id, newest_runs.finding_name, newest_runs.gates
    ) as ranked_count,
from newest_runs
inner join units as lower_units on newest_runs.lower_layer_id = lower_units.layer_id
inner join expanded_weights
    on newest_runs.run_id = expanded_weights.run_id
    and lower_units.unit_id = expanded_weights.lower_unit_id
    and newest_runs.upper_unit_id = expanded_weights.upper_unit_id;
comment on view listed_contributors is 'Contributors of the units whose contributors claims list, ranked as the claims do.';
comment on column listed_contributors.model_id is 'Model.';
comment on column listed_contributors.finding_name is 'Finding.';
comment on column listed_contributors.gates is 'linear, or pictures: each picture''s own gates.';
comment on column listed_contributors.unit_name is 'Address of the lower unit.';
comment on column listed_contributors.our_rank is 'Its rank in ours, 1 the first.';
comment on column listed_contributors.ranked_count is 'How many units are ranked.';
