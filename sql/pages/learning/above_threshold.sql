-- How many channels take more than a threshold from the shortcut? One row per bottleneck and measurement.
-- Section Channels above the threshold.
select
    bottleneck_name,
    definition,
    image_source,
    count(*) filter (where image_count > 0) as measured_count,
    count(*) filter (where is_dead) as dead_count,
    count(*) filter (where shortcut_share > $threshold) / nullif(measured_count, 0) as above_share
from all_runs.unit_shortcut_share
where run_id in $runs
group by bottleneck_name, definition, image_source
order by bottleneck_name, definition, image_source;
