-- Do units that are published under one feature find each other? One row per listed unit of one of OpenAI's models, feature and other such model.
-- Source: definitions.md sections 14 and 15; published_features, and matches on pictures. Asked where layers were compared that hold units of
-- the feature on both sides: of several runs, and either way round, the one whose layers hold most of them counts, then the newest.
create or replace view published_feature_agreement as
with listed as materialized (
    select
        published_models.model_id,
        published_models.published_name,
        published_features.feature,
        units.unit_id,
        units.unit_name,
        units.layer_id,
    from published_features
    inner join published_models on published_features.model_name = published_models.published_name
    inner join layers on published_models.model_id = layers.model_id
    inner join units on layers.layer_id = units.layer_id and published_features.unit_name = units.unit_name
),

compared as (
    select
        runs.run_id,
        runs.finished_at,
        match_nulls.is_reverse,
        listed.model_id,
        listed.published_name,
        listed.feature,
        listed.unit_id,
        listed.unit_name,
        other_layers.model_id as other_model_id,
        other_models.published_name as other_published_name,
        other_layers.layer_id as other_layer_id,
        other_layers.channel_count,
    from match_nulls
    inner join listed on match_nulls.unit_id = listed.unit_id
    inner join runs on match_nulls.run_id = runs.run_id
    inner join layers as other_layers on match_nulls.other_layer_id = other_layers.layer_id
    inner join published_models as other_models on other_layers.model_id = other_models.model_id
    where
        runs.status = 'complete'
        and coalesce(json_extract_string(runs.settings, '$.shown'), 'pictures') = 'pictures'
        and other_models.published_name <> listed.published_name
),

alike as (
    select
        listed.layer_id,
        listed.feature,
        count(*) as unit_count,
    from listed
    group by listed.layer_id, listed.feature
),

counted as (
    select
        compared.* exclude (other_layer_id, channel_count),
        sum(coalesce(alike.unit_count, 0)) as feature_unit_count,
        sum(coalesce(alike.unit_count, 0)) / sum(compared.channel_count) as chance_share,
    from compared
    left join alike on compared.other_layer_id = alike.layer_id and compared.feature = alike.feature
    group by all
    having sum(alike.unit_count) > 0
),

asked as (
    select counted.*,
    from counted
    qualify
        row_number() over (
            partition by counted.unit_id, counted.feature, counted.other_published_name
            order by counted.feature_unit_count desc, counted.finished_at desc, counted.run_id desc, counted.is_reverse
        ) = 1
),

partners as (
    select
        match_partners.run_id,
        match_partners.is_reverse,
        match_partners.unit_id,
        max_by(match_partners.other_unit_id, (match_partners.choice_correlation, -match_partners.other_unit_id)) as other_unit_id,
        max_by(match_partners.correlation, (match_partners.choice_correlation, -match_partners.other_unit_id)) as correlation,
    from match_partners
    where match_partners.choice_correlation is not null and match_partners.unit_id in (select listed.unit_id from listed)
    group by match_partners.run_id, match_partners.is_reverse, match_partners.unit_id
)

select
    asked.run_id,
    asked.model_id,
    asked.published_name,
    asked.unit_name,
    asked.feature,
    asked.other_model_id,
    asked.other_published_name,
    other_units.unit_name as other_unit_name,
    partners.correlation,
    (partners.other_unit_id, asked.feature) in (select (listed.unit_id, listed.feature) from listed) as is_same_feature,
    asked.feature_unit_count::integer as feature_unit_count,
    asked.chance_share,
from asked
left join partners
    on asked.run_id = partners.run_id
    and asked.is_reverse = partners.is_reverse
    and asked.unit_id = partners.unit_id
left join units as other_units on partners.other_unit_id = other_units.unit_id;
comment on view published_feature_agreement is 'Whether the best partner of a unit that is published under a feature is published under it, too.';
comment on column published_feature_agreement.run_id is 'Matches run.';
comment on column published_feature_agreement.model_id is 'Model of the unit.';
comment on column published_feature_agreement.published_name is 'Name that it is published by.';
comment on column published_feature_agreement.unit_name is 'Address of the unit.';
comment on column published_feature_agreement.feature is 'Feature that it is listed under.';
comment on column published_feature_agreement.other_model_id is 'Model of the partner.';
comment on column published_feature_agreement.other_published_name is 'Name that it is published by.';
comment on column published_feature_agreement.other_unit_name is 'The unit''s best partner in all layers of the other model that the run compared with its layer; null for a unit that never changes.';
comment on column published_feature_agreement.correlation is 'Their correlation over what was held out from the choice.';
comment on column published_feature_agreement.is_same_feature is 'Whether the partner is listed under the same feature.';
comment on column published_feature_agreement.feature_unit_count is 'Units of the other model under that feature, in the compared layers.';
comment on column published_feature_agreement.chance_share is 'Their share of all units of these layers: how often a partner drawn at random would be one of them.';
