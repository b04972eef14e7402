-- Do magnitude and |mean| rank pairs of units alike? One row per run and pair of layers.
-- Source: definitions.md section 4; the table layer_pair_statistics.
create or replace view magnitude_mean_correspondence as
select
    layer_pair_statistics.run_id,
    models.model_name,
    models.pretrained_tag,
    lower_layers.layer_name as lower_layer,
    upper_layers.layer_name as upper_layer,
    layer_pair_statistics.magnitude_mean_rank_correlation,
    shown_weight_runs.gates,
from layer_pair_statistics
inner join shown_weight_runs on layer_pair_statistics.run_id = shown_weight_runs.run_id
inner join layers as lower_layers on layer_pair_statistics.lower_layer_id = lower_layers.layer_id
inner join layers as upper_layers on layer_pair_statistics.upper_layer_id = upper_layers.layer_id
inner join models on lower_layers.model_id = models.model_id;
comment on view magnitude_mean_correspondence is 'Rank correlation of magnitude and |mean| for each pair of layers.';
comment on column magnitude_mean_correspondence.run_id is 'Contributions run.';
comment on column magnitude_mean_correspondence.model_name is 'Model.';
comment on column magnitude_mean_correspondence.pretrained_tag is 'Where its weights came from.';
comment on column magnitude_mean_correspondence.lower_layer is 'Address of the lower layer.';
comment on column magnitude_mean_correspondence.upper_layer is 'Address of the upper layer.';
comment on column magnitude_mean_correspondence.magnitude_mean_rank_correlation is 'Spearman''s rank correlation over all pairs of units; null when one is constant.';
comment on column magnitude_mean_correspondence.gates is 'linear: every ReLU open, as in the article; pictures: each picture''s own gates, averaged over pictures (in schema all_runs).';
