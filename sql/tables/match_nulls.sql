-- How well is a unit matched by a layer's size and covariances alone? One row per run, direction, unit and other layer.
-- Source: definitions.md section 14; ingest/matches/. The other layer's channels are mixed by a random orthogonal matrix.
create table if not exists match_nulls (
    run_id integer not null,
    is_reverse boolean not null,
    unit_id integer not null,
    other_layer_id integer not null,
    choice_count integer not null,
    held_out_count integer not null,
    null_correlation float,
);
comment on table match_nulls is 'Best partners of units in a rotated layer of the other model.';
comment on column match_nulls.run_id is 'Matches run; its model is this model.';
comment on column match_nulls.is_reverse is 'False where the unit belongs to the run''s model, true where it belongs to the other model.';
comment on column match_nulls.unit_id is 'Unit.';
comment on column match_nulls.other_layer_id is 'Layer of the other of the two models.';
comment on column match_nulls.choice_count is 'Stimuli on which partners were chosen.';
comment on column match_nulls.held_out_count is 'Held-out stimuli, on which they were judged.';
comment on column match_nulls.null_correlation is 'Held-out correlation with the best channel of the rotated layer, chosen as partners are; null for a unit that never varies.';
