-- Which units of the last layer respond to the same pictures as unit 4/2/6/277?
select
    unit_neighbours.neighbour_rank,
    unit_neighbours.unit_name,
    unit_neighbours.correlation,
from unit_neighbours('4/2/6/277', neighbour_count := 10) as unit_neighbours
order by unit_neighbours.neighbour_rank;
