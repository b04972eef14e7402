-- Which units of another model respond most like a unit? One row per run, direction, unit and kept partner.
-- Source: definitions.md section 14; ingest/matches/. The best few of each unit in each layer of the other model, chosen on half
-- of the stimuli, judged on the other half; the view unit_partners tells which are matched.
create table if not exists match_partners (
    run_id integer not null,
    is_reverse boolean not null,
    unit_id integer not null,
    other_unit_id integer not null,
    partner_rank integer not null,
    choice_correlation float not null,
    correlation float,
    held_out_rank integer,
    held_out_back_rank integer,
);
comment on table match_partners is 'Best partners of units of two models that were shown the same stimuli.';
comment on column match_partners.run_id is 'Matches run; its model is this model.';
comment on column match_partners.is_reverse is 'False where the unit belongs to the run''s model, true where it belongs to the other model.';
comment on column match_partners.unit_id is 'Unit.';
comment on column match_partners.other_unit_id is 'Its partner, a unit of the other of the two models.';
comment on column match_partners.partner_rank is 'Rank of the partner in its layer by choice_correlation, 1 the best.';
comment on column match_partners.choice_correlation is 'Correlation of both units'' spatial means over the stimuli on which partners were chosen.';
comment on column match_partners.correlation is 'The same over the held-out stimuli; null where one of the two does not vary there.';
comment on column match_partners.held_out_rank is 'On held-out stimuli: rank of the partner in its layer for the unit, 1 the best.';
comment on column match_partners.held_out_back_rank is 'On held-out stimuli: rank of the unit in its own layer for the partner, 1 the best.';
