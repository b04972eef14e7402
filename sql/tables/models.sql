-- Which networks have been measured? One row per set of weights.
-- Source: ingest/network/model.py; identity is the fingerprint of the vision side, not the name.
create table if not exists models (
    model_id integer primary key,
    model_name text not null,
    pretrained_tag text not null,
    weights_sha256 text not null unique,
    image_size_px integer not null,
    layer_count integer not null,
    unit_count integer not null,
);
comment on table models is 'One row per set of weights of a CLIP ResNet''s vision side.';
comment on column models.model_id is 'Key.';
comment on column models.model_name is 'Name it was loaded by: an open_clip architecture, local-dir:PATH, or emoji-rn50.';
comment on column models.pretrained_tag is 'Where the weights came from: a hub tag, a checkpoint file, local, bundled, or random-SEED.';
comment on column models.weights_sha256 is 'SHA-256 over the vision side''s state as float32, by sorted name; independent of the file format.';
comment on column models.image_size_px is 'Height and width of the input picture, pixels.';
comment on column models.layer_count is 'Number of layers (definitions.md section 1); 68 for RN50.';
comment on column models.unit_count is 'Number of units over all layers; 41,600 for RN50.';
