-- What does each unit add to a target? One row per run and unit of every cut.
-- Source: definitions.md section 12: derivative times what flows on, summed over the map.
create table if not exists graph_nodes (
    run_id integer not null,
    unit_id integer not null,
    attribution double not null,
    shortcut_attribution double not null,
    residual_attribution double not null,
    constant_attribution double,
    is_shown boolean not null,
    attribution_map float[],
);
comment on table graph_nodes is 'Nodes of pictures'' graphs.';
comment on column graph_nodes.run_id is 'Explain run.';
comment on column graph_nodes.unit_id is 'Unit of a bottleneck''s output.';
comment on column graph_nodes.attribution is 'What the unit adds to the target.';
comment on column graph_nodes.shortcut_attribution is 'The part along the shortcut of its bottleneck.';
comment on column graph_nodes.residual_attribution is 'The part from the bottleneck''s convolutions.';
comment on column graph_nodes.constant_attribution is 'The part that comes from no unit of the next lower output; null for units that are not shown, and in the lowest cut.';
comment on column graph_nodes.is_shown is 'Whether it is among the units that make up most of its cut; these have edges.';
comment on column graph_nodes.attribution_map is 'The attribution at each position, row by row; null for units that are not shown.';
