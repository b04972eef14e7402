-- Which lower units drive an upper unit when it is on? One row per run, upper unit and lower unit, ranked inside the lower layer.
-- Source: definitions.md section 10: weight_sum * mean(a_l a_u) / mean(a_u), target-weighted expected residual attribution (Anthropic 2025), an
-- approximation without the gates of single pictures. Uses the shown weights; filter on an upper unit, as with backward_contributions.
create or replace view contributions_on_pictures as
select
    coactivations.run_id,
    contributions.run_id as weights_run_id,
    contributions.lower_unit_id,
    contributions.lower_unit,
    contributions.lower_layer,
    contributions.upper_unit_id,
    contributions.upper_unit,
    contributions.upper_layer,
    contributions.weight_mean,
    contributions.weight_magnitude,
    contributions.weight_crispness,
    contributions.weight_mean * contributions.cell_count * coactivations.coactivation as weight_on_pictures,
    row_number() over (
        partition by
            coactivations.run_id,
            contributions.run_id,
            contributions.upper_unit_id,
            contributions.upper_unit,
            contributions.upper_layer,
            contributions.lower_layer
        order by
            abs(contributions.weight_mean * contributions.cell_count * coactivations.coactivation) desc nulls last,
            contributions.lower_unit_id
    ) as weight_on_pictures_rank,
    contributions.gates,
from coactivations
inner join shown_runs on coactivations.run_id = shown_runs.run_id
inner join contributions
    on coactivations.lower_unit_id = contributions.lower_unit_id
    and coactivations.upper_unit_id = contributions.upper_unit_id;
comment on view contributions_on_pictures is 'Weights on the distribution of pictures: upper unit <- lower units.';
comment on column contributions_on_pictures.run_id is 'Coactivations run.';
comment on column contributions_on_pictures.weights_run_id is 'Weights run.';
comment on column contributions_on_pictures.lower_unit_id is 'Lower unit.';
comment on column contributions_on_pictures.lower_unit is 'Address of the unit the connection comes from.';
comment on column contributions_on_pictures.lower_layer is 'Address of its layer.';
comment on column contributions_on_pictures.upper_unit_id is 'Upper unit.';
comment on column contributions_on_pictures.upper_unit is 'Address of the unit that is driven.';
comment on column contributions_on_pictures.upper_layer is 'Address of its layer.';
comment on column contributions_on_pictures.weight_mean is 'Mean of the expanded weights over the positions of the support.';
comment on column contributions_on_pictures.weight_magnitude is 'Magnitude: L2 norm of the expanded weights over the positions.';
comment on column contributions_on_pictures.weight_crispness is 'Crispness: L2 / L1.';
comment on column contributions_on_pictures.weight_on_pictures is 'Sum of the expanded weights times the lower unit''s average while the upper unit is on; null where it never is.';
comment on column contributions_on_pictures.weight_on_pictures_rank is 'Rank of the lower unit inside its layer by its absolute value, 1 the largest.';
comment on column contributions_on_pictures.gates is 'Gates of the weights, linear: every ReLU open, as in the article; pictures: each picture''s own gates, averaged over pictures (in schema all_runs).';
