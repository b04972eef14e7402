-- How are the unit's contributions to each upper layer distributed? One row per layer and bin.
-- Section Forward contributions.
select upper_layer, bin_index, bin_start, bin_end, contribution_count
from forward_histograms($unit, $run)
order by upper_layer, bin_index;
