-- How are the contributions into the unit distributed? One row per lower layer and bin.
-- Section Backward contributions.
select lower_layer, bin_index, bin_start, bin_end, contribution_count
from backward_histograms($unit, $run)
where lower_layer in $layers
order by lower_layer, bin_index;
