-- Does every complete names run have names and examples of both halves for each unit of its layers, and each concept and picture once?
with named as (
    select
        name_units.run_id,
        count(*) as unit_count,
        count(distinct name_units.unit_id) as distinct_unit_count,
    from name_units
    group by name_units.run_id
),

layers_of as (
    select
        runs.run_id,
        sum(layers.channel_count) as unit_count,
    from runs
    inner join layers
        on runs.model_id = layers.model_id
        and list_contains(json_extract_string(runs.settings, '$.layers[*]'), layers.layer_name)
    where runs.job_name = 'names'
    group by runs.run_id
),

concepts_of as (
    select
        name_concepts.run_id,
        count(*) filter (where name_concepts.concept_index >= 0) as concept_count,
        count(distinct name_concepts.concept_index) as distinct_count,
    from name_concepts
    group by name_concepts.run_id
),

pictures_of as (
    select
        name_pictures.run_id,
        count(*) as picture_count,
        count(distinct name_pictures.stimulus_id) as distinct_count,
        count(*) filter (where name_pictures.is_held_out) as held_out_count,
    from name_pictures
    group by name_pictures.run_id
),

expected as (
    select
        runs.run_id,
        layers_of.unit_count,
        (runs.settings ->> '$.concept_count')::bigint as concept_count,
        least((runs.settings ->> '$.names_kept')::bigint, (runs.settings ->> '$.concept_count')::bigint) as names_kept,
        (runs.settings ->> '$.examples')::bigint as examples,
        pictures_of.picture_count,
        pictures_of.distinct_count as distinct_picture_count,
        pictures_of.held_out_count,
    from runs
    inner join layers_of on runs.run_id = layers_of.run_id
    left join pictures_of on runs.run_id = pictures_of.run_id
    where runs.status = 'complete'
)

select
    expected.run_id,
    expected.unit_count,
    expected.concept_count,
    expected.picture_count,
from expected
left join named on expected.run_id = named.run_id
left join concepts_of on expected.run_id = concepts_of.run_id
where
    named.unit_count is distinct from expected.unit_count
    or named.distinct_unit_count is distinct from expected.unit_count
    or concepts_of.concept_count is distinct from expected.concept_count
    or concepts_of.distinct_count is distinct from expected.concept_count + 1
    or expected.distinct_picture_count is distinct from expected.picture_count
    or (
        select count(distinct (name_ranks.unit_id, name_ranks.name_rank)) from name_ranks where name_ranks.run_id = expected.run_id
    ) <> expected.unit_count * expected.names_kept
    or (
        select count(distinct (name_examples.unit_id, name_examples.is_held_out, name_examples.example_rank))
        from name_examples
        where name_examples.run_id = expected.run_id
    ) <> expected.unit_count * (
        least(expected.examples, expected.held_out_count)
        + least(expected.examples, expected.picture_count - expected.held_out_count)
    );
