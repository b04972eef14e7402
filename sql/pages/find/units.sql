-- Which units does a text describe? One row per unit: units of the chosen model first, then published units of others.
-- Section Units.
select model_id, model_name, result_rank, unit_name, reasons, is_explicit
from find_units($text, asked_embedding := nullif(list_value $embedding, [null]), asked_runs := list_value $runs)
where (model_id = $model or model_id is null) and result_rank <= $most
order by model_id nulls last, model_name, result_rank;
