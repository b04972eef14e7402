-- How many pictures fall into each bucket of a unit's activation, over the whole set? One row per run, unit and bucket that holds a picture.
-- Source: activation_histograms; ingest/pictures/sketches.py. Counts are exact for a set of any size; buckets are an eighth of an octave wide.
create or replace view unit_activation_histogram as
with bounded as (
    select
        activation_histograms.run_id,
        models.model_name,
        activation_histograms.unit_id,
        units.unit_name,
        layers.layer_name,
        activation_histograms.bucket_index,
        activation_bucket(activation_histograms.bucket_index::integer) as bounds,
        activation_histograms.stimulus_count as picture_count,
        sum(activation_histograms.stimulus_count) over (
            partition by
                activation_histograms.run_id,
                activation_histograms.unit_id,
                units.unit_name,
                layers.layer_name
            order by activation_histograms.bucket_index
        ) as picture_count_so_far,
        sum(activation_histograms.stimulus_count) over (
            partition by
                activation_histograms.run_id,
                activation_histograms.unit_id,
                units.unit_name,
                layers.layer_name
        ) as picture_count_total,
    from activation_histograms
    inner join shown_runs on activation_histograms.run_id = shown_runs.run_id
    inner join units on activation_histograms.unit_id = units.unit_id
    inner join layers on units.layer_id = layers.layer_id
    inner join models on layers.model_id = models.model_id
)

select
    bounded.run_id,
    bounded.model_name,
    bounded.unit_id,
    bounded.unit_name,
    bounded.layer_name,
    bounded.bucket_index,
    bounded.bounds.bucket_start as bucket_start,
    bounded.bounds.bucket_end as bucket_end,
    bounded.picture_count,
    bounded.picture_count / bounded.picture_count_total as picture_share,
    bounded.picture_count_so_far / bounded.picture_count_total as cumulative_share,
from bounded;
comment on view unit_activation_histogram is 'Histogram of each unit''s spatial mean activation over all pictures of a run.';
comment on column unit_activation_histogram.run_id is 'Run that measured it.';
comment on column unit_activation_histogram.model_name is 'Model.';
comment on column unit_activation_histogram.unit_id is 'Unit.';
comment on column unit_activation_histogram.unit_name is 'Address of the unit.';
comment on column unit_activation_histogram.layer_name is 'Address of its layer.';
comment on column unit_activation_histogram.bucket_index is 'Bucket, in the order of the activations; 0 holds zero.';
comment on column unit_activation_histogram.bucket_start is 'Smallest activation of the bucket.';
comment on column unit_activation_histogram.bucket_end is 'Activation at which the next bucket begins.';
comment on column unit_activation_histogram.picture_count is 'Pictures in the bucket.';
comment on column unit_activation_histogram.picture_share is 'Share of all pictures.';
comment on column unit_activation_histogram.cumulative_share is 'Share of all pictures in this bucket or below.';
