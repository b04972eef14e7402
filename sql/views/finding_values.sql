-- What do our numbers say to each claim of the article? One row per finding and model that has been measured.
-- Source: findings.measure names the select that speaks; definitions.md sections 3 to 6. Of several runs of a model the
-- newest counts that holds what is asked, of contributions the one with most rows. model_id is null for a published file,
-- which is what came with the program where none was read. 'features among matches' and 'names given by hand' wait for
-- matches and names.
create or replace view finding_values as
with published as (
    select
        published_shares.unit_name,
        regexp_extract(published_shares.unit_name, '^(.+)/', 1) as layer_name,
        published_shares.model_name,
        published_shares.shortcut_share,
    from published_shares
    left join runs on published_shares.run_id = runs.run_id
    where published_shares.run_id is null or runs.status = 'complete'
    qualify
        rank() over (
            partition by published_shares.model_name, layer_name
            order by runs.finished_at desc nulls last, runs.run_id desc nulls last
        ) = 1
),

shares as (
    select
        layers.model_id,
        layers.layer_name,
        units.unit_name,
        residual_shares.definition,
        residual_shares.image_source,
        residual_shares.image_count,
        residual_shares.shortcut_share,
        layers.channel_count,
    from residual_shares
    inner join runs on residual_shares.run_id = runs.run_id
    inner join units on residual_shares.unit_id = units.unit_id
    inner join layers on units.layer_id = layers.layer_id
    where runs.status = 'complete'
    qualify
        row_number() over (
            partition by residual_shares.unit_id, residual_shares.definition, residual_shares.image_source
            order by runs.finished_at desc, runs.run_id desc
        ) = 1
),

list_lengths as (
    select
        published_rankings.finding_name,
        count(*) as item_count,
    from published_rankings
    group by published_rankings.finding_name
),

all_ranks as materialized (
    select
        finding_ranks.finding_name,
        finding_ranks.model_id,
        finding_ranks.our_rank,
        finding_ranks.ranked_count,
        finding_ranks.gates,
    from finding_ranks
),

ranks as (
    select all_ranks.* exclude (gates)
    from all_ranks
    where all_ranks.gates is distinct from 'pictures'
),

contribution_runs as (
    select
        runs.model_id,
        runs.run_id,
        gates_of(runs.part_name) as gates,
    from runs
    where runs.job_name = 'contributions' and runs.status = 'complete'
    qualify
        row_number() over (
            partition by runs.model_id, gates_of(runs.part_name)
            order by runs.row_count desc, runs.run_id desc
        ) = 1
),

last_convolutions as (
    select
        layers.model_id,
        max_by(layers.layer_id, layers.layer_order) as layer_id,
    from layers
    where layers.op_index = 5
    group by layers.model_id
),

statistics as (
    select
        contribution_runs.run_id,
        contribution_statistics.direction,
        contribution_statistics.unit_id,
        unit_layers.layer_order,
        other_layers.layer_order as other_layer_order,
        other_layers.op_index as other_op_index,
        other_layers.layer_id = last_convolutions.layer_id as is_last_convolution,
        contribution_statistics.contribution_count,
        contribution_statistics.sarle_coefficient,
        contribution_statistics.zero_density_ratio,
        contribution_statistics.sign_balance,
        contribution_statistics.laplace_gain,
    from contribution_runs
    inner join contribution_statistics on contribution_runs.run_id = contribution_statistics.run_id
    inner join units on contribution_statistics.unit_id = units.unit_id
    inner join layers as unit_layers on units.layer_id = unit_layers.layer_id
    inner join layers as other_layers on contribution_statistics.other_layer_id = other_layers.layer_id
    inner join last_convolutions on contribution_runs.model_id = last_convolutions.model_id
),

depths as (
    select
        statistics.run_id,
        statistics.layer_order,
        median(statistics.sarle_coefficient) as sarle_median,
        median(statistics.zero_density_ratio) as notch_median,
    from statistics
    where statistics.direction = 'forward' and statistics.is_last_convolution
    group by statistics.run_id, statistics.layer_order
),

