-- How many pictures fall into each bin of a unit's activation, in bins of equal width? One row per bin: from activation_histogram('4/2/6/34', 7).
-- Source: definitions.md section 2; the kept pictures of a pictures run, which are all of a small set and a uniform sample of a
-- large one. bin_count bins from the smallest to the largest activation, or from zero where none is negative.
create or replace macro activation_histogram(unit, run, bin_count := 48) as table
with kept as (
    select
        list(activations.activation_mean::double) as activation_means,
        least(min(activations.activation_mean), 0)::double as lowest,
        greatest(max(activations.activation_mean), 0)::double as highest,
    from units
    inner join activations on units.unit_id = activations.unit_id
    where units.unit_name = unit and activations.run_id = run
),

bins as (
    select unnest(value_bins(kept.activation_means, kept.lowest, kept.highest, bin_count)) as bin,
    from kept
)

select
    bins.bin.bin_index,
    bins.bin.bin_start,
    bins.bin.bin_end,
    bins.bin.value_count as picture_count,
from bins
order by bins.bin.bin_index;
comment on macro table activation_histogram is 'Histogram of a unit''s spatial mean activation over the kept pictures of a run.';
