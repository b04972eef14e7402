-- How much does a unit promote each concept, over all heads? One row per run, unit and concept.
-- Source: definitions.md section 11: the sum over heads of D . t, what a strength of 1 in every head adds to the dot product.
create table if not exists unit_projections (
    run_id integer not null,
    unit_id integer not null,
    concept_index integer not null,
    projection float not null,
);
comment on table unit_projections is 'Projection of every unit on every concept, over all heads.';
comment on column unit_projections.run_id is 'Logits run.';
comment on column unit_projections.unit_id is 'Unit of the last bottleneck''s output.';
comment on column unit_projections.concept_index is 'Concept of the run, from 0.';
comment on column unit_projections.projection is 'Sum over heads of the projection D . t.';
