-- How many channels of a block's output take more than 90 % from the shortcut? By layer, definition and source of images.
select
    layers.layer_name,
    residual_shares.definition,
    residual_shares.image_source,
    count(*) as unit_count,
    avg((coalesce(residual_shares.shortcut_share, 0) > 0.9)::integer) as share_above,
    count(*) - count(residual_shares.shortcut_share) as dead_count,
from residual_shares
inner join shown_runs on residual_shares.run_id = shown_runs.run_id
inner join units on residual_shares.unit_id = units.unit_id
inner join layers on units.layer_id = layers.layer_id
where residual_shares.image_count > 0
group by layers.layer_name, layers.layer_order, residual_shares.definition, residual_shares.image_source
order by layers.layer_order, residual_shares.definition, residual_shares.image_source;
