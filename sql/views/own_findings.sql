-- What do we find about how true expanded weights are? One row per effects run and finding; not published elsewhere.
-- Source: weight_truth; definitions.md section 10. Medians over pairs of layers, by how many bottlenecks apart they are.
create or replace view own_findings as
with bottlenecks as (
    select
        layers.model_id,
        layers.layer_name,
        dense_rank() over (partition by layers.model_id order by layers.block_index, layers.bottleneck_index) as place,
    from layers
),

pairs as (
    select
        weight_truth.run_id,
        weight_truth.model_name,
        weight_truth.pretrained_tag,
        weight_truth.picture_count,
        weight_truth.linear_correlation,
        weight_truth.linear_size_ratio,
        weight_truth.gated_correlation,
        weight_truth.gated_size_ratio,
        uppers.place - lowers.place as bottlenecks_apart,
    from weight_truth
    inner join runs on weight_truth.run_id = runs.run_id
    inner join bottlenecks as lowers
        on runs.model_id = lowers.model_id
        and weight_truth.lower_layer = lowers.layer_name
    inner join bottlenecks as uppers
        on runs.model_id = uppers.model_id
        and weight_truth.upper_layer = uppers.layer_name
),

found as (
    select
        pairs.run_id,
        pairs.model_name,
        pairs.pretrained_tag,
        unnest([
            {
                'finding_name': 'linear_one_bottleneck_down',
                'finding': 'One bottleneck down expanded weights say something of what replacing a unit does: correlation with the real effect.',
                'our_value': median(pairs.linear_correlation) filter (where pairs.bottlenecks_apart = 1),
                'layer_pair_count': count(*) filter (where pairs.bottlenecks_apart = 1)
            },
            {
                'finding_name': 'linear_further_down',
                'finding': 'Further down they say next to nothing: correlation with the real effect.',
                'our_value': median(pairs.linear_correlation) filter (where pairs.bottlenecks_apart > 1),
                'layer_pair_count': count(*) filter (where pairs.bottlenecks_apart > 1)
            },
            {
                'finding_name': 'linear_size_further_down',
                'finding': 'Further down their sizes are too large: predicted over real.',
                'our_value': median(pairs.linear_size_ratio) filter (where pairs.bottlenecks_apart > 1),
                'layer_pair_count': count(*) filter (where pairs.bottlenecks_apart > 1)
            },
            {
                'finding_name': 'gated_at_every_depth',
                'finding': 'With each picture''s own gates the prediction holds at every depth: the smallest correlation with the real effect.',
                'our_value': min(pairs.gated_correlation) filter (where pairs.bottlenecks_apart > 0),
                'layer_pair_count': count(*) filter (where pairs.bottlenecks_apart > 0)
            }
        ]) as said,
        max(pairs.picture_count) as picture_count,
    from pairs
    group by pairs.run_id, pairs.model_name, pairs.pretrained_tag
),

controls as (
    select
        found.model_name,
        found.said.finding_name as finding_name,
        max_by(found.said.our_value, found.run_id) as control_value,
    from found
    where found.pretrained_tag like 'random-%'
    group by found.model_name, found.said.finding_name
)

select
    found.said.finding_name as finding_name,
    found.run_id,
    found.model_name,
    found.pretrained_tag,
    found.said.finding as finding,
    found.said.our_value as our_value,
    controls.control_value,
    found.said.layer_pair_count as layer_pair_count,
    found.picture_count,
    'ours' as source,
from found
left join controls on found.model_name = controls.model_name and found.said.finding_name = controls.finding_name;
comment on view own_findings is 'Our own findings about how true expanded weights are.';
comment on column own_findings.finding_name is 'Name of the finding.';
comment on column own_findings.run_id is 'Effects run.';
comment on column own_findings.model_name is 'Its name.';
comment on column own_findings.pretrained_tag is 'Where its weights came from; random-SEED is an untrained control.';
comment on column own_findings.finding is 'The finding in words, and which number it is.';
comment on column own_findings.our_value is 'The number; null where no such pair of layers was measured.';
comment on column own_findings.control_value is 'The same in the untrained model of that name; null where that was not measured.';
comment on column own_findings.layer_pair_count is 'Pairs of layers that it rests on.';
comment on column own_findings.picture_count is 'Pictures that it rests on.';
comment on column own_findings.source is 'ours.';
