-- What does a unit contribute to each head of the attention pool? One row per run, unit and head.
-- Source: definitions.md section 11: the head's rows of v_proj, column of the unit. Direction D is c_proj of the head times it.
create table if not exists unit_heads (
    run_id integer not null,
    unit_id integer not null,
    head_index integer not null,
    head_value float[] not null,
);
comment on table unit_heads is 'Values of each unit in each head; with logit_concept_heads they give the projection of any unit on any concept.';
comment on column unit_heads.run_id is 'Logits run.';
comment on column unit_heads.unit_id is 'Unit of the last bottleneck''s output.';
comment on column unit_heads.head_index is 'Head of the attention pool, from 0.';
comment on column unit_heads.head_value is 'What a strength of 1 contributes to the head.';
