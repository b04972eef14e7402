-- Which id does each unit of the other warehouse have here? One row per unit of the other; new ones stay contiguous inside a layer.
-- Source: warehouse/merging.py, after layer_ids.
select
    theirs.unit_id as other_id,
    ours.unit_id is null as is_new,
    coalesce(
        ours.unit_id,
        (select coalesce(max(units.unit_id), 0) from units)
        + row_number() over (partition by ours.unit_id is null order by theirs.unit_id)
    )::integer as id,
from joined_from.units as theirs
inner join layer_ids on theirs.layer_id = layer_ids.other_id
left join units as ours on layer_ids.id = ours.layer_id and theirs.channel_index = ours.channel_index;
