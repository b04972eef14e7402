-- How many pairs of units does each pair of layers have, and over which ids? One row per weights run and pair of layers.
-- Source: layer_pairs, units. The contributions job cuts its shards by it; units of a layer have contiguous ids.
create or replace view layer_pair_sizes as
with spans as (
    select
        units.layer_id,
        min(units.unit_id) as first_unit_id,
        count(*) as unit_count,
    from units
    group by units.layer_id
)

select
    layer_pairs.run_id,
    layer_pairs.lower_layer_id,
    layer_pairs.upper_layer_id,
    layer_pairs.cell_count,
    lower_spans.first_unit_id as first_lower_id,
    lower_spans.unit_count as lower_count,
    upper_spans.first_unit_id as first_upper_id,
    upper_spans.unit_count as upper_count,
    lower_spans.unit_count * upper_spans.unit_count as pair_count,
from layer_pairs
inner join spans as lower_spans on layer_pairs.lower_layer_id = lower_spans.layer_id
inner join spans as upper_spans on layer_pairs.upper_layer_id = upper_spans.layer_id;
comment on view layer_pair_sizes is 'Pairs of layers with the ids and counts of their units.';
comment on column layer_pair_sizes.run_id is 'Weights run.';
comment on column layer_pair_sizes.lower_layer_id is 'Lower layer.';
comment on column layer_pair_sizes.upper_layer_id is 'Upper layer.';
comment on column layer_pair_sizes.cell_count is 'Positions of the support.';
comment on column layer_pair_sizes.first_lower_id is 'Id of the lower layer''s first unit.';
comment on column layer_pair_sizes.lower_count is 'Units of the lower layer.';
comment on column layer_pair_sizes.first_upper_id is 'Id of the upper layer''s first unit.';
comment on column layer_pair_sizes.upper_count is 'Units of the upper layer.';
comment on column layer_pair_sizes.pair_count is 'Pairs of units.';
