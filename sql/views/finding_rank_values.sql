-- What are our values for the claims about lists of units and words? One row per finding, model and, for weights, gates.
-- Source: finding_ranks beside the length of each list in published_rankings; definitions.md sections 3 and 6.
create or replace view finding_rank_values as
with list_lengths as (
    select
        published_rankings.finding_name,
        count(*) as item_count,
    from published_rankings
    group by published_rankings.finding_name
),

ranks as materialized (
    select
        findings.measure,
        finding_ranks.finding_name,
        finding_ranks.model_id,
        finding_ranks.our_rank,
        finding_ranks.ranked_count,
        finding_ranks.gates,
        list_lengths.item_count,
    from finding_ranks
    inner join findings on finding_ranks.finding_name = findings.finding_name
    left join list_lengths on finding_ranks.finding_name = list_lengths.finding_name
)

select
    ranks.finding_name,
    ranks.model_id,
    ranks.gates,
    case ranks.measure
        when 'words that a unit answers to' then avg((ranks.our_rank <= 5)::integer)
        else avg((ranks.our_rank <= ranks.item_count)::integer)
    end as our_value,
from ranks
where ranks.measure not in ('rank of a unit', 'words among the first')
group by ranks.finding_name, ranks.measure, ranks.model_id, ranks.gates
having count(*) = any_value(ranks.item_count)
union all
select
    ranks.finding_name,
    ranks.model_id,
    ranks.gates,
    avg((ranks.our_rank <= greatest(10, ranks.ranked_count // 100))::integer) as our_value,
from ranks
where ranks.measure = 'words among the first'
group by ranks.finding_name, ranks.model_id, ranks.gates
union all
select
    ranks.finding_name,
    ranks.model_id,
    ranks.gates,
    ranks.our_rank as our_value,
from ranks
where ranks.measure = 'rank of a unit';
comment on view finding_rank_values is 'Our value for each finding about the first units or words.';
comment on column finding_rank_values.finding_name is 'Finding.';
comment on column finding_rank_values.model_id is 'Model.';
comment on column finding_rank_values.gates is 'linear or pictures: which expanded weights the units are ranked by; null for words.';
comment on column finding_rank_values.our_value is 'Share of the listed units or words that are among our first, or the unit''s rank.';
