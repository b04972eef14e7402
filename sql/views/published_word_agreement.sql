-- Do the words published for a unit drive it in our runs? One row per unit of OpenAI's models with published words.
-- Source: definitions.md section 15; published_unit_words, and each model's words run of its last layer with the most rows.
-- A word drives its unit when its activation is above zero and in the unit's strongest hundredth over all words of the run.
create or replace view published_word_agreement as
with words_runs as (
    select
        published_models.model_id,
        published_models.published_name,
        runs.run_id,
        layers.layer_id,
    from published_models
    inner join runs on published_models.model_id = runs.model_id
    inner join layers on runs.model_id = layers.model_id
    where
        runs.job_name = 'words'
        and runs.status = 'complete'
        and list_contains(json_extract_string(runs.settings, '$.layers[*]'), layers.layer_name)
    qualify
        row_number() over (
            partition by runs.model_id
            order by layers.layer_order desc, runs.row_count desc, runs.run_id desc
        ) = 1
),

listed_units as (
    select
        words_runs.model_id,
        words_runs.published_name,
        words_runs.run_id,
        units.unit_id,
        units.unit_name,
    from words_runs
    inner join units on words_runs.layer_id = units.layer_id
    where (words_runs.published_name, units.unit_name) in (
        select (published_unit_words.model_name, published_unit_words.unit_name) from published_unit_words
    )
),

strong as (
    select
        listed_units.unit_id,
        listed_units.run_id,
        greatest(quantile_disc(activations.activation_mean, 0.99), 0) as activation_bound,
    from listed_units
    inner join activations
        on listed_units.run_id = activations.run_id
        and listed_units.unit_id = activations.unit_id
    group by listed_units.unit_id, listed_units.run_id
),

listed as (
    select
        listed_units.run_id,
        listed_units.unit_id,
        published_unit_words.word_rank,
        published_unit_words.word,
        count(*) over (partition by listed_units.unit_id) as listed_word_count,
    from listed_units
    inner join published_unit_words
        on listed_units.published_name = published_unit_words.model_name
        and listed_units.unit_name = published_unit_words.unit_name
),

shown as (
    select
        listed.run_id,
        listed.unit_id,
        listed.word_rank,
        listed.listed_word_count,
        max(activations.activation_mean) as activation_mean,
    from listed
    inner join stimuli on listed.word = lower(stimuli.stimulus_text)
    inner join activations
        on listed.run_id = activations.run_id
        and stimuli.stimulus_id = activations.stimulus_id
        and listed.unit_id = activations.unit_id
    where stimuli.stimulus_kind = 'word'
    group by listed.run_id, listed.unit_id, listed.word_rank, listed.listed_word_count
),

judged as (
    select
        shown.run_id,
        shown.unit_id,
        shown.word_rank,
        shown.listed_word_count,
        (shown.activation_mean > 0 and shown.activation_mean >= strong.activation_bound)::integer as is_strong,
    from shown
    inner join strong on shown.run_id = strong.run_id and shown.unit_id = strong.unit_id
)

select
    listed_units.model_id,
    listed_units.published_name,
    listed_units.run_id,
    listed_units.unit_name,
    any_value(judged.listed_word_count) as listed_word_count,
    count(*) as shown_word_count,
    avg(judged.is_strong) as strong_word_share,
    avg(judged.is_strong) filter (where judged.word_rank <= 3) as strong_first_three_share,
from judged
inner join listed_units on judged.run_id = listed_units.run_id and judged.unit_id = listed_units.unit_id
group by listed_units.model_id, listed_units.published_name, listed_units.run_id, listed_units.unit_name;
comment on view published_word_agreement is 'How many of the words published for a unit drive it in our runs.';
comment on column published_word_agreement.model_id is 'Model.';
comment on column published_word_agreement.published_name is 'Its name in publications.';
comment on column published_word_agreement.run_id is 'Words run.';
comment on column published_word_agreement.unit_name is 'Address of the unit, of the last layer.';
comment on column published_word_agreement.listed_word_count is 'Number of words published for it: 3 or 20.';
comment on column published_word_agreement.shown_word_count is 'Those of them that the run showed.';
comment on column published_word_agreement.strong_word_share is 'Share of the shown ones that drive it; chance is 0.01.';
comment on column published_word_agreement.strong_first_three_share is 'The same of the first three; null where none was shown.';
