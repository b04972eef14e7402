-- Which words drive the unit most? One row per word.
-- Section Words that drive it most.
select word_rank, word, activation_difference, activation_mean, is_explicit
from all_runs.unit_top_words
where run_id in $runs and unit_name = $unit and word_rank <= $most
order by word_rank;
