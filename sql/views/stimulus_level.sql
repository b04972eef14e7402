-- Where is a stimulus among a unit's responses to pictures? One row: from stimulus_level('4/2/6/34', 1207).
-- Source: definitions.md section 2. The stimulus may be a picture, kept or among the unit's top ones, or a word: anything
-- that a shown run measured. The percentile is the share of kept pictures below it, ties counted half.
create or replace macro stimulus_level(unit, stimulus) as table
with found as (
    select
        activations.run_id,
        activations.unit_id,
        activations.activation_mean,
    from activations
    inner join shown_runs on activations.run_id = shown_runs.run_id
    inner join units on activations.unit_id = units.unit_id
    where units.unit_name = unit and activations.stimulus_id = stimulus
    union all
    select
        unit_top_pictures.run_id,
        unit_top_pictures.unit_id,
        unit_top_pictures.activation_mean,
    from unit_top_pictures
    where unit_top_pictures.unit_name = unit and unit_top_pictures.stimulus_id = stimulus
),

answers as (
    select
        found.unit_id,
        max_by(found.activation_mean, found.run_id) as activation_mean,
    from found
    group by found.unit_id
),

compared as (
    select
        picture_activations.run_id,
        picture_activations.model_name,
        picture_activations.unit_id,
        answers.activation_mean,
        avg(
            (picture_activations.activation_mean < answers.activation_mean)::integer
            + (picture_activations.activation_mean = answers.activation_mean)::integer / 2
        ) as percentile_share,
    from picture_activations
    inner join answers on picture_activations.unit_id = answers.unit_id
    where picture_activations.unit_name = unit
    group by
        picture_activations.run_id,
        picture_activations.model_name,
        picture_activations.unit_id,
        answers.activation_mean
)

select
    unit as unit_name,
    compared.model_name,
    stimuli.stimulus_id,
    stimuli.stimulus_kind,
    stimuli.stimulus_text,
    stimuli.source_uri,
    compared.activation_mean,
    (compared.activation_mean - activation_moments.activation_average)
    / nullif(activation_moments.activation_deviation, 0) as z_score,
    compared.percentile_share,
    compared.run_id,
from compared
inner join activation_moments
    on compared.run_id = activation_moments.run_id
    and compared.unit_id = activation_moments.unit_id
inner join stimuli on stimuli.stimulus_id = stimulus;
comment on macro table stimulus_level is 'A stimulus in standard deviations and as a percentile of a unit''s responses to pictures.';
