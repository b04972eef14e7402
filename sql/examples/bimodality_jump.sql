-- At which last convolution do contributions turn bimodal? How many units of blocks 1 and 2 have their largest jump at each.
select
    bimodality_shift.upper_layer,
    count(*) filter (where bimodality_shift.is_largest_jump) as largest_jump_count,
    median(bimodality_shift.sarle_coefficient) as sarle_median,
    median(bimodality_shift.sarle_change) as sarle_change_median,
from bimodality_shift
where left(bimodality_shift.lower_layer, 1) in ('1', '2')
group by bimodality_shift.upper_layer, bimodality_shift.upper_layer_order
order by bimodality_shift.upper_layer_order;
