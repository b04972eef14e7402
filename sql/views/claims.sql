-- Does each published claim about OpenAI's models hold? One row per finding and model; a claim about a published file, or about a
-- model that the file does not hold, is one row without a model.
-- Source: findings, finding_values, published_models. Only the model that a claim is about can agree or differ. Claims that can be tested
-- on any network (is_comparable) are tested on the others too, where they end as RN50 does, and say compares.
create or replace view claims as
with stated as (
    select
        findings.*,
        starts_with(findings.measure, 'published') as is_on_a_file,
    from findings
),

last_layers as (
    select
        layers.model_id,
        max_by(layers.layer_name, layers.layer_order) as layer_name,
    from layers
    group by layers.model_id
),

named as (
    select
        models.model_id,
        models.model_name,
        models.pretrained_tag,
        published_models.published_name,
        last_layers.layer_name = '4/2/6' as ends_as_rn50,
        case
            when models.pretrained_tag in ('bundled', 'local') then ' --model ' || models.model_name
            when models.pretrained_tag like 'random-%'
                then ' --model ' || models.model_name || ' --pretrained random --seed '
                    || regexp_extract(models.pretrained_tag, '\d+')
            else ' --model ' || models.model_name || ' --pretrained ' || models.pretrained_tag
        end as model_options,
    from models
    left join published_models on models.model_id = published_models.model_id
    left join last_layers on models.model_id = last_layers.model_id
),

asked as (
    select
        stated.* exclude (model_name),
        stated.model_name as claimed_of,
        named.model_id,
        named.model_name,
        named.pretrained_tag,
        named.model_options,
        named.published_name is not distinct from stated.model_name as is_of_this_model,
    from stated
    inner join named
        on not stated.is_on_a_file
        and (
            named.published_name is not distinct from stated.model_name
            or stated.is_comparable and (stated.layer_name is null or named.ends_as_rn50)
        )
    union all
    select
        stated.* exclude (model_name),
        stated.model_name as claimed_of,
        null as model_id,
        stated.model_name || if(stated.is_on_a_file, ', as published', '') as model_name,
        null as pretrained_tag,
        '' as model_options,
        true as is_of_this_model,
    from stated
    where
        stated.is_on_a_file
        or stated.model_name not in (select published_models.published_name from published_models)
),

missing as (
    select
        asked.finding_name,
        asked.model_id,
        min(needed.address) as missing_address,
    from asked
    inner join (
        select
            findings.finding_name,
            findings.unit_name as address,
        from findings
        where findings.unit_name is not null
        union all
        select
            findings.finding_name,
            findings.layer_name as address,
        from findings
        where findings.layer_name is not null
        union all
        select
            published_rankings.finding_name,
            published_rankings.item_name as address,
        from published_rankings
        where contains(published_rankings.item_name, '/')
    ) as needed on asked.finding_name = needed.finding_name
    where
        asked.model_id is not null
        and (asked.model_id, needed.address) not in (
            select
                layers.model_id,
                units.unit_name,
            from units
            inner join layers on units.layer_id = layers.layer_id
            union all
            select
                layers.model_id,
                layers.layer_name,
            from layers
        )
    group by asked.finding_name, asked.model_id
),

held as (
    select
        asked.*,
        finding_values.our_value,
        finding_values.gated_value,
        missing.missing_address,
        case
            when finding_values.our_value is null or missing.missing_address is not null then 'cannot be tested yet'
            when not asked.is_of_this_model then 'compares'
            when asked.comparison = 'about' and abs(finding_values.our_value - asked.published_value) <= asked.tolerance
                then 'agrees'
            when asked.comparison = 'at least' and finding_values.our_value >= asked.published_value - asked.tolerance
                then 'agrees'
            when asked.comparison = 'at most' and finding_values.our_value <= asked.published_value + asked.tolerance
                then 'agrees'
            else 'differs'
        end as verdict,
    from asked
    left join finding_values
        on asked.finding_name = finding_values.finding_name
        and asked.model_id is not distinct from finding_values.model_id
    left join missing on asked.finding_name = missing.finding_name and asked.model_id = missing.model_id
)

select
    held.finding_index,
    held.finding_name,
    held.model_id,
    held.model_name,
    held.pretrained_tag,
    held.claimed_of,
    held.claim,
    held.measure,
    held.published_value,
    held.our_value,
    held.gated_value,
    held.comparison,
    held.tolerance,
    held.verdict,
    case
        when held.verdict = 'compares'
            then held.model_name || ' (' || held.pretrained_tag || ') is not OpenAI''s ' || held.claimed_of
                || ', of which this is said: it compares'
        when held.verdict <> 'cannot be tested yet' then held.tolerance_reason
        when held.missing_address is not null
            then held.model_name || ' has no ' || held.missing_address
        when held.model_id is null and not held.is_on_a_file
            then 'not measured: needs OpenAI''s weights: clip-warehouse reproduce --model ' || held.claimed_of || '-quickgelu'
        else 'not measured yet: ' || held.fill_command || held.model_options
    end as reason,
    held.source,
    held.example_name,
    held.unit_name,
    held.layer_name,
    held.stimulus_text,
    held.share_definition,
    held.image_source,
from held;
comment on view claims is 'Published claims about OpenAI''s models beside our values.';
comment on column claims.finding_index is 'Position in the list of findings, from 1.';
comment on column claims.finding_name is 'Name of the finding.';
comment on column claims.model_id is 'Model that ours comes from; null for a published file, and where the file does not hold the model.';
comment on column claims.model_name is 'Its name.';
comment on column claims.pretrained_tag is 'Where its weights came from.';
comment on column claims.claimed_of is 'Model that the claim is about, with OpenAI''s weights: RN50, RN101 or RN50x4.';
comment on column claims.claim is 'The claim, in words.';
comment on column claims.measure is 'How our value is computed.';
comment on column claims.published_value is 'Published value, or the bound that the words imply.';
comment on column claims.our_value is 'Ours; null where nothing was measured.';
comment on column claims.gated_value is 'The same of gated expanded weights, each picture''s own gates averaged over pictures; null where the claim does not rest on weights, or they were not measured.';
comment on column claims.comparison is 'about: within the tolerance; at least, at most: on that side, or within the tolerance.';
comment on column claims.tolerance is 'How far ours may be off.';
comment on column claims.verdict is 'agrees or differs, for the model that the claim is about; compares, for any other; or cannot be tested yet.';
comment on column claims.reason is 'Why that tolerance; which model it is, where it compares; or what is missing, and which command would measure it (FILE: the published file, WORDS: the texts, one a line).';
comment on column claims.source is 'Where the claim is made.';
comment on column claims.example_name is 'Query of sql/examples/ that shows more.';
comment on column claims.unit_name is 'Address of the unit that it is about; null for a claim about several units.';
comment on column claims.layer_name is 'Address of the layer that it is about; null for a claim about the network.';
comment on column claims.stimulus_text is 'Text that it is about; null for a claim about no word.';
comment on column claims.share_definition is 'Definition of the shortcut share that it is about, published or added; null for other claims.';
comment on column claims.image_source is 'Images that the share is measured on, features or examples; null for other claims.';
