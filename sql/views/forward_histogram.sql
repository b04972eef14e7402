-- How are the contributions of a lower unit to an upper layer distributed? One row per bin: from forward_histogram('4/1/6/2', '4/2/5').
-- Source: definitions.md section 4. bin_count bins of equal width, symmetric about zero; an odd count centres one on zero.
create or replace macro forward_histogram(unit, other_layer, bin_count := 41) as table
with chosen as (
    select contributions.weight_mean,
    from contributions
    where contributions.lower_unit = unit and contributions.upper_layer = other_layer
),

reach as (
    select nullif(max(abs(chosen.weight_mean)), 0) as largest,
    from chosen
),

binned as (
    select least(floor((chosen.weight_mean / reach.largest + 1) / 2 * bin_count), bin_count - 1)::integer as bin_index,
    from chosen
    cross join reach
)

select
    bins.bin_index,
    (2 * bins.bin_index / bin_count - 1) * reach.largest as bin_start,
    (2 * (bins.bin_index + 1) / bin_count - 1) * reach.largest as bin_end,
    count(binned.bin_index) as contribution_count,
from range(bin_count) as bins(bin_index)
cross join reach
left join binned on bins.bin_index = binned.bin_index
where reach.largest is not null
group by bins.bin_index, reach.largest
order by bins.bin_index;
comment on macro table forward_histogram is 'Histogram of weight_mean of one unit''s forward contributions.';
