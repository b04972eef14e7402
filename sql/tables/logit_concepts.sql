-- Which texts were a logits run's pictures compared with? One row per run and concept.
-- Source: definitions.md section 11; the text side of the run's own model, ingest/network/text_side.py.
create table if not exists logit_concepts (
    run_id integer not null,
    concept_index integer not null,
    concept text not null,
    embedding float[] not null,
);
comment on table logit_concepts is 'Concepts of each logits run, with their text embeddings.';
comment on column logit_concepts.run_id is 'Logits run.';
comment on column logit_concepts.concept_index is 'Concept of the run, from 0.';
comment on column logit_concepts.concept is 'The text, without the template of the run''s settings.';
comment on column logit_concepts.embedding is 'Its text embedding, of length 1.';