rises as (
    select
        statistics.run_id,
        statistics.unit_id,
        statistics.is_last_convolution,
        statistics.sarle_coefficient - lag(statistics.sarle_coefficient) over (
            partition by statistics.run_id, statistics.unit_id
            order by statistics.other_layer_order
        ) as sarle_rise,
    from statistics
    where statistics.direction = 'forward' and statistics.other_op_index = 5
),

jumps as (
    select
        rises.run_id,
        rises.unit_id,
        max_by(rises.is_last_convolution, rises.sarle_rise) as is_at_last_convolution,
    from rises
    where rises.sarle_rise is not null
    group by rises.run_id, rises.unit_id
    having count(*) >= 2
),

structure as (
    select
        depths.run_id,
        'bimodality against depth' as measure,
        corr(depths.layer_order, depths.sarle_median) as our_value,
    from depths
    group by depths.run_id
    union all
    select
        depths.run_id,
        'notch against depth' as measure,
        corr(depths.layer_order, depths.notch_median) as our_value,
    from depths
    group by depths.run_id
    union all
    select
        jumps.run_id,
        'jump at the last convolution' as measure,
        avg(jumps.is_at_last_convolution::integer) as our_value,
    from jumps
    group by jumps.run_id
    union all
    select
        statistics.run_id,
        'forward sign balance' as measure,
        median(abs(statistics.sign_balance)) as our_value,
    from statistics
    where statistics.direction = 'forward' and statistics.contribution_count >= 64
    group by statistics.run_id
    union all
    select
        statistics.run_id,
        'backward closer to laplace' as measure,
        avg((statistics.laplace_gain > 0)::integer) as our_value,
    from statistics
    where statistics.direction = 'backward' and statistics.contribution_count >= 64
    group by statistics.run_id
    union all
    select
        statistics.run_id,
        'laplace gain backward minus forward' as measure,
        median(statistics.laplace_gain) filter (where statistics.direction = 'backward')
        - median(statistics.laplace_gain) filter (where statistics.direction = 'forward') as our_value,
    from statistics
    where statistics.contribution_count >= 64
    group by statistics.run_id
    union all
    select
        contribution_runs.run_id,
        'magnitude mean correspondence' as measure,
        median(layer_pair_statistics.magnitude_mean_rank_correlation) as our_value,
    from contribution_runs
    inner join layer_pair_statistics on contribution_runs.run_id = layer_pair_statistics.run_id
    group by contribution_runs.run_id
),

of_structure as (
    select
        findings.finding_name,
        contribution_runs.model_id,
        contribution_runs.gates,
        structure.our_value,
    from findings
    inner join structure on findings.measure = structure.measure
    inner join contribution_runs on structure.run_id = contribution_runs.run_id
),

gated as (
    select
        of_structure.finding_name,
        of_structure.model_id,
        of_structure.our_value as gated_value,
    from of_structure
    where of_structure.gates = 'pictures'
    union all
    select
        all_ranks.finding_name,
        all_ranks.model_id,
        avg((all_ranks.our_rank <= list_lengths.item_count)::integer) as gated_value,
    from all_ranks
    inner join list_lengths on all_ranks.finding_name = list_lengths.finding_name
    where all_ranks.gates = 'pictures'
    group by all_ranks.finding_name, all_ranks.model_id
    having count(*) = any_value(list_lengths.item_count)
),

