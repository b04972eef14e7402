-- How do a layer's units contribute to another layer? One row per pair of layers.
-- Section The whole network.
select
    lower_layer, upper_layer, lower_layer_order, upper_layer_order, sarle_median, bimodal_by_dip_share,
    zero_density_ratio_median, near_zero_share_mean, sign_imbalance_mean, weight_mean_absolute_mean, weight_magnitude_mean,
    excess_kurtosis_median, laplace_gain_mean
from all_runs.layer_pair_versatility
where run_id = $run
order by lower_layer_order, upper_layer_order;
