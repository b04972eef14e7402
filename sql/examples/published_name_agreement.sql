-- Do our names of units say what people have called them? One line per unit of OpenAI's models, those that agree first.
select
    published_name_agreement.published_name as model_name,
    published_name_agreement.unit_name,
    published_name_agreement.published_names,
    published_name_agreement.name,
    published_name_agreement.held_out_correlation,
    published_name_agreement.has_common_word,
    published_name_agreement.random_has_common_word,
from published_name_agreement
order by
    published_name_agreement.has_common_word desc,
    published_name_agreement.held_out_correlation desc nulls last,
    model_name,
    published_name_agreement.unit_name;
