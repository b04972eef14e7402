-- What are the statistics of contributions between two layers? One row per run, direction and unit:
-- from layer_pair_contribution_statistics('4/2/3', '4/2/5').
-- Source: named_contribution_statistics; one select for each direction, as a filter on both does not reach the scan.
create or replace macro layer_pair_contribution_statistics(lower_layer, upper_layer) as table
select named_contribution_statistics.* exclude (unit_layer)
from named_contribution_statistics
where direction = 'forward' and unit_layer = lower_layer and other_layer = upper_layer
union all
select named_contribution_statistics.* exclude (unit_layer)
from named_contribution_statistics
where direction = 'backward' and unit_layer = upper_layer and other_layer = lower_layer;
comment on macro table layer_pair_contribution_statistics is 'Statistics of the contributions between two layers, both ways, from the weights.';
