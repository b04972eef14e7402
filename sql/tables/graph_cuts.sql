-- How much of a target comes from no unit, at each bottleneck's output? One row per run and layer.
-- Source: definitions.md section 12: attributions of all units of the layer and this constant add up to the target.
create table if not exists graph_cuts (
    run_id integer not null,
    layer_id integer not null,
    constant_attribution double not null,
);
comment on table graph_cuts is 'Constants of pictures'' graphs.';
comment on column graph_cuts.run_id is 'Explain run.';
comment on column graph_cuts.layer_id is 'Output of a bottleneck.';
comment on column graph_cuts.constant_attribution is 'What the biases above the layer add and, for a text, the positional embedding.';
