-- Which units of some layers have a feature visualisation in a run? One row per unit.
-- Source: feature_visualizations, for ingest/shares/images.py. A unit with several objectives counts once.
select distinct
    unit_details.layer_name,
    unit_details.channel_index,
    feature_visualizations.unit_id as image_id,
from feature_visualizations
inner join unit_details on feature_visualizations.unit_id = unit_details.unit_id
where
    feature_visualizations.run_id = $run_id
    and feature_visualizations.image is not null
    and list_contains($layer_names, unit_details.layer_name);
