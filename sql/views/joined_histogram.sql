-- How many pictures fall into each bucket of a unit's activation, over the sets of several runs? One row per unit and bucket:
-- from joined_histogram([5, 8]) where unit_name = '4/2/6/34'. Source: activation_histograms, whose counts add up; errors as for joined_moments.
create or replace macro joined_histogram(joined_runs) as table
with together as (
    select
        activation_histograms.unit_id,
        units.unit_name,
        activation_histograms.bucket_index,
        activation_bucket(activation_histograms.bucket_index::integer) as bounds,
        sum(activation_histograms.stimulus_count)::bigint as picture_count,
    from activation_histograms
    inner join joined_moments(joined_runs) as measured on activation_histograms.unit_id = measured.unit_id
    inner join units on activation_histograms.unit_id = units.unit_id
    where list_contains(joined_runs, activation_histograms.run_id)
    group by activation_histograms.unit_id, units.unit_name, activation_histograms.bucket_index
)

select
    together.unit_id,
    together.unit_name,
    together.bucket_index,
    together.bounds.bucket_start as bucket_start,
    together.bounds.bucket_end as bucket_end,
    together.picture_count,
from together;
comment on macro table joined_histogram is 'Histogram of each unit''s spatial mean activation over the picture sets of several runs, exact.';
