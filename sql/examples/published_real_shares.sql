-- How many channels of OpenAI's RN50 take more than 90 % from the shortcut, and how many channels of the models measured here? The published shares come with the program.
with published as (
    select
        published_shares.model_name || ', as published' as model_name,
        regexp_extract(published_shares.unit_name, '^(\d+/\d+)/', 1) as bottleneck_name,
        count(*) as channel_count,
        avg((coalesce(published_shares.shortcut_share, 0) > 0.9)::integer) as share_above,
    from published_shares
    where published_shares.run_id is null
    group by published_shares.model_name, bottleneck_name
),

ours as (
    select
        bottleneck_learning.model_name || ', ' || bottleneck_learning.image_source as model_name,
        bottleneck_learning.bottleneck_name,
        bottleneck_learning.measured_channel_count as channel_count,
        bottleneck_learning.above_share as share_above,
    from bottleneck_learning
    where bottleneck_learning.definition = 'published'
)

select
    together.model_name,
    together.bottleneck_name,
    together.channel_count,
    together.share_above,
from (
    from published
    union all
    from ours
) as together
order by together.model_name, together.bottleneck_name;
