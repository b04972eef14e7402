-- Which shares were measured? One row per run, image source and definition.
-- The box that chooses the images.
select run_id, image_source, definition, count(shortcut_share) as unit_count
from all_runs.unit_shortcut_share
where run_id in $runs
group by run_id, image_source, definition
order by run_id, definition;
