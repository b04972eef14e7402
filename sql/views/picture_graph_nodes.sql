-- What does each unit add to the target on one picture? One row per run and unit.
-- Source: definitions.md section 12. Every unit of a bottleneck's output (node_kind output), and the two units that it adds, index 5
-- (residual) and in a block's first bottleneck index 7 (shortcut). Over the units of one output, attributions and the constant
-- of picture_graph_cuts add up to the target.
create or replace view picture_graph_nodes as
with outputs as (
    select
        graph_nodes.run_id,
        graph_nodes.unit_id,
        unit_details.unit_name,
        unit_details.layer_name,
        unit_details.layer_order,
        unit_details.map_height,
        unit_details.map_width,
        graph_nodes.attribution,
        graph_nodes.shortcut_attribution,
        graph_nodes.residual_attribution,
        graph_nodes.constant_attribution,
        graph_nodes.is_shown,
        graph_nodes.attribution_map,
        row_number() over (
            partition by graph_nodes.run_id, unit_details.layer_id
            order by abs(graph_nodes.attribution) desc, graph_nodes.unit_id
        ) as attribution_rank,
        unit_branches.residual_unit_id,
        unit_branches.shortcut_unit_id,
    from graph_nodes
    inner join shown_runs on graph_nodes.run_id = shown_runs.run_id
    inner join unit_details on graph_nodes.unit_id = unit_details.unit_id
    left join unit_branches on graph_nodes.unit_id = unit_branches.unit_id
),

branches as (
    select
        outputs.run_id,
        outputs.residual_unit_id as unit_id,
        'residual' as node_kind,
        outputs.residual_attribution as attribution,
        outputs.attribution_rank,
        outputs.is_shown,
    from outputs
    union all
    select
        outputs.run_id,
        outputs.shortcut_unit_id as unit_id,
        'shortcut' as node_kind,
        outputs.shortcut_attribution as attribution,
        outputs.attribution_rank,
        outputs.is_shown,
    from outputs
    where outputs.layer_name like '%/8'
)

select
    graph_targets.run_id,
    graph_targets.stimulus_id,
    graph_targets.target,
    outputs.unit_id,
    outputs.unit_name,
    outputs.layer_name,
    outputs.layer_order,
    'output' as node_kind,
    outputs.attribution,
    outputs.attribution_rank,
    outputs.shortcut_attribution,
    outputs.residual_attribution,
    outputs.constant_attribution,
    outputs.is_shown,
    outputs.map_height,
    outputs.map_width,
    outputs.attribution_map,
from outputs
inner join graph_targets on outputs.run_id = graph_targets.run_id
union all
select
    graph_targets.run_id,
    graph_targets.stimulus_id,
    graph_targets.target,
    branches.unit_id,
    unit_details.unit_name,
    unit_details.layer_name,
    unit_details.layer_order,
    branches.node_kind,
    branches.attribution,
    branches.attribution_rank,
    null as shortcut_attribution,
    null as residual_attribution,
    null as constant_attribution,
    branches.is_shown,
    unit_details.map_height,
    unit_details.map_width,
    null as attribution_map,
from branches
inner join graph_targets on branches.run_id = graph_targets.run_id
inner join unit_details on branches.unit_id = unit_details.unit_id;
comment on view picture_graph_nodes is 'Nodes of pictures'' graphs: every unit of every cut.';
comment on column picture_graph_nodes.run_id is 'Explain run.';
comment on column picture_graph_nodes.stimulus_id is 'Picture.';
comment on column picture_graph_nodes.target is 'Text, or address of the unit that is explained.';
comment on column picture_graph_nodes.unit_id is 'Unit.';
comment on column picture_graph_nodes.unit_name is 'Its address.';
comment on column picture_graph_nodes.layer_name is 'Address of its layer.';
comment on column picture_graph_nodes.layer_order is 'Position of its layer in the order in which the network runs.';
comment on column picture_graph_nodes.node_kind is 'output: of a bottleneck; residual: index 5; shortcut: index 7. The last two are parts of an output: do not add them to it.';
comment on column picture_graph_nodes.attribution is 'What the unit adds to the target.';
comment on column picture_graph_nodes.attribution_rank is 'Rank of the output by absolute attribution in its layer, 1 the largest.';
comment on column picture_graph_nodes.shortcut_attribution is 'Of an output: the part along the shortcut.';
comment on column picture_graph_nodes.residual_attribution is 'Of an output: the part from the convolutions.';
comment on column picture_graph_nodes.constant_attribution is 'Of a shown output: the part that comes from no unit of the next lower output.';
comment on column picture_graph_nodes.is_shown is 'Whether it is drawn: among the units that make up most of its layer.';
comment on column picture_graph_nodes.map_height is 'Rows of its map.';
comment on column picture_graph_nodes.map_width is 'Columns of its map.';
comment on column picture_graph_nodes.attribution_map is 'Of a shown output: the attribution at each position, row by row.';
