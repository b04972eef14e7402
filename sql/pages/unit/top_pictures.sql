-- Which pictures drive the unit most? One row per picture.
-- Section Pictures that drive it most.
select example_rank, stimulus_id, caption, activation_mean, activation_max,
    max_vertical_position, max_horizontal_position, is_explicit
from all_runs.unit_top_pictures
where run_id in $runs and unit_name = $unit and example_rank <= $most
order by example_rank;
