-- Which pictures did a pictures run keep, in the order of their content? One row per run and kept picture.
-- Source: run_stimuli; a run of sketches keeps the sample with the smallest content hashes. Measurements on few pictures
-- take the first ones: a sample that does not depend on the order of the source.
create or replace view kept_pictures as
with ranked as (
    select
        run_stimuli.run_id,
        run_stimuli.stimulus_id,
        stimuli.stimulus_text,
        stimuli.source_uri,
        stimuli.content_sha256,
        stimuli.error_message,
        row_number() over (partition by run_stimuli.run_id order by stimuli.content_sha256) as content_rank,
    from run_stimuli
    inner join shown_runs on run_stimuli.run_id = shown_runs.run_id
    inner join stimuli on run_stimuli.stimulus_id = stimuli.stimulus_id
    where shown_runs.job_name = 'pictures'
)

select
    ranked.run_id,
    models.model_name,
    models.weights_sha256,
    row_number() over (partition by ranked.run_id order by ranked.content_rank) as picture_rank,
    ranked.stimulus_id,
    ranked.stimulus_text,
    ranked.source_uri,
    ranked.content_sha256,
from ranked
inner join runs on ranked.run_id = runs.run_id
inner join models on runs.model_id = models.model_id
where
    ranked.error_message is null
    and (
        json_extract_string(runs.settings, '$.keep') is distinct from 'sketches'
        or ranked.content_rank <= (runs.settings ->> '$.kept_count')::bigint
    );
comment on view kept_pictures is 'Pictures whose activations a pictures run kept, in the order of their content hashes.';
comment on column kept_pictures.run_id is 'Pictures run.';
comment on column kept_pictures.model_name is 'Model.';
comment on column kept_pictures.weights_sha256 is 'SHA-256 of its weights.';
comment on column kept_pictures.picture_rank is 'Rank by content hash among the kept pictures, from 1.';
comment on column kept_pictures.stimulus_id is 'Picture.';
comment on column kept_pictures.stimulus_text is 'Its caption; null without one.';
comment on column kept_pictures.source_uri is 'Where it came from.';
comment on column kept_pictures.content_sha256 is 'SHA-256 of its bytes.';
