-- What does one shown unit add to a target through another? One row per run, lower and upper unit.
-- Source: definitions.md section 12: from one bottleneck's output to the next, both units shown, gates frozen.
create table if not exists graph_edges (
    run_id integer not null,
    lower_unit_id integer not null,
    upper_unit_id integer not null,
    attribution double not null,
    shortcut_attribution double not null,
    residual_attribution double not null,
);
comment on table graph_edges is 'Edges of pictures'' graphs.';
comment on column graph_edges.run_id is 'Explain run.';
comment on column graph_edges.lower_unit_id is 'Unit that the attribution comes from.';
comment on column graph_edges.upper_unit_id is 'Unit that it goes through.';
comment on column graph_edges.attribution is 'The part of the upper unit''s attribution that comes from the lower unit.';
comment on column graph_edges.shortcut_attribution is 'The part along the upper bottleneck''s shortcut.';
comment on column graph_edges.residual_attribution is 'The part through its convolutions.';
