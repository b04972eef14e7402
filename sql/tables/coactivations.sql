-- How strongly is each lower unit on when an upper unit is? One row per run, lower unit and upper unit.
-- Source: definitions.md section 10 (weights on the distribution); ingest/coactivations/. Spatial means of a pictures run that kept them.
create table if not exists coactivations (
    run_id integer not null,
    lower_unit_id integer not null,
    upper_unit_id integer not null,
    coactivation float,
);
comment on table coactivations is 'Lower units averaged over pictures by how strongly an upper unit is on.';
comment on column coactivations.run_id is 'Run that computed it.';
comment on column coactivations.lower_unit_id is 'Unit that is averaged.';
comment on column coactivations.upper_unit_id is 'Unit that the average is weighted by.';
comment on column coactivations.coactivation is 'mean(a_l a_u) / mean(a_u) over pictures, a_u behind a ReLU; null where the upper unit is never on.';
