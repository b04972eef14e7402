-- Which units of the last layer does the word "dog" drive most, above the baseline?
select
    word_top_units.unit_rank,
    word_top_units.unit_name,
    word_top_units.activation_difference,
    word_top_units.activation_mean,
from word_top_units
where word_top_units.word = 'dog' and word_top_units.layer_name = '4/2/6'
order by word_top_units.unit_rank
limit 5;
