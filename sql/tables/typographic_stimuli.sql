-- Which text was laid over which picture? One row per typographic stimulus.
-- Source: the typographic job; stimuli has the picture with the text, and the clean one.
create table if not exists typographic_stimuli (
    stimulus_id integer primary key,
    clean_stimulus_id integer not null,
    overlay_text text not null,
);
comment on table typographic_stimuli is 'Pictures with a text laid over them, and the pictures they were made from.';
comment on column typographic_stimuli.stimulus_id is 'The picture with the text.';
comment on column typographic_stimuli.clean_stimulus_id is 'The same picture without it.';
comment on column typographic_stimuli.overlay_text is 'The text.';
