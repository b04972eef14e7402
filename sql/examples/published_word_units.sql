-- Which units of OpenAI's models are published as responding to "melbourne", and to which other words? No model is needed.
select
    answering.model_name,
    answering.unit_name,
    answering.word_rank,
    string_agg(beside.word, ', ' order by beside.word_rank) as words,
from published_unit_words as answering
inner join published_unit_words as beside
    on answering.model_name = beside.model_name
    and answering.unit_name = beside.unit_name
where answering.word = 'melbourne' and beside.word_rank <= 6 and not beside.is_explicit
group by answering.model_name, answering.unit_name, answering.word_rank
order by answering.model_name, answering.word_rank, answering.unit_name;
