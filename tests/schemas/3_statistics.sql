-- The tables and one view of commit 4ec08be, without comments. Statistics of contributions are new.
create table activations (run_id integer not null, stimulus_id integer not null, unit_id integer not null, activation_mean float not null, activation_max float not null);
create table baseline_activations (run_id integer not null, unit_id integer not null, baseline_activation_mean float not null);
create table contribution_statistics (run_id integer not null, direction text not null, unit_id integer not null, other_layer_id integer not null, contribution_count integer not null, absolute_mean float, positive_mean float, negative_mean float, l2_norm float, near_zero_share float, sign_balance float, skewness float, excess_kurtosis float, sarle_coefficient float, laplace_gain float, dip float, dip_p_value float, zero_density_ratio float, magnitude_mean float, magnitude_l2_norm float);
create table expanded_weight_kernels (run_id integer not null, lower_unit_id integer not null, upper_unit_id integer not null, kernel_height integer not null, kernel_width integer not null, kernel float[] not null);
create table expanded_weights (run_id integer not null, lower_unit_id integer not null, upper_unit_id integer not null, weight_sum float not null, weight_l1 float not null, weight_l2 float not null);
create table layer_pair_statistics (run_id integer not null, lower_layer_id integer not null, upper_layer_id integer not null, magnitude_mean_rank_correlation double);
create table layer_pairs (run_id integer not null, lower_layer_id integer not null, upper_layer_id integer not null, support_top integer not null, support_left integer not null, support_height integer not null, support_width integer not null, cell_count integer not null, is_truncated boolean not null);
create table layers (layer_id integer primary key, model_id integer not null, layer_name text not null, block_index integer not null, bottleneck_index integer not null, op_index integer not null, layer_order integer not null, layer_kind text not null, module_path text not null, channel_count integer not null, map_height integer not null, map_width integer not null, microscope_layer text not null, unique (model_id, layer_name));
create table models (model_id integer primary key, model_name text not null, pretrained_tag text not null, weights_sha256 text not null unique, image_size_px integer not null, layer_count integer not null, unit_count integer not null);
create table run_stimuli (run_id integer not null, stimulus_id integer not null);
create table runs (run_id integer primary key, model_id integer, job_name text not null, settings text not null, settings_sha256 text not null unique, status text not null, device text not null, dtype text not null, versions text not null, started_at timestamp not null, finished_at timestamp, shard_count integer not null, row_count bigint not null, baseline_stimulus_id integer);
create table shards (run_id integer not null, shard_index integer not null, row_count bigint not null, loaded_at timestamp not null, primary key (run_id, shard_index));
create table stimuli (stimulus_id integer primary key, stimulus_kind text not null, stimulus_text text, source_uri text, content_sha256 text not null, width_px integer, height_px integer, is_explicit boolean not null, error_message text, unique (stimulus_kind, content_sha256));
create table thumbnails (stimulus_id integer primary key, thumbnail blob not null);
create table units (unit_id integer primary key, layer_id integer not null, channel_index integer not null, unit_name text not null, batch_norm_scale float not null, batch_norm_shift float not null);
create table warehouse_info (warehouse_id text not null, schema_version integer not null, sql_sha256 text not null, created_at timestamp not null);
create or replace view shown_runs as
select
    max_by(runs.run_id, runs.finished_at) as run_id,
    runs.job_name,
from runs
where runs.status = 'complete'
group by runs.job_name;
insert into warehouse_info values ('of an earlier version', 1, 'of an earlier version', '2026-11-21 20:00:00');
