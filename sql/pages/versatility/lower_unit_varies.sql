-- How are the contributions of one channel of each lower layer distributed? One row per lower unit and bin.
-- Section The lower unit varies.
select lower_unit, bin_index, contribution_count from lower_histograms($layer, $channel, $run, 31);
