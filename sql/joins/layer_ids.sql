-- Which id does each layer of the other warehouse have here? One row per layer of the other; layers of a model are the same if their names are.
-- Source: warehouse/merging.py, after model_ids.
select
    theirs.layer_id as other_id,
    ours.layer_id is null as is_new,
    coalesce(
        ours.layer_id,
        (select coalesce(max(layers.layer_id), 0) from layers)
        + row_number() over (partition by ours.layer_id is null order by theirs.layer_id)
    )::integer as id,
from joined_from.layers as theirs
inner join model_ids on theirs.model_id = model_ids.other_id
left join layers as ours on model_ids.id = ours.model_id and theirs.layer_name = ours.layer_name;
