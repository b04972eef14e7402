-- How are the contributions of one channel of every lower layer to an upper layer distributed? One row per lower unit and bin:
-- from lower_histograms('4/2/5', 2, 3). Source: definitions.md section 4; run: a weights run, from run_details or model_runs.
-- For each lower unit bin_count bins of equal width, symmetric about zero; an odd count centres one on zero.
create or replace macro lower_histograms(other_layer, channel, run, bin_count := 41) as table
with pairs as (
    select
        lower_units.unit_id as lower_unit_id,
        lower_units.unit_name as lower_unit,
        layer_pairs.cell_count,
        upper_spans.first_unit_id,
        upper_spans.last_unit_id,
    from layer_pairs
    inner join layers as upper_layers on layer_pairs.upper_layer_id = upper_layers.layer_id
    inner join units as lower_units on layer_pairs.lower_layer_id = lower_units.layer_id
    inner join (
        select
            units.layer_id,
            min(units.unit_id) as first_unit_id,
            max(units.unit_id) as last_unit_id,
        from units
        group by units.layer_id
    ) as upper_spans on layer_pairs.upper_layer_id = upper_spans.layer_id
    where
        layer_pairs.run_id = run
        and upper_layers.layer_name = other_layer
        and lower_units.channel_index = channel
),

chosen as (
    select
        pairs.lower_unit,
        max(abs(expanded_weights.weight_sum / pairs.cell_count)) as largest,
        list(expanded_weights.weight_sum / pairs.cell_count) as weight_means,
    from expanded_weights
    inner join pairs
        on expanded_weights.lower_unit_id = pairs.lower_unit_id
        and expanded_weights.upper_unit_id between pairs.first_unit_id and pairs.last_unit_id
    where expanded_weights.run_id = run
    group by pairs.lower_unit
),

bins as (
    select
        chosen.lower_unit,
        unnest(value_bins(chosen.weight_means, -chosen.largest, chosen.largest, bin_count)) as bin,
    from chosen
)

select
    bins.lower_unit,
    bins.bin.bin_index,
    bins.bin.bin_start,
    bins.bin.bin_end,
    bins.bin.value_count as contribution_count,
from bins
order by bins.lower_unit, bins.bin.bin_index;
comment on macro table lower_histograms is 'Histograms of the means of the contributions to one upper layer, for one channel of each lower layer in one run.';
