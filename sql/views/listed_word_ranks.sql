-- Which rank does each unit of a layer have when a listed word is shown? One row per model, word, layer and unit.
-- Source: activations of listed_word_runs minus the baseline; definitions.md section 2.
create or replace view listed_word_ranks as
select
    listed_word_runs.model_id,
    listed_word_runs.stimulus_text,
    listed_word_runs.layer_name,
    units.unit_name,
    row_number() over (
        partition by listed_word_runs.model_id, listed_word_runs.stimulus_text, listed_word_runs.layer_name
        order by
            activations.activation_mean - baseline_activations.baseline_activation_mean desc,
            units.unit_id
    ) as our_rank,
    count(*) over (
        partition by listed_word_runs.model_id, listed_word_runs.stimulus_text, listed_word_runs.layer_name
    ) as ranked_count,
from listed_word_runs
inner join activations
    on listed_word_runs.run_id = activations.run_id
    and listed_word_runs.stimulus_id = activations.stimulus_id
inner join units on activations.unit_id = units.unit_id
inner join layers on units.layer_id = layers.layer_id and listed_word_runs.layer_name = layers.layer_name
inner join baseline_activations
    on activations.run_id = baseline_activations.run_id
    and activations.unit_id = baseline_activations.unit_id;
comment on view listed_word_ranks is 'Rank of every unit of a layer by its response to a listed word.';
comment on column listed_word_ranks.model_id is 'Model.';
comment on column listed_word_ranks.stimulus_text is 'Word.';
comment on column listed_word_ranks.layer_name is 'Address of the layer.';
comment on column listed_word_ranks.unit_name is 'Address of the unit.';
comment on column listed_word_ranks.our_rank is 'Its rank in ours, 1 the first.';
comment on column listed_word_ranks.ranked_count is 'How many units are ranked.';
