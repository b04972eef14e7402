-- Do a unit's sums, extremes, top example and kept activations fit together?
-- Smallest <= mean <= largest; the top example's activation is the largest; no kept activation lies outside.
with kept as (
    select
        activations.run_id,
        activations.unit_id,
        min(activations.activation_mean) as activation_mean_min,
        max(activations.activation_mean) as activation_mean_max,
    from activations
    group by activations.run_id, activations.unit_id
)

select
    activation_sketches.run_id,
    activation_sketches.unit_id,
    activation_sketches.activation_mean_min,
    activation_sketches.activation_mean_max,
    top_examples.activation_mean as first_example_activation_mean,
from activation_sketches
left join top_examples
    on activation_sketches.run_id = top_examples.run_id
    and activation_sketches.unit_id = top_examples.unit_id
    and top_examples.example_rank = 1
left join kept
    on activation_sketches.run_id = kept.run_id
    and activation_sketches.unit_id = kept.unit_id
where
    top_examples.activation_mean is distinct from activation_sketches.activation_mean_max
    or activation_sketches.activation_sum / activation_sketches.stimulus_count
    not between activation_sketches.activation_mean_min - 1e-6 * abs(activation_sketches.activation_mean_min)
    and activation_sketches.activation_mean_max + 1e-6 * abs(activation_sketches.activation_mean_max)
    or pow(activation_sketches.activation_sum, 2)
    > activation_sketches.activation_square_sum * activation_sketches.stimulus_count * (1 + 1e-9)
    or activation_sketches.positive_count not between 0 and activation_sketches.stimulus_count
    or kept.activation_mean_min < activation_sketches.activation_mean_min
    or kept.activation_mean_max > activation_sketches.activation_mean_max;