found as (
    select
        findings.finding_name,
        null::integer as model_id,
        case findings.measure
            when 'published shares above 0.9' then avg((coalesce(published.shortcut_share, 0) > 0.9)::integer)
            else count(*) - count(published.shortcut_share)
        end as our_value,
    from findings
    inner join published
        on findings.layer_name = published.layer_name
        and findings.model_name = published.model_name
    where findings.measure in ('published shares above 0.9', 'published dead units')
    group by findings.finding_name, findings.measure
    union all
    select
        findings.finding_name,
        null as model_id,
        published.shortcut_share as our_value,
    from findings
    inner join published
        on findings.unit_name = published.unit_name
        and findings.model_name = published.model_name
    where findings.measure = 'published share of a unit'
    union all
    select
        findings.finding_name,
        shares.model_id,
        case findings.measure
            when 'shares above 0.9' then avg((coalesce(shares.shortcut_share, 0) > 0.9)::integer)
            else count(*) - count(shares.shortcut_share)
        end as our_value,
    from findings
    inner join shares
        on findings.layer_name = shares.layer_name
        and findings.share_definition = shares.definition
        and findings.image_source = shares.image_source
    where findings.measure in ('shares above 0.9', 'dead units') and shares.image_count > 0
    group by findings.finding_name, findings.measure, shares.model_id
    having findings.measure <> 'dead units' or count(*) >= 0.9 * max(shares.channel_count)
    union all
    select
        findings.finding_name,
        shares.model_id,
        shares.shortcut_share as our_value,
    from findings
    inner join shares
        on findings.unit_name = shares.unit_name
        and findings.share_definition = shares.definition
        and findings.image_source = shares.image_source
    where findings.measure = 'share of a unit'
    union all
    select
        findings.finding_name,
        ranks.model_id,
        case findings.measure
            when 'words that a unit answers to' then avg((ranks.our_rank <= 5)::integer)
            else avg((ranks.our_rank <= list_lengths.item_count)::integer)
        end as our_value,
    from findings
    inner join ranks on findings.finding_name = ranks.finding_name
    inner join list_lengths on findings.finding_name = list_lengths.finding_name
    where findings.measure not in ('rank of a unit', 'words among the first')
    group by findings.finding_name, findings.measure, ranks.model_id
    having count(*) = any_value(list_lengths.item_count)
    union all
    select
        findings.finding_name,
        ranks.model_id,
        avg((ranks.our_rank <= greatest(10, ranks.ranked_count // 100))::integer) as our_value,
    from findings
    inner join ranks on findings.finding_name = ranks.finding_name
    where findings.measure = 'words among the first'
    group by findings.finding_name, ranks.model_id
    union all
    select
        findings.finding_name,
        ranks.model_id,
        ranks.our_rank as our_value,
    from findings
    inner join ranks on findings.finding_name = ranks.finding_name
    where findings.measure = 'rank of a unit'
    union all
    select
        of_structure.finding_name,
        of_structure.model_id,
        of_structure.our_value,
    from of_structure
    where of_structure.gates = 'linear'
    union all
    select
        findings.finding_name,
        published_word_agreement.model_id,
        case findings.measure
            when 'twenty words of units'
                then avg(published_word_agreement.strong_word_share)
                    filter (where published_word_agreement.listed_word_count > 3)
            else avg(published_word_agreement.strong_first_three_share)
        end as our_value,
    from findings
    inner join published_word_agreement on findings.model_name = published_word_agreement.published_name
    where findings.measure in ('twenty words of units', 'three words of units')
    group by findings.finding_name, findings.measure, published_word_agreement.model_id
)

select
    found.finding_name,
    found.model_id,
    case when isfinite(found.our_value) then found.our_value end as our_value,
    case when isfinite(gated.gated_value) then gated.gated_value end as gated_value,
from found
left join gated on found.finding_name = gated.finding_name and found.model_id = gated.model_id;
comment on view finding_values is 'Our value for each finding and model.';
comment on column finding_values.finding_name is 'Finding.';
comment on column finding_values.model_id is 'Model; null for a published file, which speaks of RN50.';
comment on column finding_values.our_value is 'Our value, in the unit of findings.published_value; null where a correlation has nothing to vary, or the unit is dead.';
comment on column finding_values.gated_value is 'The same of gated expanded weights (--gates pictures); null where the claim does not rest on weights, or they were not measured.';
