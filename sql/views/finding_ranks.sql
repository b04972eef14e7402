-- Where do the units and words that the article lists stand in ours? One row per finding, model, item of its list and, of weights, gates.
-- Source: published_rankings; definitions.md sections 3 and 6. Of several runs of a model the newest that holds the word, or
-- the pair of layers, counts. Units are ranked by the original's own mean and magnitude (raw convolutions, E * s / s).
create or replace view finding_ranks as
with listed as (
    select
        findings.finding_name,
        findings.measure,
        findings.unit_name,
        findings.layer_name,
        coalesce(findings.stimulus_text, published_rankings.item_name) as stimulus_text,
        coalesce(published_rankings.item_rank, 1) as item_rank,
        coalesce(published_rankings.item_name, findings.unit_name) as item_name,
        case
            when findings.measure = 'units among the first' then published_rankings.item_name
            else findings.unit_name
        end as ranked_unit,
    from findings
    left join published_rankings on findings.finding_name = published_rankings.finding_name
    where published_rankings.finding_name is not null or findings.measure = 'rank of a unit'
),

shown_words as (
    select
        runs.model_id,
        stimuli.stimulus_text,
        runs.run_id,
        stimuli.stimulus_id,
        listed_words.layer_name,
    from (
        select distinct
            listed.stimulus_text,
            listed.layer_name,
        from listed
        where listed.measure in ('units among the first', 'rank of a unit', 'words that a unit answers to')
    ) as listed_words
    inner join stimuli on listed_words.stimulus_text = stimuli.stimulus_text
    inner join run_stimuli on stimuli.stimulus_id = run_stimuli.stimulus_id
    inner join runs on run_stimuli.run_id = runs.run_id
    where
        stimuli.stimulus_kind = 'word'
        and stimuli.error_message is null
        and runs.job_name = 'words'
        and runs.status = 'complete'
        and list_contains(json_extract_string(runs.settings, '$.layers[*]'), listed_words.layer_name)
    qualify
        row_number() over (
            partition by runs.model_id, stimuli.stimulus_text, listed_words.layer_name
            order by runs.finished_at desc, runs.run_id desc
        ) = 1
),

units_of_words as (
    select
        shown_words.model_id,
        shown_words.stimulus_text,
        shown_words.layer_name,
        units.unit_name,
        row_number() over (
            partition by shown_words.model_id, shown_words.stimulus_text, shown_words.layer_name
            order by
                activations.activation_mean - baseline_activations.baseline_activation_mean desc,
                units.unit_id
        ) as our_rank,
        count(*) over (
            partition by shown_words.model_id, shown_words.stimulus_text, shown_words.layer_name
        ) as ranked_count,
    from shown_words
    inner join activations
        on shown_words.run_id = activations.run_id
        and shown_words.stimulus_id = activations.stimulus_id
    inner join units on activations.unit_id = units.unit_id
    inner join layers on units.layer_id = layers.layer_id and shown_words.layer_name = layers.layer_name
    inner join baseline_activations
        on activations.run_id = baseline_activations.run_id
        and activations.unit_id = baseline_activations.unit_id
),

widest_words_runs as (
    select
        runs.model_id,
        runs.run_id,
        layers.layer_name,
        layers.layer_id,
        runs.baseline_stimulus_id,
    from runs
    inner join layers on runs.model_id = layers.model_id
    where
        runs.job_name = 'words'
        and runs.status = 'complete'
        and list_contains(json_extract_string(runs.settings, '$.layers[*]'), layers.layer_name)
    qualify
        row_number() over (
            partition by runs.model_id, layers.layer_name
            order by runs.row_count desc, runs.run_id desc
        ) = 1
),

words_of_units as (
    select
        widest_words_runs.model_id,
        units.unit_name,
        lower(stimuli.stimulus_text) as word,
        row_number() over (
            partition by widest_words_runs.model_id, units.unit_id
            order by activations.activation_mean desc, stimuli.stimulus_text
        ) as our_rank,
        count(*) over (partition by widest_words_runs.model_id, units.unit_id) as ranked_count,
    from findings
    inner join units on findings.unit_name = units.unit_name
    inner join widest_words_runs on units.layer_id = widest_words_runs.layer_id
    inner join activations
        on widest_words_runs.run_id = activations.run_id
        and units.unit_id = activations.unit_id
    inner join stimuli on activations.stimulus_id = stimuli.stimulus_id
    where
        findings.measure = 'words among the first'
        and activations.stimulus_id is distinct from widest_words_runs.baseline_stimulus_id
),

