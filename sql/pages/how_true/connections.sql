-- What was predicted of connections between two layers, and what really happened? One row per connection of a fixed sample.
-- The scatter plots of page How true.
select lower_unit, upper_unit, linear_effect_mean, gated_effect_mean, real_effect_mean
from all_runs.connection_effects
where run_id = $run and lower_layer = $lower and upper_layer = $upper
order by hash(lower_unit_id, upper_unit_id)
limit $most;
