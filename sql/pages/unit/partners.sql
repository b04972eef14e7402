-- Which units of other models respond to the same stimuli as the unit? One row per run, direction and partner, the best first.
-- Section The same in other models.
select run_id, is_reverse, other_unit_id, other_unit_name, correlation, null_correlation, is_matched, is_best_match, match_rank
from all_runs.unit_partners
where run_id in $runs and unit_id = $unit_id and match_rank <= $most
order by run_id desc, is_reverse, match_rank;
