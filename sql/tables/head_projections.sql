-- Which concepts does a unit promote most through each head? One row per run, unit, head and rank.
-- Source: definitions.md section 11; only the largest projections D . t (how many: settings); the others follow from unit_heads.
create table if not exists head_projections (
    run_id integer not null,
    unit_id integer not null,
    head_index integer not null,
    concept_rank integer not null,
    concept_index integer not null,
    projection float not null,
);
comment on table head_projections is 'The concepts that each unit promotes most through each head.';
comment on column head_projections.run_id is 'Logits run.';
comment on column head_projections.unit_id is 'Unit of the last bottleneck''s output.';
comment on column head_projections.head_index is 'Head of the attention pool, from 0.';
comment on column head_projections.concept_rank is 'Rank of the concept by projection, 1 the largest.';
comment on column head_projections.concept_index is 'Concept of the run, from 0.';
comment on column head_projections.projection is 'D . t: what a strength of 1 in this head adds to the dot product with the text.';
