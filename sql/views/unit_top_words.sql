-- Which words drive a unit most? One row per run, unit and word, ranked inside the unit.
-- Source: definitions.md section 2. Ask for a unit (where unit_name = '4/2/6/34'), or for few ranks (where word_rank <= 5):
-- names are among the partition's columns, so a filter on one of them reaches the table scan.
create or replace view unit_top_words as
select
    word_activations.run_id,
    word_activations.model_name,
    word_activations.unit_id,
    word_activations.unit_name,
    word_activations.layer_name,
    row_number() over (
        partition by
            word_activations.run_id,
            word_activations.unit_id,
            word_activations.unit_name,
            word_activations.layer_name
        order by word_activations.activation_difference desc, word_activations.word
    ) as word_rank,
    word_activations.word,
    word_activations.activation_difference,
    word_activations.activation_mean,
    word_activations.activation_max,
    word_activations.baseline_activation_mean,
    word_activations.is_explicit,
from word_activations;
comment on view unit_top_words is 'Unit -> words: the words in the order in which they drive a unit.';
comment on column unit_top_words.run_id is 'Run that measured it.';
comment on column unit_top_words.model_name is 'Model.';
comment on column unit_top_words.unit_id is 'Unit.';
comment on column unit_top_words.unit_name is 'Address of the unit.';
comment on column unit_top_words.layer_name is 'Address of its layer.';
comment on column unit_top_words.word_rank is 'Rank of the word inside the unit by activation_difference, 1 the largest.';
comment on column unit_top_words.word is 'The word that was shown as a picture.';
comment on column unit_top_words.activation_difference is 'Spatial mean activation on the word minus that on the baseline.';
comment on column unit_top_words.activation_mean is 'Spatial mean activation on the word, nothing subtracted.';
comment on column unit_top_words.activation_max is 'Spatial maximum activation on the word, nothing subtracted.';
comment on column unit_top_words.baseline_activation_mean is 'Spatial mean activation on the baseline.';
comment on column unit_top_words.is_explicit is 'Whether the word is explicit.';
