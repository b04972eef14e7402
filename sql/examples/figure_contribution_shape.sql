-- Are backward contributions closer to exponential than forward ones? Percentiles of the gain of a Laplace over a normal fit, by direction and model.
with percentiles as (
    select
        measured.model_name || ' (' || measured.pretrained_tag || if(model_runs.part_name = 'gated', ', gated)', ')') as model,
        measured.direction,
        count(*) as set_count,
        quantile_cont(measured.laplace_gain, list_transform(range(0, 101, 2), lambda p: p / 100.0)) as gains,
    from all_runs.contribution_shape as measured
    inner join model_runs on measured.run_id = model_runs.run_id
    where measured.contribution_count >= 64 and measured.laplace_gain is not null
    group by model, measured.direction
)

select
    percentiles.model,
    percentiles.direction,
    percentiles.set_count,
    unnest(range(0, 101, 2)) as percentile,
    unnest(percentiles.gains) as laplace_gain,
from percentiles
order by percentiles.model, percentiles.direction, percentile;
