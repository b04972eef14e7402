-- Which unit does the page begin with? One row.
-- The unit whose top picture drives it most.
select unit_name, unit_id from all_runs.unit_top_pictures
where run_id = $run and example_rank = 1
order by layer_name desc, activation_mean desc
limit 1;
