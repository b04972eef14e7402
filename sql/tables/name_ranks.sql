-- Which concepts name a unit best? One row per run, unit and rank: five a unit.
-- Source: definitions.md section 13: soft-WPMI; the prior runs over the units of the layer and all concepts of the run.
create table if not exists name_ranks (
    run_id integer not null,
    unit_id integer not null,
    name_rank integer not null,
    concept_index integer not null,
    name_score float not null,
    held_out_correlation float,
);
comment on table name_ranks is 'The concepts of highest soft-WPMI of each unit.';
comment on column name_ranks.run_id is 'Names run.';
comment on column name_ranks.unit_id is 'Unit.';
comment on column name_ranks.name_rank is 'Rank by name_score, 1 is the name; ties in the order of the concepts.';
comment on column name_ranks.concept_index is 'Concept of the run, from 0.';
comment on column name_ranks.name_score is 'soft-WPMI, natural logarithm: how much better the concept fits this unit''s strongest pictures than other units''.';
comment on column name_ranks.held_out_correlation is 'Correlation of the unit''s spatial mean with the concept''s fit, over the held-out pictures; null where one does not vary.';
