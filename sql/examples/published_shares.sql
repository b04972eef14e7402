-- How many channels take more than 90 % from the shortcut in the original repository's own files?
select
    regexp_extract(published_shares.unit_name, '^(.+)/', 1) as layer_name,
    count(*) as unit_count,
    avg((coalesce(published_shares.shortcut_share, 0) > 0.9)::integer) as share_above,
    count(*) - count(published_shares.shortcut_share) as dead_count,
from published_shares
inner join shown_runs on published_shares.run_id = shown_runs.run_id
group by layer_name
order by layer_name;
