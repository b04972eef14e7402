-- Which units of a layer does a word drive most? One row per run, word and unit, ranked inside word and layer.
-- Source: definitions.md section 2. Ask for a word (where word = 'hat'), or for few ranks (where unit_rank <= 5).
create or replace view word_top_units as
select
    word_activations.run_id,
    word_activations.model_name,
    word_activations.word,
    word_activations.layer_name,
    row_number() over (
        partition by word_activations.run_id, word_activations.word, word_activations.layer_name
        order by word_activations.activation_difference desc, word_activations.unit_name
    ) as unit_rank,
    word_activations.unit_name,
    word_activations.activation_difference,
    word_activations.activation_mean,
    word_activations.activation_max,
    word_activations.baseline_activation_mean,
    word_activations.is_explicit,
from word_activations;
comment on view word_top_units is 'Word -> units: the units of each layer in the order in which a word drives them.';
comment on column word_top_units.run_id is 'Run that measured it.';
comment on column word_top_units.model_name is 'Model.';
comment on column word_top_units.word is 'The word that was shown as a picture.';
comment on column word_top_units.layer_name is 'Layer inside which the units are ranked.';
comment on column word_top_units.unit_rank is 'Rank of the unit inside word and layer by activation_difference, 1 the largest.';
comment on column word_top_units.unit_name is 'Address of the unit.';
comment on column word_top_units.activation_difference is 'Spatial mean activation on the word minus that on the baseline.';
comment on column word_top_units.activation_mean is 'Spatial mean activation on the word, nothing subtracted.';
comment on column word_top_units.activation_max is 'Spatial maximum activation on the word, nothing subtracted.';
comment on column word_top_units.baseline_activation_mean is 'Spatial mean activation on the baseline.';
comment on column word_top_units.is_explicit is 'Whether the word is explicit.';
