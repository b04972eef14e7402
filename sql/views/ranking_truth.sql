-- Do the quantities that pages show rank connections as real effects do? One row per effects run, pair of layers, quantity and its run.
-- Source: connection_effects beside expanded_weights (linear or gated), picture_effects and contributions_on_pictures of the same units;
-- centred_rank. Over connections, not over pictures as in weight_truth: some quantities are averages over pictures already.
create or replace view ranking_truth as
with sizes as (
    select
        expanded_weights.run_id as quantity_run_id,
        expanded_weights.lower_unit_id,
        expanded_weights.upper_unit_id,
        if(shown_weight_runs.gates = 'linear', 'linear', 'gated') as quantity,
        expanded_weights.weight_l2 as size,
    from expanded_weights
    inner join shown_weight_runs on expanded_weights.run_id = shown_weight_runs.run_id
    union all
    select
        picture_effects.run_id as quantity_run_id,
        picture_effects.lower_unit_id,
        picture_effects.upper_unit_id,
        'effect on pictures' as quantity,
        picture_effects.effect_absolute_mean as size,
    from picture_effects
    inner join shown_runs on picture_effects.run_id = shown_runs.run_id
    union all
    select
        contributions_on_pictures.run_id as quantity_run_id,
        contributions_on_pictures.lower_unit_id,
        contributions_on_pictures.upper_unit_id,
        'weight on pictures' as quantity,
        abs(contributions_on_pictures.weight_on_pictures) as size,
    from contributions_on_pictures
),

pairs as (
    select
        connection_effects.run_id,
        connection_effects.model_name,
        connection_effects.pretrained_tag,
        connection_effects.lower_layer,
        connection_effects.upper_layer,
        sizes.quantity,
        sizes.quantity_run_id,
        sizes.size,
        connection_effects.real_effect_absolute_mean as real_size,
        count(*) over compared as pair_count,
    from connection_effects
    inner join sizes
        on connection_effects.lower_unit_id = sizes.lower_unit_id
        and connection_effects.upper_unit_id = sizes.upper_unit_id
    where sizes.size is not null
    window compared as (
        partition by
            connection_effects.run_id,
            connection_effects.lower_layer,
            connection_effects.upper_layer,
            sizes.quantity,
            sizes.quantity_run_id
    )
),

ranked as (
    select
        pairs.*,
        centred_rank(rank() over by_size, cume_dist() over by_size, pairs.pair_count) as size_rank,
        centred_rank(rank() over by_real_size, cume_dist() over by_real_size, pairs.pair_count) as real_rank,
    from pairs
    window
        by_size as (
            partition by pairs.run_id, pairs.lower_layer, pairs.upper_layer, pairs.quantity, pairs.quantity_run_id
            order by pairs.size
        ),
        by_real_size as (
            partition by pairs.run_id, pairs.lower_layer, pairs.upper_layer, pairs.quantity, pairs.quantity_run_id
            order by pairs.real_size
        )
)

select
    ranked.run_id,
    ranked.model_name,
    ranked.pretrained_tag,
    ranked.lower_layer,
    ranked.upper_layer,
    ranked.quantity,
    ranked.quantity_run_id,
    count(*) as connection_count,
    rank_correlation(ranked.size_rank, ranked.real_rank) as size_rank_correlation,
from ranked
group by all;
comment on view ranking_truth is 'Rank correlation of the size of each quantity with the size of the real effect, over connections.';
comment on column ranking_truth.run_id is 'Effects run.';
comment on column ranking_truth.model_name is 'Model.';
comment on column ranking_truth.pretrained_tag is 'Where its weights came from; random-SEED is an untrained control.';
comment on column ranking_truth.lower_layer is 'Address of the layer whose units were replaced.';
comment on column ranking_truth.upper_layer is 'Address of the layer that was read.';
comment on column ranking_truth.quantity is 'linear or gated: magnitude of those weights; effect on pictures; weight on pictures (contributions_on_pictures).';
comment on column ranking_truth.quantity_run_id is 'Run that it comes from.';
comment on column ranking_truth.connection_count is 'Connections that have both.';
comment on column ranking_truth.size_rank_correlation is 'Spearman''s, of its size with the average size of the real effect: 1 the same order, 0 no relation; null where nothing varies.';
