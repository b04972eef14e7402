-- Do the contributions of a unit fall into two groups? One row per run, direction, unit and other layer.
-- Source: definitions.md section 4. Three measures, as Sarle's coefficient alone is fooled by skew; null for a constant or dead unit.
create or replace view unit_bimodality as
select
    shown_contribution_statistics.run_id,
    models.model_name,
    models.pretrained_tag,
    shown_contribution_statistics.direction,
    units.unit_name,
    layers.layer_name as unit_layer,
    other_layers.layer_name as other_layer,
    shown_contribution_statistics.contribution_count,
    shown_contribution_statistics.sarle_coefficient,
    shown_contribution_statistics.dip,
    shown_contribution_statistics.dip_p_value,
    shown_contribution_statistics.zero_density_ratio,
    shown_contribution_statistics.skewness,
    gates_of(runs.part_name) as gates,
from shown_contribution_statistics
inner join runs on shown_contribution_statistics.run_id = runs.run_id
inner join units on shown_contribution_statistics.unit_id = units.unit_id
inner join layers on units.layer_id = layers.layer_id
inner join layers as other_layers on shown_contribution_statistics.other_layer_id = other_layers.layer_id
inner join models on layers.model_id = models.model_id;
comment on view unit_bimodality is 'Bimodality of each unit''s contributions to, or from, one other layer.';
comment on column unit_bimodality.run_id is 'Contributions run; before that is complete, the weights run.';
comment on column unit_bimodality.model_name is 'Model.';
comment on column unit_bimodality.pretrained_tag is 'Where its weights came from.';
comment on column unit_bimodality.direction is 'forward: from a lower unit to all upper units; backward: to an upper unit from all lower units.';
comment on column unit_bimodality.unit_name is 'Address of the unit whose contributions they are.';
comment on column unit_bimodality.unit_layer is 'Address of its layer.';
comment on column unit_bimodality.other_layer is 'Address of the layer at the other end.';
comment on column unit_bimodality.contribution_count is 'Number of contributions.';
comment on column unit_bimodality.sarle_coefficient is 'Sarle''s bimodality coefficient: 5/9 for a uniform distribution, 1/3 for a normal one.';
comment on column unit_bimodality.dip is 'Hartigan''s dip statistic.';
comment on column unit_bimodality.dip_p_value is 'Its p value: small means more than one mode.';
comment on column unit_bimodality.zero_density_ratio is 'Density at zero over the highest density beside it: 1 or more no notch, 0 an empty middle.';
comment on column unit_bimodality.skewness is 'Sample skewness.';
comment on column unit_bimodality.gates is 'linear: every ReLU open, as in the article; pictures: each picture''s own gates, averaged over pictures (in schema all_runs).';
