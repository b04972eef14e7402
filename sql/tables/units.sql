-- Which units does a layer have? One row per unit (channel of a layer).
-- Source: definitions.md sections 1 and 3; ingest/network/layers.py.
create table if not exists units (
    unit_id integer primary key,
    layer_id integer not null,
    channel_index integer not null,
    unit_name text not null,
    batch_norm_scale float not null,
    batch_norm_shift float not null,
);
comment on table units is 'One row per unit; ids are contiguous inside a layer, in channel order.';
comment on column units.unit_id is 'Key.';
comment on column units.layer_id is 'Layer the unit belongs to.';
comment on column units.channel_index is 'Channel inside its layer, from 0.';
comment on column units.unit_name is 'Address block/bottleneck/index/channel, for example 4/2/6/34.';
comment on column units.batch_norm_scale is 's = gamma / sqrt(variance + eps) of the unit''s batch norm; 1 for index 6 and 8.';
comment on column units.batch_norm_shift is 'beta - mean * s; raw convolution output = (activation - shift) / s. 0 for index 6 and 8.';
