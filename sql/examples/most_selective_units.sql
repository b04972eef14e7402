-- Which units of the last layer single out a few words? How far the best word lies above the fiftieth, in standard deviations.
with ranked as (
    select
        unit_top_words.unit_name,
        list(unit_top_words.word order by unit_top_words.word_rank)[:5] as top_words,
        max(unit_top_words.activation_difference) - min(unit_top_words.activation_difference) as height,
    from unit_top_words
    where
        unit_top_words.layer_name = '4/2/6'
        and unit_top_words.word_rank <= 50
        and not unit_top_words.is_explicit
    group by unit_top_words.unit_name
),

spread as (
    select
        word_activations.unit_name,
        stddev_samp(word_activations.activation_mean) as activation_deviation,
    from word_activations
    where word_activations.layer_name = '4/2/6'
    group by word_activations.unit_name
)

select
    ranked.unit_name,
    ranked.height / nullif(spread.activation_deviation, 0) as selectivity,
    ranked.top_words,
from ranked
inner join spread on ranked.unit_name = spread.unit_name
order by selectivity desc nulls last
limit 10;
