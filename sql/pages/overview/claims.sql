-- Do the article's claims hold in the chosen model? One row per claim.
-- Section The article's claims.
select
    claim, published_value, our_value, verdict, reason, source, measure,
    unit_name, layer_name, stimulus_text, share_definition, image_source, example_name
from claims
where model_id is null or model_id = $model
order by verdict = 'cannot be tested yet', finding_index;
