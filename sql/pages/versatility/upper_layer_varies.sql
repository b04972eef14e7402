-- How are a unit's contributions to each upper layer distributed? One row per upper layer and bin.
-- Section The upper layer varies.
select upper_layer, bin_index, contribution_count from forward_histograms($unit, $run, 31);
