-- Which runs did a person ask to be shown although newer ones are complete? One row per time.
-- Source: warehouse/run_choices.py: clip-warehouse show RUN, or an older run's command typed again.
create table if not exists run_choices (
    run_id integer not null,
    chosen_at timestamp not null,
);
comment on table run_choices is 'One row each time a person chose a run to be shown.';
comment on column run_choices.run_id is 'Run that was chosen.';
comment on column run_choices.chosen_at is 'When, UTC; a run of the same job and part that is complete later is shown instead.';
