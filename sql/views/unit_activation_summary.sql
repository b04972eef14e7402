-- How are a unit's responses to pictures distributed? One row per run and unit.
-- Source: definitions.md section 2. Count, average, deviation, smallest, largest and positive share are over all pictures;
-- quantiles and the Laplace scale over the kept ones, which are all of a small set and a uniform sample of a large one.
create or replace view unit_activation_summary as
with kept as (
    select
        picture_activations.run_id,
        picture_activations.model_name,
        picture_activations.unit_id,
        picture_activations.unit_name,
        picture_activations.layer_name,
        list(picture_activations.activation_mean) as answers,
        quantile_cont(
            picture_activations.activation_mean::double, [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99]
        ) as quantiles,
    from picture_activations
    group by
        picture_activations.run_id,
        picture_activations.model_name,
        picture_activations.unit_id,
        picture_activations.unit_name,
        picture_activations.layer_name
)

select
    kept.run_id,
    kept.model_name,
    kept.unit_id,
    kept.unit_name,
    kept.layer_name,
    activation_moments.picture_count,
    len(kept.answers) as kept_picture_count,
    activation_moments.activation_average,
    activation_moments.activation_deviation,
    list_avg(list_transform(kept.answers, lambda answer: abs(answer - kept.quantiles[4]))) as laplace_scale,
    activation_moments.positive_share,
    activation_moments.activation_smallest,
    kept.quantiles[1] as activation_quantile_01,
    kept.quantiles[2] as activation_quantile_10,
    kept.quantiles[3] as activation_quantile_25,
    kept.quantiles[4] as activation_median,
    kept.quantiles[5] as activation_quantile_75,
    kept.quantiles[6] as activation_quantile_90,
    kept.quantiles[7] as activation_quantile_99,
    activation_moments.activation_largest,
from kept
inner join activation_moments
    on kept.run_id = activation_moments.run_id
    and kept.unit_id = activation_moments.unit_id;
comment on view unit_activation_summary is 'Statistics of each unit''s spatial mean activation over pictures.';
comment on column unit_activation_summary.run_id is 'Run that measured it.';
comment on column unit_activation_summary.model_name is 'Model.';
comment on column unit_activation_summary.unit_id is 'Unit.';
comment on column unit_activation_summary.unit_name is 'Address of the unit.';
comment on column unit_activation_summary.layer_name is 'Address of its layer.';
comment on column unit_activation_summary.picture_count is 'Pictures shown, kept or not.';
comment on column unit_activation_summary.kept_picture_count is 'Kept pictures, from which quantiles and Laplace scale come.';
comment on column unit_activation_summary.activation_average is 'Average over all pictures.';
comment on column unit_activation_summary.activation_deviation is 'Sample standard deviation over all pictures; null for a single one.';
comment on column unit_activation_summary.laplace_scale is 'Laplace scale: mean absolute deviation from the median, over the kept pictures.';
comment on column unit_activation_summary.positive_share is 'Share of all pictures with an activation above zero.';
comment on column unit_activation_summary.activation_smallest is 'Smallest over all pictures.';
comment on column unit_activation_summary.activation_quantile_01 is '1 % of the kept pictures lie below it.';
comment on column unit_activation_summary.activation_quantile_10 is '10 % of the kept pictures lie below it.';
comment on column unit_activation_summary.activation_quantile_25 is '25 % of the kept pictures lie below it.';
comment on column unit_activation_summary.activation_median is 'Half of the kept pictures lie below it.';
comment on column unit_activation_summary.activation_quantile_75 is '75 % of the kept pictures lie below it.';
comment on column unit_activation_summary.activation_quantile_90 is '90 % of the kept pictures lie below it.';
comment on column unit_activation_summary.activation_quantile_99 is '99 % of the kept pictures lie below it.';
comment on column unit_activation_summary.activation_largest is 'Largest over all pictures.';
