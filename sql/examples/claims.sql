-- Which claims of the article hold, and which cannot be tested yet? One line per finding and model.
select
    claims.model_name,
    claims.finding_name,
    format('{:.4g}', claims.published_value) as published_value,
    format('{:.4g}', claims.our_value) as our_value,
    format('{:.4g}', claims.gated_value) as gated_value,
    claims.verdict,
    claims.reason,
from claims
order by claims.model_id nulls first, claims.finding_index;
