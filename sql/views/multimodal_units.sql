-- Which units answer to a word and to pictures of what it names? One row per words run, pictures run, unit and concept.
-- Source: definitions.md section 2. A concept is one of the unit's first 20 words that stands in the caption or a keyword of
-- one of its first 20 pictures; how well they agree is the share of those 20 with the word minus that of the whole set (of at
-- most some 4,000 pictures, evenly spread), so that a word of every caption counts nothing. Ask for a unit or a layer.
create or replace view multimodal_units as
with sets as (
    select
        shown_runs.run_id,
        greatest(count(*) // 2000, 1) as step,
    from shown_runs
    inner join run_stimuli on shown_runs.run_id = run_stimuli.run_id
    where shown_runs.job_name = 'pictures'
    group by shown_runs.run_id
),

sampled as (
    select
        sets.run_id,
        stimuli.stimulus_id,
        stimuli.stimulus_text,
    from sets
    inner join run_stimuli on sets.run_id = run_stimuli.run_id and run_stimuli.stimulus_id % sets.step = 0
    inner join stimuli on run_stimuli.stimulus_id = stimuli.stimulus_id
    where stimuli.error_message is null
),

sample_sizes as (
    select
        sampled.run_id,
        count(*) as picture_count,
    from sampled
    group by sampled.run_id
),

sampled_texts as (
    select
        sampled.run_id,
        sampled.stimulus_id,
        string_split(trim(plain_words(sampled.stimulus_text)), ' ') as text_words,
    from sampled
    union all
    select
        sampled.run_id,
        sampled.stimulus_id,
        string_split(trim(plain_words(stimulus_keywords.keyword)), ' ') as text_words,
    from sampled
    inner join stimulus_keywords on sampled.stimulus_id = stimulus_keywords.stimulus_id
),

phrases as (
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
    from sampled_texts
),

frequencies as (
    select
        phrases.run_id,
        ' ' || phrases.phrase || ' ' as concept_words,
        count(*) / any_value(sample_sizes.picture_count) as caption_share,
    from phrases
    inner join sample_sizes on phrases.run_id = sample_sizes.run_id
    group by phrases.run_id, phrases.phrase
),

concepts as (
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

pictured as not materialized (
    select
        unit_top_pictures.run_id,
        unit_top_pictures.model_name,
        unit_top_pictures.unit_id,
        unit_top_pictures.unit_name,
        unit_top_pictures.layer_name,
        unit_top_pictures.example_rank,
        plain_words(unit_top_pictures.caption) as text_words,
    from unit_top_pictures
    where unit_top_pictures.example_rank <= 20
    union all
    select
        unit_top_pictures.run_id,
        unit_top_pictures.model_name,
        unit_top_pictures.unit_id,
        unit_top_pictures.unit_name,
        unit_top_pictures.layer_name,
        unit_top_pictures.example_rank,
        plain_words(stimulus_keywords.keyword) as text_words,
    from unit_top_pictures
    inner join stimulus_keywords on unit_top_pictures.stimulus_id = stimulus_keywords.stimulus_id
    where unit_top_pictures.example_rank <= 20
),

matched as (
    select
        pictured.run_id,
        concepts.run_id as words_run_id,
        pictured.model_name,
        pictured.unit_id,
        pictured.unit_name,
        pictured.layer_name,
        concepts.word as concept,
        concepts.concept_words,
        concepts.is_explicit,
        concepts.word_rank,
        min(pictured.example_rank) as first_picture_rank,
        count(distinct pictured.example_rank) as picture_count,
    from concepts
    inner join pictured
        on concepts.unit_id = pictured.unit_id
        and concepts.unit_name = pictured.unit_name
        and concepts.layer_name = pictured.layer_name
        and contains(pictured.text_words, concepts.concept_words)
    group by
        pictured.run_id,
        concepts.run_id,
        pictured.model_name,
        pictured.unit_id,
        pictured.unit_name,
        pictured.layer_name,
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
    coalesce(frequencies.caption_share, 0) as caption_share,
    matched.picture_count / 20 - coalesce(frequencies.caption_share, 0) as agreement,
from matched
left join frequencies on matched.run_id = frequencies.run_id and matched.concept_words = frequencies.concept_words;
comment on view multimodal_units is 'Units whose top words stand in the captions or keywords of their top pictures.';
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
comment on column multimodal_units.agreement is 'top_picture_share - caption_share: 0 as often as anywhere, near 1 a rare word in every top caption.';
