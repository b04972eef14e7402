-- How many known pictures get another caption or a new keyword from inventory $file? One row.
-- Source: warehouse/captions.py, which asks this before it locks readers out.
with given as (
    select
        stimuli.stimulus_id,
        stimuli.stimulus_text,
        inventory.caption,
        inventory.keywords,
    from read_parquet($file) as inventory
    inner join stimuli
        on stimuli.content_sha256 = inventory.content_sha256 and stimuli.stimulus_kind = 'picture'
),

known as (
    select
        stimulus_keywords.stimulus_id,
        list(stimulus_keywords.keyword) as keywords,
    from stimulus_keywords
    group by stimulus_keywords.stimulus_id
)

select count(*) as picture_count,
from given
left join known on given.stimulus_id = known.stimulus_id
where
    (given.caption is not null and given.caption is distinct from given.stimulus_text)
    or not list_has_all(coalesce(known.keywords, []), given.keywords);
