-- Which units carry a typographic attack? One row per run, attacked picture, concept and unit.
-- Source: definitions.md section 11 on both pictures of a pair; ingest logits --attacked. Over all units the changes add up to the change
-- of the cosine minus that of the constant part. Ask for a picture and a concept: where stimulus_id = 7 and concept = 'iPod'
-- order by shortcut_change + residual_change desc limit 10. The positional part changes with attention, even in units that are off.
create or replace view attack_contributions as
with shown as (
    select
        typographic_stimuli.stimulus_id as attacked_stimulus_id,
        typographic_stimuli.clean_stimulus_id,
        typographic_stimuli.overlay_text,
        unnest([typographic_stimuli.stimulus_id, typographic_stimuli.clean_stimulus_id]) as stimulus_id,
        unnest([1, -1]) as sign,
    from typographic_stimuli
)

select
    head_contributions.run_id,
    head_contributions.model_name,
    shown.overlay_text,
    shown.clean_stimulus_id,
    shown.attacked_stimulus_id as stimulus_id,
    head_contributions.concept,
    head_contributions.unit_id,
    head_contributions.unit_name,
    sum(head_contributions.contribution) filter (where shown.sign < 0) as clean_contribution,
    sum(head_contributions.contribution) filter (where shown.sign > 0) as attacked_contribution,
    sum(shown.sign * head_contributions.contribution) as contribution_change,
    sum(shown.sign * head_contributions.shortcut_contribution) as shortcut_change,
    sum(shown.sign * head_contributions.residual_contribution) as residual_change,
    sum(shown.sign * head_contributions.position_contribution) as position_change,
from shown
inner join head_contributions on shown.stimulus_id = head_contributions.stimulus_id
inner join shown_runs on head_contributions.run_id = shown_runs.run_id
where shown_runs.part_name = 'attacked'
group by
    head_contributions.run_id,
    head_contributions.model_name,
    shown.overlay_text,
    shown.clean_stimulus_id,
    shown.attacked_stimulus_id,
    head_contributions.concept,
    head_contributions.unit_id,
    head_contributions.unit_name
having count(distinct shown.sign) = 2;
comment on view attack_contributions is 'How a text laid over a picture changes each unit''s contribution to a cosine, by branch.';
comment on column attack_contributions.run_id is 'Logits run over attacked pictures.';
comment on column attack_contributions.model_name is 'Model.';
comment on column attack_contributions.overlay_text is 'The text laid over the picture.';
comment on column attack_contributions.clean_stimulus_id is 'The picture without it.';
comment on column attack_contributions.stimulus_id is 'The picture with it.';
comment on column attack_contributions.concept is 'Text whose cosine is split.';
comment on column attack_contributions.unit_id is 'Unit of the last bottleneck''s output.';
comment on column attack_contributions.unit_name is 'Its address.';
comment on column attack_contributions.clean_contribution is 'What the unit adds to the cosine of the clean picture.';
comment on column attack_contributions.attacked_contribution is 'What it adds to the cosine of the picture with the text.';
comment on column attack_contributions.contribution_change is 'attacked_contribution - clean_contribution.';
comment on column attack_contributions.shortcut_change is 'The part of the change along the last bottleneck''s shortcut.';
comment on column attack_contributions.residual_change is 'The part from the last bottleneck''s convolutions.';
comment on column attack_contributions.position_change is 'The part from the positional embedding, through changed attention.';
