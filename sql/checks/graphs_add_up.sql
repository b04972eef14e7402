-- Do the units and the constant of every cut of a picture's graph add up to the target, and the branches to their unit?
with cuts as (
    select
        graph_cuts.run_id,
        units.layer_id,
        any_value(graph_targets.target_value) as target_value,
        any_value(graph_cuts.constant_attribution) + sum(graph_nodes.attribution) as attribution,
        sum(abs(graph_nodes.attribution)) as attribution_size,
        max(abs(graph_nodes.attribution - graph_nodes.shortcut_attribution - graph_nodes.residual_attribution))
            as branch_difference,
    from graph_cuts
    inner join graph_targets on graph_cuts.run_id = graph_targets.run_id
    inner join units on graph_cuts.layer_id = units.layer_id
    inner join graph_nodes
        on graph_cuts.run_id = graph_nodes.run_id
        and units.unit_id = graph_nodes.unit_id
    group by graph_cuts.run_id, units.layer_id
)

select
    cuts.run_id,
    cuts.layer_id,
    cuts.target_value,
    cuts.attribution,
    cuts.branch_difference,
from cuts
where
    isnan(cuts.attribution)
    or not abs(cuts.attribution - cuts.target_value) <= 1e-3 * (cuts.attribution_size + abs(cuts.target_value))
    or not cuts.branch_difference <= 1e-3 * cuts.attribution_size;
