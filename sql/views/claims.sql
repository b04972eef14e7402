-- Does each claim of the article hold? One row per finding and model; a claim on a published file is one row without a model.
-- Source: findings, finding_values. Other models than RN50 are held against the same values: where they differ is what is
-- special about CLIP's RN50, not a fault of theirs.
create or replace view claims as
with asked as (
    select
        findings.*,
        starts_with(findings.measure, 'published') as is_on_a_file,
        models.model_id,
        models.model_name,
        models.pretrained_tag,
        case
            when models.pretrained_tag in ('bundled', 'local') then ' --model ' || models.model_name
            when models.pretrained_tag like 'random-%'
                then ' --model ' || models.model_name || ' --pretrained random --seed '
                    || regexp_extract(models.pretrained_tag, '\d+')
            else coalesce(' --model ' || models.model_name || ' --pretrained ' || models.pretrained_tag, '')
        end as model_options,
    from findings
    left join models on not starts_with(findings.measure, 'published')
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
        missing.missing_address,
        case
            when finding_values.our_value is null or missing.missing_address is not null then 'cannot be tested yet'
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
    case when held.is_on_a_file then 'RN50, as published' else held.model_name end as model_name,
    held.pretrained_tag,
    held.claim,
    held.measure,
    held.published_value,
    held.our_value,
    held.comparison,
    held.tolerance,
    held.verdict,
    case
        when held.verdict <> 'cannot be tested yet' then held.tolerance_reason
        when held.missing_address is not null
            then held.model_name || ' has no ' || held.missing_address
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
comment on view claims is 'The article''s claims beside our values.';
comment on column claims.finding_index is 'Place in the list of findings, from 1.';
comment on column claims.finding_name is 'Name of the finding.';
comment on column claims.model_id is 'Model that ours comes from; null for a published file, or without a model.';
comment on column claims.model_name is 'Its name.';
comment on column claims.pretrained_tag is 'Where its weights came from.';
comment on column claims.claim is 'What the article says, in words.';
comment on column claims.measure is 'How our value is found.';
comment on column claims.published_value is 'Value that the article gives, or the bound that its words imply.';
comment on column claims.our_value is 'Ours; null where nothing was measured.';
comment on column claims.comparison is 'about: within the tolerance; at least, at most: on that side, or within the tolerance.';
comment on column claims.tolerance is 'How far ours may lie off.';
comment on column claims.verdict is 'agrees, differs, or cannot be tested yet.';
comment on column claims.reason is 'Why that tolerance; or what is missing, and which command would measure it (FILE: the published file, WORDS: the texts, one a line).';
comment on column claims.source is 'Where it is said.';
comment on column claims.example_name is 'Query of sql/examples/ that shows more.';
comment on column claims.unit_name is 'Address of the unit that it is about; null for a claim on many.';
comment on column claims.layer_name is 'Address of the layer that it is about; null for a claim on the network.';
comment on column claims.stimulus_text is 'Text that it is about; null for a claim on no word.';
comment on column claims.share_definition is 'Definition of the shortcut share that it is about, published or added; null for other claims.';
comment on column claims.image_source is 'Images that the share is measured on, features or examples; null for other claims.';
