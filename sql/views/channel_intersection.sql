-- Which units answer to both of two stimuli? One row per unit that both were measured on.
-- Source: definitions.md section 2 (channel intersection: the elementwise minimum). A stimulus is named by its text, its
-- source, or '#' and its id: from channel_intersection('hat', 'cap') where layer_name = '4/2/6' limit 10
create or replace macro channel_intersection(first_stimulus, second_stimulus) as table
with firsts as (
    select
        stimulus_activations.unit_id,
        stimulus_activations.unit_name,
        stimulus_activations.layer_name,
        stimulus_activations.run_id,
        stimulus_activations.activation_mean,
    from stimulus_activations
    where
        stimulus_activations.stimulus_text = first_stimulus
        or stimulus_activations.source_uri = first_stimulus
        or '#' || stimulus_activations.stimulus_id = first_stimulus
),

seconds as (
    select
        stimulus_activations.unit_id,
        stimulus_activations.activation_mean,
    from stimulus_activations
    where
        stimulus_activations.stimulus_text = second_stimulus
        or stimulus_activations.source_uri = second_stimulus
        or '#' || stimulus_activations.stimulus_id = second_stimulus
)

select
    firsts.unit_name,
    firsts.layer_name,
    least(firsts.activation_mean, seconds.activation_mean) as activation_minimum,
    firsts.activation_mean as first_activation_mean,
    seconds.activation_mean as second_activation_mean,
    firsts.run_id,
from firsts
inner join seconds on firsts.unit_id = seconds.unit_id
order by activation_minimum desc, firsts.unit_name;
comment on macro table channel_intersection is 'Units by the smaller of their activations on two stimuli, the largest first.';
