-- How are the unit's activations over all pictures distributed? One row per bin.
-- Section Activation over all pictures.
select bin_index, bin_start, bin_end, picture_count
from activation_histogram($unit, $run)
order by bin_index;
