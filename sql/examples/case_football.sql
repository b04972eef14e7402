-- Case study "football and babies": which words, pictures, contributors and shortcut make unit 4/2/6/11?
-- The article: the shortcut 4/1/6/11 responds to American football, the convolution 4/2/5/11 to babies, and the unit to
-- both, babies first: this bottleneck does learn. 15 % of the unit come from the shortcut.
select
    unit_facts.model_id,
    coalesce(unit_facts.model_name || ' (' || unit_facts.pretrained_tag || ')', 'as published') as model,
    unit_facts.fact,
    unit_facts.fact_rank,
    case when unit_facts.is_explicit then '(explicit)' else unit_facts.fact_text end as fact_text,
    unit_facts.fact_value,
from unit_facts('4/2/6/11') as unit_facts
order by unit_facts.model_id nulls last, unit_facts.fact, unit_facts.fact_rank, unit_facts.fact_text;