weights_runs as (
    select
        runs.model_id,
        findings.finding_name,
        findings.measure,
        upper_units.unit_id as upper_unit_id,
        upper_units.batch_norm_scale as upper_scale,
        layer_pairs.lower_layer_id,
        runs.run_id,
        gates_of(runs.part_name) as gates,
    from findings
    inner join units as upper_units on findings.unit_name = upper_units.unit_name
    inner join layers as lower_layers on findings.layer_name = lower_layers.layer_name
    inner join layer_pairs
        on upper_units.layer_id = layer_pairs.upper_layer_id
        and lower_layers.layer_id = layer_pairs.lower_layer_id
    inner join runs on layer_pairs.run_id = runs.run_id
    where starts_with(findings.measure, 'contributors by') and runs.status = 'complete'
    qualify
        row_number() over (
            partition by runs.model_id, findings.finding_name, gates_of(runs.part_name)
            order by runs.finished_at desc, runs.run_id desc
        ) = 1
),

contributors as (
    select
        weights_runs.model_id,
        weights_runs.finding_name,
        weights_runs.gates,
        lower_units.unit_name,
        row_number() over (
            partition by weights_runs.model_id, weights_runs.finding_name, weights_runs.gates
            order by
                case weights_runs.measure
                    when 'contributors by largest magnitude'
                        then expanded_weights.weight_l2 * abs(lower_units.batch_norm_scale)
                    when 'contributors by smallest mean'
                        then -expanded_weights.weight_sum * lower_units.batch_norm_scale * sign(weights_runs.upper_scale)
                    else expanded_weights.weight_sum * lower_units.batch_norm_scale * sign(weights_runs.upper_scale)
                end desc,
                lower_units.unit_id
        ) as our_rank,
        count(*) over (
            partition by weights_runs.model_id, weights_runs.finding_name, weights_runs.gates
        ) as ranked_count,
    from weights_runs
    inner join units as lower_units on weights_runs.lower_layer_id = lower_units.layer_id
    inner join expanded_weights
        on weights_runs.run_id = expanded_weights.run_id
        and lower_units.unit_id = expanded_weights.lower_unit_id
        and weights_runs.upper_unit_id = expanded_weights.upper_unit_id
)

select
    listed.finding_name,
    units_of_words.model_id,
    listed.item_rank,
    listed.item_name,
    units_of_words.our_rank,
    units_of_words.ranked_count,
    null::text as gates,
from listed
inner join units_of_words
    on listed.stimulus_text = units_of_words.stimulus_text
    and listed.layer_name = units_of_words.layer_name
    and listed.ranked_unit = units_of_words.unit_name
where listed.measure in ('units among the first', 'rank of a unit', 'words that a unit answers to')
union all
select
    listed.finding_name,
    words_of_units.model_id,
    listed.item_rank,
    listed.item_name,
    min(words_of_units.our_rank) as our_rank,
    any_value(words_of_units.ranked_count) as ranked_count,
    null::text as gates,
from listed
inner join words_of_units on listed.unit_name = words_of_units.unit_name and listed.item_name = words_of_units.word
where listed.measure = 'words among the first'
group by listed.finding_name, words_of_units.model_id, listed.item_rank, listed.item_name
union all
select
    listed.finding_name,
    contributors.model_id,
    listed.item_rank,
    listed.item_name,
    contributors.our_rank,
    contributors.ranked_count,
    contributors.gates,
from listed
inner join contributors
    on listed.finding_name = contributors.finding_name
    and listed.item_name = contributors.unit_name;
comment on view finding_ranks is 'Published place and our rank of every listed unit and word.';
comment on column finding_ranks.finding_name is 'Finding.';
comment on column finding_ranks.model_id is 'Model.';
comment on column finding_ranks.item_rank is 'Place in the published list.';
comment on column finding_ranks.item_name is 'Unit, or word.';
comment on column finding_ranks.our_rank is 'Its rank in ours, 1 the first.';
comment on column finding_ranks.ranked_count is 'How many units, or words, are ranked.';
comment on column finding_ranks.gates is 'linear or pictures: which expanded weights the units are ranked by; null for words.';
