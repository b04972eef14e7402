-- Case study "Trump": which words, pictures, contributors and shortcut make unit 4/2/6/1052?
-- The article: a crystallised concept of the last layer. It conjectures that a detector of the name and one of the
-- person come together here, as "you" and wounds do in 4/2/6/34.
select
    unit_facts.model_id,
    coalesce(unit_facts.model_name || ' (' || unit_facts.pretrained_tag || ')', 'as published') as model,
    unit_facts.fact,
    unit_facts.fact_rank,
    case when unit_facts.is_explicit then '(explicit)' else unit_facts.fact_text end as fact_text,
    unit_facts.fact_value,
from unit_facts('4/2/6/1052') as unit_facts
order by unit_facts.model_id nulls last, unit_facts.fact, unit_facts.fact_rank, unit_facts.fact_text;
