-- Do magnitude and mean rank the pairs of units of two layers alike? One row per run and pair of layers.
-- Source: definitions.md section 4; rank_correlations.
create table if not exists layer_pair_statistics (
    run_id integer not null,
    lower_layer_id integer not null,
    upper_layer_id integer not null,
    magnitude_mean_rank_correlation double,
);
comment on table layer_pair_statistics is 'Statistics over all pairs of units of two layers.';
comment on column layer_pair_statistics.run_id is 'Run that computed it.';
comment on column layer_pair_statistics.lower_layer_id is 'Lower layer.';
comment on column layer_pair_statistics.upper_layer_id is 'Upper layer.';
comment on column layer_pair_statistics.magnitude_mean_rank_correlation is 'Spearman''s rank correlation of magnitude and |mean| over all pairs of units; null when one is constant.';
