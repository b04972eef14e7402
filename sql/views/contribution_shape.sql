-- Do contributions look exponential or normal? One row per run, direction, unit and other layer.
-- Source: definitions.md section 4. The article: backward contributions look exponential, forward ones closer to normal.
create or replace view contribution_shape as
select
    shown_contribution_statistics.run_id,
    models.model_name,
    models.pretrained_tag,
    shown_contribution_statistics.direction,
    units.unit_name,
    layers.layer_name as unit_layer,
    other_layers.layer_name as other_layer,
    shown_contribution_statistics.contribution_count,
    shown_contribution_statistics.excess_kurtosis,
    shown_contribution_statistics.laplace_gain,
    gates_of(runs.part_name) as gates,
from shown_contribution_statistics
inner join runs on shown_contribution_statistics.run_id = runs.run_id
inner join units on shown_contribution_statistics.unit_id = units.unit_id
inner join layers on units.layer_id = layers.layer_id
inner join layers as other_layers on shown_contribution_statistics.other_layer_id = other_layers.layer_id
inner join models on layers.model_id = models.model_id;
comment on view contribution_shape is 'Shape of each unit''s contributions.';
comment on column contribution_shape.run_id is 'Contributions run; before that is complete, the weights run.';
comment on column contribution_shape.model_name is 'Model.';
comment on column contribution_shape.pretrained_tag is 'Where its weights came from.';
comment on column contribution_shape.direction is 'forward: from a lower unit to all upper units; backward: to an upper unit from all lower units.';
comment on column contribution_shape.unit_name is 'Address of the unit whose contributions they are.';
comment on column contribution_shape.unit_layer is 'Address of its layer.';
comment on column contribution_shape.other_layer is 'Address of the layer at the other end.';
comment on column contribution_shape.contribution_count is 'Number of contributions.';
comment on column contribution_shape.excess_kurtosis is 'Sample excess kurtosis: 0 normal, 3 Laplace; null for a constant set.';
comment on column contribution_shape.laplace_gain is 'Mean log-likelihood of a fitted Laplace distribution minus a fitted normal one, nats per contribution; above 0 exponential.';
comment on column contribution_shape.gates is 'linear: every ReLU open, as in the article; pictures: each picture''s own gates, averaged over pictures (in schema all_runs).';
