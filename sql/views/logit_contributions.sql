-- Which units promote a concept on a picture? One row per run, picture, concept and unit.
-- Source: definitions.md section 11. Over all units they add up, with picture_cosines.constant_contribution, to the cosine of stock
-- open_clip. Ask for a picture and a concept: where stimulus_id = 7 and concept = 'dog' order by contribution desc limit 10
create or replace view logit_contributions as
select
    head_contributions.run_id,
    head_contributions.model_name,
    head_contributions.stimulus_id,
    head_contributions.concept,
    head_contributions.unit_id,
    head_contributions.unit_name,
    sum(head_contributions.contribution) as contribution,
    sum(head_contributions.shortcut_contribution) as shortcut_contribution,
    sum(head_contributions.residual_contribution) as residual_contribution,
    sum(head_contributions.position_contribution) as position_contribution,
from head_contributions
inner join shown_logit_runs on head_contributions.run_id = shown_logit_runs.run_id
group by
    head_contributions.run_id,
    head_contributions.model_name,
    head_contributions.stimulus_id,
    head_contributions.concept,
    head_contributions.unit_id,
    head_contributions.unit_name;
comment on view logit_contributions is 'Contribution of each unit to the cosine of a picture and a concept.';
comment on column logit_contributions.run_id is 'Logits run.';
comment on column logit_contributions.model_name is 'Model.';
comment on column logit_contributions.stimulus_id is 'Picture.';
comment on column logit_contributions.concept is 'Text.';
comment on column logit_contributions.unit_id is 'Unit of the last bottleneck''s output.';
comment on column logit_contributions.unit_name is 'Its address.';
comment on column logit_contributions.contribution is 'What the unit adds to the cosine, over all heads.';
comment on column logit_contributions.shortcut_contribution is 'The part along the last bottleneck''s shortcut.';
comment on column logit_contributions.residual_contribution is 'The part from the last bottleneck''s convolutions.';
comment on column logit_contributions.position_contribution is 'The part from the positional embedding, which a unit has even when it is off.';
