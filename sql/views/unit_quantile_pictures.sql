-- What do pictures look like from a unit's weakest tenth to its strongest? One row per run, unit, quantile group and picture.
-- Source: definitions.md section 2 (10 quantiles x 5 pictures), from the kept pictures. Evenly spaced inside
-- the group, so the same run always shows the same pictures.
create or replace view unit_quantile_pictures as
with grouped as (
    select
        picture_activations.*,
        ntile(10) over (
            partition by
                picture_activations.run_id,
                picture_activations.unit_id,
                picture_activations.unit_name,
                picture_activations.layer_name
            order by picture_activations.activation_mean, picture_activations.stimulus_id
        ) as quantile_group,
    from picture_activations
),

placed as (
    select
        grouped.*,
        row_number() over (
            partition by grouped.run_id, grouped.unit_id, grouped.unit_name, grouped.layer_name, grouped.quantile_group
            order by grouped.activation_mean, grouped.stimulus_id
        ) as place,
        count(*) over (
            partition by grouped.run_id, grouped.unit_id, grouped.unit_name, grouped.layer_name, grouped.quantile_group
        ) as group_size,
    from grouped
)

select
    placed.run_id,
    placed.model_name,
    placed.unit_id,
    placed.unit_name,
    placed.layer_name,
    placed.quantile_group,
    row_number() over (
        partition by placed.run_id, placed.unit_id, placed.unit_name, placed.layer_name, placed.quantile_group
        order by placed.place
    ) as picture_index,
    placed.stimulus_id,
    stimuli.stimulus_text as caption,
    stimuli.source_uri,
    placed.activation_mean,
    placed.z_score,
    stimuli.is_explicit,
from placed
inner join stimuli on placed.stimulus_id = stimuli.stimulus_id
where placed.place * 5 // placed.group_size > (placed.place - 1) * 5 // placed.group_size;
comment on view unit_quantile_pictures is 'Up to five pictures from each tenth of a unit''s activations.';
comment on column unit_quantile_pictures.run_id is 'Run that measured it.';
comment on column unit_quantile_pictures.model_name is 'Model.';
comment on column unit_quantile_pictures.unit_id is 'Unit.';
comment on column unit_quantile_pictures.unit_name is 'Address of the unit.';
comment on column unit_quantile_pictures.layer_name is 'Address of its layer.';
comment on column unit_quantile_pictures.quantile_group is 'Tenth of the kept pictures by activation_mean, 1 the weakest, 10 the strongest.';
comment on column unit_quantile_pictures.picture_index is 'Rank among the group''s chosen pictures, 1 the weakest, at most 5.';
comment on column unit_quantile_pictures.stimulus_id is 'Picture; its small copy is in thumbnails.';
comment on column unit_quantile_pictures.caption is 'The picture''s caption; null without one.';
comment on column unit_quantile_pictures.source_uri is 'Where the picture came from.';
comment on column unit_quantile_pictures.activation_mean is 'Spatial mean activation.';
comment on column unit_quantile_pictures.z_score is 'In standard deviations from the unit''s average over all pictures.';
comment on column unit_quantile_pictures.is_explicit is 'Whether the picture is explicit.';
