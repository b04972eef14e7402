-- What are our values for the claims about shortcut shares, published and measured? One row per finding and model.
-- Source: newest_published_shares, newest_shares; definitions.md section 4. model_id is null for a published file.
create or replace view finding_shares as
select
    findings.finding_name,
    null::integer as model_id,
    case findings.measure
        when 'published shares above 0.9' then avg((coalesce(newest_published_shares.shortcut_share, 0) > 0.9)::integer)
        else count(*) - count(newest_published_shares.shortcut_share)
    end as our_value,
from findings
inner join newest_published_shares
    on findings.layer_name = newest_published_shares.layer_name
    and findings.model_name = newest_published_shares.model_name
where findings.measure in ('published shares above 0.9', 'published dead units')
group by findings.finding_name, findings.measure
union all
select
    findings.finding_name,
    null as model_id,
    newest_published_shares.shortcut_share as our_value,
from findings
inner join newest_published_shares
    on findings.unit_name = newest_published_shares.unit_name
    and findings.model_name = newest_published_shares.model_name
where findings.measure = 'published share of a unit'
union all
select
    findings.finding_name,
    newest_shares.model_id,
    case findings.measure
        when 'shares above 0.9' then avg((coalesce(newest_shares.shortcut_share, 0) > 0.9)::integer)
        else count(*) - count(newest_shares.shortcut_share)
    end as our_value,
from findings
inner join newest_shares
    on findings.layer_name = newest_shares.layer_name
    and findings.share_definition = newest_shares.definition
    and findings.image_source = newest_shares.image_source
where findings.measure in ('shares above 0.9', 'dead units') and newest_shares.image_count > 0
group by findings.finding_name, findings.measure, newest_shares.model_id
having findings.measure <> 'dead units' or count(*) >= 0.9 * max(newest_shares.channel_count)
union all
select
    findings.finding_name,
    newest_shares.model_id,
    newest_shares.shortcut_share as our_value,
from findings
inner join newest_shares
    on findings.unit_name = newest_shares.unit_name
    and findings.share_definition = newest_shares.definition
    and findings.image_source = newest_shares.image_source
where findings.measure = 'share of a unit';
comment on view finding_shares is 'Our value for each finding about shortcut shares.';
comment on column finding_shares.finding_name is 'Finding.';
comment on column finding_shares.model_id is 'Model; null for a published file.';
comment on column finding_shares.our_value is 'Share of the layer''s units, number of dead units, or the unit''s share.';
