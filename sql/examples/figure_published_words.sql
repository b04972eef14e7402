-- Does a word drive the units that the original notebooks print for it? Share of their first units that are among our first, word by word and model by model.
select
    claims.model_name || ' (' || claims.pretrained_tag || ')' as model,
    claims.finding_index,
    findings.stimulus_text as word,
    claims.our_value as agreement,
    claims.published_value - claims.tolerance as agreement_wanted,
from claims
inner join findings on claims.finding_name = findings.finding_name
where claims.measure = 'units among the first' and claims.our_value is not null
order by model, claims.finding_index;
