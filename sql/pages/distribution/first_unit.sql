-- Which unit does the page begin with? One row: of the last layer, the unit with the strongest top picture.
-- Where the page begins.
select unit_name, unit_id from all_runs.unit_top_pictures
where run_id = $run and example_rank = 1
order by layer_name desc, activation_mean desc
limit 1;
