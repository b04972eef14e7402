-- How far can the names of a layer's units be trusted? One row per run and layer.
-- Source: definitions.md section 13; unit_name_agreement. A name agrees when it is a concept, or a keyword, of at least half of the unit's
-- strongest held-out pictures; a unit that does not vary on these does not count as agreeing.
create or replace view layer_name_agreement as
select
    unit_name_agreement.run_id,
    unit_name_agreement.model_id,
    unit_name_agreement.model_name,
    unit_name_agreement.layer_name,
    count(*) as unit_count,
    count(unit_name_agreement.held_out_correlation) as varying_unit_count,
    median(unit_name_agreement.held_out_correlation) as held_out_correlation_median,
    median(unit_name_agreement.random_correlation) as random_correlation_median,
    avg(
        (unit_name_agreement.name_share >= 0.5 and unit_name_agreement.held_out_correlation is not null)::integer
    ) as agreeing_unit_share,
    avg(
        (unit_name_agreement.random_name_share >= 0.5 and unit_name_agreement.held_out_correlation is not null)::integer
    ) as random_agreeing_unit_share,
from unit_name_agreement
group by
    unit_name_agreement.run_id,
    unit_name_agreement.model_id,
    unit_name_agreement.model_name,
    unit_name_agreement.layer_name;
comment on view layer_name_agreement is 'How well names fit the held-out pictures of each layer''s units, beside random concepts.';
comment on column layer_name_agreement.run_id is 'Names run.';
comment on column layer_name_agreement.model_id is 'Model.';
comment on column layer_name_agreement.model_name is 'Its name.';
comment on column layer_name_agreement.layer_name is 'Address of the layer.';
comment on column layer_name_agreement.unit_count is 'Units.';
comment on column layer_name_agreement.varying_unit_count is 'Units that vary over the held-out pictures.';
comment on column layer_name_agreement.held_out_correlation_median is 'Median trust in the names.';
comment on column layer_name_agreement.random_correlation_median is 'The same for random concepts.';
comment on column layer_name_agreement.agreeing_unit_share is 'Share of units whose name is a concept, or a keyword, of at least half of their strongest held-out pictures.';
comment on column layer_name_agreement.random_agreeing_unit_share is 'The same for random concepts: chance.';
