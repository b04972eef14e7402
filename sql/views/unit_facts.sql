-- What does a case study tell about a unit of a block's output? One row per model, fact and rank.
-- Source: the article's case studies; the convolution is index 5 of the unit's bottleneck, its contributors index 3.
create or replace macro unit_facts(unit) as table
with names as (
    select
        unit_names.run_id,
        unit_names.model_id,
        unit_names.unit_name,
        unit_names.name,
        unit_names.name_rank,
        unit_names.held_out_correlation,
        unit_names.is_explicit,
    from unit_names
    where unit_names.held_out_correlation is not null
),

words as (
    select
        unit_top_words.run_id,
        'driven by the word' as fact,
        unit_top_words.word_rank as fact_rank,
        unit_top_words.word as fact_text,
        unit_top_words.activation_difference as fact_value,
        unit_top_words.is_explicit,
    from unit_top_words
    where unit_top_words.unit_name = unit and unit_top_words.word_rank <= 8
),

pictures as (
    select
        unit_top_pictures.run_id,
        'driven by the picture' as fact,
        unit_top_pictures.example_rank as fact_rank,
        coalesce(unit_top_pictures.caption, unit_top_pictures.source_uri) as fact_text,
        unit_top_pictures.activation_mean as fact_value,
        unit_top_pictures.is_explicit,
    from unit_top_pictures
    where unit_top_pictures.unit_name = unit and unit_top_pictures.example_rank <= 8
),

contributors as (
    select
        backward_contributions.run_id,
        backward_contributions.lower_unit,
        backward_contributions.weight_mean,
        row_number() over (
            partition by backward_contributions.run_id
            order by backward_contributions.weight_mean desc, backward_contributions.lower_unit
        ) as excitatory_rank,
        row_number() over (
            partition by backward_contributions.run_id
            order by backward_contributions.weight_mean, backward_contributions.lower_unit
        ) as inhibitory_rank,
    from backward_contributions
    where
        backward_contributions.upper_unit = regexp_replace(unit, '^(\d+/\d+)/\d+/(\d+)$', '\1/5/\2')
        and backward_contributions.lower_layer = regexp_replace(unit, '^(\d+/\d+)/\d+/\d+$', '\1/3')
),

shares as (
    select
        residual_shares.run_id,
        residual_shares.definition || ', on ' || residual_shares.image_source as fact_text,
        residual_shares.shortcut_share as fact_value,
    from residual_shares
    inner join shown_runs on residual_shares.run_id = shown_runs.run_id
    inner join units on residual_shares.unit_id = units.unit_id
    where units.unit_name = unit
    union all
    select
        published_shares.run_id,
        'as the article''s repository gives it for RN50' as fact_text,
        published_shares.shortcut_share as fact_value,
    from published_shares
    inner join shown_runs on published_shares.run_id = shown_runs.run_id
    where published_shares.unit_name = unit
),

facts as (
    select
        names.run_id,
        'called' as fact,
        names.name_rank as fact_rank,
        names.name as fact_text,
        names.held_out_correlation as fact_value,
        names.is_explicit,
    from names
    where names.unit_name = unit and names.name_rank <= 3
    union all
    select
        words.run_id,
        words.fact,
        words.fact_rank,
        words.fact_text,
        words.fact_value,
        words.is_explicit,
    from words
    union all
    select
        pictures.run_id,
        pictures.fact,
        pictures.fact_rank,
        pictures.fact_text,
        pictures.fact_value,
        pictures.is_explicit,
    from pictures
    union all
    select
        contributors.run_id,
        'convolution excited by' as fact,
        contributors.excitatory_rank as fact_rank,
        contributors.lower_unit as fact_text,
        contributors.weight_mean as fact_value,
        false as is_explicit,
    from contributors
    where contributors.excitatory_rank <= 5 and contributors.weight_mean > 0
    union all
    select
        contributors.run_id,
        'convolution inhibited by' as fact,
        contributors.inhibitory_rank as fact_rank,
        contributors.lower_unit as fact_text,
        contributors.weight_mean as fact_value,
        false as is_explicit,
    from contributors
    where contributors.inhibitory_rank <= 5 and contributors.weight_mean < 0
    union all
    select
        shares.run_id,
        'share of the shortcut' as fact,
        row_number() over (partition by shares.run_id order by shares.fact_text) as fact_rank,
        shares.fact_text,
        shares.fact_value,
        false as is_explicit,
    from shares
)

select
    models.model_id,
    models.model_name,
    models.pretrained_tag,
    facts.run_id,
    facts.fact,
    facts.fact_rank,
    facts.fact_text || coalesce(format(' “{}” r {:.2f}', names.name, names.held_out_correlation), '') as fact_text,
    facts.fact_value,
    facts.is_explicit,
from facts
inner join runs on facts.run_id = runs.run_id
left join models on runs.model_id = models.model_id
left join names
    on starts_with(facts.fact, 'convolution')
    and runs.model_id = names.model_id
    and facts.fact_text = names.unit_name
    and names.name_rank = 1
    and not names.is_explicit;
comment on macro table unit_facts is 'A unit of a block''s output as a case study: its names, words, pictures, contributors and shortcut shares.';
