-- What is a unit's shortcut share, in the newest of several runs? One row per unit, definition and image source.
-- Source: residual_shares of complete runs; definitions.md section 4.
create or replace view newest_shares as
select
    layers.model_id,
    layers.layer_name,
    units.unit_name,
    residual_shares.definition,
    residual_shares.image_source,
    residual_shares.image_count,
    residual_shares.shortcut_share,
    layers.channel_count,
from residual_shares
inner join runs on residual_shares.run_id = runs.run_id
inner join units on residual_shares.unit_id = units.unit_id
inner join layers on units.layer_id = layers.layer_id
where runs.status = 'complete'
qualify
    row_number() over (
        partition by residual_shares.unit_id, residual_shares.definition, residual_shares.image_source
        order by runs.finished_at desc, runs.run_id desc
    ) = 1;
comment on view newest_shares is 'Shortcut shares, from the newest run that measured the unit.';
comment on column newest_shares.model_id is 'Model.';
comment on column newest_shares.layer_name is 'Address of the layer.';
comment on column newest_shares.unit_name is 'Address of the unit.';
comment on column newest_shares.definition is 'Definition of the share, published or added.';
comment on column newest_shares.image_source is 'Images that it was measured on, features or examples.';
comment on column newest_shares.image_count is 'Number of them.';
comment on column newest_shares.shortcut_share is 'Share; null for a dead channel.';
comment on column newest_shares.channel_count is 'Channels of the layer.';
