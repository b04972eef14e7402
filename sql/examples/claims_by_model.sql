-- What does each model say to each published claim? One line per claim: the published value, and the answers of all models. Where the claim is about a model that is not in the file, the answer names no model.
select
    claims.finding_index,
    claims.claim,
    claims.measure,
    any_value(claims.published_value) as published_value,
    any_value(claims.comparison) as comparison,
    any_value(claims.tolerance) as tolerance,
    list({
        'model': if(
            claims.model_id is null and not starts_with(claims.measure, 'published'),
            null,
            claims.model_name || coalesce(' (' || claims.pretrained_tag || ')', '')
        ),
        'value': claims.our_value,
        'gated_value': claims.gated_value,
        'verdict': claims.verdict,
        'reason': claims.reason
    } order by claims.model_id nulls first) as answers,
    any_value(claims.source) as source,
    any_value(claims.example_name) as example_name,
from claims
group by claims.finding_index, claims.claim, claims.measure
order by claims.finding_index;
