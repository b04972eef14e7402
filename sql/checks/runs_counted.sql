-- Does each run hold the rows that its shards brought, and is it complete exactly when all shards are loaded?
with loaded as (
    select
        shards.run_id,
        count(*) as shard_count,
        sum(shards.row_count) as row_count,
    from shards
    group by shards.run_id
),

facts as (
    select
        activations.run_id,
        count(*) as row_count,
    from activations
    group by activations.run_id
    union all
    select
        layer_pairs.run_id,
        count(*) as row_count,
    from layer_pairs
    group by layer_pairs.run_id
    union all
    select
        expanded_weights.run_id,
        count(*) as row_count,
    from expanded_weights
    group by expanded_weights.run_id
    union all
    select
        expanded_weight_kernels.run_id,
        count(*) as row_count,
    from expanded_weight_kernels
    group by expanded_weight_kernels.run_id
    union all
    select
        contribution_statistics.run_id,
        count(*) as row_count,
    from contribution_statistics
    group by contribution_statistics.run_id
    union all
    select
        layer_pair_statistics.run_id,
        count(*) as row_count,
    from layer_pair_statistics
    group by layer_pair_statistics.run_id
    union all
    select
        residual_shares.run_id,
        count(*) as row_count,
    from residual_shares
    group by residual_shares.run_id
    union all
    select
        feature_visualizations.run_id,
        count(*) as row_count,
    from feature_visualizations
    group by feature_visualizations.run_id
    union all
    select
        published_shares.run_id,
        count(*) as row_count,
    from published_shares
    where published_shares.run_id is not null
    group by published_shares.run_id
    union all
    select
        activation_sketches.run_id,
        count(*) as row_count,
    from activation_sketches
    group by activation_sketches.run_id
    union all
    select
        activation_histograms.run_id,
        count(*) as row_count,
    from activation_histograms
    group by activation_histograms.run_id
    union all
    select
        top_examples.run_id,
        count(*) as row_count,
    from top_examples
    group by top_examples.run_id
    union all
    select
        coactivations.run_id,
        count(*) as row_count,
    from coactivations
    group by coactivations.run_id
    union all
    select
        picture_effects.run_id,
        count(*) as row_count,
    from picture_effects
    group by picture_effects.run_id
    union all
    select
        connection_sums.run_id,
        count(*) as row_count,
    from connection_sums
    group by connection_sums.run_id
    union all
    select
        truth_sums.run_id,
        count(*) as row_count,
    from truth_sums
    group by truth_sums.run_id
    union all
    select
        logit_concepts.run_id,
        count(*) as row_count,
    from logit_concepts
    group by logit_concepts.run_id
    union all
    select
        logit_concept_heads.run_id,
        count(*) as row_count,
    from logit_concept_heads
    group by logit_concept_heads.run_id
    union all
    select
        unit_heads.run_id,
        count(*) as row_count,
    from unit_heads
    group by unit_heads.run_id
    union all
    select
        unit_positions.run_id,
        count(*) as row_count,
    from unit_positions
    group by unit_positions.run_id
    union all
    select
        unit_projections.run_id,
        count(*) as row_count,
    from unit_projections
    group by unit_projections.run_id
    union all
    select
        head_projections.run_id,
        count(*) as row_count,
    from head_projections
    group by head_projections.run_id
    union all
    select
        picture_strengths.run_id,
        count(*) as row_count,
    from picture_strengths
    group by picture_strengths.run_id
    union all
    select
        picture_attention.run_id,
        count(*) as row_count,
    from picture_attention
    group by picture_attention.run_id
    union all
    select
        picture_embeddings.run_id,
        count(*) as row_count,
    from picture_embeddings
    group by picture_embeddings.run_id
    union all
    select
        graph_targets.run_id,
        count(*) as row_count,
    from graph_targets
    group by graph_targets.run_id
    union all
    select
        graph_cuts.run_id,
        count(*) as row_count,
    from graph_cuts
    group by graph_cuts.run_id
    union all
    select
        graph_nodes.run_id,
        count(*) as row_count,
    from graph_nodes
    group by graph_nodes.run_id
    union all
    select
        graph_edges.run_id,
        count(*) as row_count,
    from graph_edges
    group by graph_edges.run_id
    union all
    select
        match_partners.run_id,
        count(*) as row_count,
    from match_partners
    group by match_partners.run_id
    union all
    select
        match_nulls.run_id,
        count(*) as row_count,
    from match_nulls
    group by match_nulls.run_id
    union all
    select
        name_concepts.run_id,
        count(*) as row_count,
    from name_concepts
    group by name_concepts.run_id
    union all
    select
        name_pictures.run_id,
        count(*) as row_count,
    from name_pictures
    group by name_pictures.run_id
    union all
    select
        name_ranks.run_id,
        count(*) as row_count,
    from name_ranks
    group by name_ranks.run_id
    union all
    select
        name_units.run_id,
        count(*) as row_count,
    from name_units
    group by name_units.run_id
    union all
    select
        name_examples.run_id,
        count(*) as row_count,
    from name_examples
    group by name_examples.run_id
),

stored as (
    select
        facts.run_id,
        sum(facts.row_count) as row_count,
    from facts
    group by facts.run_id
)

select
    runs.run_id,
    runs.status,
    runs.row_count,
    loaded.row_count as shard_row_count,
    stored.row_count as stored_row_count,
from runs
left join loaded on runs.run_id = loaded.run_id
left join stored on runs.run_id = stored.run_id
where
    runs.row_count <> coalesce(loaded.row_count, 0)
    or runs.row_count <> coalesce(stored.row_count, 0)
    or (runs.status = 'complete') <> (coalesce(loaded.shard_count, 0) = runs.shard_count);
