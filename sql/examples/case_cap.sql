-- Case study "cap": which words, pictures, contributors and shortcut make unit 4/2/6/2?
-- The article: it responds to hats, and to the words cap, famous, savage, caps. The shortcut 4/1/6/2 brings typical hats,
-- the convolution 4/2/5/2 brings trucks and swearing, so that the unit gains facets that are not hats. 4/2/3/325
-- (skateboarder) and 4/2/3/108 (cruise ship) excite the convolution, 4/2/3/322 and 4/2/3/3 (computer chip) inhibit it.
select
    unit_facts.model_id,
    coalesce(unit_facts.model_name || ' (' || unit_facts.pretrained_tag || ')', 'as published') as model,
    unit_facts.fact,
    unit_facts.fact_rank,
    case when unit_facts.is_explicit then '(explicit)' else unit_facts.fact_text end as fact_text,
    unit_facts.fact_value,
from unit_facts('4/2/6/2') as unit_facts
order by unit_facts.model_id nulls last, unit_facts.fact, unit_facts.fact_rank, unit_facts.fact_text;
