-- Which words drive unit 4/2/6/277 most, above the baseline?
select
    unit_top_words.word_rank,
    unit_top_words.word,
    unit_top_words.activation_difference,
    unit_top_words.activation_mean,
from unit_top_words
where unit_top_words.unit_name = '4/2/6/277'
order by unit_top_words.word_rank
limit 5;
