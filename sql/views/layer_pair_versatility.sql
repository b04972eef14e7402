-- How versatile and how bimodal are the units of a lower layer towards an upper layer? One row per run and pair of layers.
-- Source: definitions.md section 4; the table contribution_statistics, forward.
create or replace view layer_pair_versatility as
select
    contribution_statistics.run_id,
    models.model_name,
    models.pretrained_tag,
    layers.layer_name as lower_layer,
    layers.layer_order as lower_layer_order,
    other_layers.layer_name as upper_layer,
    other_layers.layer_order as upper_layer_order,
    count(*) as unit_count,
    median(contribution_statistics.sarle_coefficient) as sarle_median,
    avg((contribution_statistics.dip_p_value < 0.05)::integer) as bimodal_by_dip_share,
    median(contribution_statistics.zero_density_ratio) as zero_density_ratio_median,
    avg(contribution_statistics.near_zero_share) as near_zero_share_mean,
    avg(abs(contribution_statistics.sign_balance)) as sign_imbalance_mean,
    avg(contribution_statistics.absolute_mean) as weight_mean_absolute_mean,
    avg(contribution_statistics.magnitude_mean) as weight_magnitude_mean,
    median(contribution_statistics.excess_kurtosis) as excess_kurtosis_median,
    avg(contribution_statistics.laplace_gain) as laplace_gain_mean,
    shown_weight_runs.gates,
from contribution_statistics
inner join shown_weight_runs on contribution_statistics.run_id = shown_weight_runs.run_id
inner join units on contribution_statistics.unit_id = units.unit_id
inner join layers on units.layer_id = layers.layer_id
inner join layers as other_layers on contribution_statistics.other_layer_id = other_layers.layer_id
inner join models on layers.model_id = models.model_id
where contribution_statistics.direction = 'forward'
group by
    contribution_statistics.run_id,
    models.model_name,
    models.pretrained_tag,
    layers.layer_name,
    layers.layer_order,
    other_layers.layer_name,
    other_layers.layer_order,
    shown_weight_runs.gates;
comment on view layer_pair_versatility is 'Versatility and bimodality of forward contributions, over all units of a lower layer.';
comment on column layer_pair_versatility.run_id is 'Contributions run.';
comment on column layer_pair_versatility.model_name is 'Model.';
comment on column layer_pair_versatility.pretrained_tag is 'Where its weights came from.';
comment on column layer_pair_versatility.lower_layer is 'Address of the lower layer.';
comment on column layer_pair_versatility.lower_layer_order is 'Position of the lower layer in the network.';
comment on column layer_pair_versatility.upper_layer is 'Address of the upper layer.';
comment on column layer_pair_versatility.upper_layer_order is 'Position of the upper layer in the network.';
comment on column layer_pair_versatility.unit_count is 'Lower units averaged over.';
comment on column layer_pair_versatility.sarle_median is 'Median of Sarle''s bimodality coefficient: 5/9 for a uniform distribution, 1/3 for a normal one.';
comment on column layer_pair_versatility.bimodal_by_dip_share is 'Share of units whose dip p value is below 0.05.';
comment on column layer_pair_versatility.zero_density_ratio_median is 'Median density at zero over the highest density beside it: 1 or more no notch, 0 an empty middle.';
comment on column layer_pair_versatility.near_zero_share_mean is 'Average share of contributions with |mean| below 0.1 of their root mean square.';
comment on column layer_pair_versatility.sign_imbalance_mean is 'Average |sign balance|: 0 balanced, 1 all of one sign.';
comment on column layer_pair_versatility.weight_mean_absolute_mean is 'Average |mean| of the contributions.';
comment on column layer_pair_versatility.weight_magnitude_mean is 'Average magnitude of the contributions.';
comment on column layer_pair_versatility.excess_kurtosis_median is 'Median sample excess kurtosis: 0 normal, 3 Laplace.';
comment on column layer_pair_versatility.laplace_gain_mean is 'Average log-likelihood of a Laplace distribution minus a normal one, nats per contribution; above 0 exponential.';
comment on column layer_pair_versatility.gates is 'linear: every ReLU open, as in the article; pictures: each picture''s own gates, averaged over pictures (in schema all_runs).';
