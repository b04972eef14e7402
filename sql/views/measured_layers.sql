-- Which layers have been measured? One row per shown run and layer.
-- Source: baseline_activations, which has one row per run and measured unit; no large table is read.
create or replace view measured_layers as
select
    shown_runs.run_id,
    shown_runs.job_name,
    models.model_name,
    layers.layer_id,
    layers.layer_name,
    layers.layer_kind,
    layers.layer_order,
    layers.map_height,
    layers.map_width,
    count(*) as unit_count,
from shown_runs
inner join baseline_activations on shown_runs.run_id = baseline_activations.run_id
inner join units on baseline_activations.unit_id = units.unit_id
inner join layers on units.layer_id = layers.layer_id
inner join models on layers.model_id = models.model_id
group by
    shown_runs.run_id,
    shown_runs.job_name,
    models.model_name,
    layers.layer_id,
    layers.layer_name,
    layers.layer_kind,
    layers.layer_order,
    layers.map_height,
    layers.map_width;
comment on view measured_layers is 'The layers whose units a run has measured.';
comment on column measured_layers.run_id is 'Run that measured it.';
comment on column measured_layers.job_name is 'Ingest job.';
comment on column measured_layers.model_name is 'Model.';
comment on column measured_layers.layer_id is 'Layer.';
comment on column measured_layers.layer_name is 'Address block/bottleneck/index.';
comment on column measured_layers.layer_kind is 'conv, relu or shortcut.';
comment on column measured_layers.layer_order is 'Position in the order in which the network runs.';
comment on column measured_layers.map_height is 'Height of the map, positions.';
comment on column measured_layers.map_width is 'Width of the map, positions.';
comment on column measured_layers.unit_count is 'Number of units measured.';
