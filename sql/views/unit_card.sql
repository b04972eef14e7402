-- What is known about one unit, on one line? One row per model that has the unit: from unit_card('4/2/6/34').
-- Source: unit_details, unit_top_words.
-- An address that no model has is an error, not an empty answer.
create or replace macro unit_card(unit) as table
with known as (
    select
        case
            when count(*) = 0 then error('no unit ' || unit || ' in this warehouse: write block/bottleneck/index/channel')
            else count(*)
        end as unit_count,
    from units
    where units.unit_name = unit
),

words as (
    select
        unit_top_words.unit_id,
        list(unit_top_words.word order by unit_top_words.word_rank, unit_top_words.run_id) as top_words,
    from unit_top_words
    where unit_top_words.unit_name = unit and unit_top_words.word_rank <= 10
    group by unit_top_words.unit_id
)

select
    unit_details.unit_name,
    unit_details.model_name,
    unit_details.pretrained_tag,
    unit_details.layer_kind,
    unit_details.channel_count,
    unit_details.map_height,
    unit_details.map_width,
    unit_details.batch_norm_scale,
    unit_details.batch_norm_shift,
    words.top_words,
    unit_details.microscope_url,
from known
left join unit_details on unit_details.unit_name = unit
left join words on unit_details.unit_id = words.unit_id
where known.unit_count > 0;
comment on macro table unit_card is 'One unit with its top words.';
