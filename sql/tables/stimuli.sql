-- What was shown to the networks? One row per distinct stimulus, those that failed with their error.
-- Source: definitions.md section 2; warehouse/loading.py gives the ids.
create table if not exists stimuli (
    stimulus_id integer primary key,
    stimulus_kind text not null,
    stimulus_text text,
    source_uri text,
    content_sha256 text not null,
    width_px integer,
    height_px integer,
    is_explicit boolean not null,
    error_message text,
    unique (stimulus_kind, content_sha256),
);
comment on table stimuli is 'One row per distinct stimulus.';
comment on column stimuli.stimulus_id is 'Key.';
comment on column stimuli.stimulus_kind is 'word, picture, feature_visualization or typographic.';
comment on column stimuli.stimulus_text is 'The word, or a picture''s caption.';
comment on column stimuli.source_uri is 'Where a picture came from; null for a rendered word.';
comment on column stimuli.content_sha256 is 'SHA-256 of a picture''s bytes; of text, picture size and raster settings for a word, which decide every pixel.';
comment on column stimuli.width_px is 'Width of the picture, pixels.';
comment on column stimuli.height_px is 'Height of the picture, pixels.';
comment on column stimuli.is_explicit is 'Whether pages blur it until a person reveals it.';
comment on column stimuli.error_message is 'Why it could not be shown; null when it could.';
