-- What does one unit add to the target through another? One row per run, lower and upper unit.
-- Source: definitions.md section 12. For each shown unit, its edges from shown units, the sum of all others (edge_kind others) and
-- its constant add up to its attribution.
create or replace view picture_graph_edges as
with edges as (
    select
        graph_edges.run_id,
        graph_edges.lower_unit_id,
        graph_edges.upper_unit_id,
        'unit' as edge_kind,
        graph_edges.attribution,
        graph_edges.shortcut_attribution,
        graph_edges.residual_attribution,
    from graph_edges
    union all
    select
        graph_nodes.run_id,
        null as lower_unit_id,
        graph_nodes.unit_id as upper_unit_id,
        'constant' as edge_kind,
        graph_nodes.constant_attribution as attribution,
        null as shortcut_attribution,
        null as residual_attribution,
    from graph_nodes
    where graph_nodes.constant_attribution is not null
    union all
    select
        graph_nodes.run_id,
        null as lower_unit_id,
        graph_nodes.unit_id as upper_unit_id,
        'others' as edge_kind,
        any_value(graph_nodes.attribution) - any_value(graph_nodes.constant_attribution)
        - coalesce(sum(graph_edges.attribution), 0) as attribution,
        null as shortcut_attribution,
        null as residual_attribution,
    from graph_nodes
    left join graph_edges
        on graph_nodes.run_id = graph_edges.run_id
        and graph_nodes.unit_id = graph_edges.upper_unit_id
    where graph_nodes.constant_attribution is not null
    group by graph_nodes.run_id, graph_nodes.unit_id
)

select
    graph_targets.run_id,
    graph_targets.stimulus_id,
    graph_targets.target,
    edges.edge_kind,
    lower_units.unit_name as lower_unit,
    upper_units.unit_name as upper_unit,
    lower_units.layer_name as lower_layer,
    upper_units.layer_name as upper_layer,
    edges.attribution,
    edges.shortcut_attribution,
    edges.residual_attribution,
from edges
inner join shown_runs on edges.run_id = shown_runs.run_id
inner join graph_targets on edges.run_id = graph_targets.run_id
inner join unit_details as upper_units on edges.upper_unit_id = upper_units.unit_id
left join unit_details as lower_units on edges.lower_unit_id = lower_units.unit_id;
comment on view picture_graph_edges is 'Edges of pictures'' graphs between the outputs of neighbouring bottlenecks.';
comment on column picture_graph_edges.run_id is 'Explain run.';
comment on column picture_graph_edges.stimulus_id is 'Picture.';
comment on column picture_graph_edges.target is 'Text, or address of the unit that is explained.';
comment on column picture_graph_edges.edge_kind is 'unit: between two shown units; others: all other lower units together; constant: no lower unit.';
comment on column picture_graph_edges.lower_unit is 'Address of the unit that the attribution comes from; null for others and constant.';
comment on column picture_graph_edges.upper_unit is 'Address of the unit that it goes through.';
comment on column picture_graph_edges.lower_layer is 'Layer of the lower unit.';
comment on column picture_graph_edges.upper_layer is 'Layer of the upper unit.';
comment on column picture_graph_edges.attribution is 'The part of the upper unit''s attribution that comes from there.';
comment on column picture_graph_edges.shortcut_attribution is 'The part along the upper bottleneck''s shortcut; null for others and constant.';
comment on column picture_graph_edges.residual_attribution is 'The part through its convolutions; null for others and constant.';
