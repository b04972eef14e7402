-- How are the contributions to an upper unit distributed, lower layer by lower layer? One row per lower layer and bin:
-- from backward_histograms('4/2/5/2', 3). Source: definitions.md section 4; run: a weights run, from run_details or model_runs.
-- Inside a layer bin_count bins of equal width, symmetric about zero; an odd count centres one on zero.
create or replace macro backward_histograms(unit, run, bin_count := 41) as table
with chosen as (
    select
        lower_layers.layer_name as lower_layer,
        expanded_weights.weight_sum / layer_pairs.cell_count as weight_mean,
        nullif(max(abs(expanded_weights.weight_sum / layer_pairs.cell_count)) over (
            partition by lower_layers.layer_name
        ), 0) as largest,
    from expanded_weights
    inner join units as lower_units on expanded_weights.lower_unit_id = lower_units.unit_id
    inner join units as upper_units on expanded_weights.upper_unit_id = upper_units.unit_id
    inner join layers as lower_layers on lower_units.layer_id = lower_layers.layer_id
    inner join layer_pairs
        on expanded_weights.run_id = layer_pairs.run_id
        and lower_units.layer_id = layer_pairs.lower_layer_id
        and upper_units.layer_id = layer_pairs.upper_layer_id
    where expanded_weights.run_id = run and upper_units.unit_name = unit
),

binned as (
    select
        chosen.lower_layer,
        chosen.largest,
        least(floor((chosen.weight_mean / chosen.largest + 1) / 2 * bin_count), bin_count - 1)::integer as bin_index,
    from chosen
    where chosen.largest is not null
),

reaches as (
    select
        binned.lower_layer,
        any_value(binned.largest) as largest,
    from binned
    group by binned.lower_layer
)

select
    reaches.lower_layer,
    bins.bin_index,
    (2 * bins.bin_index / bin_count - 1) * reaches.largest as bin_start,
    (2 * (bins.bin_index + 1) / bin_count - 1) * reaches.largest as bin_end,
    count(binned.bin_index) as contribution_count,
from reaches
cross join range(bin_count) as bins(bin_index)
left join binned on reaches.lower_layer = binned.lower_layer and bins.bin_index = binned.bin_index
group by reaches.lower_layer, reaches.largest, bins.bin_index
order by reaches.lower_layer, bins.bin_index;
comment on macro table backward_histograms is 'Histograms of the means of the contributions to an upper unit in one run, one for each lower layer.';
