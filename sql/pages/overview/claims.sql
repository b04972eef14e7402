-- Which published claims can be tested on the chosen model, and what does it say? One row per claim.
-- Section Published claims. A claim about a published file is shown with the model that the file is about.
select
    claim, published_value, our_value, gated_value, verdict, reason, claimed_of, source, measure,
    unit_name, layer_name, stimulus_text, share_definition, image_source, example_name
from claims
where
    model_id = $model
    or model_id is null
    and starts_with(measure, 'published')
    and claimed_of in (select published_name from published_models where model_id = $model)
order by verdict = 'cannot be tested yet', verdict = 'compares', finding_index;
