-- Which pictures did a typographic run show, clean and with the text? One row per run and picture of such a pair.
-- Source: typographic_stimuli. Ordered by the clean picture's content, like kept_pictures: the first ones are a fair sample.
create or replace view attacked_pictures as
with pairs as (
    select
        run_stimuli.run_id,
        typographic_stimuli.stimulus_id as attacked_stimulus_id,
        typographic_stimuli.clean_stimulus_id,
        typographic_stimuli.overlay_text,
        clean.content_sha256 as clean_sha256,
        row_number() over (partition by run_stimuli.run_id order by clean.content_sha256) as pair_rank,
    from run_stimuli
    inner join shown_runs on run_stimuli.run_id = shown_runs.run_id
    inner join typographic_stimuli on run_stimuli.stimulus_id = typographic_stimuli.stimulus_id
    inner join stimuli as clean on typographic_stimuli.clean_stimulus_id = clean.stimulus_id
    where shown_runs.job_name = 'typographic'
)

select
    pairs.run_id,
    models.model_name,
    models.weights_sha256,
    pairs.pair_rank,
    unnest([pairs.clean_stimulus_id, pairs.attacked_stimulus_id]) as stimulus_id,
    unnest([false, true]) as is_attacked,
    pairs.overlay_text,
    pairs.clean_sha256,
from pairs
inner join runs on pairs.run_id = runs.run_id
inner join models on runs.model_id = models.model_id;
comment on view attacked_pictures is 'Pictures of a typographic run, each clean and with the text, in the order of their content.';
comment on column attacked_pictures.run_id is 'Typographic run.';
comment on column attacked_pictures.model_name is 'Model that saw them.';
comment on column attacked_pictures.weights_sha256 is 'Its weights.';
comment on column attacked_pictures.pair_rank is '1 is the clean picture with the smallest content hash.';
comment on column attacked_pictures.stimulus_id is 'Picture.';
comment on column attacked_pictures.is_attacked is 'Whether the text is laid over it.';
comment on column attacked_pictures.overlay_text is 'The text.';
comment on column attacked_pictures.clean_sha256 is 'SHA-256 of the clean picture''s file.';
