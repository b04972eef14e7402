-- How versatile and how bimodal are one unit's contributions, and what is their shape? One row per run:
-- unit_contribution_statistics('4/2/3/2', '4/2/5').
-- Source: named_contribution_statistics; takes milliseconds.
create or replace macro unit_contribution_statistics(unit, layer) as table
select named_contribution_statistics.* exclude (unit_layer)
from named_contribution_statistics
where unit_name = unit and other_layer = layer;
comment on macro table unit_contribution_statistics is 'Statistics of the contributions of one unit to, or from, the units of one layer, from the weights.';
