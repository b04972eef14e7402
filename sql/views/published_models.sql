-- For which models of the file are there publications? One row per such model.
-- Source: definitions.md sections 6 and 15. They are recognised by name and by where their weights came from: the hub's tag,
-- the file that OpenAI offers under the model's own name (RN50.pt), or a copy of the hub's folder (resnet50_clip.openai).
create or replace view published_models as
with named as (
    select
        models.model_id,
        models.model_name,
        models.pretrained_tag,
        regexp_replace(models.model_name, '-quickgelu$', '') as published_name,
    from models
)

select
    named.model_id,
    named.model_name,
    named.pretrained_tag,
    named.published_name,
from named
where
    named.published_name in (select findings.model_name from findings)
    and (
        named.pretrained_tag = 'openai'
        or ends_with(named.pretrained_tag, '/' || named.published_name || '.pt')
        or contains(named.pretrained_tag, '_clip.openai/')
    );
comment on view published_models is 'Models of the file that published claims, words and names are about: OpenAI''s.';
comment on column published_models.model_id is 'Model.';
comment on column published_models.model_name is 'Name it was loaded by.';
comment on column published_models.pretrained_tag is 'Where its weights came from.';
comment on column published_models.published_name is 'Its name in publications: RN50, RN101 or RN50x4.';
