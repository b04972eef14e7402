-- Which units respond to a word and to a picture? One row per unit of a layer; the smaller of the two activations counts.
-- Section A word and a picture.
select unit_name, activation_minimum, first_activation_mean, second_activation_mean
from run_comparison($run, $word, $pictures_run, $picture)
where layer_name = $layer
order by activation_minimum desc, unit_name;
