-- What does a unit of a model respond to most? One row: the feature visualisation that was made here.
-- Section Case studies. Microscope's pictures are left out: we may not pass them on.
select image
from feature_visualizations
inner join shown_runs on feature_visualizations.run_id = shown_runs.run_id
inner join unit_details on feature_visualizations.unit_id = unit_details.unit_id
where unit_details.model_id = $model_id and unit_details.unit_name = $unit and source = 'optimised' and image is not null
order by objective
limit 1;
