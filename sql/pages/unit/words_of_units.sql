-- Which words drive these units most? One row per unit and word, twenty a unit.
-- Where the page begins: a unit whose pictures and words agree is clearer.
select unit_name, word
from all_runs.unit_top_words
where run_id = $run and unit_name in $units and word_rank <= 20 and activation_difference > 0 and not is_explicit
order by unit_name, word_rank;
