-- Which pictures drive unit 4/2/6/277 most, and where in them does it respond?
select
    unit_top_pictures.example_rank,
    unit_top_pictures.caption,
    unit_top_pictures.activation_mean,
    unit_top_pictures.max_horizontal_position,
    unit_top_pictures.max_vertical_position,
from unit_top_pictures
where unit_top_pictures.unit_name = '4/2/6/277'
order by unit_top_pictures.example_rank
limit 10;
