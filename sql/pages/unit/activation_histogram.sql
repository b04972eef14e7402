-- How many pictures drive the unit how strongly? One row per bin.
-- Section Activation over all pictures.
select bin_index, bin_start, bin_end, picture_count
from activation_histogram($unit, $run)
order by bin_index;
