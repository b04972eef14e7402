-- Which unit of a layer does one word drive furthest above all others? One row.
-- Where the page begins in a file without pictures: in standard deviations above the unit's mean.
select unit_name
from activations
inner join units using (unit_id)
inner join layers using (layer_id)
where run_id = $run and model_id = $model and layer_name = $layer
group by unit_name
having stddev_samp(activation_mean) > 0
order by (max(activation_mean) - avg(activation_mean)) / stddev_samp(activation_mean) desc, unit_name
limit 1;
