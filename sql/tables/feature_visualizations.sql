-- Which picture maximises a unit's activation? One row per run, unit and source.
-- Source: the features job (optimised here) and the microscope job (downloaded, for the user alone).
create table if not exists feature_visualizations (
    run_id integer not null,
    unit_id integer not null,
    source text not null,
    objective text not null,
    image blob,
    activation_mean float,
    activation_max float,
    source_uri text,
    content_sha256 text,
    error_message text,
);
comment on table feature_visualizations is 'Feature visualisations of units.';
comment on column feature_visualizations.run_id is 'Run that made or fetched it.';
comment on column feature_visualizations.unit_id is 'Unit.';
comment on column feature_visualizations.source is 'optimised: made by the features job; microscope: downloaded from OpenAI Microscope.';
comment on column feature_visualizations.objective is 'channel: mean over the unit''s map; neuron: its centre position.';
comment on column feature_visualizations.image is 'Encoded picture (PNG or WebP); null without any.';
comment on column feature_visualizations.activation_mean is 'The unit''s activation on this picture as the model sees it, averaged over positions; null when not measured.';
comment on column feature_visualizations.activation_max is 'Its largest activation over positions.';
comment on column feature_visualizations.source_uri is 'Address it was downloaded from; null for an optimised one.';
comment on column feature_visualizations.content_sha256 is 'SHA-256 of the picture''s bytes.';
comment on column feature_visualizations.error_message is 'Why there is no picture; null when there is one.';
