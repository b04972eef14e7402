-- How are the shares of a bottleneck's channels distributed? One row per bottleneck, source and bin.
-- Section Shortcut share of each channel. Dead channels have no share: they are counted, but lie in no bin.
with shares as (
    select 'ours' as measured_by, bottleneck_name, shortcut_share
    from all_runs.unit_shortcut_share
    where run_id = $run and definition = $definition and shortcut_share is not null
    union all
    select 'published', array_to_string(string_split(unit_name, '/')[:2], '/'), shortcut_share
    from published_shares
    where run_id is null and model_name = 'RN50'
),

bottlenecks as (
    select
        measured_by,
        bottleneck_name,
        count(*) as channel_count,
        count(*) filter (where shortcut_share > $threshold) as above_count,
        list(shortcut_share) filter (where shortcut_share is not null) as measured_shares
    from shares
    group by measured_by, bottleneck_name
),

bins as (
    select
        measured_by,
        bottleneck_name,
        channel_count,
        above_count,
        unnest(value_bins(measured_shares, 0, 1, 25)) as bin,
    from bottlenecks
)

select
    measured_by,
    bottleneck_name,
    channel_count,
    above_count,
    bin.bin_index,
    bin.bin_start,
    bin.bin_end,
    bin.value_count
from bins
order by measured_by, bottleneck_name, bin.bin_index;
