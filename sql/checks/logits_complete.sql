-- Does every complete logits run have each unit once for each of its readable pictures, and each concept in each head?
with shown as (
    select
        runs.run_id,
        count(distinct picture_embeddings.stimulus_id) as picture_count,
    from runs
    left join picture_embeddings on runs.run_id = picture_embeddings.run_id
    where runs.job_name = 'logits' and runs.status = 'complete'
    group by runs.run_id
),

units_of as (
    select
        unit_positions.run_id,
        count(distinct unit_positions.unit_id) as unit_count,
    from unit_positions
    group by unit_positions.run_id
),

concepts_of as (
    select
        logit_concepts.run_id,
        count(distinct logit_concepts.concept_index) as concept_count,
    from logit_concepts
    group by logit_concepts.run_id
),

heads_of as (
    select
        unit_heads.run_id,
        count(distinct unit_heads.head_index) as head_count,
        count(*) as row_count,
    from unit_heads
    group by unit_heads.run_id
),

stored as (
    select
        shown.run_id,
        shown.picture_count,
        units_of.unit_count,
        concepts_of.concept_count,
        heads_of.head_count,
        heads_of.row_count as unit_head_count,
        (select count(*) from picture_strengths where picture_strengths.run_id = shown.run_id) as strength_count,
        (select count(*) from picture_attention where picture_attention.run_id = shown.run_id) as attention_count,
        (select count(*) from unit_projections where unit_projections.run_id = shown.run_id) as projection_count,
        (select count(*) from logit_concept_heads where logit_concept_heads.run_id = shown.run_id) as concept_head_count,
    from shown
    left join units_of on shown.run_id = units_of.run_id
    left join concepts_of on shown.run_id = concepts_of.run_id
    left join heads_of on shown.run_id = heads_of.run_id
)

select
    stored.run_id,
    stored.picture_count,
    stored.unit_count,
    stored.concept_count,
    stored.head_count,
from stored
where
    stored.picture_count = 0
    or stored.unit_head_count is distinct from stored.unit_count * stored.head_count
    or stored.strength_count is distinct from stored.picture_count * stored.unit_count
    or stored.attention_count is distinct from stored.picture_count * stored.head_count
    or stored.projection_count is distinct from stored.unit_count * stored.concept_count
    or stored.concept_head_count is distinct from stored.concept_count * stored.head_count;
