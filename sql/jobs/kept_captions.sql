-- What are the pictures called whose activations a pictures run kept? One row per caption, in alphabetical order.
-- Source: kept_pictures. Concepts of jobs that show pictures of an earlier run, where no others are given.
select distinct stimulus_text
from all_runs.kept_pictures
where run_id = $run_id and trim(stimulus_text) <> ''
order by stimulus_text;
