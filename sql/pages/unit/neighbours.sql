-- Which units of the layer respond to the same pictures as the unit? One row per unit.
-- Section Neighbours.
select neighbour_rank, unit_name, correlation, picture_count
from unit_neighbours($unit, $most, $run)
order by neighbour_rank;
