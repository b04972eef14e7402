-- Which ids do the units of each layer of model $model_id have? One row per layer; its units' ids are contiguous.
-- Source: warehouse/loading.py, for the shards of a run.
select
    layers.layer_name,
    min(units.unit_id) as first_unit_id,
    max(units.unit_id) as last_unit_id,
from units
inner join layers on units.layer_id = layers.layer_id
where layers.model_id = $model_id
group by layers.layer_name;
