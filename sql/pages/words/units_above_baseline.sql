-- Which units does a word drive more than a baseline? One row per unit of a layer.
-- Section Word -> units, with a baseline that the reader typed.
select unit_name, activation_difference, first_activation_mean, second_activation_mean
from run_comparison($run, $word, $run, $baseline)
where layer_name = $layer
order by activation_difference desc, unit_name;
