-- Which units does a text refer to? One row per unit with any evidence: from find_units('bird') order by result_rank limit 10.
-- Source: definitions.md section 13. A text is an address, a name, a published name, a word that drives a unit, a word published for it,
-- or the meaning of its 20 strongest pictures: the cosine of the text's embedding with their mean embedding, minus that of the empty text. Each of
-- these ranks the units of a model; a unit's score is the sum over them of 1 / (5 + rank), and reasons say which. A name is weighted by
-- its trust: its held-out correlation minus that of the unit's random concept (0 where that is negative), in full from 0.5 on; a name
-- that is no better than the random concept, or below 0, does not count.
-- asked_embedding: the text's, by the names run's own model; by default that of the run's concept with this text. asked_layer: only its
-- units. asked_runs: the runs to search; by default those that are shown.
create or replace macro find_units(asked_text, asked_layer := null, asked_embedding := null, asked_runs := null) as table
with runs_asked as (
    select shown_runs.run_id
    from shown_runs
    where asked_runs is null
    union
    select unnest(asked_runs::integer[]) as run_id
),

addresses as (
    select
        unit_details.model_id,
        unit_details.model_name,
        unit_details.unit_name,
        'address' as kind,
        -unit_details.channel_index as strength,
        100 as weight,
        'its address' as reason,
        false as is_explicit,
    from unit_details
    where
        unit_details.unit_name = trim(asked_text)
        or (regexp_full_match(trim(asked_text), '\d+/\d+/\d+') and unit_details.layer_name = trim(asked_text))
),

named as (
    select
        models.model_id,
        models.model_name,
        units.unit_name,
        name_concepts.concept,
        name_concepts.is_explicit,
        name_ranks.name_rank,
        name_ranks.held_out_correlation,
        name_ranks.held_out_correlation - greatest(coalesce(name_units.random_correlation, 0), 0) as name_trust,
    from name_concepts
    inner join name_ranks
        on name_concepts.run_id = name_ranks.run_id
        and name_concepts.concept_index = name_ranks.concept_index
    inner join name_units on name_ranks.run_id = name_units.run_id and name_ranks.unit_id = name_units.unit_id
    inner join units on name_ranks.unit_id = units.unit_id
    inner join layers on units.layer_id = layers.layer_id
    inner join models on layers.model_id = models.model_id
    where
        name_concepts.run_id in (select runs_asked.run_id from runs_asked)
        and trim(plain_words(asked_text)) <> ''
        and contains(plain_words(name_concepts.concept), plain_words(asked_text))
        and name_trust > 0
),

names as (
    select
        named.model_id,
        named.model_name,
        named.unit_name,
        'name' as kind,
        named.name_trust
        * (1 + (plain_words(named.concept) = plain_words(asked_text))::integer - named.name_rank / 20) as strength,
        least(1, named.name_trust / 0.5) as weight,
        case when named.name_rank = 1 then 'named ' else 'name no. ' || named.name_rank || ' ' end
        || named.concept || format(' (r {:.2f})', named.held_out_correlation) as reason,
        named.is_explicit,
    from named
),

driven as (
    select
        activations.run_id,
        units.unit_id,
        units.unit_name,
        units.layer_id,
        activations.activation_mean,
        stimuli.is_explicit,
    from stimuli
    inner join activations on stimuli.stimulus_id = activations.stimulus_id
    inner join baseline_activations
        on activations.run_id = baseline_activations.run_id
        and activations.unit_id = baseline_activations.unit_id
    inner join units on activations.unit_id = units.unit_id
    inner join runs on activations.run_id = runs.run_id
    where
        stimuli.stimulus_kind = 'word'
        and lower(stimuli.stimulus_text) = lower(trim(asked_text))
        and runs.job_name = 'words'
        and activations.run_id in (select runs_asked.run_id from runs_asked)
        and activations.activation_mean > baseline_activations.baseline_activation_mean
    qualify
        row_number() over (
            partition by activations.run_id, units.layer_id
            order by activations.activation_mean - baseline_activations.baseline_activation_mean desc, units.unit_name
        ) <= 5
),

word_ranks as (
    select
        driven.run_id,
        driven.unit_id,
        driven.unit_name,
        driven.is_explicit,
        count(activations.unit_id) + 1 as word_rank,
    from driven
    left join activations
        on driven.run_id = activations.run_id
        and driven.unit_id = activations.unit_id
        and driven.activation_mean < activations.activation_mean
    group by driven.run_id, driven.unit_id, driven.unit_name, driven.is_explicit
),

words as (
    select
        runs.model_id,
        models.model_name,
        word_ranks.unit_name,
        'word' as kind,
        -word_ranks.word_rank as strength,
        'no. ' || word_ranks.word_rank || ' of the words that drive it' as reason,
        word_ranks.is_explicit,
    from word_ranks
    inner join runs on word_ranks.run_id = runs.run_id
    inner join models on runs.model_id = models.model_id
    where word_ranks.word_rank <= 20
),

