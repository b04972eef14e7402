-- Does each run have one row per unit and source, of a known unit, with a picture or the reason why there is none, and a mean below its maximum?
with counted as (
    select
        feature_visualizations.run_id,
        feature_visualizations.unit_id,
        feature_visualizations.source,
        feature_visualizations.image is null as is_missing,
        feature_visualizations.content_sha256 is null as is_unhashed,
        feature_visualizations.error_message is null as is_good,
        coalesce(feature_visualizations.activation_mean, 0) as activation_mean,
        coalesce(feature_visualizations.activation_max, 0) as activation_max,
        count(*) over (
            partition by
                feature_visualizations.run_id,
                feature_visualizations.unit_id,
                feature_visualizations.source,
        ) as row_count,
    from feature_visualizations
)

select
    counted.run_id,
    counted.unit_id,
    counted.source,
    counted.row_count,
    counted.activation_mean,
    counted.activation_max,
from counted
left join units on counted.unit_id = units.unit_id
where
    counted.row_count > 1
    or units.unit_id is null
    or counted.source not in ('optimised', 'microscope')
    or counted.is_missing = counted.is_good
    or counted.is_missing <> counted.is_unhashed
    or not isfinite(counted.activation_mean)
    or counted.activation_mean > counted.activation_max + 1e-4 * (1 + abs(counted.activation_max));
