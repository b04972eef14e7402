-- How likely is a label, given how strongly the unit answers? One row per label and bucket.
-- Section P(label | activation).
select label_name, deviation_bucket, label_probability, labelled_picture_count, picture_count
from all_runs.label_probabilities
where run_id = $run and unit_id = $unit
order by label_name, deviation_bucket;
