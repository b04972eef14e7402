-- Which id does each model of the other warehouse have here? One row per model of the other; the same weights are the same model.
-- Source: warehouse/merging.py; joined_from is the other warehouse, attached read-only.
select
    theirs.model_id as other_id,
    ours.model_id is null as is_new,
    coalesce(
        ours.model_id,
        (select coalesce(max(models.model_id), 0) from models)
        + row_number() over (partition by ours.model_id is null order by theirs.model_id)
    )::integer as id,
from joined_from.models as theirs
left join models as ours on theirs.weights_sha256 = ours.weights_sha256;
