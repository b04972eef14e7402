-- Which units respond to a word and to pictures of what it names? One row per words run, pictures run, unit and concept.
-- Source: definitions.md section 2. A concept is one of the unit's first 20 words that is in the caption or a keyword of
-- one of its first 20 pictures; agreement is the share of those 20 with the word minus the share in the whole set (of at
-- most some 4,000 pictures, evenly spread), so a word of every caption scores 0. Ask for a unit or a layer.
create or replace view multimodal_units as
with concepts as (
    select
        unit_top_words.run_id,
        unit_top_words.unit_id,
        unit_top_words.unit_name,
        unit_top_words.layer_name,
        unit_top_words.word,
        unit_top_words.word_rank,
        unit_top_words.is_explicit,
        plain_words(unit_top_words.word) as concept_words,
    from unit_top_words
    where unit_top_words.word_rank <= 20 and unit_top_words.activation_difference > 0
),

matched as (
    select
        top_picture_texts.run_id,
        concepts.run_id as words_run_id,
        top_picture_texts.model_name,
        top_picture_texts.unit_id,
        top_picture_texts.unit_name,
        top_picture_texts.layer_name,
        concepts.word as concept,
        concepts.concept_words,
        concepts.is_explicit,
        concepts.word_rank,
        min(top_picture_texts.example_rank) as first_picture_rank,
        count(distinct top_picture_texts.example_rank) as picture_count,
    from concepts
    inner join top_picture_texts
        on concepts.unit_id = top_picture_texts.unit_id
        and concepts.unit_name = top_picture_texts.unit_name
        and concepts.layer_name = top_picture_texts.layer_name
        and contains(top_picture_texts.text_words, concepts.concept_words)
    group by
        top_picture_texts.run_id,
        concepts.run_id,
        top_picture_texts.model_name,
        top_picture_texts.unit_id,
        top_picture_texts.unit_name,
        top_picture_texts.layer_name,
        concepts.word,
        concepts.concept_words,
        concepts.is_explicit,
        concepts.word_rank
)

select
    matched.run_id,
    matched.words_run_id,
    matched.model_name,
    matched.unit_id,
    matched.unit_name,
    matched.layer_name,
    matched.concept,
    matched.is_explicit,
    matched.word_rank,
    matched.first_picture_rank,
    matched.picture_count,
    matched.picture_count / 20 as top_picture_share,
    coalesce(phrase_shares.caption_share, 0) as caption_share,
    matched.picture_count / 20 - coalesce(phrase_shares.caption_share, 0) as agreement,
from matched
left join phrase_shares
    on matched.run_id = phrase_shares.run_id
    and matched.concept_words = phrase_shares.concept_words;
comment on view multimodal_units is 'Units whose top words are in the captions or keywords of their top pictures.';
comment on column multimodal_units.run_id is 'Pictures run.';
comment on column multimodal_units.words_run_id is 'Words run.';
comment on column multimodal_units.model_name is 'Model.';
comment on column multimodal_units.unit_id is 'Unit.';
comment on column multimodal_units.unit_name is 'Address of the unit.';
comment on column multimodal_units.layer_name is 'Address of its layer.';
comment on column multimodal_units.concept is 'The word that drives the unit and names its pictures.';
comment on column multimodal_units.is_explicit is 'Whether the word is explicit.';
comment on column multimodal_units.word_rank is 'Rank of the word among all words inside the unit, 1 the largest; at most 20.';
comment on column multimodal_units.first_picture_rank is 'Rank of the first picture whose caption or keywords have the word.';
comment on column multimodal_units.picture_count is 'Of the unit''s first 20 pictures, those whose caption or keywords have the word.';
comment on column multimodal_units.top_picture_share is 'Their share of the unit''s first 20 pictures.';
comment on column multimodal_units.caption_share is 'Share of the set''s pictures whose caption or keywords have the word; 0 for a concept of more than two words.';
comment on column multimodal_units.agreement is 'top_picture_share - caption_share: 0 for a word as common as elsewhere, near 1 for a rare word in every top caption.';
