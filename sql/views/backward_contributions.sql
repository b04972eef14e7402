-- Which lower units drive an upper unit most? One row per run, upper unit and lower unit, ranked inside the lower layer.
-- Source: definitions.md section 3. Ask for an upper unit: where upper_unit = '4/2/5/2' and lower_layer = '4/1/6'.
create or replace view backward_contributions as
select
    contributions.run_id,
    contributions.lower_unit_id,
    contributions.lower_unit,
    contributions.lower_layer,
    contributions.upper_unit_id,
    contributions.upper_unit,
    contributions.upper_layer,
    row_number() over (
        partition by
            contributions.run_id,
            contributions.upper_unit_id,
            contributions.upper_unit,
            contributions.upper_layer,
            contributions.lower_layer
        order by contributions.weight_magnitude desc, contributions.lower_unit_id
    ) as magnitude_rank,
    contributions.weight_mean,
    contributions.weight_magnitude,
    contributions.weight_crispness,
    contributions.original_weight_mean,
    contributions.original_weight_magnitude,
    contributions.gates,
from contributions;
comment on view backward_contributions is 'Upper unit <- lower units.';
comment on column backward_contributions.run_id is 'Run that computed it.';
comment on column backward_contributions.lower_unit_id is 'Lower unit.';
comment on column backward_contributions.lower_unit is 'Address of the unit the connection comes from.';
comment on column backward_contributions.lower_layer is 'Address of its layer.';
comment on column backward_contributions.upper_unit_id is 'Upper unit.';
comment on column backward_contributions.upper_unit is 'Address of the unit that is driven.';
comment on column backward_contributions.upper_layer is 'Address of its layer.';
comment on column backward_contributions.magnitude_rank is 'Rank of the lower unit inside its layer by magnitude, 1 the largest.';
comment on column backward_contributions.weight_mean is 'Mean over the positions of the support; positive is excitatory, negative inhibitory.';
comment on column backward_contributions.weight_magnitude is 'Magnitude: L2 norm over the positions.';
comment on column backward_contributions.weight_crispness is 'Crispness: L2 / L1; 1 for a single position.';
comment on column backward_contributions.original_weight_mean is 'The mean as the original computed it: between raw convolution outputs, over its own crop.';
comment on column backward_contributions.original_weight_magnitude is 'The magnitude between raw convolution outputs.';
comment on column backward_contributions.gates is 'linear: every ReLU open, as in the article; pictures: each picture''s own gates, averaged over pictures (in schema all_runs).';
