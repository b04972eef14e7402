-- What are some units called, and how far can the names be trusted? One row per unit.
-- Names beside addresses.
select unit_name, name, held_out_correlation, is_explicit
from all_runs.unit_names
where run_id in $runs and unit_name in $units and name_rank = 1 and held_out_correlation is not null;
