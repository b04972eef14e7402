-- How do units respond to two stimuli, each in a run of its own? One row per unit that both runs measured.
-- Source: definitions.md section 2 (channel difference, channel intersection). It reads tables, so a page where a
-- person chooses the model may name any run: from run_comparison(1, 'hat', 1, 'cap') where layer_name = '4/2/6'. A
-- stimulus is named by its text, its source, or '#' and its id.
create or replace macro run_comparison(first_run, first_stimulus, second_run, second_stimulus) as table
with firsts as (
    select
        activations.unit_id,
        units.unit_name,
        layers.layer_name,
        activations.activation_mean,
    from activations
    inner join stimuli on activations.stimulus_id = stimuli.stimulus_id
    inner join units on activations.unit_id = units.unit_id
    inner join layers on units.layer_id = layers.layer_id
    where
        activations.run_id = first_run
        and (
            stimuli.stimulus_text = first_stimulus
            or stimuli.source_uri = first_stimulus
            or '#' || stimuli.stimulus_id = first_stimulus
        )
),

seconds as (
    select
        activations.unit_id,
        activations.activation_mean,
    from activations
    inner join stimuli on activations.stimulus_id = stimuli.stimulus_id
    where
        activations.run_id = second_run
        and (
            stimuli.stimulus_text = second_stimulus
            or stimuli.source_uri = second_stimulus
            or '#' || stimuli.stimulus_id = second_stimulus
        )
)

select
    firsts.unit_name,
    firsts.layer_name,
    firsts.activation_mean as first_activation_mean,
    seconds.activation_mean as second_activation_mean,
    firsts.activation_mean - seconds.activation_mean as activation_difference,
    least(firsts.activation_mean, seconds.activation_mean) as activation_minimum,
from firsts
inner join seconds on firsts.unit_id = seconds.unit_id
order by activation_difference desc, firsts.unit_name;
comment on macro table run_comparison is 'Units on two stimuli of two runs: both activations, their difference and the smaller one.';
