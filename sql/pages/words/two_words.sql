-- How do units respond to two words? One row per unit of a layer.
-- Section Two words.
select unit_name, first_activation_mean, second_activation_mean, activation_difference, activation_minimum
from run_comparison($run, $word, $run, $other)
where layer_name = $layer
order by activation_minimum desc, unit_name;
