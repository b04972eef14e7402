-- Do magnitude and mean rank pairs of units alike? Rank correlation over pairs of layers, by block of the lower layer.
select
    left(magnitude_mean_correspondence.lower_layer, 1) as lower_block,
    count(*) as layer_pair_count,
    min(magnitude_mean_correspondence.magnitude_mean_rank_correlation) as rank_correlation_min,
    median(magnitude_mean_correspondence.magnitude_mean_rank_correlation) as rank_correlation_median,
    max(magnitude_mean_correspondence.magnitude_mean_rank_correlation) as rank_correlation_max,
from magnitude_mean_correspondence
group by lower_block
order by lower_block;
