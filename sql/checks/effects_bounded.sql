-- Is each effect finite, is no mean larger than the mean of absolute values, and is each share of signs within 0 and 1?
select
    connection_sums.run_id,
    connection_sums.lower_unit_id,
    connection_sums.upper_unit_id as other_id,
from connection_sums
where
    not isfinite(connection_sums.linear_effect_sum)
    or not isfinite(connection_sums.gated_effect_absolute_sum)
    or not isfinite(connection_sums.real_effect_absolute_sum)
    or abs(connection_sums.gated_effect_sum) > connection_sums.gated_effect_absolute_sum * (1 + 1e-9)
    or abs(connection_sums.real_effect_sum) > connection_sums.real_effect_absolute_sum * (1 + 1e-9)
    or connection_sums.picture_count < 1
union all
select
    picture_effects.run_id,
    picture_effects.lower_unit_id,
    picture_effects.upper_unit_id as other_id,
from picture_effects
where
    not isfinite(picture_effects.effect_absolute_mean)
    or abs(picture_effects.effect_mean) > picture_effects.effect_absolute_mean * (1 + 1e-5)
union all
select
    truth_sums.run_id,
    truth_sums.lower_unit_id,
    truth_sums.upper_layer_id as other_id,
from truth_sums
where
    greatest(truth_sums.linear_sign_count, truth_sums.gated_sign_count) > truth_sums.real_nonzero_count
    or truth_sums.real_nonzero_count > truth_sums.triple_count
    or truth_sums.real_absolute_sum ** 2 > truth_sums.real_square_sum * truth_sums.triple_count * (1 + 1e-9)
    or truth_sums.picture_count < 1;
