-- Which words drive a unit? One row per word, the strongest first.
-- Section Unit -> words.
select word, activation_difference, is_explicit
from all_runs.unit_top_words
where run_id = $run and unit_name = $unit
order by word_rank
limit 200;
