-- How common is a phrase in the captions and keywords of a picture set? One row per pictures run and phrase.
-- Source: caption_phrases over captioned_sample.
create or replace view phrase_shares as
with sample_sizes as (
    select
        captioned_sample.run_id,
        count(*) as picture_count,
    from captioned_sample
    group by captioned_sample.run_id
)

select
    caption_phrases.run_id,
    ' ' || caption_phrases.phrase || ' ' as concept_words,
    count(*) / any_value(sample_sizes.picture_count) as caption_share,
from caption_phrases
inner join sample_sizes on caption_phrases.run_id = sample_sizes.run_id
group by caption_phrases.run_id, caption_phrases.phrase;
comment on view phrase_shares is 'Share of a set''s pictures whose caption or keywords have a phrase.';
comment on column phrase_shares.run_id is 'Pictures run.';
comment on column phrase_shares.concept_words is 'The phrase as normalised by plain_words, with a space on either side.';
comment on column phrase_shares.caption_share is 'Share of the sampled pictures with the phrase.';
