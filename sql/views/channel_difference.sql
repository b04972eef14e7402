-- Which units answer more to one stimulus than to another? One row per unit that both were measured on.
-- Source: definitions.md section 2 (channel difference engine). A stimulus is named by its text, its source, or '#' and
-- its id: from channel_difference('hat', 'eeeeee') where layer_name = '4/2/6' limit 10
create or replace macro channel_difference(target, baseline) as table
with targets as (
    select
        stimulus_activations.unit_id,
        stimulus_activations.unit_name,
        stimulus_activations.layer_name,
        stimulus_activations.run_id,
        stimulus_activations.activation_mean,
    from stimulus_activations
    where
        stimulus_activations.stimulus_text = target
        or stimulus_activations.source_uri = target
        or '#' || stimulus_activations.stimulus_id = target
),

baselines as (
    select
        stimulus_activations.unit_id,
        stimulus_activations.activation_mean,
    from stimulus_activations
    where
        stimulus_activations.stimulus_text = baseline
        or stimulus_activations.source_uri = baseline
        or '#' || stimulus_activations.stimulus_id = baseline
)

select
    targets.unit_name,
    targets.layer_name,
    targets.activation_mean - baselines.activation_mean as activation_difference,
    targets.activation_mean as target_activation_mean,
    baselines.activation_mean as baseline_activation_mean,
    targets.run_id,
from targets
inner join baselines on targets.unit_id = baselines.unit_id
order by activation_difference desc, targets.unit_name;
comment on macro table channel_difference is 'Units by activation on the target minus activation on the baseline, the largest first.';
