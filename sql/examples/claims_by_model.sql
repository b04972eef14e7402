-- What does each model say to each claim of the article? One line a claim, with the values of all models beside the published one.
select
    claims.finding_index,
    claims.claim,
    claims.measure,
    any_value(claims.published_value) as published_value,
    any_value(claims.comparison) as comparison,
    any_value(claims.tolerance) as tolerance,
    list({
        'model': claims.model_name || coalesce(' (' || claims.pretrained_tag || ')', ''),
        'value': claims.our_value,
        'verdict': claims.verdict,
        'reason': claims.reason
    } order by claims.model_id nulls first) as answers,
    any_value(claims.source) as source,
    any_value(claims.example_name) as example_name,
from claims
group by claims.finding_index, claims.claim, claims.measure
order by claims.finding_index;
