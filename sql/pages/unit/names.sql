-- What is the unit called? One row per name, the runners-up after it.
-- Section Name.
select name_rank, name, name_score, held_out_correlation, random_name, random_correlation, is_explicit
from all_runs.unit_names
where run_id in $runs and unit_name = $unit
order by name_rank;
