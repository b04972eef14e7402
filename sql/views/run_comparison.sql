-- How do units answer to two stimuli, each inside a run of its own? One row per unit that both runs measured.
-- Source: definitions.md section 2 (channel difference, channel intersection). For pages, on which a person chooses the
-- model: from run_comparison(1, 'hat', 1, 'cap') where layer_name = '4/2/6'. A stimulus is named by its text, its source,
-- or '#' and its id.
create or replace macro run_comparison(first_run, first_stimulus, second_run, second_stimulus) as table
with firsts as (
    select
        all_runs.stimulus_activations.unit_id,
        all_runs.stimulus_activations.unit_name,
        all_runs.stimulus_activations.layer_name,
        all_runs.stimulus_activations.activation_mean,
    from all_runs.stimulus_activations
    where
        all_runs.stimulus_activations.run_id = first_run
        and (
            all_runs.stimulus_activations.stimulus_text = first_stimulus
            or all_runs.stimulus_activations.source_uri = first_stimulus
            or '#' || all_runs.stimulus_activations.stimulus_id = first_stimulus
        )
),

seconds as (
    select
        all_runs.stimulus_activations.unit_id,
        all_runs.stimulus_activations.activation_mean,
    from all_runs.stimulus_activations
    where
        all_runs.stimulus_activations.run_id = second_run
        and (
            all_runs.stimulus_activations.stimulus_text = second_stimulus
            or all_runs.stimulus_activations.source_uri = second_stimulus
            or '#' || all_runs.stimulus_activations.stimulus_id = second_stimulus
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
