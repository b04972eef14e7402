-- What do the claims say of a model? One row per claim on it, or on what is published of the model that it is taken for.
-- Source: ingest/article/telling.py. $weights_sha256 is empty where the weights could not be had.
select
    claims.*,
    format('{:.4g}', claims.published_value) as published,
    format('{:.4g}', claims.our_value) as ours,
    starts_with(claims.measure, 'published') as is_on_a_file,
from claims
left join models on claims.model_id = models.model_id
where models.weights_sha256 = $weights_sha256 or (claims.model_id is null and claims.claimed_of = $claimed_of)
order by claims.finding_index;
