-- How many pictures drive a unit how strongly, in bins of equal width? One row per bin: from activation_histogram('4/2/6/34', 7).
-- Source: definitions.md section 2; the kept pictures of a pictures run, which are all of a small set and a uniform sample of a
-- large one. bin_count bins from the smallest to the largest activation, or from zero where none is negative.
create or replace macro activation_histogram(unit, run, bin_count := 48) as table
with kept as (
    select activations.activation_mean,
    from units
    inner join activations on units.unit_id = activations.unit_id
    where units.unit_name = unit and activations.run_id = run
),

reach as (
    select
        least(min(kept.activation_mean), 0)::double as lowest,
        greatest(max(kept.activation_mean), 0)::double as highest,
    from kept
),

binned as (
    select
        least(
            floor((kept.activation_mean - reach.lowest) / (reach.highest - reach.lowest) * bin_count), bin_count - 1
        )::integer as bin_index,
    from kept
    cross join reach
    where reach.highest > reach.lowest
)

select
    bins.bin_index,
    reach.lowest + (reach.highest - reach.lowest) * bins.bin_index / bin_count as bin_start,
    reach.lowest + (reach.highest - reach.lowest) * (bins.bin_index + 1) / bin_count as bin_end,
    count(binned.bin_index) as picture_count,
from range(bin_count) as bins(bin_index)
cross join reach
left join binned on bins.bin_index = binned.bin_index
where reach.highest > reach.lowest
group by bins.bin_index, reach.lowest, reach.highest
order by bins.bin_index;
comment on macro table activation_histogram is 'Histogram of a unit''s spatial mean activation over the kept pictures of a run.';
