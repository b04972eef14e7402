-- Which units of OpenAI's models is a word published for, as one of the words that drive them most? One row per unit, the strongest first.
-- Section As published. These rows come with the program, whether or not the file holds the models.
select
    answering.model_name, answering.unit_name, answering.word_rank,
    list({'word': beside.word, 'is_explicit': beside.is_explicit} order by beside.word_rank) as words
from published_unit_words as answering
inner join published_unit_words as beside using (model_name, unit_name)
where answering.word = lower($word) and beside.word is not null and beside.word_rank <= 6
group by all
order by answering.word_rank, answering.model_name, answering.unit_name;
