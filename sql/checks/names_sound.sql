-- Do scores fall with the rank, do correlations stay between -1 and 1, do embeddings have length 1, and is no random concept the name?
with neighbours as (
    select
        name_ranks.run_id,
        name_ranks.unit_id,
        name_ranks.name_rank,
        name_ranks.name_score,
        name_ranks.held_out_correlation,
        lead(name_ranks.name_score) over (
            partition by name_ranks.run_id, name_ranks.unit_id
            order by name_ranks.name_rank
        ) as next_score,
    from name_ranks
)

select
    neighbours.run_id,
    neighbours.unit_id as key,
    'names' as what,
from neighbours
where
    not isfinite(neighbours.name_score)
    or neighbours.next_score > neighbours.name_score
    or abs(neighbours.held_out_correlation) > 1 + 1e-5
union all
select
    name_units.run_id,
    name_units.unit_id as key,
    'random concept' as what,
from name_units
inner join name_ranks on name_units.run_id = name_ranks.run_id and name_units.unit_id = name_ranks.unit_id
where
    name_ranks.name_rank = 1
    and (
        name_ranks.concept_index = name_units.random_concept_index
        or abs(name_units.random_correlation) > 1 + 1e-5
        or name_units.mean_embedding_length not between 0 and 1 + 1e-5
    )
union all
select
    name_pictures.run_id,
    name_pictures.stimulus_id as key,
    'picture' as what,
from name_pictures
where abs(list_dot_product(name_pictures.embedding, name_pictures.embedding) - 1) > 1e-3
union all
select
    name_concepts.run_id,
    name_concepts.concept_index as key,
    'concept' as what,
from name_concepts
where abs(list_dot_product(name_concepts.embedding, name_concepts.embedding) - 1) > 1e-3
union all
select
    neighbours.run_id,
    neighbours.unit_id as key,
    'order of examples' as what,
from (
    select
        name_examples.run_id,
        name_examples.unit_id,
        name_examples.activation_mean,
        lead(name_examples.activation_mean) over (
            partition by name_examples.run_id, name_examples.unit_id, name_examples.is_held_out
            order by name_examples.example_rank
        ) as next_mean,
    from name_examples
) as neighbours
where neighbours.next_mean > neighbours.activation_mean;
