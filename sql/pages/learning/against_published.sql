-- How far are our shares from the published ones? One row per channel of a bottleneck.
-- Section Ours against the published.
select unit_name, published_share, shortcut_share, share_difference
from all_runs.published_comparison
where run_id in (select run_id from shown_runs where job_name = 'published')
    and shares_run_id = $run and definition = $definition and bottleneck_name = $bottleneck
    and published_share is not null and shortcut_share is not null
order by disagreement_rank;
