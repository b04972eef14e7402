-- Which units of the other model respond like a unit of the run's model? One row per run, unit and partner.
-- Source: unit_partners; the best few in each compared layer. The best of all has match_rank 1.
create or replace view unit_matches as
select
    unit_partners.run_id,
    unit_partners.shown,
    unit_partners.model_name,
    unit_partners.pretrained_tag,
    unit_partners.unit_id,
    unit_partners.unit_name,
    unit_partners.layer_name,
    unit_partners.layer_order,
    unit_partners.other_model_name,
    unit_partners.other_pretrained_tag,
    unit_partners.other_unit_id,
    unit_partners.other_unit_name,
    unit_partners.other_layer_name,
    unit_partners.other_layer_order,
    unit_partners.correlation,
    unit_partners.choice_correlation,
    unit_partners.null_correlation,
    unit_partners.held_out_rank,
    unit_partners.held_out_back_rank,
    unit_partners.is_matched,
    unit_partners.is_best_match,
    unit_partners.layer_match_rank,
    unit_partners.match_rank,
from unit_partners
where not unit_partners.is_reverse;
comment on view unit_matches is 'Best partners in another model of each unit of the run''s model.';
comment on column unit_matches.run_id is 'Matches run.';
comment on column unit_matches.shown is 'What both models were shown: pictures, words, or captions (the run''s model the written caption, the other the picture).';
comment on column unit_matches.model_name is 'Model of the unit.';
comment on column unit_matches.pretrained_tag is 'Where its weights came from; random-SEED is an untrained control.';
comment on column unit_matches.unit_id is 'Unit.';
comment on column unit_matches.unit_name is 'Its address.';
comment on column unit_matches.layer_name is 'Address of its layer.';
comment on column unit_matches.layer_order is 'Position of that layer in running order.';
comment on column unit_matches.other_model_name is 'Model of the partner.';
comment on column unit_matches.other_pretrained_tag is 'Where its weights came from.';
comment on column unit_matches.other_unit_id is 'Partner.';
comment on column unit_matches.other_unit_name is 'Its address in the other model.';
comment on column unit_matches.other_layer_name is 'Address of its layer.';
comment on column unit_matches.other_layer_order is 'Position of that layer in running order.';
comment on column unit_matches.correlation is 'Correlation of both units'' spatial means over the held-out stimuli; null where one of the two does not vary there.';
comment on column unit_matches.choice_correlation is 'The same over the stimuli on which partners were chosen.';
comment on column unit_matches.null_correlation is 'Held-out correlation of the unit''s best partner in that layer after a random rotation of its channels: the baseline.';
comment on column unit_matches.held_out_rank is 'On held-out stimuli: rank of the partner in its layer for the unit, 1 the best.';
comment on column unit_matches.held_out_back_rank is 'On held-out stimuli: rank of the unit in its own layer for the partner, 1 the best.';
comment on column unit_matches.is_matched is 'Whether each is among the other''s best five of its layer, on held-out stimuli.';
comment on column unit_matches.is_best_match is 'Whether each is the other''s best of its layer, on held-out stimuli.';
comment on column unit_matches.layer_match_rank is 'Rank of the partner in its layer by choice_correlation, 1 the best.';
comment on column unit_matches.match_rank is 'The same among the kept partners of all layers of the other model that were compared.';
