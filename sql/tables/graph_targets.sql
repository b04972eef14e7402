-- Which target does a picture's graph explain? One row per run.
-- Source: definitions.md section 12; the explain job. Gates and attention are the picture's own, frozen.
create table if not exists graph_targets (
    run_id integer not null,
    stimulus_id integer not null,
    target text not null,
    target_kind text not null,
    target_value double not null,
);
comment on table graph_targets is 'Targets of pictures'' graphs.';
comment on column graph_targets.run_id is 'Explain run.';
comment on column graph_targets.stimulus_id is 'Picture.';
comment on column graph_targets.target is 'The text, two texts as "dog and not cat", or the address of a unit.';
comment on column graph_targets.target_kind is 'text: cosine with the text; unit: read-out at the centre, before the unit''s own ReLU.';
comment on column graph_targets.target_value is 'The cosine, the difference of two cosines, or the read-out.';
