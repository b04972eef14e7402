-- How many pictures lie at each number of standard deviations from a unit's average? One row per run, unit and bucket.
-- Source: definitions.md section 2; the kept pictures. Bucket b holds b <= z_score < b + 1; an empty bucket has no row.
create or replace view activation_distribution as
with counted as (
    select
        picture_activations.run_id,
        picture_activations.model_name,
        picture_activations.unit_id,
        picture_activations.unit_name,
        picture_activations.layer_name,
        floor(picture_activations.z_score)::integer as deviation_bucket,
        count(*) as picture_count,
    from picture_activations
    where picture_activations.z_score is not null
    group by
        picture_activations.run_id,
        picture_activations.model_name,
        picture_activations.unit_id,
        picture_activations.unit_name,
        picture_activations.layer_name,
        deviation_bucket
)

select
    counted.run_id,
    counted.model_name,
    counted.unit_id,
    counted.unit_name,
    counted.layer_name,
    counted.deviation_bucket,
    counted.picture_count,
    counted.picture_count / sum(counted.picture_count) over (
        partition by counted.run_id, counted.unit_id, counted.unit_name, counted.layer_name
    ) as picture_share,
from counted;
comment on view activation_distribution is 'Numbers of pictures by standard deviations from a unit''s average.';
comment on column activation_distribution.run_id is 'Run that measured it.';
comment on column activation_distribution.model_name is 'Model.';
comment on column activation_distribution.unit_id is 'Unit; one that never varies has no rows.';
comment on column activation_distribution.unit_name is 'Address of the unit.';
comment on column activation_distribution.layer_name is 'Address of its layer.';
comment on column activation_distribution.deviation_bucket is 'Whole standard deviations from the average, rounded down: -1 is from one below up to the average, 3 from three to four above.';
comment on column activation_distribution.picture_count is 'Kept pictures in the bucket.';
comment on column activation_distribution.picture_share is 'Share of the kept pictures.';
