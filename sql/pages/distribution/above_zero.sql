-- How many kept pictures leave a unit at zero or below, and how strongly do the others drive it? One row per bin above zero.
-- Section Distance from the average, for a unit that most pictures leave at zero.
with known as (
    select
        count(*) filter (where activation_mean <= 0) as silent_count,
        list(activation_mean::double) filter (where activation_mean > 0) as above,
        max(activation_mean)::double as largest, max(z_score) as largest_z_score
    from all_runs.picture_activations
    where run_id = $run and unit_name = $unit
),

bins as (
    select silent_count, largest, largest_z_score, unnest(value_bins(above, 0, largest, 24)) as bin from known
)

select bin.bin_index, bin.bin_start, bin.bin_end, bin.value_count as picture_count, silent_count, largest, largest_z_score
from bins
order by bin.bin_index;
