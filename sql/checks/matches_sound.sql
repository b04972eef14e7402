-- Is each partner a unit of the run's other model, ranked without gaps, with a correlation between -1 and 1?
with placed as (
    select
        match_partners.run_id,
        match_partners.is_reverse,
        match_partners.unit_id,
        match_partners.other_unit_id,
        match_partners.partner_rank,
        match_partners.choice_correlation,
        match_partners.correlation,
        match_partners.held_out_rank,
        match_partners.held_out_back_rank,
        case when match_partners.is_reverse then other_layers.model_id else layers.model_id end as own_model_id,
        case when match_partners.is_reverse then layers.model_id else other_layers.model_id end as other_model_id,
        runs.model_id as run_model_id,
        models.model_id as run_other_model_id,
        row_number() over (
            partition by match_partners.run_id, match_partners.is_reverse, match_partners.unit_id, other_layers.layer_id
            order by match_partners.partner_rank
        ) as place,
        lag(match_partners.choice_correlation) over (
            partition by match_partners.run_id, match_partners.is_reverse, match_partners.unit_id, other_layers.layer_id
            order by match_partners.partner_rank
        ) as better_correlation,
    from match_partners
    left join runs on match_partners.run_id = runs.run_id
    left join models on json_extract_string(runs.settings, '$.other_weights_sha256') = models.weights_sha256
    left join units on match_partners.unit_id = units.unit_id
    left join layers on units.layer_id = layers.layer_id
    left join units as other_units on match_partners.other_unit_id = other_units.unit_id
    left join layers as other_layers on other_units.layer_id = other_layers.layer_id
)

select
    placed.run_id,
    placed.unit_id,
    placed.other_unit_id,
from placed
where
    placed.place <> placed.partner_rank
    or placed.choice_correlation > placed.better_correlation
    or abs(placed.choice_correlation) > 1
    or abs(placed.correlation) > 1
    or not isfinite(placed.choice_correlation)
    or not isfinite(placed.correlation)
    or (placed.correlation is null) <> (placed.held_out_rank is null)
    or least(placed.held_out_rank, placed.held_out_back_rank) < 1
    or placed.own_model_id is null
    or placed.other_model_id is null
    or placed.own_model_id is distinct from placed.run_model_id
    or placed.other_model_id is distinct from placed.run_other_model_id
union all
select
    match_nulls.run_id,
    match_nulls.unit_id,
    match_nulls.other_layer_id as other_unit_id,
from match_nulls
where abs(match_nulls.null_correlation) > 1 or not isfinite(match_nulls.null_correlation);
