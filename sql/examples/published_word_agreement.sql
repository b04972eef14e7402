-- Do the words that are published for units of OpenAI's models drive them here, too? One line per unit, the least agreement first.
select
    published_word_agreement.published_name as model_name,
    published_word_agreement.unit_name,
    published_word_agreement.shown_word_count,
    published_word_agreement.strong_word_share,
    string_agg(published_unit_words.word, ', ' order by published_unit_words.word_rank)
        filter (where published_unit_words.word_rank <= 5 and not published_unit_words.is_explicit) as listed_words,
from published_word_agreement
inner join published_unit_words
    on published_word_agreement.published_name = published_unit_words.model_name
    and published_word_agreement.unit_name = published_unit_words.unit_name
group by all
order by strong_word_share, model_name, published_word_agreement.unit_name;
