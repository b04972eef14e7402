-- How much of a layer is found again in a layer of another model? One row per run, direction, layer and other layer.
-- Source: definitions.md section 14: each unit by its best partner in the other layer, judged on held-out stimuli; excess over a
-- randomly rotated layer (Universal neurons, arXiv 2401.12181).
create or replace view layer_matches as
with best as (
    select
        match_nulls.run_id,
        match_nulls.is_reverse,
        units.layer_id,
        match_nulls.other_layer_id,
        match_nulls.choice_count,
        match_nulls.held_out_count,
        match_nulls.null_correlation,
        partners.correlation,
        partners.unit_id is not null as is_changing,
        greatest(partners.held_out_rank, partners.held_out_back_rank) as worse_rank,
    from match_nulls
    inner join shown_runs on match_nulls.run_id = shown_runs.run_id
    inner join units on match_nulls.unit_id = units.unit_id
    left join (
        select
            match_partners.run_id,
            match_partners.is_reverse,
            match_partners.unit_id,
            other_units.layer_id as other_layer_id,
            match_partners.correlation,
            match_partners.held_out_rank,
            match_partners.held_out_back_rank,
        from match_partners
        inner join units as other_units on match_partners.other_unit_id = other_units.unit_id
        where match_partners.partner_rank = 1
    ) as partners
        on match_nulls.run_id = partners.run_id
        and match_nulls.is_reverse = partners.is_reverse
        and match_nulls.unit_id = partners.unit_id
        and match_nulls.other_layer_id = partners.other_layer_id
),

judged as (
    select
        best.run_id,
        best.is_reverse,
        best.layer_id,
        best.other_layer_id,
        max(best.choice_count) as choice_count,
        max(best.held_out_count) as held_out_count,
        count(*) as unit_count,
        count(*) filter (where best.is_changing) as changing_unit_count,
        count(*) filter (where best.worse_rank <= 5) as matched_count,
        count(*) filter (where best.worse_rank = 1) as best_matched_count,
        avg(best.correlation::double) as correlation_mean,
        avg(best.null_correlation::double) as null_correlation_mean,
    from best
    group by best.run_id, best.is_reverse, best.layer_id, best.other_layer_id
)

select
    judged.run_id,
    judged.is_reverse,
    coalesce(json_extract_string(runs.settings, '$.shown'), 'pictures') as shown,
    models.model_name,
    models.pretrained_tag,
    layers.layer_name,
    layers.layer_order,
    other_models.model_name as other_model_name,
    other_models.pretrained_tag as other_pretrained_tag,
    other_layers.layer_name as other_layer_name,
    other_layers.layer_order as other_layer_order,
    judged.choice_count,
    judged.held_out_count,
    judged.unit_count,
    judged.changing_unit_count,
    judged.matched_count,
    judged.matched_count / nullif(judged.changing_unit_count, 0) as matched_share,
    judged.best_matched_count / nullif(judged.changing_unit_count, 0) as best_matched_share,
    judged.correlation_mean,
    judged.null_correlation_mean,
    judged.correlation_mean - judged.null_correlation_mean as correlation_excess,
from judged
inner join runs on judged.run_id = runs.run_id
inner join layers on judged.layer_id = layers.layer_id
inner join models on layers.model_id = models.model_id
inner join layers as other_layers on judged.other_layer_id = other_layers.layer_id
inner join models as other_models on other_layers.model_id = other_models.model_id;
comment on view layer_matches is 'Share of matched units and excess of their correlation, by pair of layers of two models.';
comment on column layer_matches.run_id is 'Matches run.';
comment on column layer_matches.is_reverse is 'False where the layer belongs to the run''s model, true where it belongs to the other model.';
comment on column layer_matches.shown is 'What both models were shown: pictures, words, or captions (the run''s model the written caption, the other the picture).';
comment on column layer_matches.model_name is 'Model of the layer.';
comment on column layer_matches.pretrained_tag is 'Where its weights came from; random-SEED is an untrained control.';
comment on column layer_matches.layer_name is 'Address of the layer whose units look for partners.';
comment on column layer_matches.layer_order is 'Its position in running order.';
comment on column layer_matches.other_model_name is 'Model of the other layer.';
comment on column layer_matches.other_pretrained_tag is 'Where its weights came from.';
comment on column layer_matches.other_layer_name is 'Address of the layer where they are looked for.';
comment on column layer_matches.other_layer_order is 'Its position in running order.';
comment on column layer_matches.choice_count is 'Stimuli on which partners were chosen.';
comment on column layer_matches.held_out_count is 'Held-out stimuli, on which they were judged.';
comment on column layer_matches.unit_count is 'Units of the layer.';
comment on column layer_matches.changing_unit_count is 'Units that vary over the stimuli of the choice, and so have a partner; shares are of these.';
comment on column layer_matches.matched_count is 'Units whose best partner is matched: each among the other''s best five on held-out stimuli.';
comment on column layer_matches.matched_share is 'matched_count over changing_unit_count; null where nothing varies.';
comment on column layer_matches.best_matched_share is 'The same for pairs that are each other''s best.';
comment on column layer_matches.correlation_mean is 'Average held-out correlation of units with their best partners; null where nothing varies.';
comment on column layer_matches.null_correlation_mean is 'The same against the other layer after a random rotation of its channels.';
comment on column layer_matches.correlation_excess is 'correlation_mean minus null_correlation_mean: what is due to single units, not to the space that the layers share.';
