-- What is a unit called, and how far can the name be trusted? One row per run, unit and rank: name_rank = 1 is the name.
-- Source: definitions.md section 13: soft-WPMI on half of the pictures, judged on the other half; ingest/names/soft_wpmi.py.
create or replace view unit_names as
select
    name_ranks.run_id,
    models.model_id,
    models.model_name,
    name_ranks.unit_id,
    units.unit_name,
    layers.layer_name,
    name_concepts.concept as name,
    name_ranks.name_rank,
    name_ranks.name_score,
    name_ranks.held_out_correlation,
    random_concepts.concept as random_name,
    name_units.random_correlation,
    name_concepts.is_explicit,
from name_ranks
inner join shown_runs on name_ranks.run_id = shown_runs.run_id
inner join name_concepts
    on name_ranks.run_id = name_concepts.run_id
    and name_ranks.concept_index = name_concepts.concept_index
inner join name_units
    on name_ranks.run_id = name_units.run_id
    and name_ranks.unit_id = name_units.unit_id
inner join name_concepts as random_concepts
    on name_units.run_id = random_concepts.run_id
    and name_units.random_concept_index = random_concepts.concept_index
inner join units on name_ranks.unit_id = units.unit_id
inner join layers on units.layer_id = layers.layer_id
inner join models on layers.model_id = models.model_id;
comment on view unit_names is 'Names of units with their runners-up, and how far to trust them.';
comment on column unit_names.run_id is 'Names run.';
comment on column unit_names.model_id is 'Model.';
comment on column unit_names.model_name is 'Its name.';
comment on column unit_names.unit_id is 'Unit.';
comment on column unit_names.unit_name is 'Its address.';
comment on column unit_names.layer_name is 'Address of its layer.';
comment on column unit_names.name is 'Concept.';
comment on column unit_names.name_rank is 'Rank of the concept by name_score: 1 is the unit''s name, then the runners-up.';
comment on column unit_names.name_score is 'soft-WPMI: how much better the concept fits this unit''s strongest pictures than other units''.';
comment on column unit_names.held_out_correlation is 'The trust: correlation of the unit with the concept''s fit, over pictures that did not name it; null for a unit that does not vary.';
comment on column unit_names.random_name is 'A concept drawn at random for the unit.';
comment on column unit_names.random_correlation is 'Correlation of the unit with the random concept''s fit over the same pictures.';
comment on column unit_names.is_explicit is 'Whether the name is explicit.';
