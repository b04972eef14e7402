-- How true are expanded weights? For each pair of layers: what expanded weights predict, what each picture's own gates predict, and what the network really does.
select
    weight_truth.lower_layer,
    weight_truth.upper_layer,
    weight_truth.picture_count,
    weight_truth.linear_correlation,
    weight_truth.linear_sign_share,
    weight_truth.linear_size_ratio,
    weight_truth.gated_correlation,
    weight_truth.gated_sign_share,
    weight_truth.gated_size_ratio,
from weight_truth
where weight_truth.pretrained_tag not like 'random-%'
order by weight_truth.upper_layer_order, weight_truth.lower_layer_order desc;
