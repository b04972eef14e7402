-- From which texts were units' names chosen? One row per run and concept, and one for the empty text.
-- Source: definitions.md section 13; the text side of the run's own model, ingest/network/text_side.py.
create table if not exists name_concepts (
    run_id integer not null,
    concept_index integer not null,
    concept text not null,
    is_explicit boolean not null,
    embedding float[] not null,
);
comment on table name_concepts is 'Concepts of each names run, with their text embeddings.';
comment on column name_concepts.run_id is 'Names run.';
comment on column name_concepts.concept_index is 'Concept of the run, from 0; -1 is the empty text, which a search subtracts.';
comment on column name_concepts.concept is 'The text, without the template of the run''s settings.';
comment on column name_concepts.is_explicit is 'Whether pages blur it until a person reveals it.';
comment on column name_concepts.embedding is 'Its text embedding, of length 1.';
