-- On how many of a unit's held-out top pictures is its name a concept? One row per run and unit.
-- Source: definitions.md section 13. R held-out pictures have the name in their caption or keywords (whole words, as in multimodal_units):
-- the share is over the unit's first R pictures, 20 at most: a set with two pictures of a thing is judged by two. A random concept for comparison.
create or replace view unit_name_agreement as
with named as (
    select
        unit_names.run_id,
        unit_names.model_id,
        unit_names.model_name,
        unit_names.unit_id,
        unit_names.unit_name,
        unit_names.layer_name,
        unit_names.name,
        unit_names.held_out_correlation,
        unit_names.random_name,
        unit_names.random_correlation,
    from unit_names
    where unit_names.name_rank = 1
),

pictures as materialized (
    select
        name_pictures.run_id,
        name_pictures.stimulus_id,
        plain_words(coalesce(any_value(stimuli.stimulus_text), '')) || '|'
        || coalesce(string_agg(plain_words(stimulus_keywords.keyword), '|'), '') as picture_words,
    from name_pictures
    inner join stimuli on name_pictures.stimulus_id = stimuli.stimulus_id
    left join stimulus_keywords on name_pictures.stimulus_id = stimulus_keywords.stimulus_id
    where name_pictures.is_held_out
    group by name_pictures.run_id, name_pictures.stimulus_id
),

concepts as materialized (
    select distinct
        named.run_id,
        unnest([named.name, named.random_name]) as concept,
    from named
),

concepts_as_words as materialized (
    select
        concepts.run_id,
        concepts.concept,
        plain_words(concepts.concept) as concept_words,
    from concepts
),

pictures_of_concepts as (
    select
        concepts_as_words.run_id,
        concepts_as_words.concept,
        pictures.stimulus_id,
        count(*) over (partition by concepts_as_words.run_id, concepts_as_words.concept) as concept_picture_count,
    from concepts_as_words
    inner join pictures
        on concepts_as_words.run_id = pictures.run_id
        and contains(pictures.picture_words, concepts_as_words.concept_words)
),

examples as (
    select
        name_examples.run_id,
        name_examples.unit_id,
        name_examples.example_rank,
        name_examples.stimulus_id,
    from name_examples
    where name_examples.is_held_out
),

found as (
    select
        named.run_id,
        named.unit_id,
        pictures_of_concepts.concept,
        least(pictures_of_concepts.concept_picture_count, 20) as picture_count,
        count(*) as found_count,
    from named
    inner join examples on named.run_id = examples.run_id and named.unit_id = examples.unit_id
    inner join pictures_of_concepts
        on examples.run_id = pictures_of_concepts.run_id
        and examples.stimulus_id = pictures_of_concepts.stimulus_id
        and pictures_of_concepts.concept in (named.name, named.random_name)
    where examples.example_rank <= pictures_of_concepts.concept_picture_count
    group by named.run_id, named.unit_id, pictures_of_concepts.concept, pictures_of_concepts.concept_picture_count
)

select
    named.run_id,
    named.model_id,
    named.model_name,
    named.unit_id,
    named.unit_name,
    named.layer_name,
    named.name,
    named.held_out_correlation,
    coalesce(of_name.found_count / of_name.picture_count, 0) as name_share,
    named.random_name,
    named.random_correlation,
    coalesce(of_random.found_count / of_random.picture_count, 0) as random_name_share,
from named
left join found as of_name
    on named.run_id = of_name.run_id
    and named.unit_id = of_name.unit_id
    and named.name = of_name.concept
left join found as of_random
    on named.run_id = of_random.run_id
    and named.unit_id = of_random.unit_id
    and named.random_name = of_random.concept;
comment on view unit_name_agreement is 'Share of each unit''s held-out top pictures whose caption or keywords have its name.';
comment on column unit_name_agreement.run_id is 'Names run.';
comment on column unit_name_agreement.model_id is 'Model.';
comment on column unit_name_agreement.model_name is 'Its name.';
comment on column unit_name_agreement.unit_id is 'Unit.';
comment on column unit_name_agreement.unit_name is 'Its address.';
comment on column unit_name_agreement.layer_name is 'Address of its layer.';
comment on column unit_name_agreement.name is 'The unit''s name.';
comment on column unit_name_agreement.held_out_correlation is 'Trust in the name, as in unit_names.';
comment on column unit_name_agreement.name_share is 'Of R held-out pictures with the name in caption or keywords: share of the unit''s R strongest (20 at most) that are among them; 0 where R is 0.';
comment on column unit_name_agreement.random_name is 'The concept drawn at random for it.';
comment on column unit_name_agreement.random_correlation is 'Trust in the random concept.';
comment on column unit_name_agreement.random_name_share is 'name_share of the random concept.';
