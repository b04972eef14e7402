-- Does a unit's name here say what people have called it? One row per unit of OpenAI's models that has a name by hand with a word in it.
-- Source: definitions.md sections 13 and 15; published_unit_names, and of each unit the newest names run. They agree where they have a word in
-- common, compared as plain_words; words of one or two letters and those of every text (and, the, neuron ...) count nothing.
create or replace view published_name_agreement as
with by_hand as (
    select
        published_unit_names.model_name,
        published_unit_names.unit_name,
        string_agg(published_unit_names.name, '; ' order by published_unit_names.name) as published_names,
    from published_unit_names
    group by published_unit_names.model_name, published_unit_names.unit_name
),

named as (
    select
        name_ranks.run_id,
        published_models.model_id,
        published_models.published_name,
        units.unit_name,
        by_hand.published_names,
        name_concepts.concept as name,
        name_ranks.held_out_correlation,
        random_concepts.concept as random_name,
    from by_hand
    inner join published_models on by_hand.model_name = published_models.published_name
    inner join layers on published_models.model_id = layers.model_id
    inner join units on layers.layer_id = units.layer_id and by_hand.unit_name = units.unit_name
    inner join name_ranks on units.unit_id = name_ranks.unit_id
    inner join runs on name_ranks.run_id = runs.run_id
    inner join name_concepts
        on name_ranks.run_id = name_concepts.run_id
        and name_ranks.concept_index = name_concepts.concept_index
    inner join name_units on name_ranks.run_id = name_units.run_id and name_ranks.unit_id = name_units.unit_id
    inner join name_concepts as random_concepts
        on name_units.run_id = random_concepts.run_id
        and name_units.random_concept_index = random_concepts.concept_index
    where name_ranks.name_rank = 1 and runs.status = 'complete'
    qualify row_number() over (partition by units.unit_id order by runs.finished_at desc, runs.run_id desc) = 1
),

telling as (
    select
        named.*,
        list_transform(
            [named.published_names, named.name, named.random_name],
            lambda words: list_filter(
                string_split(plain_words(words), ' '),
                lambda word: length(word) > 2 and word not in ('and', 'the', 'for', 'with', 'neuron')
            )
        ) as telling_words,
    from named
)

select
    telling.run_id,
    telling.model_id,
    telling.published_name,
    telling.unit_name,
    telling.published_names,
    telling.name,
    telling.held_out_correlation,
    list_has_any(telling.telling_words[1], telling.telling_words[2]) as has_common_word,
    telling.random_name,
    list_has_any(telling.telling_words[1], telling.telling_words[3]) as random_has_common_word,
from telling
where len(telling.telling_words[1]) > 0;
comment on view published_name_agreement is 'Whether names of units have a word in common with those given by hand.';
comment on column published_name_agreement.run_id is 'Names run.';
comment on column published_name_agreement.model_id is 'Model.';
comment on column published_name_agreement.published_name is 'Name that it is published by.';
comment on column published_name_agreement.unit_name is 'Address of the unit.';
comment on column published_name_agreement.published_names is 'What people have called it, with semicolons.';
comment on column published_name_agreement.name is 'Its name in ours, one of a list of concepts.';
comment on column published_name_agreement.held_out_correlation is 'Trust in that name, as in unit_names; null for a unit that does not vary.';
comment on column published_name_agreement.has_common_word is 'Whether the two have a word of at least three letters in common.';
comment on column published_name_agreement.random_name is 'A concept drawn at random for the unit.';
comment on column published_name_agreement.random_has_common_word is 'The same of that concept: chance.';
