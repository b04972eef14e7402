-- How much of the target is shown at each depth, how much is left? One row per run and bottleneck's output.
-- Source: definitions.md section 12. The shown units, the others and the constant add up to the target.
create or replace view picture_graph_cuts as
select
    graph_cuts.run_id,
    graph_targets.stimulus_id,
    graph_targets.target,
    graph_targets.target_kind,
    graph_targets.target_value,
    layers.layer_name,
    layers.layer_order,
    count(graph_nodes.unit_id) as unit_count,
    count_if(graph_nodes.is_shown) as shown_count,
    coalesce(sum(graph_nodes.attribution) filter (where graph_nodes.is_shown), 0) as shown_attribution,
    coalesce(sum(graph_nodes.attribution) filter (where not graph_nodes.is_shown), 0) as others_attribution,
    graph_cuts.constant_attribution,
    sum(graph_nodes.shortcut_attribution) as shortcut_attribution,
    sum(graph_nodes.residual_attribution) as residual_attribution,
    coalesce(sum(abs(graph_nodes.attribution)) filter (where graph_nodes.is_shown), 0)
    / nullif(sum(abs(graph_nodes.attribution)), 0) as shown_share,
from graph_cuts
inner join shown_runs on graph_cuts.run_id = shown_runs.run_id
inner join graph_targets on graph_cuts.run_id = graph_targets.run_id
inner join layers on graph_cuts.layer_id = layers.layer_id
inner join units on layers.layer_id = units.layer_id
inner join graph_nodes
    on graph_cuts.run_id = graph_nodes.run_id
    and units.unit_id = graph_nodes.unit_id
group by
    graph_cuts.run_id,
    graph_targets.stimulus_id,
    graph_targets.target,
    graph_targets.target_kind,
    graph_targets.target_value,
    layers.layer_name,
    layers.layer_order,
    graph_cuts.constant_attribution;
comment on view picture_graph_cuts is 'Each cut of pictures'' graphs, whose parts add up to the target.';
comment on column picture_graph_cuts.run_id is 'Explain run.';
comment on column picture_graph_cuts.stimulus_id is 'Picture.';
comment on column picture_graph_cuts.target is 'Text, or address of the unit that is explained.';
comment on column picture_graph_cuts.target_kind is 'text or unit.';
comment on column picture_graph_cuts.target_value is 'The cosine, the difference of two, or the read-out.';
comment on column picture_graph_cuts.layer_name is 'Output of a bottleneck.';
comment on column picture_graph_cuts.layer_order is 'Its position in the order in which the network runs.';
comment on column picture_graph_cuts.unit_count is 'Units of the layer.';
comment on column picture_graph_cuts.shown_count is 'Number of units drawn.';
comment on column picture_graph_cuts.shown_attribution is 'What the shown units add.';
comment on column picture_graph_cuts.others_attribution is 'What all others add.';
comment on column picture_graph_cuts.constant_attribution is 'What no unit of the layer adds.';
comment on column picture_graph_cuts.shortcut_attribution is 'What all units add along the bottleneck''s shortcut.';
comment on column picture_graph_cuts.residual_attribution is 'What all units add through its convolutions.';
comment on column picture_graph_cuts.shown_share is 'Share of the shown units in the sum of absolute attributions.';
