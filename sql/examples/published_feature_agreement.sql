-- Are units of two models that are published under the same feature matched with each other? One line per feature and pair of OpenAI's models.
select
    published_feature_agreement.feature,
    published_feature_agreement.published_name as model_name,
    published_feature_agreement.other_published_name as other_model_name,
    count(*) as unit_count,
    avg(published_feature_agreement.is_same_feature::integer) as same_feature_share,
    avg(published_feature_agreement.chance_share) as chance_share,
    string_agg(
        published_feature_agreement.unit_name || ' ' || coalesce(published_feature_agreement.other_unit_name, 'no partner'),
        ', ' order by published_feature_agreement.unit_name
    ) as units_and_partners,
from published_feature_agreement
group by all
order by same_feature_share desc, published_feature_agreement.feature, model_name, other_model_name;
