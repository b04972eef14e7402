-- Which units carry a typographic attack, and along which branch? Needs ingest typographic, then ingest logits --attacked.
select
    unit_name,
    count(*) as picture_count,
    avg(shortcut_change + residual_change) as seen_change_mean,
    avg(shortcut_change) as shortcut_change_mean,
    avg(residual_change) as residual_change_mean,
    avg(position_change) as position_change_mean,
from attack_contributions
where concept = overlay_text
group by unit_name
order by abs(avg(shortcut_change + residual_change)) desc, unit_name
limit 10;
