-- How strongly is each lower unit on when an upper unit is? One row per run, lower unit and upper unit.
-- Source: definitions.md section 10 (weights on the distribution); ingest/coactivations/. From the spatial means that a pictures run kept.
create table if not exists coactivations (
    run_id integer not null,
    lower_unit_id integer not null,
    upper_unit_id integer not null,
    coactivation float,
);
comment on table coactivations is 'Averages of lower units over pictures, weighted by an upper unit''s activation.';
comment on column coactivations.run_id is 'Run that computed it.';
comment on column coactivations.lower_unit_id is 'Unit that is averaged.';
comment on column coactivations.upper_unit_id is 'Unit that the average is weighted by.';
comment on column coactivations.coactivation is 'mean(a_l a_u) / mean(a_u) over pictures, a_u after its ReLU; null where the upper unit is never on.';
