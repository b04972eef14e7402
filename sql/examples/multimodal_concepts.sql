-- Which units of the last layer respond to a word and to pictures of what it names?
select
    multimodal_units.unit_name,
    multimodal_units.concept,
    multimodal_units.word_rank,
    multimodal_units.picture_count,
    multimodal_units.agreement,
from multimodal_units
where multimodal_units.layer_name = '4/2/6' and not multimodal_units.is_explicit
order by multimodal_units.agreement desc, multimodal_units.unit_name
limit 10;
