-- What do people see in the pictures that drive a unit? One row per unit and labelled picture.
-- Source: labels, written on a page or by warehouse.labelling; belongs to no run.
create or replace view unit_picture_labels as
select
    models.model_name,
    labels.unit_id,
    units.unit_name,
    layers.layer_name,
    labels.stimulus_id,
    stimuli.stimulus_text as caption,
    stimuli.source_uri,
    list(labels.label_name order by labels.label_name) as label_names,
    max(labels.labelled_at) as labelled_at,
    stimuli.is_explicit,
from labels
inner join units on labels.unit_id = units.unit_id
inner join layers on units.layer_id = layers.layer_id
inner join models on layers.model_id = models.model_id
inner join stimuli on labels.stimulus_id = stimuli.stimulus_id
group by
    models.model_name,
    labels.unit_id,
    units.unit_name,
    layers.layer_name,
    labels.stimulus_id,
    stimuli.stimulus_text,
    stimuli.source_uri,
    stimuli.is_explicit;
comment on view unit_picture_labels is 'Labelled pictures of each unit.';
comment on column unit_picture_labels.model_name is 'Model.';
comment on column unit_picture_labels.unit_id is 'Unit that the labels were given for.';
comment on column unit_picture_labels.unit_name is 'Address of the unit.';
comment on column unit_picture_labels.layer_name is 'Address of its layer.';
comment on column unit_picture_labels.stimulus_id is 'Picture.';
comment on column unit_picture_labels.caption is 'The picture''s caption; null without one.';
comment on column unit_picture_labels.source_uri is 'Where the picture came from.';
comment on column unit_picture_labels.label_names is 'Its labels for this unit, in alphabetical order.';
comment on column unit_picture_labels.labelled_at is 'When the last of them was given, UTC.';
comment on column unit_picture_labels.is_explicit is 'Whether the picture is explicit.';
