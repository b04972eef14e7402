-- What are the kernels of some pairs of units? One row per pair whose kernel is stored.
-- The range beside the list keeps DuckDB from reading every kernel of a row group.
select lower_unit_id, upper_unit_id, kernel_height, kernel_width, kernel
from expanded_weight_kernels
where run_id in $runs and lower_unit_id in $lower_ids and upper_unit_id in $upper_ids
    and lower_unit_id between $lowest and $highest;