published as (
    select
        published_models.model_id,
        coalesce(published_models.model_name, published_unit_names.model_name) as model_name,
        published_unit_names.unit_name,
        'published name' as kind,
        (plain_words(published_unit_names.name) = plain_words(asked_text))::integer as strength,
        'published as ' || published_unit_names.name as reason,
        false as is_explicit,
    from published_unit_names
    left join published_models on published_unit_names.model_name = published_models.published_name
    where
        trim(plain_words(asked_text)) <> ''
        and contains(plain_words(published_unit_names.name), plain_words(asked_text))
    union all
    select
        published_models.model_id,
        coalesce(published_models.model_name, published_unit_words.model_name) as model_name,
        published_unit_words.unit_name,
        'published word' as kind,
        -published_unit_words.word_rank as strength,
        'published as no. ' || published_unit_words.word_rank || ' of the words that drive it' as reason,
        published_unit_words.is_explicit,
    from published_unit_words
    left join published_models on published_unit_words.model_name = published_models.published_name
    where published_unit_words.word = lower(trim(asked_text))
),

texts as (
    select
        name_concepts.run_id,
        coalesce(asked_embedding::float[], any_value(name_concepts.embedding) filter (where name_concepts.concept_index >= 0)) as text_embedding,
        any_value(name_concepts.embedding) filter (where name_concepts.concept_index = -1) as empty_embedding,
    from name_concepts
    where
        name_concepts.run_id in (select runs_asked.run_id from runs_asked)
        and (name_concepts.concept_index = -1 or lower(name_concepts.concept) = lower(trim(asked_text)))
    group by name_concepts.run_id
),

pictures as (
    select
        name_pictures.run_id,
        name_pictures.stimulus_id,
        list_dot_product(name_pictures.embedding, texts.text_embedding)
        - list_dot_product(name_pictures.embedding, texts.empty_embedding) as dot_product,
    from name_pictures
    inner join texts on name_pictures.run_id = texts.run_id
    where len(texts.text_embedding) = len(name_pictures.embedding)
),

strongest as (
    select
        name_examples.run_id,
        name_examples.unit_id,
        name_examples.stimulus_id,
    from name_examples
    where name_examples.run_id in (select pictures.run_id from pictures)
    qualify
        row_number() over (
            partition by name_examples.run_id, name_examples.unit_id
            order by name_examples.activation_mean desc, name_examples.stimulus_id
        ) <= 20
),

meanings as (
    select
        strongest.run_id,
        strongest.unit_id,
        avg(pictures.dot_product) / any_value(name_units.mean_embedding_length) as cosine,
    from strongest
    inner join pictures on strongest.run_id = pictures.run_id and strongest.stimulus_id = pictures.stimulus_id
    inner join name_units on strongest.run_id = name_units.run_id and strongest.unit_id = name_units.unit_id
    group by strongest.run_id, strongest.unit_id
),

meant as (
    select
        unit_details.model_id,
        unit_details.model_name,
        unit_details.unit_name,
        'meaning' as kind,
        meanings.cosine as strength,
        format('its pictures mean it ({:+.2f})', meanings.cosine) as reason,
        false as is_explicit,
    from meanings
    inner join unit_details on meanings.unit_id = unit_details.unit_id
    where meanings.cosine > 0
),

spoken_for as (
    from addresses
    union all by name
    from names
    union all by name
    from words
    union all by name
    from published
    union all by name
    from meant
),

best as (
    select
        spoken_for.model_id,
        spoken_for.model_name,
        spoken_for.unit_name,
        spoken_for.kind,
        max(spoken_for.strength) as strength,
        max_by(spoken_for.reason, spoken_for.strength) as reason,
        coalesce(max_by(spoken_for.weight, spoken_for.strength), 1) as weight,
        bool_or(spoken_for.is_explicit) as is_explicit,
    from spoken_for
    where asked_layer is null or starts_with(spoken_for.unit_name, asked_layer || '/')
    group by spoken_for.model_id, spoken_for.model_name, spoken_for.unit_name, spoken_for.kind
),

ranked as (
    select
        best.*,
        row_number() over (
            partition by best.model_id, best.model_name, best.kind
            order by best.strength desc, best.unit_name
        ) as kind_rank,
    from best
),

scored as (
    select
        ranked.model_id,
        ranked.model_name,
        ranked.unit_name,
        sum(ranked.weight / (5 + ranked.kind_rank)) as score,
        list(ranked.reason order by ranked.kind_rank, ranked.kind) as reasons,
        bool_or(ranked.is_explicit) as is_explicit,
    from ranked
    where ranked.kind_rank <= 50
    group by ranked.model_id, ranked.model_name, ranked.unit_name
)

select
    scored.model_id,
    scored.model_name,
    row_number() over (
        partition by scored.model_id, scored.model_name
        order by scored.score desc, scored.unit_name
    ) as result_rank,
    scored.unit_name,
    regexp_replace(scored.unit_name, '/\d+$', '') as layer_name,
    scored.reasons,
    scored.score,
    scored.is_explicit,
from scored;
comment on macro table find_units is 'Units by address, name, words, published names and words, and by what their strongest pictures mean, each with the reasons.';
