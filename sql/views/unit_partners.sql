-- Which units of another model respond like a unit, in either direction? One row per run, direction, unit and partner.
-- Source: definitions.md section 14: matched when each is among the other's best five of its layer on the held-out
-- stimuli (Rosetta neurons, arXiv 2306.09346). Relates two models: columns name the model of either unit.
create or replace view unit_partners as
select
    match_partners.run_id,
    match_partners.is_reverse,
    coalesce(json_extract_string(runs.settings, '$.shown'), 'pictures') as shown,
    models.model_name,
    models.pretrained_tag,
    match_partners.unit_id,
    units.unit_name,
    layers.layer_name,
    layers.layer_order,
    other_models.model_name as other_model_name,
    other_models.pretrained_tag as other_pretrained_tag,
    match_partners.other_unit_id,
    other_units.unit_name as other_unit_name,
    other_layers.layer_name as other_layer_name,
    other_layers.layer_order as other_layer_order,
    match_partners.correlation,
    match_partners.choice_correlation,
    match_nulls.null_correlation,
    match_partners.held_out_rank,
    match_partners.held_out_back_rank,
    coalesce(greatest(match_partners.held_out_rank, match_partners.held_out_back_rank) <= 5, false) as is_matched,
    coalesce(greatest(match_partners.held_out_rank, match_partners.held_out_back_rank) = 1, false) as is_best_match,
    match_partners.partner_rank as layer_match_rank,
    row_number() over (
        partition by match_partners.run_id, match_partners.is_reverse, match_partners.unit_id, units.unit_name
        order by match_partners.choice_correlation desc, match_partners.other_unit_id
    ) as match_rank,
from match_partners
inner join shown_runs on match_partners.run_id = shown_runs.run_id
inner join runs on match_partners.run_id = runs.run_id
inner join units on match_partners.unit_id = units.unit_id
inner join layers on units.layer_id = layers.layer_id
inner join models on layers.model_id = models.model_id
inner join units as other_units on match_partners.other_unit_id = other_units.unit_id
inner join layers as other_layers on other_units.layer_id = other_layers.layer_id
inner join models as other_models on other_layers.model_id = other_models.model_id
left join match_nulls
    on match_partners.run_id = match_nulls.run_id
    and match_partners.is_reverse = match_nulls.is_reverse
    and match_partners.unit_id = match_nulls.unit_id
    and other_units.layer_id = match_nulls.other_layer_id;
comment on view unit_partners is 'Units of two models whose responses correlate, from either side.';
comment on column unit_partners.run_id is 'Matches run.';
comment on column unit_partners.is_reverse is 'False where the unit belongs to the run''s model, true where it belongs to the other model.';
comment on column unit_partners.shown is 'What both models were shown: pictures, words, or captions (the run''s model the written caption, the other the picture).';
comment on column unit_partners.model_name is 'Model of the unit.';
comment on column unit_partners.pretrained_tag is 'Where its weights came from; random-SEED is an untrained control.';
comment on column unit_partners.unit_id is 'Unit.';
comment on column unit_partners.unit_name is 'Its address.';
comment on column unit_partners.layer_name is 'Address of its layer.';
comment on column unit_partners.layer_order is 'Position of that layer in running order.';
comment on column unit_partners.other_model_name is 'Model of the partner.';
comment on column unit_partners.other_pretrained_tag is 'Where its weights came from.';
comment on column unit_partners.other_unit_id is 'Partner.';
comment on column unit_partners.other_unit_name is 'Its address in the other model.';
comment on column unit_partners.other_layer_name is 'Address of its layer.';
comment on column unit_partners.other_layer_order is 'Position of that layer in running order.';
comment on column unit_partners.correlation is 'Correlation of both units'' spatial means over what was held out from the choice; null where one of the two does not change there.';
comment on column unit_partners.choice_correlation is 'The same over what the partners were chosen on.';
comment on column unit_partners.null_correlation is 'Held-out correlation of the unit''s best partner in that layer after a random rotation of its channels: what any basis gives.';
comment on column unit_partners.held_out_rank is 'On held-out stimuli: rank of the partner in its layer for the unit, 1 the best.';
comment on column unit_partners.held_out_back_rank is 'On held-out stimuli: rank of the unit in its own layer for the partner, 1 the best.';
comment on column unit_partners.is_matched is 'Whether each is among the other''s best five of its layer, held out.';
comment on column unit_partners.is_best_match is 'Whether each is the other''s best of its layer, held out.';
comment on column unit_partners.layer_match_rank is 'Rank of the partner in its layer by choice_correlation, 1 the best.';
comment on column unit_partners.match_rank is 'The same among the kept partners of all layers of the other model that were compared.';
