-- Do attentions add up to 1, do the parts of an embedding add up to its length, and do concepts have length 1?
select
    picture_attention.run_id,
    picture_attention.stimulus_id,
    'attention' as what,
    list_sum(picture_attention.attention) as value,
from picture_attention
where abs(list_sum(picture_attention.attention) - 1) > 1e-3 or not isfinite(list_sum(picture_attention.attention))
union all
select
    picture_embeddings.run_id,
    picture_embeddings.stimulus_id,
    'embedding_norm' as what,
    picture_embeddings.embedding_norm as value,
from picture_embeddings
where
    not isfinite(picture_embeddings.embedding_norm)
    or abs(
        picture_embeddings.embedding_norm
        - sqrt(
            list_sum(
                list_transform(
                    generate_series(1, len(picture_embeddings.shortcut_embedding)),
                    lambda place: pow(
                        picture_embeddings.shortcut_embedding[place] + picture_embeddings.residual_embedding[place]
                        + picture_embeddings.position_embedding[place] + picture_embeddings.constant_embedding[place],
                        2
                    )
                )
            )
        )
    ) > 1e-3 * picture_embeddings.embedding_norm
union all
select
    logit_concepts.run_id,
    logit_concepts.concept_index as stimulus_id,
    'concept' as what,
    list_dot_product(logit_concepts.embedding, logit_concepts.embedding) as value,
from logit_concepts
where
    abs(list_dot_product(logit_concepts.embedding, logit_concepts.embedding) - 1) > 1e-3
    or not isfinite(list_dot_product(logit_concepts.embedding, logit_concepts.embedding));
