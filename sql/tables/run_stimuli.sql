-- Which stimuli was a run given? One row per run and stimulus, rejected ones included.
-- Source: warehouse/loading.py, when the run begins; warehouse/shard_tables.py for stimuli that shards add.
create table if not exists run_stimuli (
    run_id integer not null,
    stimulus_id integer not null,
);
comment on table run_stimuli is 'The stimuli that each run was given; those with an error have no activations.';
comment on column run_stimuli.run_id is 'Run.';
comment on column run_stimuli.stimulus_id is 'Stimulus the run was given.';
