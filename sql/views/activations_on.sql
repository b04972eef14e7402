-- How does every unit respond to one stimulus? One row per unit: from activations_on('hat') where layer_name = '4/2/6'.
-- Source: stimulus_activations. A stimulus is named by '#' and its id, its text, or its source. Where the name fits several
-- (a word that is also a caption), a word comes before a source, a source before a caption, an earlier stimulus before a
-- later one; of several runs that measured it, the newest counts.
create or replace macro activations_on(stimulus) as table
with named as (
    select
        stimulus_activations.*,
        case
            when '#' || stimulus_activations.stimulus_id = stimulus then 1
            when stimulus_activations.stimulus_kind = 'word' then 2
            when stimulus_activations.source_uri = stimulus then 3
            else 4
        end as precedence,
    from stimulus_activations
    where
        stimulus_activations.stimulus_text = stimulus
        or stimulus_activations.source_uri = stimulus
        or '#' || stimulus_activations.stimulus_id = stimulus
)

select
    named.unit_id,
    named.unit_name,
    named.layer_name,
    named.activation_mean,
    named.activation_max,
    named.stimulus_id,
    named.run_id,
from named
qualify
    row_number() over (
        partition by named.unit_id, named.unit_name, named.layer_name
        order by named.precedence, named.stimulus_id, named.run_id desc
    ) = 1;
comment on macro table activations_on is 'Activation of every unit on one stimulus, one row a unit.';
