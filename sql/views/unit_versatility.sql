-- How much, and how evenly, does a lower unit feed an upper layer? One row per run, lower unit and upper layer.
-- Source: definitions.md section 4; shown_contribution_statistics.
create or replace view unit_versatility as
select
    shown_contribution_statistics.run_id,
    models.model_name,
    models.pretrained_tag,
    units.unit_name as lower_unit,
    layers.layer_name as lower_layer,
    other_layers.layer_name as upper_layer,
    shown_contribution_statistics.contribution_count,
    shown_contribution_statistics.absolute_mean as weight_mean_absolute_mean,
    shown_contribution_statistics.positive_mean as weight_mean_positive_mean,
    shown_contribution_statistics.negative_mean as weight_mean_negative_mean,
    shown_contribution_statistics.l2_norm as weight_mean_l2,
    shown_contribution_statistics.magnitude_mean as weight_magnitude_mean,
    shown_contribution_statistics.magnitude_l2_norm as weight_magnitude_l2,
    shown_contribution_statistics.near_zero_share,
    shown_contribution_statistics.sign_balance,
    gates_of(runs.part_name) as gates,
from shown_contribution_statistics
inner join runs on shown_contribution_statistics.run_id = runs.run_id
inner join units on shown_contribution_statistics.unit_id = units.unit_id
inner join layers on units.layer_id = layers.layer_id
inner join layers as other_layers on shown_contribution_statistics.other_layer_id = other_layers.layer_id
inner join models on layers.model_id = models.model_id
where shown_contribution_statistics.direction = 'forward';
comment on view unit_versatility is 'Versatility of each lower unit towards each upper layer.';
comment on column unit_versatility.run_id is 'Contributions run; before that is complete, the weights run.';
comment on column unit_versatility.model_name is 'Model.';
comment on column unit_versatility.pretrained_tag is 'Where its weights came from.';
comment on column unit_versatility.lower_unit is 'Address of the unit whose contributions they are.';
comment on column unit_versatility.lower_layer is 'Address of its layer.';
comment on column unit_versatility.upper_layer is 'Address of the layer at the other end.';
comment on column unit_versatility.contribution_count is 'Number of contributions.';
comment on column unit_versatility.weight_mean_absolute_mean is 'Average of |mean| over the upper units.';
comment on column unit_versatility.weight_mean_positive_mean is 'Average of the positive means; null without any.';
comment on column unit_versatility.weight_mean_negative_mean is 'Average of the negative means; null without any.';
comment on column unit_versatility.weight_mean_l2 is 'Root of the sum of the squared means.';
comment on column unit_versatility.weight_magnitude_mean is 'Average magnitude.';
comment on column unit_versatility.weight_magnitude_l2 is 'Root of the sum of the squared magnitudes.';
comment on column unit_versatility.near_zero_share is 'Share of upper units with |mean| below 0.1 of the root mean square; null for a dead unit.';
comment on column unit_versatility.sign_balance is '0 as many excitatory as inhibitory, 1 all excitatory, -1 all inhibitory.';
comment on column unit_versatility.gates is 'linear: every ReLU open, as in the article; pictures: each picture''s own gates, averaged over pictures (in schema all_runs).';
