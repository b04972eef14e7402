-- How far can the names of units be trusted, layer by layer?
select
    layer_name_agreement.layer_name,
    layer_name_agreement.unit_count,
    layer_name_agreement.held_out_correlation_median,
    layer_name_agreement.random_correlation_median,
    layer_name_agreement.agreeing_unit_share,
    layer_name_agreement.random_agreeing_unit_share,
from layer_name_agreement
where regexp_matches(layer_name_agreement.layer_name, '/[68]$')
order by layer_name_agreement.model_name, layer_name_agreement.layer_name;
