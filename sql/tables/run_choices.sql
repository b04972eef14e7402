-- Which runs has a person chosen to be shown instead of newer ones? One row per choice.
-- Source: warehouse/run_choices.py: clip-warehouse show RUN, or the command of an older run again.
create table if not exists run_choices (
    run_id integer not null,
    chosen_at timestamp not null,
);
comment on table run_choices is 'One row for each time a person chose a run to be shown.';
comment on column run_choices.run_id is 'Run that was chosen.';
comment on column run_choices.chosen_at is 'When, UTC; a run of the same job and part that is completed later is shown instead.';
