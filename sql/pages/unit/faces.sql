-- Which picture stands for a unit? One row per unit: its feature visualisation and its top picture.
-- An explicit top picture never stands for a unit.
with features as (
    select unit_id, max_by(image, run_id) as image
    from feature_visualizations
    where run_id in $feature_runs and unit_id in $unit_ids and image is not null
    group by unit_id
),

firsts as (
    select top_examples.unit_id, max_by(thumbnails.thumbnail, top_examples.run_id) as image
    from top_examples
    inner join stimuli on top_examples.stimulus_id = stimuli.stimulus_id
    inner join thumbnails on top_examples.stimulus_id = thumbnails.stimulus_id
    where top_examples.run_id in $picture_runs and top_examples.unit_id in $unit_ids and example_rank = 1
        and not stimuli.is_explicit
    group by top_examples.unit_id
)

select coalesce(features.unit_id, firsts.unit_id) as unit_id, features.image as feature, firsts.image as top_picture
from features
full join firsts on features.unit_id = firsts.unit_id;
