-- How are a lower unit's contributions distributed, upper layer by upper layer? One row per upper layer and bin:
-- from forward_histograms('4/1/6/2', 3). Source: definitions.md section 4; run: a weights run, from run_details or model_runs.
-- Inside a layer bin_count bins of equal width, symmetric about zero; an odd count centres one on zero.
create or replace macro forward_histograms(unit, run, bin_count := 41) as table
with chosen as (
    select
        upper_layers.layer_name as upper_layer,
        max(abs(expanded_weights.weight_sum / layer_pairs.cell_count)) as largest,
        list(expanded_weights.weight_sum / layer_pairs.cell_count) as weight_means,
    from expanded_weights
    inner join units as lower_units on expanded_weights.lower_unit_id = lower_units.unit_id
    inner join units as upper_units on expanded_weights.upper_unit_id = upper_units.unit_id
    inner join layers as upper_layers on upper_units.layer_id = upper_layers.layer_id
    inner join layer_pairs
        on expanded_weights.run_id = layer_pairs.run_id
        and lower_units.layer_id = layer_pairs.lower_layer_id
        and upper_units.layer_id = layer_pairs.upper_layer_id
    where expanded_weights.run_id = run and lower_units.unit_name = unit
    group by upper_layers.layer_name
),

bins as (
    select
        chosen.upper_layer,
        unnest(value_bins(chosen.weight_means, -chosen.largest, chosen.largest, bin_count)) as bin,
    from chosen
)

select
    bins.upper_layer,
    bins.bin.bin_index,
    bins.bin.bin_start,
    bins.bin.bin_end,
    bins.bin.value_count as contribution_count,
from bins
order by bins.upper_layer, bins.bin.bin_index;
comment on macro table forward_histograms is 'Histograms of the means of a lower unit''s contributions in one run, one for each upper layer.';
