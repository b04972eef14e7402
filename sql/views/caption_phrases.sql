-- Which words and pairs of adjacent words are in a picture's caption or keywords? One row per pictures run, picture and phrase.
-- Source: captioned_sample and stimulus_keywords, normalised by plain_words.
create or replace view caption_phrases as
with sampled_texts as (
    select
        captioned_sample.run_id,
        captioned_sample.stimulus_id,
        string_split(trim(plain_words(captioned_sample.stimulus_text)), ' ') as text_words,
    from captioned_sample
    union all
    select
        captioned_sample.run_id,
        captioned_sample.stimulus_id,
        string_split(trim(plain_words(stimulus_keywords.keyword)), ' ') as text_words,
    from captioned_sample
    inner join stimulus_keywords on captioned_sample.stimulus_id = stimulus_keywords.stimulus_id
)

select distinct
    sampled_texts.run_id,
    sampled_texts.stimulus_id,
    unnest(
        list_concat(
            sampled_texts.text_words,
            list_transform(
                range(1, len(sampled_texts.text_words)),
                lambda place: sampled_texts.text_words[place] || ' ' || sampled_texts.text_words[place + 1]
            )
        )
    ) as phrase,
from sampled_texts;
comment on view caption_phrases is 'Words and pairs of words of the captions and keywords of a sample of pictures.';
comment on column caption_phrases.run_id is 'Pictures run.';
comment on column caption_phrases.stimulus_id is 'Picture.';
comment on column caption_phrases.phrase is 'A word, or two that follow each other.';
