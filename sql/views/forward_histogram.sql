-- How are the contributions of a lower unit to an upper layer distributed? One row per run and bin: from forward_histogram('4/1/6/2', '4/2/5').
-- Source: definitions.md section 4. bin_count bins of equal width, symmetric about zero; an odd count centres one on zero.
create or replace macro forward_histogram(unit, other_layer, bin_count := 41) as table
with chosen as (
    select
        contributions.run_id,
        max(abs(contributions.weight_mean)) as largest,
        list(contributions.weight_mean) as weight_means,
    from contributions
    where contributions.lower_unit = unit and contributions.upper_layer = other_layer
    group by contributions.run_id
),

bins as (
    select
        chosen.run_id,
        unnest(value_bins(chosen.weight_means, -chosen.largest, chosen.largest, bin_count)) as bin,
    from chosen
)

select
    bins.bin.bin_index,
    bins.bin.bin_start,
    bins.bin.bin_end,
    bins.bin.value_count as contribution_count,
    bins.run_id,
from bins
order by bins.run_id, bins.bin.bin_index;
comment on macro table forward_histogram is 'Histogram of weight_mean of one unit''s forward contributions.';
