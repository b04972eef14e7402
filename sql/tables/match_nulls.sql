-- How well would a unit be matched by nothing but a layer's size and covariances? One row per run, direction, unit and other layer.
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
comment on column match_nulls.is_reverse is 'False where the unit is of the run''s model, true where it is of the other one.';
comment on column match_nulls.unit_id is 'Unit.';
comment on column match_nulls.other_layer_id is 'Layer of the other of the two models.';
comment on column match_nulls.choice_count is 'Stimuli that partners were chosen on.';
comment on column match_nulls.held_out_count is 'Stimuli that they were judged on.';
comment on column match_nulls.null_correlation is 'Held-out correlation with the channel of the rotated layer that the choice finds best; null for a unit that never changes.';
