-- Does every layer have its units, one per channel, with contiguous ids?
select
    layers.layer_id,
    layers.layer_name,
    layers.channel_count,
    count(units.unit_id) as unit_count,
from layers
left join units on layers.layer_id = units.layer_id
group by layers.layer_id, layers.layer_name, layers.channel_count
having
    count(units.unit_id) <> layers.channel_count
    or count(distinct units.channel_index) <> layers.channel_count
    or max(units.unit_id) - min(units.unit_id) + 1 <> layers.channel_count;
