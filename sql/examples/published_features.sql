-- Which units of OpenAI's models are listed under the same feature? One line per feature and model. No model is needed.
select
    published_features.feature,
    published_features.model_name,
    string_agg(published_features.unit_name, ', ' order by published_features.unit_name) as units,
from published_features
group by published_features.feature, published_features.model_name
order by published_features.feature, published_features.model_name;
