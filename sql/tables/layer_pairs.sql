-- Which lower layers reach which upper layers, and over which part of their map? One row per run and pair of layers.
-- Source: definitions.md section 3; ingest/expansion/supports.py. Layers with no path between them have no row.
create table if not exists layer_pairs (
    run_id integer not null,
    lower_layer_id integer not null,
    upper_layer_id integer not null,
    support_top integer not null,
    support_left integer not null,
    support_height integer not null,
    support_width integer not null,
    cell_count integer not null,
    is_truncated boolean not null,
);
comment on table layer_pairs is 'Pairs of layers whose expanded weights a run has computed, with their support.';
comment on column layer_pairs.run_id is 'Run that computed it.';
comment on column layer_pairs.lower_layer_id is 'Layer the connection comes from.';
comment on column layer_pairs.upper_layer_id is 'Layer whose centre position is read out.';
comment on column layer_pairs.support_top is 'First row of the lower map that reaches the upper centre, from 0.';
comment on column layer_pairs.support_left is 'First column of the lower map that reaches the upper centre, from 0.';
comment on column layer_pairs.support_height is 'Rows of the support: the true receptive field clipped to the map.';
comment on column layer_pairs.support_width is 'Columns of the support.';
comment on column layer_pairs.cell_count is 'Positions of the support; mean = weight_sum / cell_count.';
comment on column layer_pairs.is_truncated is 'Whether zero padding cut the support, in this layer or on the way.';
