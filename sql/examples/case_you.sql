-- Case study "you": which words, pictures, contributors and shortcut make unit 4/2/6/34?
-- The article: its clearest enrichment circuit. The shortcut 4/1/6/34 reads the word "you", the convolution 4/2/5/34
-- sees bloody wounds; 99.66 % of the unit come from the shortcut on its own feature visualisation.
select
    unit_facts.model_id,
    coalesce(unit_facts.model_name || ' (' || unit_facts.pretrained_tag || ')', 'as published') as model,
    unit_facts.fact,
    unit_facts.fact_rank,
    case when unit_facts.is_explicit then '(explicit)' else unit_facts.fact_text end as fact_text,
    unit_facts.fact_value,
from unit_facts('4/2/6/34') as unit_facts
order by unit_facts.model_id nulls last, unit_facts.fact, unit_facts.fact_rank, unit_facts.fact_text;
