-- Which shortcut shares are published for a layer, in the newest of several files? One row per model and unit.
-- Source: published_shares; the program's own rows count where no complete run has read a file of the layer.
create or replace view newest_published_shares as
select
    published_shares.unit_name,
    regexp_extract(published_shares.unit_name, '^(.+)/', 1) as layer_name,
    published_shares.model_name,
    published_shares.shortcut_share,
from published_shares
left join runs on published_shares.run_id = runs.run_id
where published_shares.run_id is null or runs.status = 'complete'
qualify
    rank() over (
        partition by published_shares.model_name, layer_name
        order by runs.finished_at desc nulls last, runs.run_id desc nulls last
    ) = 1;
comment on view newest_published_shares is 'Published shortcut shares, from the file that was read last.';
comment on column newest_published_shares.unit_name is 'Address of the unit.';
comment on column newest_published_shares.layer_name is 'Address of its layer.';
comment on column newest_published_shares.model_name is 'Model that it was measured on, with OpenAI''s weights.';
comment on column newest_published_shares.shortcut_share is 'Share as printed; null for a dead channel.';
