-- How many pictures lie how many standard deviations from the average? One row per bucket.
-- Section Distance from the average.
select deviation_bucket, picture_count, picture_share
from all_runs.activation_distribution
where run_id = $run and unit_name = $unit
order by deviation_bucket;
