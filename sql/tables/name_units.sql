-- Against which random concept are a unit's names judged? One row per run and unit.
-- Source: definitions.md section 13; the random concept is drawn by the run's seed, and is never the name.
create table if not exists name_units (
    run_id integer not null,
    unit_id integer not null,
    random_concept_index integer not null,
    random_correlation float,
    mean_embedding_length float not null,
);
comment on table name_units is 'A random concept for each unit, to compare its names with, and the length by which a search by meaning divides.';
comment on column name_units.run_id is 'Names run.';
comment on column name_units.unit_id is 'Unit.';
comment on column name_units.random_concept_index is 'A concept drawn at random, other than the name.';
comment on column name_units.random_correlation is 'held_out_correlation of this concept; null where the unit does not vary.';
comment on column name_units.mean_embedding_length is 'Length of the mean embedding of its 20 strongest pictures of both halves: 1 where all embeddings are equal.';
