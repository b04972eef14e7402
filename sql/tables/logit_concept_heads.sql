-- What is each concept in the value space of each head? One row per run, concept and head.
-- Source: definitions.md section 11: the head's columns of c_proj, transposed, times the text embedding.
create table if not exists logit_concept_heads (
    run_id integer not null,
    concept_index integer not null,
    head_index integer not null,
    head_text float[] not null,
);
comment on table logit_concept_heads is 'Text embeddings, mapped back through the output of each head.';
comment on column logit_concept_heads.run_id is 'Logits run.';
comment on column logit_concept_heads.concept_index is 'Concept of the run, from 0.';
comment on column logit_concept_heads.head_index is 'Head of the attention pool, from 0.';
comment on column logit_concept_heads.head_text is 'The concept in the head''s value space: its dot product with unit_heads.head_value is the projection D . t.';
