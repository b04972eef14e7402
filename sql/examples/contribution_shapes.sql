-- Are backward contributions closer to exponential and forward ones closer to normal? Medians over all units.
select
    contribution_shape.direction,
    count(*) as set_count,
    median(contribution_shape.excess_kurtosis) as excess_kurtosis_median,
    avg((contribution_shape.laplace_gain > 0)::integer) as closer_to_laplace_share,
    count(*) - count(contribution_shape.laplace_gain) as dead_count,
from contribution_shape
where contribution_shape.contribution_count >= 64
group by contribution_shape.direction
order by contribution_shape.direction;
