-- How true are predicted effects between two layers? One row per run, lower layer and upper layer.
-- Source: definitions.md section 10: judged over all (lower unit, upper unit, picture). The newest run of trained weights and the newest
-- of an untrained control are both shown; control_* repeat the control's values in the row of the trained model.
create or replace view weight_truth as
with totals as (
    select
        truth_sums.run_id,
        shown_runs.part_name,
        lower_layers.model_id,
        lower_layers.layer_name as lower_layer,
        upper_layers.layer_name as upper_layer,
        lower_layers.layer_order as lower_layer_order,
        upper_layers.layer_order as upper_layer_order,
        max(truth_sums.picture_count) as picture_count,
        count(*) as lower_unit_count,
        sum(truth_sums.triple_count)::double as triple_count,
        sum(truth_sums.linear_sum)::double as linear_sum,
        sum(truth_sums.linear_square_sum)::double as linear_square_sum,
        sum(truth_sums.linear_absolute_sum)::double as linear_absolute_sum,
        sum(truth_sums.gated_sum)::double as gated_sum,
        sum(truth_sums.gated_square_sum)::double as gated_square_sum,
        sum(truth_sums.gated_absolute_sum)::double as gated_absolute_sum,
        sum(truth_sums.real_sum)::double as real_sum,
        sum(truth_sums.real_square_sum)::double as real_square_sum,
        sum(truth_sums.real_absolute_sum)::double as real_absolute_sum,
        sum(truth_sums.real_nonzero_count)::double as real_nonzero_count,
        sum(truth_sums.linear_real_product_sum)::double as linear_real_product_sum,
        sum(truth_sums.linear_sign_count)::double as linear_sign_count,
        sum(truth_sums.gated_real_product_sum)::double as gated_real_product_sum,
        sum(truth_sums.gated_sign_count)::double as gated_sign_count,
    from truth_sums
    inner join shown_runs on truth_sums.run_id = shown_runs.run_id
    inner join units on truth_sums.lower_unit_id = units.unit_id
    inner join layers as lower_layers on units.layer_id = lower_layers.layer_id
    inner join layers as upper_layers on truth_sums.upper_layer_id = upper_layers.layer_id
    group by
        truth_sums.run_id,
        shown_runs.part_name,
        lower_layers.model_id,
        lower_layers.layer_name,
        upper_layers.layer_name,
        lower_layers.layer_order,
        upper_layers.layer_order
),

judged as (
    select
        totals.run_id,
        totals.part_name,
        models.model_name,
        models.pretrained_tag,
        totals.lower_layer,
        totals.upper_layer,
        totals.lower_layer_order,
        totals.upper_layer_order,
        totals.picture_count,
        totals.lower_unit_count,
        (totals.triple_count * totals.linear_real_product_sum - totals.linear_sum * totals.real_sum) / nullif(
            sqrt(greatest(totals.triple_count * totals.linear_square_sum - totals.linear_sum ** 2, 0))
            * sqrt(greatest(totals.triple_count * totals.real_square_sum - totals.real_sum ** 2, 0)), 0
        ) as linear_correlation,
        (totals.triple_count * totals.linear_real_product_sum - totals.linear_sum * totals.real_sum)
        / nullif(totals.triple_count * totals.linear_square_sum - totals.linear_sum ** 2, 0) as linear_slope,
        totals.linear_sign_count / nullif(totals.real_nonzero_count, 0) as linear_sign_share,
        totals.linear_absolute_sum / nullif(totals.real_absolute_sum, 0) as linear_size_ratio,
        (totals.triple_count * totals.gated_real_product_sum - totals.gated_sum * totals.real_sum) / nullif(
            sqrt(greatest(totals.triple_count * totals.gated_square_sum - totals.gated_sum ** 2, 0))
            * sqrt(greatest(totals.triple_count * totals.real_square_sum - totals.real_sum ** 2, 0)), 0
        ) as gated_correlation,
        (totals.triple_count * totals.gated_real_product_sum - totals.gated_sum * totals.real_sum)
        / nullif(totals.triple_count * totals.gated_square_sum - totals.gated_sum ** 2, 0) as gated_slope,
        totals.gated_sign_count / nullif(totals.real_nonzero_count, 0) as gated_sign_share,
        totals.gated_absolute_sum / nullif(totals.real_absolute_sum, 0) as gated_size_ratio,
    from totals
    inner join models on totals.model_id = models.model_id
),

controls as (
    select
        judged.model_name,
        judged.lower_layer,
        judged.upper_layer,
        max_by(judged.linear_correlation, judged.run_id) as control_linear_correlation,
        max_by(judged.gated_correlation, judged.run_id) as control_gated_correlation,
    from judged
    where judged.part_name = 'control'
    group by judged.model_name, judged.lower_layer, judged.upper_layer
)

select
    judged.run_id,
    judged.model_name,
    judged.pretrained_tag,
    judged.lower_layer,
    judged.upper_layer,
    judged.lower_layer_order,
    judged.upper_layer_order,
    judged.picture_count,
    judged.lower_unit_count,
    judged.linear_correlation,
    judged.linear_slope,
    judged.linear_sign_share,
    judged.linear_size_ratio,
    judged.gated_correlation,
    judged.gated_slope,
    judged.gated_sign_share,
    judged.gated_size_ratio,
    controls.control_linear_correlation,
    controls.control_gated_correlation,
from judged
left join controls
    on judged.model_name = controls.model_name
    and judged.lower_layer = controls.lower_layer
    and judged.upper_layer = controls.upper_layer;
comment on view weight_truth is 'Predicted effects of replacing lower units compared with real ones, by pair of layers.';
comment on column weight_truth.run_id is 'Effects run.';
comment on column weight_truth.model_name is 'Model.';
comment on column weight_truth.pretrained_tag is 'Where its weights came from; random-SEED is an untrained control.';
comment on column weight_truth.lower_layer is 'Address of the layer whose units were replaced.';
comment on column weight_truth.upper_layer is 'Address of the layer that was read.';
comment on column weight_truth.lower_layer_order is 'Position of the lower layer in running order.';
comment on column weight_truth.upper_layer_order is 'Position of the upper layer in running order.';
comment on column weight_truth.picture_count is 'Pictures.';
comment on column weight_truth.lower_unit_count is 'Lower units that were replaced.';
comment on column weight_truth.linear_correlation is 'Correlation of the linear prediction with the real effect over all (lower unit, upper unit, picture); null where nothing varies.';
comment on column weight_truth.linear_slope is 'Slope of the real effect on the linear prediction, 1 where its size is right; null where nothing varies.';
comment on column weight_truth.linear_sign_share is 'Share of the real effects that are not zero whose sign the linear prediction has; null where nothing varies.';
comment on column weight_truth.linear_size_ratio is 'Average size of the linear prediction over that of the real effect; null where nothing varies.';
comment on column weight_truth.gated_correlation is 'Correlation of the gated prediction with the real effect over all (lower unit, upper unit, picture); null where nothing varies.';
comment on column weight_truth.gated_slope is 'Slope of the real effect on the gated prediction: 1 where its size is right; null where nothing varies.';
comment on column weight_truth.gated_sign_share is 'Share of the real effects that are not zero whose sign the gated prediction has; null where nothing varies.';
comment on column weight_truth.gated_size_ratio is 'Average size of the gated prediction over that of the real effect; null where nothing varies.';
comment on column weight_truth.control_linear_correlation is 'linear_correlation in the same model untrained; null where that was not measured.';
comment on column weight_truth.control_gated_correlation is 'gated_correlation in the same model untrained.';
