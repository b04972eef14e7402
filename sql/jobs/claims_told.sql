-- What do the claims say about a model? One row per claim on the model, or on the files published for the model that it is taken for.
-- Source: claims, for ingest/article/telling.py. $weights_sha256 is empty if the weights could not be downloaded.
select
    claims.*,
    format('{:.4g}', claims.published_value) as published,
    format('{:.4g}', claims.our_value) as ours,
    starts_with(claims.measure, 'published') as is_on_a_file,
from claims
left join models on claims.model_id = models.model_id
where models.weights_sha256 = $weights_sha256 or (claims.model_id is null and claims.claimed_of = $claimed_of)
order by claims.finding_index;
