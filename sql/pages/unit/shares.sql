-- How much of the unit comes from the shortcut? One row per measurement.
-- Section Who makes it.
select unit_id, definition, image_source, image_count, shortcut_share, shortcut_share_deviation,
    cosine_similarity
from residual_shares
where run_id in $runs and unit_id = $unit_id
order by definition, image_source desc;
