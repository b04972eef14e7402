-- Which units and words does the article list, to look up in our ranks? One row per finding and item of its list.
-- Source: findings, published_rankings; a claim about the rank of one unit is a list of one.
create or replace view listed_items as
select
    findings.finding_name,
    findings.model_name,
    findings.measure,
    findings.unit_name,
    findings.layer_name,
    coalesce(findings.stimulus_text, published_rankings.item_name) as stimulus_text,
    coalesce(published_rankings.item_rank, 1) as item_rank,
    coalesce(published_rankings.item_name, findings.unit_name) as item_name,
    case
        when findings.measure = 'units among the first' then published_rankings.item_name
        else findings.unit_name
    end as ranked_unit,
from findings
left join published_rankings on findings.finding_name = published_rankings.finding_name
where published_rankings.finding_name is not null or findings.measure = 'rank of a unit';
comment on view listed_items is 'Units and words that claims list.';
comment on column listed_items.finding_name is 'Finding.';
comment on column listed_items.model_name is 'Model that it is about.';
comment on column listed_items.measure is 'How our value is found.';
comment on column listed_items.unit_name is 'Address of the unit that it is about; null for a claim on many.';
comment on column listed_items.layer_name is 'Address of the layer inside which units are ranked.';
comment on column listed_items.stimulus_text is 'Text that is shown; null for expanded weights.';
comment on column listed_items.item_rank is 'Place in the published list.';
comment on column listed_items.item_name is 'Unit, or word.';
comment on column listed_items.ranked_unit is 'Unit whose rank is wanted.';
