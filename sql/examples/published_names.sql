-- Which units of OpenAI's models have people given a name? One line per unit. No model is needed.
select
    published_unit_names.model_name,
    published_unit_names.unit_name,
    string_agg(published_unit_names.name, '; ' order by published_unit_names.name) as names,
from published_unit_names
group by published_unit_names.model_name, published_unit_names.unit_name
order by published_unit_names.model_name, published_unit_names.unit_name;
