-- Is every published share between 0 and 1 (as far as float16 can tell), given once, and of the bottleneck that its run names?
with counted as (
    select
        published_shares.run_id,
        published_shares.unit_name,
        count(*) as row_count,
        max(published_shares.shortcut_share) as largest_share,
        min(published_shares.shortcut_share) as smallest_share,
        max(published_shares.cosine_distance) as largest_distance,
        min(published_shares.cosine_distance) as smallest_distance,
    from published_shares
    where published_shares.run_id is not null
    group by published_shares.run_id, published_shares.unit_name
)

select
    counted.run_id,
    counted.unit_name,
    counted.row_count,
    counted.largest_share,
    counted.largest_distance,
from counted
left join runs on counted.run_id = runs.run_id
where
    counted.row_count > 1
    or counted.smallest_share < -0.01
    or counted.largest_share > 1.01
    or counted.smallest_distance < -0.01
    or counted.largest_distance > 2.01
    or runs.job_name is distinct from 'published'
    or not starts_with(counted.unit_name, runs.part_name || '/');
