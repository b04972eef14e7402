-- Which units does a word drive? One row per unit of a layer, the most driven first.
-- Section Word -> units.
select unit_name, activation_difference, activation_mean, baseline_activation_mean
from all_runs.word_top_units
where run_id = $run and word = $word and layer_name = $layer
order by unit_rank;
