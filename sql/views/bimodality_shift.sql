-- At which upper layer do a lower unit's contributions turn bimodal? One row per run, lower unit and upper layer (last convolutions).
-- Source: definitions.md section 4 (shift): the article sees a sudden jump at 4/2/5 and at no other bottleneck's last convolution.
create or replace view bimodality_shift as
with towards as (
    select
        unit_bimodality.run_id,
        unit_bimodality.model_name,
        unit_bimodality.pretrained_tag,
        unit_bimodality.unit_name as lower_unit,
        unit_bimodality.unit_layer as lower_layer,
        unit_bimodality.other_layer as upper_layer,
        layer_details.layer_order as upper_layer_order,
        unit_bimodality.sarle_coefficient,
        unit_bimodality.dip,
        unit_bimodality.zero_density_ratio,
        unit_bimodality.gates,
    from unit_bimodality
    inner join runs on unit_bimodality.run_id = runs.run_id
    inner join layer_details
        on runs.model_id = layer_details.model_id
        and unit_bimodality.other_layer = layer_details.layer_name
    where unit_bimodality.direction = 'forward' and layer_details.op_index = 5
),

changes as (
    select
        towards.*,
        towards.sarle_coefficient - lag(towards.sarle_coefficient) over (
            partition by towards.run_id, towards.lower_unit, towards.lower_layer
            order by towards.upper_layer_order
        ) as sarle_change,
    from towards
)

select
    changes.run_id,
    changes.model_name,
    changes.pretrained_tag,
    changes.lower_unit,
    changes.lower_layer,
    changes.upper_layer,
    changes.upper_layer_order,
    changes.sarle_coefficient,
    changes.dip,
    changes.zero_density_ratio,
    changes.sarle_change,
    changes.sarle_change is not null
    and row_number() over (
        partition by changes.run_id, changes.lower_unit, changes.lower_layer
        order by changes.sarle_change desc nulls last
    ) = 1 as is_largest_jump,
    changes.gates,
from changes;
comment on view bimodality_shift is 'Bimodality of a lower unit''s contributions over successive last convolutions.';
comment on column bimodality_shift.run_id is 'Contributions run; before that is complete, the weights run.';
comment on column bimodality_shift.model_name is 'Model.';
comment on column bimodality_shift.pretrained_tag is 'Where its weights came from.';
comment on column bimodality_shift.lower_unit is 'Address of the lower unit.';
comment on column bimodality_shift.lower_layer is 'Address of its layer.';
comment on column bimodality_shift.upper_layer is 'Address of the upper layer, a bottleneck''s last convolution.';
comment on column bimodality_shift.upper_layer_order is 'Position of the upper layer in the network.';
comment on column bimodality_shift.sarle_coefficient is 'Sarle''s bimodality coefficient of the contributions to it.';
comment on column bimodality_shift.dip is 'Hartigan''s dip statistic.';
comment on column bimodality_shift.zero_density_ratio is 'Density at zero over the highest density beside it.';
comment on column bimodality_shift.sarle_change is 'Sarle''s coefficient minus that for the previous last convolution; null at the first.';
comment on column bimodality_shift.is_largest_jump is 'Whether no other upper layer has a larger change.';
comment on column bimodality_shift.gates is 'linear: every ReLU open, as in the article; pictures: each picture''s own gates, averaged over pictures (in schema all_runs).';
