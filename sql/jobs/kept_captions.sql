-- Which captions have the pictures whose activations a pictures run kept? One row per caption, in alphabetical order.
-- Source: kept_pictures. Jobs that show an earlier run's pictures take these as concepts if none are given.
select distinct stimulus_text
from all_runs.kept_pictures
where run_id = $run_id and trim(stimulus_text) <> ''
order by stimulus_text;
